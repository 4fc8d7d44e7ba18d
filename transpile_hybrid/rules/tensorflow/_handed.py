"""Where functions are used as values: kept, returned, or given to what calls them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...meaning.module import Module
from . import _tables as tables
from ._kinds import Kinds


@dataclass
class Handed:
    """Uses of functions other than calls, by the key of the function (``fn:...``).

    ``values`` are the places where one is kept, returned or handed on; ``traced`` the functions that are given to a
    ``tf.data`` pipeline or to Keras' training, which trace them.  What a function of TensorFlow calls while it runs
    itself (``tf.map_fn(f, x)``) is in neither.
    """

    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    traced: set[str] = field(default_factory=set)


def find_handed(module: Module, kinds: Kinds, nodes: Iterable[ast.AST]) -> Handed:
    """Return the uses of the functions of ``module`` among ``nodes``, which are all of its nodes."""
    found = Handed()
    nodes = list(nodes)
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load) or id(node) in called:
            continue
        key = kinds.value(node).cls
        if not key or not key.startswith("fn:"):
            continue
        if _is_traced(module, kinds, node):
            found.traced.add(key)
        elif not _is_callback(module, node):
            found.values.setdefault(key, []).append(node)
    return found


def _is_traced(module: Module, kinds: Kinds, node: ast.expr) -> bool:
    call = _receiver(module, node, (ast.keyword, ast.List, ast.Tuple))
    if call is None or not isinstance(call.func, ast.Attribute):
        return False
    owner = kinds.value(call.func.value)
    if "module" in owner.kinds and call.func.attr in tables.TRAINING_METHODS:
        return True
    dataset = not owner.known or (owner.cls or "").startswith("tensorflow.data") or owner.cls == "keras.dataset"
    return dataset and call.func.attr in tables.PIPELINE_METHODS


def _is_callback(module: Module, node: ast.expr) -> bool:
    """Whether ``node`` is given to a function of TensorFlow, which calls it while it runs itself."""
    call = _receiver(module, node, (ast.keyword,))
    return call is not None and (module.qualified(call.func) or "").startswith(("tensorflow.", "keras."))


def _receiver(module: Module, node: ast.expr, around: tuple[type[ast.AST], ...]) -> ast.Call | None:
    """Return the call that ``node`` is an argument of, looked for through nodes of the types ``around``."""
    parent = module.parents.get(id(node))
    while isinstance(parent, around):
        parent = module.parents.get(id(parent))
    return parent if isinstance(parent, ast.Call) else None
