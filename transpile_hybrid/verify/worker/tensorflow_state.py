"""The variables of a TensorFlow or Keras model by attribute: the names that its checkpoints use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .adapter import State

MAX_DEPTH = 24
_INTERNAL = ("_self_", "_functional", "_tracker")


def children(adapter: Any, part: Any) -> Iterator[tuple[str, Any]]:
    """Yield variables, sub-models and other attributes of a part by name."""
    if adapter.is_layer(part):
        for group in ("_trainable_variables", "_non_trainable_variables"):
            for variable in getattr(part, group, []):
                yield str(getattr(variable, "name", "variable")).partition(":")[0], variable
        layers = getattr(part, "layers", None)
        if type(part).__module__.startswith(("keras.", "tensorflow.")) and layers:
            yield from ((str(i), layer) for i, layer in enumerate(layers))
            return
    own = adapter.own_attributes()
    for key, value in list(vars(part).items()):
        internal = key in own or key.startswith(_INTERNAL)
        if not internal or adapter.is_layer(value) or adapter.is_variable(value):
            yield key, value


def state(adapter: Any, net: Any) -> dict[str, State]:
    """Return parameters and other variables by structural name, in order; each variable once."""
    found: dict[str, State] = {}
    seen: set[int] = set()

    def visit(path: str, value: Any, depth: int) -> None:
        if id(value) in seen or depth > MAX_DEPTH:
            return
        if adapter.is_variable(value):
            seen.add(id(value))
            name = path
            while name in found:
                name += "'"
            found[name] = State("parameter" if value.trainable else "buffer", value)
        elif adapter.is_model(value) or type(value).__name__ == "SeedGenerator":
            seen.add(id(value))
            inner = children(adapter, value) if adapter.is_model(value) else [("state", value.state)]
            for key, child in inner:
                visit(f"{path}.{key}" if path else key, child, depth + 1)
        elif isinstance(value, (list, tuple)):
            for i, item in enumerate(value):
                visit(f"{path}.{i}", item, depth + 1)
        elif isinstance(value, dict):
            for key, item in value.items():
                visit(f"{path}.{key}", item, depth + 1)

    visit("", net, 0)
    return found


def layers(adapter: Any, net: Any) -> Iterator[tuple[str, Any]]:
    """Yield ``(path, layer)`` for the layers below a model, by attribute."""
    seen: set[int] = {id(net)}
    todo: list[tuple[str, Any, int]] = [("", net, 0)]
    while todo:
        path, part, depth = todo.pop()
        if path and adapter.is_layer(part):
            yield path, part
        for key, value in children(adapter, part) if adapter.is_model(part) and depth < MAX_DEPTH else ():
            items = enumerate(value) if isinstance(value, (list, tuple)) else [("", value)]
            for k, item in items:
                if adapter.is_layer(item) and id(item) not in seen:
                    seen.add(id(item))
                    todo.append((f"{path}.{key}.{k}".strip("."), item, depth + 1))
