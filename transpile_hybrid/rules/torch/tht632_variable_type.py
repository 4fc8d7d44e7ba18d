"""``isinstance(x, Variable)``, which no value is for a compiler.

What it does
    Finds tests for ``torch.autograd.Variable`` in what TorchScript or ``torch.compile`` reads.

Why is this bad
    Since PyTorch 0.4 every tensor answers yes in Python.  The compilers know the class by its name only, answer no
    while they compile, and leave out what stands under the test: another result, without a word.  (Each was tried with
    torch 2.13; ``torch.export`` runs the test in Python, but in its strict mode.)

Fix safety
    Safe: ``isinstance(x, torch.Tensor)`` is what the class asks for itself.

References
    https://docs.pytorch.org/docs/stable/autograd.html#variable-deprecated
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, VARIABLE, asked_types, name_for, reports

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn
from torch.autograd import Variable


class Net(nn.Module):
    def forward(self, x):
        if isinstance(x, Variable):
            return x * 2
        raise TypeError("not a tensor")
""",
        after="""
import torch
from torch import nn
from torch.autograd import Variable


class Net(nn.Module):
    def forward(self, x):
        if isinstance(x, torch.Tensor):
            return x * 2
        raise TypeError("not a tensor")
""",
    ),
    Example(
        title="by torch.compile, another result",
        targets=("torch.compile",),
        before="""
from torch import nn
from torch.autograd import Variable


class Scaled(nn.Module):
    def forward(self, x):
        return x * 2 if isinstance(x, (Variable, float)) else x * 3
""",
        after="""
from torch import nn
from torch.autograd import Variable
from torch import Tensor


class Scaled(nn.Module):
    def forward(self, x):
        return x * 2 if isinstance(x, (Tensor, float)) else x * 3
""",
    ),
]

VALID = [
    """
from torch import nn
from torch.autograd import Variable


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = 1.0 if isinstance(scale, Variable) else 2.0

    def forward(self, x):
        return x * self.scale
""",
]


@rule(
    "THT632",
    "variable-type",
    targets=(*SCRIPT, "torch.compile"),
    consequence=Consequence.SILENT,
    fix="sometimes",
    scope="unit",
)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        for node in walk(function):
            asked = asked_types(node, ctx)
            for kind in asked[1] if asked is not None else ():
                if ctx.qualified(kind) in VARIABLE:
                    found = name_for("torch.Tensor", ctx, kind)
                    yield Finding(
                        kind,
                        f"`isinstance(..., {ast.unparse(kind)})` is always false to the compiler",
                        help="ask for `torch.Tensor`",
                        fix=Fix((replace(ctx.source, kind, found[0]), *found[1])) if found is not None else None,
                    )
