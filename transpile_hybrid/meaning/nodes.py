"""Walk trees fast: the standard library's ``ast.walk`` costs more than parsing, and every rule walks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
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


FIELDS = _Fields()
"""For loops that visit every node of a file, where a call for each would be felt: use :func:`children` elsewhere."""


_DEFINITIONS = frozenset({ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef})
_KEPT = _DEFINITIONS | {ast.Module}


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield ``node`` and all nodes below it in the order of the source, without contexts and operators.

    What lies below a definition is kept with it (every rule asks for it), so trees are not to be changed.
    """
    if type(node) not in _KEPT:
        return _walk(node)
    below: list[ast.AST] | None = node.__dict__.get("_below")
    return chain((node,), _find_below(node) if below is None else below)


def _find_below(node: ast.AST) -> list[ast.AST]:
    """Keep, and return, what lies below a definition: without the node itself, for it to go away when it can."""
    fields = FIELDS
    stack: list[ast.AST | None] = []
    found: list[ast.AST] = []
    pop, append = stack.pop, found.append
    current: ast.AST | None = node
    while True:
        for name in fields[type(current)]:
            child = getattr(current, name, None)
            if child.__class__ is list:
                stack.extend(reversed(child))
            elif child is not None:
                stack.append(child)
        while stack:
            current = pop()
            if current is None:
                continue
            append(current)
            if type(current) not in _DEFINITIONS:
                break
            below = current.__dict__.get("_below")
            found += _find_below(current) if below is None else below
        else:
            node.__dict__["_below"] = found
            return found


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    stack: list[ast.AST | None] = [node]
    pop = stack.pop
    fields = FIELDS
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


def parents(tree: ast.AST) -> dict[int, ast.AST]:
    """Return the parent of every node below ``tree``, by the node's ``id``."""
    table: dict[int, ast.AST] = {}
    fields = FIELDS
    work = [tree]
    pop, append = work.pop, work.append
    while work:
        node = pop()
        for name in fields[type(node)]:
            child = getattr(node, name, None)
            if child.__class__ is list:
                for one in child:
                    if one is not None:
                        table[id(one)] = node
                        append(one)
            elif child is not None:
                table[id(child)] = node
                append(child)
    return table


def children(node: ast.AST) -> list[ast.AST]:
    """Return the direct children of ``node`` in the order of the source, without contexts and operators."""
    found: list[ast.AST] = []
    for name in reversed(FIELDS[type(node)]):
        child = getattr(node, name, None)
        if child.__class__ is list:
            found += [one for one in child if one is not None]
        elif child is not None:
            found.append(child)
    return found


def enumerated(node: ast.expr, qualified: Callable[[ast.expr], str | None]) -> ast.expr | None:
    """Return what ``enumerate(...)`` goes through; ``None`` for anything else."""
    if isinstance(node, ast.Call) and len(node.args) == 1 and qualified(node.func) == "builtins.enumerate":
        return node.args[0]
    return None
