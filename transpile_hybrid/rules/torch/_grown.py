"""``tuple(outs)`` of a list that grows in loops over modules: a tuple from the start.

TorchScript writes such a loop out, turn by turn, so a variable may be a longer tuple after each; a list has no length.
"""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, replace
from ..rule import UnitContext
from ._classes import self_name
from ._common import in_place_of
from ._reports import Report

_ROWS = ("torch.nn.ModuleList", "torch.nn.Sequential")


def as_tuple(node: ast.Call, report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    """Return the edits that make ``outs`` in ``tuple(outs)`` a tuple; none where it is used as only a list can be."""
    function, given = report.function, node.args[0] if len(node.args) == 1 and not node.keywords else None
    if not isinstance(given, ast.Name) or ctx.module.enclosing_function(node) is not function:
        return ()
    edits: list[Edit] = []
    grows = False
    for one in walk(function):
        if isinstance(one, ast.arg) and one.arg == given.id or isinstance(one, ast.Global | ast.Nonlocal):
            return ()
        if not isinstance(one, ast.Name) or one.id != given.id:
            continue
        if ctx.module.enclosing_function(one) is not function:
            return ()
        edit, in_loop = _use(one, report, ctx)
        if edit is None:
            return ()
        edits += edit
        grows = grows or in_loop
    begun = [edit for edit in edits if edit.parts == ("()",)]
    return tuple(edits) if grows and len(begun) == 1 else ()


def _use(name: ast.Name, report: Report, ctx: UnitContext) -> tuple[list[Edit] | None, bool]:
    """Return the edits for one use of the list, and whether it adds to it in a loop; ``None`` for any other use."""
    source, parent = ctx.source, ctx.module.parent(name)
    if isinstance(name.ctx, ast.Store):
        empty = isinstance(parent, ast.Assign) and isinstance(parent.value, ast.List) and not parent.value.elts
        if not empty or not isinstance(parent, ast.Assign) or parent.targets != [name]:
            return None, False
        return ([replace(source, parent.value, "()")], False) if parent in report.function.body else (None, False)
    if isinstance(parent, ast.Attribute):
        call = ctx.module.parent(parent)
        statement = ctx.module.parent(call) if isinstance(call, ast.Call) and call.func is parent else None
        if parent.attr != "append" or not isinstance(statement, ast.Expr) or not isinstance(call, ast.Call):
            return None, False
        if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred | ast.NamedExpr | ast.Yield):
            return None, False
        loops = [one for one in ctx.module.ancestors(statement) if isinstance(one, ast.stmt)]
        loops = loops[: loops.index(report.function)]
        if not all(isinstance(one, ast.For) and is_written_out(one.iter, report, ctx) for one in loops):
            return None, False
        return [replace(source, call, f"{name.id} = {name.id} + (", call.args[0], ",)")], bool(loops)
    if isinstance(parent, ast.Call) and parent.args == [name] and not parent.keywords:
        called = ctx.qualified(parent.func)
        if called == "builtins.tuple":
            return [in_place_of(parent, (name.id,), ctx)], False
        return ([], False) if called == "builtins.len" else (None, False)
    if isinstance(parent, ast.Subscript) and parent.value is name and isinstance(parent.ctx, ast.Load):
        index = parent.slice.operand if isinstance(parent.slice, ast.UnaryOp) else parent.slice
        if isinstance(index, ast.Constant) and type(index.value) is int:
            return [], False
    return None, False


def is_written_out(over: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether TorchScript writes a loop over this out: modules, which may be counted, or gone through side by side."""
    if isinstance(over, ast.Call):
        if ctx.qualified(over.func) not in ("builtins.enumerate", "builtins.zip") or over.keywords or not over.args:
            return False
        return is_written_out(over.args[0], report, ctx)
    if isinstance(over, ast.Name):
        return over.id == self_name(report.function)
    held = report.type(over)
    return isinstance(over, ast.Attribute) and held.kind == "module" and held.name in _ROWS
