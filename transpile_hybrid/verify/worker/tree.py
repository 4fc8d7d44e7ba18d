"""Values as data: any Python value, tensors included, as JSON plus raw buffers, and back.

Nesting and types are kept (``list`` is not ``tuple``, a named tuple keeps its name), because a rewriting that turns one
into the other is a difference.  What has no data form becomes ``opaque`` with its type's name.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

MAX_DEPTH = 24
# Above this many elements an array is kept as a digest and an even sample: exact where bits are compared, and enough
# to judge closeness without writing gigabytes.
MAX_ELEMENTS = 1 << 20
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_LINE = re.compile(r"""(\.py(?::|['"], line ))\d+""")


class Host(NamedTuple):
    """A tensor on the host: its ``kind`` (``tensor``, ``nd``, ``variable``...), shape, dtype name, raw bytes, facts."""

    kind: str
    shape: tuple[int, ...]
    dtype: str
    data: bytes
    meta: dict[str, Any]


HostOf = Callable[[Any], Host | None]


def without_addresses(text: str) -> str:
    """Return ``text`` with memory addresses blanked: they differ from run to run and mean nothing."""
    return _ADDRESS.sub("0x...", text)


def without_lines(text: str) -> str:
    """Return ``text`` without the numbers of the lines of Python files that it names: a rewriting moves lines."""
    return _LINE.sub(r"\1...", text)


class Encoder:
    """Turns values into JSON-ready trees; ``buffers`` collects the raw bytes that the trees point into."""

    def __init__(self, host: HostOf, exact: bool = False) -> None:
        self.host, self.exact = host, exact
        self.buffers: list[bytes] = []

    def array(self, host: Host) -> dict[str, Any]:
        """Encode one host array; a very large one as digest and sample unless ``exact``."""
        node: dict[str, Any] = {"t": "array", "kind": host.kind, "shape": list(host.shape), "dtype": host.dtype}
        if host.meta:
            node["meta"] = host.meta
        count = 1
        for size in host.shape:
            count *= size
        data = host.data
        if count > MAX_ELEMENTS and not self.exact:
            width, stride = len(data) // count, count // (MAX_ELEMENTS // 4)
            node["sha"], node["stride"] = hashlib.sha256(data).hexdigest(), stride
            data = b"".join(data[i * width : (i + 1) * width] for i in range(0, count, stride))
        node["i"] = len(self.buffers)
        self.buffers.append(data)
        return node

    def encode(self, value: Any, depth: int = 0) -> dict[str, Any]:
        """Return ``value`` as a tree of plain JSON data."""
        if value is None:
            return {"t": "none"}
        kind = type(value)
        if kind is bool:
            return {"t": "bool", "v": value}
        if kind is int:
            return {"t": "int", "v": str(value)}
        if kind is float:
            return {"t": "float", "v": value.hex()}
        if kind is complex:
            return {"t": "complex", "v": [value.real.hex(), value.imag.hex()]}
        if kind is str:
            return {"t": "str", "v": value}
        if kind is bytes:
            return {"t": "bytes", "v": base64.b64encode(value).decode()}
        host = self.host(value)
        if host is not None:
            return self.array(host)
        if depth > MAX_DEPTH:
            return {"t": "opaque", "n": kind.__name__, "r": "nested too deeply"}
        return self._container(value, kind, depth + 1)

    def _container(self, value: Any, kind: type, depth: int) -> dict[str, Any]:
        name = kind.__name__
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            fields = list(value._fields)
            return {"t": "namedtuple", "n": name, "k": fields, "v": [self.encode(v, depth) for v in value]}
        if isinstance(value, (list, tuple)):
            base = "list" if isinstance(value, list) else "tuple"
            return {"t": base, "n": name, "v": [self.encode(v, depth) for v in value]}
        if isinstance(value, dict):
            keys, values = [self.encode(k, depth) for k in value], [self.encode(v, depth) for v in value.values()]
            return {"t": "dict", "n": name, "k": keys, "v": values}
        if isinstance(value, (set, frozenset)):
            items = sorted(value, key=repr)
            return {"t": "set", "n": name, "v": [self.encode(v, depth) for v in items]}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [f.name for f in dataclasses.fields(value)]
            items = [self.encode(getattr(value, f, None), depth) for f in fields]
            return {"t": "dataclass", "n": name, "k": fields, "v": items}
        if callable(value) and hasattr(kind, "__get__"):  # a function, decorated or not
            return {"t": "opaque", "n": "function", "r": ""}
        return {"t": "opaque", "n": name, "r": without_addresses(_short_repr(value))}


def _short_repr(value: Any) -> str:
    try:
        return repr(value)[:200]
    except Exception as exc:  # a repr of the user's can do anything
        return type(exc).__name__


Device = Callable[[str, tuple[int, ...], str, bytes], Any]


def decode(node: dict[str, Any], buffers: list[bytes], device: Device) -> Any:
    """Rebuild a value from a tree made by :class:`Encoder` with ``exact``; fresh tensors on every call.

    Only what can be an argument is rebuilt; a named tuple comes back as a tuple and an opaque value as ``None``.
    """
    t = node["t"]
    if t == "array":
        return device(node["kind"], tuple(node["shape"]), node["dtype"], buffers[node["i"]])
    if t in ("bool", "str"):
        return node["v"]
    if t == "int":
        return int(node["v"])
    if t == "float":
        return float.fromhex(node["v"])
    if t == "complex":
        return complex(float.fromhex(node["v"][0]), float.fromhex(node["v"][1]))
    if t == "bytes":
        return base64.b64decode(node["v"])
    if t in ("list", "tuple", "namedtuple", "set"):
        items = [decode(child, buffers, device) for child in node["v"]]
        return {"list": list, "set": set}.get(t, tuple)(items)
    if t in ("dict", "dataclass"):
        keys = [decode(k, buffers, device) for k in node["k"]] if t == "dict" else node["k"]
        return {key: decode(child, buffers, device) for key, child in pairs(keys, node["v"])}
    return None


def objects(trees: Any) -> str:
    """Return the type of the first object in encoded trees that :func:`decode` can't make again, or nothing."""
    if isinstance(trees, dict):
        if trees.get("t") in ("opaque", "dataclass"):
            return str(trees["n"])
        return objects([trees.get("k", []), trees.get("v", [])])
    return next(filter(None, map(objects, trees)), "") if isinstance(trees, list) else ""


def pairs(first: Any, second: Any) -> Iterator[tuple[Any, Any]]:
    """Zip two sequences that must be equally long (``zip(strict=True)`` is newer than the oldest Python served)."""
    if len(first) != len(second):
        raise ValueError(f"lengths differ: {len(first)} and {len(second)}")
    for i in range(len(first)):
        yield first[i], second[i]


def leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield ``(path, leaf)`` for everything inside nested lists, tuples, dicts and dataclasses."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from leaves(item, f"{path}[{i}]", depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{key!r}]", depth + 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name, None), f"{path}.{field.name}", depth + 1)
    else:
        yield path, value


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return ``value`` with every leaf of its lists, tuples and dicts replaced by ``change(leaf)``."""
    if isinstance(value, list):
        return [map_leaves(v, change) for v in value]
    if isinstance(value, tuple):
        items = [map_leaves(v, change) for v in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, dict):
        return {k: map_leaves(v, change) for k, v in value.items()}
    return change(value)
