"""Indices: constants in them, and the shape of what they give."""

from __future__ import annotations

import ast

from ._values import Dim, Shape


def int_constant(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int) else None
    return None


def index_shape(shape: Shape | None, index: ast.expr, name: str, numbers: frozenset[int] = frozenset()) -> Shape:
    """Return the shape of ``x[index]``; ``numbers`` are the ids of the parts that certainly are integers."""
    if shape is None or shape.dims is None:
        return Shape(name)
    parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
    consumed = sum(1 for p in parts if not is_new(p) and not is_ellipsis(p))
    dims: list[Dim] = []
    at = 0
    for position, part in enumerate(parts):
        if is_ellipsis(part):
            rest = len(shape.dims) - consumed
            dims += shape.dims[at : at + rest]
            at += rest
        elif is_new(part):
            dims.append((1,))
        elif isinstance(part, ast.Slice):
            whole = part.lower is None and part.upper is None
            dims.append(
                shape.at(at)
                if whole and (part.step is None or int_constant(part.step) == -1)
                else (("d", name, position),)
            )
            at += 1
        elif int_constant(part) is not None or id(part) in numbers:
            at += 1
        else:
            return Shape(name)
    if at > len(shape.dims):
        return Shape(name)
    return Shape(name, (*dims, *shape.dims[at:]))


def is_new(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and node.value is None
        or isinstance(node, ast.Attribute)
        and node.attr == "newaxis"
    )


def is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
