"""A branch on how many elements a selection has, or on whether tensors are equal.

What it does
    Finds ``torch.equal(a, b)``, ``torch.allclose(a, b)`` and ``x.is_nonzero()``, and branches on the length of what
    ``nonzero``, ``unique``, ``masked_select`` or a mask (``x[x > 0]``) selects.

Why is this bad
    Both hang on the numbers in a tensor.  A graph can hold a tensor whose length isn't known, and compute with it; it
    can't choose by it: "Could not guard on data-dependent expression u0 > 0".

Fix safety
    There is no fix: compute both sides and choose by ``torch.where``, or weigh by the mask in place of selecting
    (``(x * mask).sum() / mask.sum()``).  A comparison that only guards against an empty selection can often go: the
    sum of nothing is 0.

References
    https://docs.pytorch.org/docs/stable/export.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import TRACED, is_condition, reports
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Positive(nn.Module):
    def forward(self, x, y):
        chosen = x[x > 0]
        if chosen.numel() == 0:
            return x.sum()
        if torch.equal(x, y):
            return y.sum()
        where = torch.nonzero(x)
        return chosen.mean() if len(where) > 1 and where.shape[0] < 5 else chosen.sum()
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Positive(nn.Module):
    def forward(self, x, rows):
        mask = x > 0
        if mask.numel() == 0 or len(x) > 3 or x[0].size(0) > 2:
            return x[mask].sum()
        where = torch.nonzero(x, as_tuple=True)
        if len(where) == 2:
            return x[where].sum()
        picked = x[[0, 1]]
        return picked if picked.size(0) == 2 else x
""",
]

_COMPARES = frozenset({"torch.equal", "torch.allclose", "torch.is_nonzero"})
_SELECTS = frozenset({"torch.nonzero", "torch.masked_select", "torch.unique", "torch.argwhere"})
_METHODS = frozenset({"nonzero", "masked_select", "unique", "argwhere"})
_COMPARE_METHODS = frozenset({"equal", "allclose", "is_nonzero"})


@rule("THT320", "branch-on-count", targets=TRACED, consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        selections = _selections(function, report, ctx)
        for node in walk(function):
            if not isinstance(node, ast.expr) or id(node) not in report.types:
                continue
            counted = _counted(node, ctx)
            if counted is not None and _is_selection(counted, selections, report, ctx) and _decides(node, ctx):
                yield Finding(
                    node,
                    f"the length of `{ast.unparse(counted)}` hangs on a tensor's numbers: no graph can branch on it",
                    help="choose by `torch.where`, or weigh by the mask in place of selecting",
                )
            elif _compares(node, report, ctx):
                yield Finding(
                    node,
                    f"`{ast.unparse(node)}` reads the tensors and gives Python a bool, which a graph can't",
                    help="compare elements (`(a == b).all()`), or outside of what is compiled",
                )


def _counted(node: ast.expr, ctx: UnitContext) -> ast.expr | None:
    """Return what ``len(x)``, ``x.numel()``, ``x.size(0)`` and ``x.shape[0]`` count."""
    if isinstance(node, ast.Call):
        if ctx.qualified(node.func) == "builtins.len" and len(node.args) == 1:
            return node.args[0]
        if isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            if node.func.attr in ("numel", "nelement"):
                return node.func.value
            if node.func.attr == "size" and isinstance(first, ast.Constant) and first.value == 0:
                return node.func.value
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        first = node.slice
        return node.value.value if isinstance(first, ast.Constant) and first.value == 0 else None
    return None


def _compares(node: ast.expr, report: Report, ctx: UnitContext) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if ctx.qualified(node.func) in _COMPARES:
        return True
    method = node.func if isinstance(node.func, ast.Attribute) else None
    return method is not None and method.attr in _COMPARE_METHODS and report.type(method.value).kind == "tensor"


def _decides(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether a branch hangs on ``node``, alone or compared with something."""
    at: ast.AST = node
    parent = ctx.module.parent(at)
    while isinstance(parent, ast.BinOp | ast.Compare):
        at, parent = parent, ctx.module.parent(parent)
    return is_condition(at, ctx) and not any(
        isinstance(one, ast.If | ast.IfExp) and "is_compiling" in ast.unparse(one.test)
        for one in ctx.module.ancestors(node)
    )


def _selections(function: FunctionNode, report: Report, ctx: UnitContext) -> set[str]:
    """Return the variables that hold nothing but selections."""
    found: dict[str, bool] = {}
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            parent = ctx.module.parent(node)
            plain = isinstance(parent, ast.Assign) and parent.targets == [node]
            selects = plain and isinstance(parent, ast.Assign) and _is_selection(parent.value, set(), report, ctx)
            found[node.id] = found.get(node.id, True) and selects
    return {name for name, selects in found.items() if selects}


def _is_selection(node: ast.expr, named: set[str], report: Report, ctx: UnitContext) -> bool:
    """Whether the length of ``node`` hangs on a tensor's numbers."""
    if isinstance(node, ast.Name):
        return node.id in named
    if isinstance(node, ast.Call):
        method = node.func if isinstance(node.func, ast.Attribute) else None
        if any(k.arg in ("as_tuple", "return_inverse", "return_counts") for k in node.keywords):
            return False
        if ctx.qualified(node.func) in _SELECTS:
            return True
        if method is None or report.type(method.value).kind != "tensor":
            return False
        if method.attr in _METHODS:
            return True
        return method.attr in ("squeeze", "view", "reshape", "flatten", "long", "float") and _is_selection(
            method.value, named, report, ctx
        )
    if isinstance(node, ast.Subscript) and report.type(node.value).kind == "tensor":
        return _is_mask(node.slice, report, ctx) or (
            isinstance(node.slice, ast.Tuple) and _is_selection(node.value, named, report, ctx)
        )
    return False


def _is_mask(index: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether ``index`` is a comparison of a tensor, or such comparisons together."""
    if isinstance(index, ast.BinOp) and isinstance(index.op, ast.BitAnd | ast.BitOr):
        return _is_mask(index.left, report, ctx) and _is_mask(index.right, report, ctx)
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert):
        return _is_mask(index.operand, report, ctx)
    return isinstance(index, ast.Compare) and report.type(index).kind == "tensor" and ctx.value(index).may_be_tensor
