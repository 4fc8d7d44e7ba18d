"""Whether a value that a forward writes into lives longer than the call: it belongs to the block, or to the module."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ._plan import Reader

_DEPTH = 4


def outlives(node: ast.expr, r: Reader, depth: int = _DEPTH) -> bool:
    """Whether what ``node`` names is surely there before the call: an attribute, a global, or a local that is one.

    A list that the forward made is no state, and of an argument nothing is known here.
    """
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return r.value(node.value).kind not in ("tensor", "F", "namespace")
    if isinstance(node, ast.Call):
        return r.qualified(node.func) in ("builtins.type", "builtins.vars", "builtins.globals")
    if not isinstance(node, ast.Name) or depth == 0:
        return False
    found = r.module.scope_at(node).lookup(node.id)
    if found is None:
        return False
    if found[0].is_module:
        return not any(binding.kind in ("import", "def") for binding in found[1])
    return any(outlives(value, r, depth - 1) for value in _values(node, r))


def _values(name: ast.Name, r: Reader) -> list[ast.expr]:
    """Return what a local is given in the function: by assignments, or as the variable of a loop over something."""
    values: list[ast.expr] = []
    for node in walk(r.function):
        if not (isinstance(node, ast.Name) and node.id == name.id and isinstance(node.ctx, ast.Store)):
            continue
        parent = r.parent(node)
        if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr) and parent.value is not None:
            values.append(parent.value)
        elif isinstance(parent, ast.For) and parent.target is node:
            values.append(parent.iter)
        elif isinstance(parent, ast.Tuple | ast.List):
            whole = r.parent(parent)
            source = (
                whole.value if isinstance(whole, ast.Assign) else whole.iter if isinstance(whole, ast.For) else None
            )
            paired = isinstance(source, ast.Tuple | ast.List) and len(source.elts) == len(parent.elts)
            if paired and isinstance(whole, ast.Assign):
                values.append(source.elts[parent.elts.index(node)])  # type: ignore[union-attr]
            elif isinstance(source, ast.Attribute):
                values.append(source)
    return values
