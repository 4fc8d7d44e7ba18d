"""Arguments made from a recording: constructor arguments rebuilt, inputs of the shapes that were seen."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from typing import Any

from .load import NotRunnable

_UNKNOWN = 3  # for a dimension that was symbolic
MakeTensor = Callable[[tuple[int, ...], str, str], Any]


def rebuilt(node: dict[str, Any], module: Any, tensor: MakeTensor) -> Any:
    """Return the value that a recorded node stands for.

    ``module`` is the user's file as loaded, ``tensor`` makes a tensor of a shape, dtype and kind.  Raises
    :class:`NotRunnable` for what was not recorded as more than a type's name.
    """
    ((kind, value),) = [(k, v) for k, v in node.items() if k not in ("dtype", "kind", "fields")]
    if kind == "v":
        return value
    if kind == "float":
        return float.fromhex(value)
    if kind == "shape":
        shape = tuple(_UNKNOWN if n is None else int(n) for n in value)
        return tensor(shape, str(node["dtype"]), str(node["kind"]))
    if kind in ("list", "tuple"):
        items = [rebuilt(child, module, tensor) for child in value]
        return items if kind == "list" else tuple(items)
    if kind in ("dict", "namespace", "dataclass"):
        fields = node["fields"] if kind == "dataclass" else value
        items_by_name = {key: rebuilt(child, module, tensor) for key, child in fields.items()}
        if kind == "dataclass":
            return _named(value, module)(**items_by_name)
        return items_by_name if kind == "dict" else types.SimpleNamespace(**items_by_name)
    if kind == "name":
        return _named(value, module)
    raise NotRunnable(f"a recorded argument is a {value}, of which only the type was kept")


def _named(name: list[str], module: Any) -> Any:
    home, qualified = name
    # what the file itself defines comes from the side that is loaded, under whatever name it was recorded
    own = getattr(getattr(module, qualified.partition(".")[0], None), "__module__", None) == module.__name__
    found: Any = module if own or home == "__main__" else importlib.import_module(home)
    for part in qualified.split("."):
        found = getattr(found, part)
    return found
