"""A tensor that is indexed by a list of tensors: what ``torch.where(condition)`` gives.

What it does
    Finds ``x[index]`` where ``index`` is a list or tuple of tensors as a whole, one for each dimension.

Why is this bad
    Python's index by a tuple is one by several tensors.  TorchScript takes the list for numbers, compiles, and fails
    when it runs: "Input must be of ints, floats, or bools, got Tensor".

Fix safety
    None is made: how many tensors there are is not known.  ``x[mask]`` serves where the list is ``torch.where(mask)``,
    ``i, j = torch.where(mask)`` and ``x[i, j]`` where the number is known, ``x.index_put_(index, value)`` to set.

References
    https://docs.pytorch.org/docs/stable/generated/torch.where.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        large = torch.where(x > 0.5)
        return x[large]
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        i, j = torch.where(x > 0.5)
        return x[i, j] + x[x > 0.5] + x[[0, 1]].sum()
""",
]


@rule("THT635", "index-by-tensors", targets=SCRIPT, consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "index-by-tensors"):
        assert isinstance(problem.node, ast.Subscript)
        if report.module is ctx.module:
            yield Finding(
                problem.node,
                f"TorchScript takes no list of tensors as an index: `{ast.unparse(problem.node)}` fails when it runs",
                help="index by the mask itself, or by the tensors one by one",
            )
