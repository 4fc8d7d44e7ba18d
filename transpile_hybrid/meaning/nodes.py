"""Walk trees fast: the standard library's ``ast.walk`` costs more than parsing, and every rule walks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

_SCALARS = frozenset({
    "id", "ctx", "attr", "arg", "name", "asname", "kind", "type_comment", "level", "module", "conversion", "is_async",
    "simple", "lineno", "tag", "ops", "op", "kwd_attrs", "rest",
})  # fmt: skip
# `name` is a node in a few places only: `except* E as name` has a str, a type alias (3.12) a Name.
_NAMED = {"TypeAlias"}


class _Fields(dict[type, tuple[str, ...]]):
    """The fields of each node type that can hold nodes, last first."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        fields = getattr(kind, "_fields", ())
        if kind is ast.Constant or kind is ast.Name or kind is ast.MatchSingleton or kind in (ast.Global, ast.Nonlocal):
            fields = ()
        keep = tuple(
            name for name in reversed(fields) if name not in _SCALARS or (name == "name" and kind.__name__ in _NAMED)
        )
        self[kind] = keep
        return keep


_FIELDS = _Fields()


_KEPT = frozenset({ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef})


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield ``node`` and all nodes below it in the order of the source, without contexts and operators.

    What lies below a definition is kept with it (every rule asks for it), so trees are not to be changed.
    """
    if type(node) not in _KEPT:
        return _walk(node)
    below: list[ast.AST] | None = node.__dict__.get("_below")
    if below is None:
        walked = _walk(node)
        next(walked)
        below = node.__dict__["_below"] = list(walked)  # without the node itself, for it to go away when it can
    return chain((node,), below)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    stack: list[ast.AST | None] = [node]
    pop = stack.pop
    fields = _FIELDS
    while stack:
        current = pop()
        if current is None:
            continue
        yield current
        for name in fields[type(current)]:
            child = getattr(current, name, None)
            if child.__class__ is list:
                stack.extend(reversed(child))
            elif child is not None:
                stack.append(child)


_BLOCKS = ("cases", "finalbody", "orelse", "handlers", "body")


def walk_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements of a module at any depth, those of functions and classes too, and no expressions."""
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.stmt):
            yield node
        for name in _BLOCKS:
            block = getattr(node, name, None)
            if block.__class__ is list:
                stack.extend(reversed(block))


def children(node: ast.AST) -> list[ast.AST]:
    """Return the direct children of ``node`` in the order of the source, without contexts and operators."""
    found: list[ast.AST] = []
    for name in reversed(_FIELDS[type(node)]):
        child = getattr(node, name, None)
        if child.__class__ is list:
            found += [one for one in child if one is not None]
        elif child is not None:
            found.append(child)
    return found
