"""One file and what its names mean: the object that every other room asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..source.source import Source
from .names import FunctionNode, Scope
from .nodes import parents, walk, walk_statements
from .scoping import ScopeTable, build_scopes


@dataclass(eq=False)
class Module:
    """A parsed source with its scopes.  ``name`` is its dotted module name where the repository tells it.

    ``notes`` holds what rules worked out about the whole file and want to keep for as long as it lives.
    """

    source: Source
    name: str = ""
    package: str = ""
    notes: dict[str, object] = field(default_factory=dict, repr=False)
    _qualified: dict[int, str | None] = field(default_factory=dict, repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        return self.source.tree

    @cached_property
    def scopes(self) -> ScopeTable:
        return build_scopes(self.tree, self.name, self.package)

    @cached_property
    def frameworks(self) -> frozenset[str]:
        """The frameworks that this file imports anywhere: ``mxnet``, ``torch``, ``tensorflow`` (Keras counts as it)."""
        roots: set[str] = set()
        for node in walk_statements(self.tree):
            if isinstance(node, ast.Import):
                roots.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                roots.add(node.module.split(".")[0])
        names = {"torch": "torch", "mxnet": "mxnet", "tensorflow": "tensorflow", "keras": "tensorflow"}
        return frozenset(names[root] for root in roots if root in names)

    @cached_property
    def parents(self) -> dict[int, ast.AST]:
        """Parent of every node, keyed by ``id(node)``; built on first use."""
        return parents(self.tree)

    @cached_property
    def attribute_stores(self) -> dict[str, list[ast.Attribute]]:
        """The places where attributes are written or deleted, by their names."""
        table: dict[str, list[ast.Attribute]] = {}
        for node in walk(self.tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                table.setdefault(node.attr, []).append(node)
        return table

    def parent(self, node: ast.AST) -> ast.AST:
        """Return the parent of ``node``; raises ``KeyError`` for the module itself."""
        return self.parents[id(node)]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the parents of ``node`` outwards, the module last."""
        while (parent := self.parents.get(id(node))) is not None:
            yield parent
            node = parent

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """Return the statement that ``node`` stands in (itself if it is one)."""
        if isinstance(node, ast.stmt):
            return node
        return next(parent for parent in self.ancestors(node) if isinstance(parent, ast.stmt))

    def scope_at(self, node: ast.AST) -> Scope:
        """Return the scope in which ``node`` is evaluated (for a definition, the scope that it stands in)."""
        by_node = self.scopes.by_node
        child: ast.AST = node
        for parent in self.ancestors(node):
            scope = by_node.get(id(parent))
            if scope is not None and not _evaluated_outside(parent, child):
                return scope
            child = parent
        return self.scopes.top

    def enclosing_function(self, node: ast.AST) -> FunctionNode | None:
        """Return the innermost ``def`` around ``node``."""
        for parent in self.ancestors(node):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
                return parent
        return None

    def qualified(self, node: ast.expr) -> str | None:
        """Return the fully qualified name that ``node`` stands for where it stands, or ``None``."""
        key = id(node)
        if key in self._qualified:
            return self._qualified[key]
        name = self.scope_at(node).qualified(node)
        # a node that is not of the tree may be gone tomorrow and another have its id; a star import may be found later
        if key in self.parents and not self.scopes.top.star_imports:
            self._qualified[key] = name
        return name


def _evaluated_outside(scope_node: ast.AST, child: ast.AST) -> bool:
    """Whether ``child`` (a direct child of ``scope_node``) is evaluated in the scope around it."""
    if isinstance(scope_node, ast.FunctionDef | ast.AsyncFunctionDef):
        return child in scope_node.decorator_list or child is scope_node.returns or isinstance(child, ast.arguments)
    if isinstance(scope_node, ast.ClassDef):
        return child not in scope_node.body
    if isinstance(scope_node, ast.Lambda):
        return child is not scope_node.body
    return False
