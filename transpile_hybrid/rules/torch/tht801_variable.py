"""``Variable(x)``, from before tensors were variables.

What it does
    Finds calls of ``torch.autograd.Variable`` in what is compiled.

Why is this bad
    It is a no-op that only hides a ``detach``.  TorchScript refuses it ("Class Variable does not have an __init__
    function defined"), ``torch.compile`` breaks the graph at it.  ``torch.export`` takes it.

Fix safety
    Safe: ``Variable(x)`` gives ``x`` without its history, which is ``x.detach()``, and with ``requires_grad=True`` a
    new leaf (written for TorchScript only: ``torch.compile`` takes none that is made within the graph).  A call with a
    flag that isn't a literal, or with ``volatile=True``, of which a warning tells, is reported only.

References
    https://docs.pytorch.org/docs/stable/autograd.html#variable-deprecated
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import VARIABLE, is_compiled
from ._reached import where_reached

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn
from torch.autograd import Variable


class Noise(nn.Module):
    def forward(self, x):
        return x + Variable(torch.randn_like(x), volatile=False)
""",
        after="""
import torch
from torch import nn
from torch.autograd import Variable


class Noise(nn.Module):
    def forward(self, x):
        return x + torch.randn_like(x).detach()
""",
    ),
    Example(
        before="""
from torch import nn
from torch.autograd import Variable


class Leaf(nn.Module):
    def forward(self, x):
        return Variable(x * 2, requires_grad=True)
""",
        after="""
from torch import nn
from torch.autograd import Variable


class Leaf(nn.Module):
    def forward(self, x):
        return (x * 2).detach().requires_grad_()
""",
        targets=("torch.script",),
    ),
    Example(
        title="a flag that is not known",
        before="""
from torch import nn
from torch.autograd import Variable


class Leaf(nn.Module):
    def forward(self, x):
        return Variable(x * 2, requires_grad=self.training)
""",
    ),
]

VALID = [
    """
import torch
from torch.autograd import Variable


def sample():
    return Variable(torch.rand(2))
""",
]


@rule(
    "THT801",
    "variable",
    targets=("torch.script", "torch.compile"),
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.Call,),
)
@where_reached(("torch.script", "torch.compile"))
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Name | ast.Attribute) or not is_compiled(ctx.unit, ctx):
        return
    if ctx.qualified(node.func) not in VARIABLE:
        return
    plain = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
    plain = plain and all(k.arg in ("requires_grad", "volatile") and _is_flag(k.value) for k in node.keywords)
    # `volatile` has no effect any more, but for a warning where it is set
    plain = plain and not any(k.arg == "volatile" and _is_set(k.value) for k in node.keywords)
    leaf = any(k.arg == "requires_grad" and _is_set(k.value) for k in node.keywords)
    end = ".detach().requires_grad_()" if leaf else ".detach()"
    fix = Fix((replace(ctx.source, node, operand(node.args[0]), end),)) if plain else None
    message = "`Variable(...)` stops the compiler; a tensor needs none"
    if not leaf:
        yield Finding(node, message, help="write `x.detach()`", fix=fix)
        return
    yield Finding(node, message, help=f"write `x{end}`", fix=fix, targets=("torch.script",))
    # Dynamo takes no leaf that is made within the graph
    yield Finding(node, message, help="make the leaf outside", targets=("torch.compile",))


def _is_set(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)
