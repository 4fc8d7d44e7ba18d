"""Calls that only print or log."""

from __future__ import annotations

import ast

from ...rewrite.edit import Edit
from ..rule import UnitContext
from ._optional import statement_of

_LEVELS = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log")


def logs(node: ast.Call, ctx: UnitContext) -> bool:
    """Whether a call is one of a logger, by the module or by a name that is bound to ``logging.getLogger(...)``."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _LEVELS:
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
    return isinstance(value, ast.Call) and ctx.qualified(value.func) == "logging.getLogger"


def alone_under(node: ast.Call, condition: str, ctx: UnitContext) -> Edit | None:
    """Put a statement that is nothing but ``node``, on lines of its own, under ``if condition:``."""
    statement = ctx.module.parent(node)
    source = ctx.source
    if not isinstance(statement, ast.Expr) or statement_of(node, ctx) is not statement:
        return None
    span = source.span(statement)
    if source.line_text(statement.lineno).strip() != source.text[span.start : span.end]:
        return None
    return Edit(span.start, span.end, (f"if {condition}:{source.newline}{source.indent_of(statement)}    ", node))
