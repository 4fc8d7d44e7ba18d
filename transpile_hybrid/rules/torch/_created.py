"""Tensors that are made like another one (``x.new(...)``, ``x.new_tensor(...)``), as TorchScript spells it."""

from __future__ import annotations

import ast

from ...rewrite.edit import Part, operand
from ..rule import UnitContext
from ._common import imported_name
from ._reports import Report


def new(node: ast.Call, owner: ast.expr, ctx: UnitContext, report: Report) -> tuple[Part, ...]:
    if node.keywords:
        return ()
    if not node.args:
        return (operand(owner), ".new_empty((0,))")
    kinds = [report.type(one) for one in node.args]
    several = len(kinds) > 1 and all(kind.kind in ("int", "?", "vary") for kind in kinds)  # data is given alone
    several = several and not any(isinstance(one, ast.Starred) for one in node.args)
    if several or all(kind.kind == "int" for kind in kinds):
        parts: list[Part] = [operand(owner), ".new_empty(("]
        for index, one in enumerate(node.args):
            parts += [", ", one] if index else [one]
        return (*parts, ",))" if len(node.args) == 1 else "))")
    only = node.args[0]
    if len(node.args) > 1:
        return ()
    if isinstance(only, ast.Starred):
        return (operand(owner), ".new_empty(", only.value, ")") if report.type(only.value).kind == "list" else ()
    if _is_size(only):
        return (operand(owner), ".new_empty(", only, ")")
    if isinstance(only, ast.List) and is_simple(owner):
        return _data(only, owner, ctx)
    return ()


def new_tensor(node: ast.Call, owner: ast.expr, ctx: UnitContext, report: Report) -> tuple[Part, ...]:
    if len(node.args) != 1 or not is_simple(owner) or any(k.arg != "dtype" for k in node.keywords):
        return ()
    dtype = next((k.value for k in node.keywords), None)
    counted = _counted(node.args[0], ctx, report)
    if counted:
        return _like(imported_name("torch.arange", ctx, node), counted, owner, dtype)
    if report.type(node.args[0]).kind not in ("list", "int", "float", "bool", "tuple"):
        return ()
    return _data(node.args[0], owner, ctx, dtype)


def _counted(data: ast.expr, ctx: UnitContext, report: Report) -> list[ast.expr]:
    """Return the arguments of ``range`` in ``range(n)`` and ``list(range(n))``."""
    if isinstance(data, ast.Call) and ctx.qualified(data.func) == "builtins.list" and len(data.args) == 1:
        data = data.args[0]
    if not isinstance(data, ast.Call) or ctx.qualified(data.func) != "builtins.range" or data.keywords:
        return []
    return data.args if all(report.type(one).kind == "int" for one in data.args) else []


def without_gradient(node: ast.Call) -> tuple[Part, ...] | None:
    """``x.new_zeros(3, requires_grad=False)``: that is what it is without being asked."""
    kept = [one for one in node.keywords if one.arg != "requires_grad"]
    asked = [one.value for one in node.keywords if one.arg == "requires_grad"]
    if not asked or any(one.arg is None for one in kept):
        return None
    if not isinstance(asked[0], ast.Constant) or asked[0].value is not False:
        return ()
    parts: list[Part] = [node.func, "("]
    for index, one in enumerate(node.args):
        parts += [", ", one] if index else [one]
    for index, keyword in enumerate(kept):
        parts += [", " if node.args or index else "", f"{keyword.arg}=", keyword.value]
    return (*parts, ")")


def _data(data: ast.expr, owner: ast.expr, ctx: UnitContext, dtype: ast.expr | None = None) -> tuple[Part, ...]:
    return _like(imported_name("torch.tensor", ctx, data), [data], owner, dtype)


def _like(text: str | None, given: list[ast.expr], owner: ast.expr, dtype: ast.expr | None = None) -> tuple[Part, ...]:
    """Call ``text`` for a tensor of the dtype and device of ``owner``."""
    if text is None:
        return ()
    parts: list[Part] = [f"{text}("]
    for one in given:
        parts += [one, ", "]
    kind: tuple[Part, ...] = (dtype,) if dtype is not None else (owner, ".dtype")
    return (*parts, "dtype=", *kind, ", device=", owner, ".device)")


def _is_size(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "size" and not node.args
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def is_simple(node: ast.expr) -> bool:
    """Whether naming ``node`` twice repeats no work."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
