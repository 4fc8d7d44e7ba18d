"""What a file does with blocks from outside that a graph knows nothing of: hooks, gradients of gradients."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ...meaning.nodes import walk
from ._callsite import CONTAINERS
from ._names import is_layer


def hooked(module: Module) -> int:
    """Return the line where a file registers a hook on a block that isn't just a layer of MXNet (0: nowhere).

    Below a hybridized block a hook runs once, with Symbols, while the graph is traced.
    """
    if "register_" not in module.source.text:
        return 0
    for node in walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr.startswith("register_forward_")
            and not _on_layer(node, module)
        ):
            return node.lineno
    return 0


def differentiated(module: Module) -> int:
    """Return the line where a file asks for gradients of gradients (0: nowhere): a hybridized block has none."""
    if "create_graph" not in module.source.text:
        return 0
    calls = (node for node in walk(module.tree) if isinstance(node, ast.keyword) and node.arg == "create_graph")
    return next((k.value.lineno for k in calls if not (isinstance(k.value, ast.Constant) and not k.value.value)), 0)


def _on_layer(node: ast.Attribute, module: Module) -> bool:
    """Whether a hook is registered on a variable that only ever is a layer of MXNet, which holds no other blocks."""
    if not isinstance(node.value, ast.Name):
        return False
    found = module.scope_at(node).lookup(node.value.id)
    values = [binding.value for binding in found[1]] if found is not None else []
    names = [
        module.qualified(value.func) or ""
        for value in values
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute)
    ]
    layers = [name for name in names if is_layer(name) and name.rsplit(".", 1)[-1] not in CONTAINERS]
    return bool(values) and len(layers) == len(values)
