"""Definitions that a comparison of units says nothing of: changed, and used by none; or left as they are."""

from __future__ import annotations

import ast
from collections.abc import Collection

from ..source.definitions import reached

_HELPERS = frozenset({"example_inputs", "example_init", "make"})


def unrun(before: ast.Module, after: ast.Module, units: Collection[str]) -> dict[str, str]:
    """Return the changed definitions that none of ``units`` is or uses, with what it takes to have them compared.

    Annotations, docstrings and comments are no change.
    """
    old, new = _definitions(before), _definitions(after)
    changed = [
        name for name, node in old.items()
        if name not in _HELPERS and name in new and _code(node) != _code(new[name])
    ]  # fmt: skip
    if not changed:
        return {}
    covered = reached(after, units) | reached(before, units) | set(units)
    return {name: _missing(old[name]) for name in changed if name not in covered}


def left_as_it_is(before: ast.Module, after: ast.Module, name: str) -> bool:
    """Whether ``name`` is a plain function that a rewriting left alone: nothing claims that it can be compiled."""
    old, new = _definitions(before).get(name), _definitions(after).get(name)
    plain = isinstance(new, ast.FunctionDef) and not new.decorator_list
    return old is not None and new is not None and plain and _code(old) == _code(new)


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def _missing(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef):
        return "it was changed, it is no model, and nothing that runs uses it"
    return "it was changed, and what it takes isn't known: declare example_inputs(unit)"


class _Bare(ast.NodeTransformer):
    """Drops what has no effect on what runs."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if node.value is None:
            return None
        return ast.Assign([node.target], node.value)


def _code(node: ast.stmt) -> str:
    """Return what runs of a definition, as text."""
    bare = _Bare().visit(ast.parse(ast.unparse(node)))
    for inner in ast.walk(bare):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            inner.returns = None
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(inner):
            del inner.body[0]
    return ast.dump(bare)
