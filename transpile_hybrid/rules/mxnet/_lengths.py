"""Lengths that come as one number for each batch, or as one for each row: both said by one expression."""

from __future__ import annotations

import ast

from ...rewrite.edit import Edit, operand, replace
from ._grow import sized_by
from ._names import operator_name
from ._plan import Reader


def one_for_each_row(node: ast.If, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit for ``if v.ndim == 1: v = v.repeat(x.shape[1])``, ``else: v = v.reshape(-1)``.

    A last axis of length 1 is spread over the axis of ``x``, one of its length stays, and both are made flat.  Equal
    for two-dimensional ``v`` with a column for each row of ``x``; another shape raises.
    """
    name = _one_dimensional(node.test, r)
    if not r.is_np or not name or "#" in r.text(node) or len(node.body) != 1 or len(node.orelse) != 1:
        return None
    long, flat = _given(node.body[0], name), _given(node.orelse[0], name)
    if long is None or flat is None or not r.value(long).is_tensor or not _flattened(flat, name, r):
        return None
    callee, times = _called(long, name, r)
    if callee != "repeat" or len(times) != 1:
        return None
    owner, axis = sized_by(times[0], r)
    if owner is None or not isinstance(axis, int) or axis < 0 or not r.value(owner).is_tensor:
        return None
    r.consume(node)
    pad, end = r.source.indent_of(node), r.source.newline
    there = ("F.np.ones_like(F.npx.arange_like(", operand(owner), f", axis={axis}))")
    first = f"{name} = F.npx.reshape({name}, (-2, -1)){end}{pad}{name} = F.np.where("
    return (replace(r.source, node, first, *there, f", {name}, {name}).reshape((-1,))"),)


def _one_dimensional(test: ast.expr, r: Reader) -> str:
    """Return ``v`` for ``v.ndim == 1`` and ``len(v.shape) == 1``."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return ""
    left, right = test.left, test.comparators[0]
    if not (isinstance(right, ast.Constant) and right.value == 1):
        return ""
    if isinstance(left, ast.Call) and r.qualified(left.func) == "builtins.len" and len(left.args) == 1:
        left = left.args[0]
        if not (isinstance(left, ast.Attribute) and left.attr == "shape"):
            return ""
    elif not (isinstance(left, ast.Attribute) and left.attr == "ndim"):
        return ""
    owner = left.value
    return owner.id if isinstance(owner, ast.Name) and r.value(owner).is_tensor else ""


def _given(statement: ast.stmt, name: str) -> ast.expr | None:
    """Return what a statement gives to the variable ``name``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    return statement.value if isinstance(target, ast.Name) and target.id == name else None


def _called(node: ast.expr, name: str, r: Reader) -> tuple[str, list[ast.expr]]:
    """Return the operator that a call applies to the variable ``name``, with its other arguments, none by keyword."""
    if not isinstance(node, ast.Call) or node.keywords:
        return "", []
    callee, args = node.func, node.args
    if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id == name:
        return callee.attr, args
    op = operator_name(callee, r, r.value(callee.value) if isinstance(callee, ast.Attribute) else None)
    if op is not None and args and isinstance(args[0], ast.Name) and args[0].id == name:
        return op[1], args[1:]
    return "", []


def _flattened(node: ast.expr, name: str, r: Reader) -> bool:
    callee, args = _called(node, name, r)
    if callee in ("ravel", "flatten") and not args:
        return True
    if callee != "reshape" or len(args) != 1:
        return False
    wanted = args[0].elts if isinstance(args[0], ast.Tuple | ast.List) else args
    return len(wanted) == 1 and r.value(wanted[0]).const == -1
