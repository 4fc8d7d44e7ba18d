"""Calls that only print or log."""

from __future__ import annotations

import ast

from ...rewrite.edit import Edit, shares_line, text_behind
from ..rule import UnitContext
from ._optional import statement_of

_LEVELS = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log")
_METHODS = (*_LEVELS, *(f"{level}_once" for level in _LEVELS))
_MAKERS = ("getLogger", "get_logger")


def logs(node: ast.Call, ctx: UnitContext) -> bool:
    """Whether a call is one of a logger: by the module ``logging``, or by a name that is given one.

    One is given by ``logging.getLogger(...)`` and by what packages call ``get_logger``; some of them add methods that
    log a message once.
    """
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _METHODS:
        return False
    name = ctx.qualified(func) or ""
    if name.startswith("logging."):
        return True
    if not isinstance(func.value, ast.Name):
        return False
    found = ctx.module.scope_at(node).lookup(func.value.id)
    if found is None or found[0] is not ctx.module.scopes.top or len(found[1]) != 1:
        return False
    value = found[1][0].value
    return isinstance(value, ast.Call) and _last(value.func) in _MAKERS


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def alone_under(node: ast.Call, condition: str, ctx: UnitContext) -> Edit | None:
    """Put a statement that is nothing but ``node``, on lines of its own, under ``if condition:``."""
    statement = ctx.module.parent(node)
    source = ctx.source
    if not isinstance(statement, ast.Expr) or statement_of(node, ctx) is not statement:
        return None
    span, newline = source.span(statement), source.newline
    rest = text_behind(source, statement)
    if shares_line(source, statement) or rest and not rest.startswith("#"):
        return None
    head = f"if {condition}:{newline}{source.indent_of(statement)}    "
    if statement.end_lineno == statement.lineno or _has_long_text(node):
        return Edit(span.start, span.end, (head, node))
    lines = source.text[span.start : span.end].splitlines(keepends=True)
    return Edit(span.start, span.end, (head + "".join([lines[0], *("    " + line for line in lines[1:])]),))


def _has_long_text(node: ast.expr) -> bool:
    """Whether a literal goes over several lines, so that these can't be moved."""
    return any(
        isinstance(one, ast.Constant | ast.JoinedStr)
        and _lines(one)
        and '"""' in ast.unparse(one)
        or isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and "\n" in one.value
        and _lines(one)
        for one in ast.walk(node)
    )


def _lines(node: ast.expr) -> bool:
    return node.end_lineno != node.lineno
