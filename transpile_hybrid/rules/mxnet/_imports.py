"""Edits that put one class of MXNet in the place of another, with the import that this needs."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert, replace
from ...source.source import Source
from ._plan import Reader


def class_name_edits(reader: Reader, node: ast.expr, new: str) -> list[Edit]:
    """Return the edits that make ``node`` (``nn.Block``, ``Block``) name the class ``new``; none: it has no name."""
    return name_edits(reader.source, reader.module, node, new)


def name_edits(source: Source, module: Module, node: ast.expr, new: str) -> list[Edit]:
    """Return the edits that make ``node`` name ``new``, from the same module of MXNet."""
    scope = module.scope_at(node)
    if isinstance(node, ast.Attribute):
        if node.attr == new.removeprefix("Hybrid") and (module.qualified(node.value) or "").startswith("mxnet."):
            span = source.span(node)
            return [Edit(span.end - len(node.attr), span.end, (new,))]
        return _by_import(source, module, node, new)
    assert isinstance(node, ast.Name)
    bound = scope.lookup(new)
    if bound is not None and any(b.kind == "import" for b in bound[1]):
        return [replace(source, node, new)]
    found = scope.lookup(node.id)
    if bound is not None:
        return []
    statement = found[1][0].node if found is not None else None
    if not isinstance(statement, ast.ImportFrom) or not f"{statement.module}.".startswith("mxnet."):
        return _by_import(source, module, node, new)
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


def _by_import(source: Source, module: Module, node: ast.expr, new: str) -> list[Edit]:
    """``Base = nn.Block; class Net(Base)``: the class is named by what the file imports."""
    name = imported_name(module, new)
    root = name.partition(".")[0]
    seen = module.scope_at(node).lookup(root)
    if not name or seen is None or not seen[0].is_module:
        return []
    return [replace(source, node, name)]


def imported_name(module: Module, new: str) -> str:
    """Return how a file can call ``HybridBlock`` or another class of ``gluon.nn`` (empty: not without an import)."""
    top = module.scopes.top
    found: dict[str, str] = {}
    for name, bindings in top.bindings.items():
        if all(binding.kind == "import" for binding in bindings):
            qualified = top.qualified(ast.Name(name, ast.Load()))
            if qualified:
                found.setdefault(qualified, name)
    in_gluon = (("mxnet.gluon", ""),) if new == "HybridBlock" else (("mxnet.gluon", ".nn"),)
    ways = [(f"mxnet.gluon.{new}", ""), (f"mxnet.gluon.nn.{new}", ""), ("mxnet.gluon.nn", f".{new}")]
    ways += [(root, f"{below}.{new}") for root, below in in_gluon]
    ways += [("mxnet", f".gluon{below}.{new}") for _, below in in_gluon]
    return next((found[qualified] + suffix for qualified, suffix in ways if qualified in found), "")


def hybrid_block(module: Module, source: Source) -> tuple[str, list[Edit]]:
    """Return how a file can call ``HybridBlock``, with the edit of an import where none serves (empty: not at all)."""
    name = imported_name(module, "HybridBlock")
    if name:
        return name, []
    if any("gluon" in scope.bindings for scope in (module.scopes.top, *map(module.scopes.of, module.scopes.functions))):
        return "", []
    for statement in module.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "mxnet" and not statement.level:
            if any(alias.name == "*" for alias in statement.names):
                return "", []
            return "gluon.HybridBlock", [insert(source.span(statement.names[-1]).end, ", gluon")]
    return "", []


def _import_edit(source: Source, statement: ast.ImportFrom, alias: ast.alias, new: str) -> list[Edit]:
    return [insert(source.span(alias).end, f", {new}")]
