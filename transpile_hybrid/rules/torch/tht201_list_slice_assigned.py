"""Items of a list are assigned by a slice.

What it does
    Finds ``sizes[1:] = [1] * n`` where ``sizes`` is a list, in what TorchScript compiles.

Why is this bad
    TorchScript assigns to slices of tensors only: "Sliced expression not yet supported for subscripted assignment".

Fix safety
    Safe: the list is put together anew (``sizes = sizes[:1] + [1] * n``).  It is made where the variable is the only
    name of the list: the function made it, and nothing else keeps it.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        sizes = list(x.shape)
        sizes[1:] = [1] * (len(sizes) - 1)
        return y[: sizes[0]].reshape(sizes[0], -1)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        sizes = list(x.shape)
        sizes = sizes[:1] + [1] * (len(sizes) - 1)
        return y[: sizes[0]].reshape(sizes[0], -1)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        y = x.clone()
        y[1:] = 0.0
        sizes = list(x.shape)
        sizes[0] = 1
        return y.reshape(-1, sizes[1])
""",
]

_FRESH = ("builtins.list", "builtins.sorted")


@rule("THT201", "list-slice-assigned", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
            if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Slice):
                continue
            if report.type(target.value).kind != "list":
                continue
            assert isinstance(node, ast.Assign)
            alone = isinstance(target.value, ast.Name) and _is_only_name(target.value.id, function, ctx)
            parts = _anew(node, target, target.slice) if alone and report.type(node.value).kind == "list" else ()
            yield Finding(
                node,
                "TorchScript assigns to no slice of a list",
                help="put the list together anew: `a = a[:1] + b`",
                fix=Fix((replace(ctx.source, node, *parts),)) if parts else None,
            )


def _anew(node: ast.Assign, target: ast.Subscript, cut: ast.Slice) -> tuple[Part, ...]:
    """Return ``a = a[:i] + b + a[j:]``; nothing where it steps, or where a bound might cross the other."""
    if cut.step is not None or cut.lower is not None and cut.upper is not None:
        return ()
    owner = target.value
    value = node.value if isinstance(node.value, ast.BinOp) else operand(node.value)
    if any(isinstance(one, ast.Call) for bound in (cut.lower, cut.upper) if bound is not None for one in walk(bound)):
        return ()
    if cut.lower is not None:
        return (owner, " = ", owner, "[:", cut.lower, "] + ", value)
    if cut.upper is not None:
        return (owner, " = ", value, " + ", owner, "[", cut.upper, ":]")
    return (owner, " = ", node.value) if isinstance(node.value, ast.List | ast.BinOp) else ()


def _is_only_name(name: str, function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether the list that ``name`` stands for is made here and nowhere kept under another name."""
    made = False
    for node in walk(function):
        if not (isinstance(node, ast.Name) and node.id == name):
            continue
        parent = ctx.module.parent(node)
        if isinstance(node.ctx, ast.Store):
            value = parent.value if isinstance(parent, ast.Assign | ast.AnnAssign) else None
            fresh = isinstance(value, ast.List | ast.ListComp | ast.BinOp)
            fresh = fresh or isinstance(value, ast.Call) and ctx.qualified(value.func) in _FRESH
            if not fresh:
                return False
            made = True
        elif not isinstance(parent, ast.Subscript | ast.Call | ast.BinOp | ast.Attribute | ast.Starred | ast.For):
            return False
    return made
