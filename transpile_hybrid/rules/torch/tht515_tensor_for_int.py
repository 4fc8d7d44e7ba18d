"""Tensors where a list of ``int`` is wanted.

What it does
    Finds ``F.pad(x, [dx // 2, dx - dx // 2])`` where ``dx`` is a tensor.

Why is this bad
    Python asks each tensor for its number; TorchScript does so for a single argument, not inside of a list: "Expected a
    value of type 'List[int]' but instead found type 'List[Tensor]'".

Fix safety
    Safe: ``int(...)`` around each tensor of a list that is written out there asks for the same number.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems

EXAMPLES = [
    Example(
        before="""
import torch
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def forward(self, x, y):
        d = torch.tensor([y.size(1) - x.size(1)])
        return F.pad(x, [d // 2, d - d // 2])
""",
        after="""
import torch
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def forward(self, x, y):
        d = torch.tensor([y.size(1) - x.size(1)])
        return F.pad(x, [int(d // 2), int(d - d // 2)])
""",
    ),
]

VALID = [
    """
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def forward(self, x, y):
        d = y.size(1) - x.size(1)
        return F.pad(x, [d // 2, d - d // 2])
""",
]


@rule("THT515", "tensor-for-int", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "tensor-sizes"):
        node = problem.node
        assert isinstance(node, ast.expr)
        edits: list[Edit] = []
        if isinstance(node, ast.List | ast.Tuple):
            for one in node.elts:
                if report.type(one).kind == "tensor":
                    edits.append(replace(ctx.source, one, "int(", one, ")"))
        yield Finding(
            node,
            "TorchScript wants a list of ints here, and these are tensors",
            help="write `int(...)` around each of them",
            fix=Fix(tuple(edits)) if edits else None,
        )
