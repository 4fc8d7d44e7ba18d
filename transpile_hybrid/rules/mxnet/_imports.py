"""Edits that put one class of MXNet in the place of another, with the import that this needs."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert, replace
from ._plan import Reader


def class_name_edits(reader: Reader, node: ast.expr, new: str) -> list[Edit]:
    """Return the edits that make ``node`` (``nn.Block``, ``Block``) name the class ``new``."""
    return name_edits(reader.source, reader.module, node, new)


def name_edits(source: object, module: object, node: ast.expr, new: str) -> list[Edit]:
    """Return the edits that make ``node`` name ``new``, from the same module of MXNet."""
    from ...meaning.module import Module
    from ...source.source import Source

    assert isinstance(source, Source) and isinstance(module, Module)
    if isinstance(node, ast.Attribute):
        span = source.span(node)
        return [Edit(span.end - len(node.attr), span.end, (new,))]
    assert isinstance(node, ast.Name)
    scope = module.scope_at(node)
    bound = scope.lookup(new)
    if bound is not None and any(b.kind == "import" for b in bound[1]):
        return [replace(source, node, new)]
    found = scope.lookup(node.id)
    if found is None or bound is not None:
        return []
    statement = found[1][0].node
    if not isinstance(statement, ast.ImportFrom):
        return []
    for alias in statement.names:
        if (alias.asname or alias.name) == node.id and alias.name != "*":
            if alias.asname:
                return [*_import_edit(source, statement, alias, new), replace(source, node, new)]
            used = [n for n in walk(module.tree) if isinstance(n, ast.Name) and n.id == node.id and n is not node]
            if not used:
                return [replace(source, alias, new), replace(source, node, new)]
            return [*_import_edit(source, statement, alias, new), replace(source, node, new)]
        if alias.name == "*":
            return [replace(source, node, new)]
    return []


def _import_edit(source: object, statement: ast.ImportFrom, alias: ast.alias, new: str) -> list[Edit]:
    from ...source.source import Source

    assert isinstance(source, Source)
    return [insert(source.span(alias).end, f", {new}")]
