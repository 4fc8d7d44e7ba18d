"""Functions and classes that a rewrite adds to a file: where they stand, and whether they are there already."""

from __future__ import annotations

import ast

from ...rewrite.edit import Edit, insert
from ..rule import ModuleContext


def add_function(name: str, lines: tuple[str, ...], ctx: ModuleContext) -> tuple[Edit, ...] | None:
    """Return the edits that define ``name`` above the file's first class or function; none where it is there already.

    ``None`` where the name means something else in the file.  Two fixes that ask for the same give equal edits.
    """
    source, newline = ctx.source, ctx.source.newline
    bound = ctx.module.scopes.top.bindings.get(name)
    if bound:
        node = bound[0].node
        same = isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.unparse(node) == ast.unparse(
            ast.parse("\n".join(lines))
        )
        return () if same and len(bound) == 1 else None
    first = first_definition(ctx)
    if first is None:
        return None
    start = source.line_starts[min([first.lineno, *(d.lineno for d in first.decorator_list)]) - 1]
    return (insert(start, newline.join(lines) + newline * 3),)


def first_definition(ctx: ModuleContext) -> ast.ClassDef | ast.FunctionDef | None:
    """Return the first class or function at the top level of the file."""
    for statement in ctx.source.tree.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            return statement
    return None
