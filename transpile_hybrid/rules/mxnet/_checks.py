"""Checks of shapes and dtypes that only raise: ``assert x.shape[1] == 4``, ``if x.ndim != 3: raise ValueError``.

A Symbol has neither, so that a graph is without the check: what is wrong then raises later, or not at all.
"""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, delete_statement
from ._plan import Reader
from ._sizes import siblings
from ._values import Val
from ._words import names

_HARMLESS = names("len tuple list int float min max sum abs isinstance str")


def dropped_check(node: ast.Assert | ast.If, r: Reader) -> Edit | None:
    """Return the edit that takes out a check which nothing but shapes and dtypes decides."""
    if isinstance(node, ast.If):
        only_raises = not node.orelse and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)
        if not only_raises or r.source.text.startswith("elif", r.source.span(node).start) or "#" in r.text(node):
            return None
    if not _by_shapes(node.test, r) or not _harmless(node.test, r):
        return None
    r.consume(node)
    r.judged |= {id(inner) for inner in walk(node.test)}
    own = r.parent(node) is r.function
    return delete_statement(r.source, node, siblings(node, r) if own else [node])


def is_shaped(value: Val) -> bool:
    """Whether a value is a shape, a dtype or a device, or comes from a shape."""
    return value.kind in ("shape", "dtype", "context") or value.integer


def _by_shapes(test: ast.expr, r: Reader) -> bool:
    """Whether a condition is decided by shapes and dtypes, and by what the constructor decides."""
    if isinstance(test, ast.BoolOp):
        return any(_by_shapes(v, r) for v in test.values) and all(
            r.value(v).free or _by_shapes(v, r) for v in test.values
        )
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _by_shapes(test.operand, r)
    parts = [r.value(p) for p in (test.left, *test.comparators)] if isinstance(test, ast.Compare) else [r.value(test)]
    return any(is_shaped(p) for p in parts) and all(p.free or is_shaped(p) or _of_sizes(p) for p in parts)


def _of_sizes(value: Val) -> bool:
    """Whether a value is a tuple of sizes."""
    return value.kind == "seq" and bool(value.contents()) and all(p.free or is_shaped(p) for p in value.contents())


def _harmless(test: ast.expr, r: Reader) -> bool:
    """Whether asking does nothing else."""
    for node in walk(test):
        if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(node, ast.Call) and r.qualified(node.func).removeprefix("builtins.") not in _HARMLESS:
            return False
    return True
