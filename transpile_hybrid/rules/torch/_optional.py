"""Values that may be ``None``: annotations that say so, and assertions where Python would raise in any case."""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode
from ...rewrite.edit import Edit, insert_after, insert_line_before
from ..rule import ModuleContext
from ._types import TENSOR, T, optional
from ._writing import writable


def statement_of(node: ast.AST, ctx: ModuleContext) -> ast.stmt | None:
    """Return the statement that evaluates ``node`` whenever it is run; ``None`` where that is not sure."""
    inner: ast.AST = node
    for parent in ctx.module.ancestors(node):
        if isinstance(
            parent,
            ast.IfExp | ast.BoolOp | ast.Lambda | ast.comprehension | ast.ListComp | ast.GeneratorExp | ast.DictComp,
        ):
            return None
        if isinstance(parent, ast.stmt):
            if isinstance(parent, ast.If | ast.While):
                return parent if isinstance(parent, ast.If) and inner is parent.test else None
            if isinstance(parent, ast.For):
                return parent if inner is parent.iter else None
            simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr, ast.Assert)
            return parent if isinstance(parent, simple) else None
        inner = parent
    return None


def assertion(node: ast.expr, ctx: ModuleContext) -> Edit | None:
    """Return ``assert name is not None`` above the statement that needs the value of ``node``."""
    statement = statement_of(node, ctx)
    if statement is None or is_elif(statement, ctx):
        return None
    line = ctx.source.line_text(statement.lineno)
    start = ctx.source.span(statement).start - ctx.source.line_starts[statement.lineno - 1]
    if line[:start].strip():
        return None  # it shares its line with another
    return insert_line_before(ctx.source, statement, f"assert {ast.unparse(node)} is not None")


def is_elif(statement: ast.stmt, ctx: ModuleContext) -> bool:
    """Whether a statement is the ``elif`` of another, above which nothing can be put."""
    parent = ctx.module.parent(statement)
    return (
        isinstance(statement, ast.If)
        and isinstance(parent, ast.If)
        and parent.orelse == [statement]
        and (ctx.source.text[ctx.source.span(statement).start :].startswith("elif"))
    )


def declared(target: ast.expr, kind: T, ctx: ModuleContext, function: FunctionNode) -> tuple[Edit, ...]:
    """Return the edits that annotate ``target = None`` as ``Optional[kind]``; none where that can't be written."""
    text = writable(optional(kind), ctx, function)
    return (insert_after(ctx.source, target, f": {text[0]}"), *text[1]) if text is not None else ()


def first_as_none(name: str, statement: ast.stmt, ctx: ModuleContext, function: FunctionNode) -> tuple[Edit, ...]:
    """Return the edits that put ``name: Optional[torch.Tensor] = None`` above ``statement``."""
    text = writable(optional(TENSOR), ctx, function)
    line = ctx.source.line_text(statement.lineno)
    start = ctx.source.span(statement).start - ctx.source.line_starts[statement.lineno - 1]
    if text is None or line[:start].strip():
        return ()
    return (insert_line_before(ctx.source, statement, f"{name}: {text[0]} = None"), *text[1])


__all__ = ["assertion", "declared", "first_as_none", "is_elif", "statement_of"]
