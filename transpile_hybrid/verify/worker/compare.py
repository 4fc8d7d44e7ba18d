"""Comparing two values that came as trees: exactly, or within what compilers may change by rounding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

# dtype -> relative tolerance, and absolute tolerance as a share of the largest finite magnitude in the array
_TOLERANCE: dict[str, tuple[float, float]] = {
    "float64": (1e-9, 1e-11), "complex128": (1e-9, 1e-11), "float32": (1.3e-5, 2e-6), "complex64": (1.3e-5, 2e-6),
    "float16": (2e-3, 1e-3), "bfloat16": (1.6e-2, 8e-3),
}  # fmt: skip
GRADIENT_FACTOR = 10.0
EDGE_FACTOR = 10.0  # equal rows, zeros and large values cancel out, and what is left of them is rounding
TRAINED_FACTOR = 64.0  # an optimiser that divides by the size of a gradient makes much of its rounding
_NUDGE_FACTOR = 4.0  # how much further than by the last bit of its inputs the original's own value may be moved


class Difference(NamedTuple):
    """Where (``path`` inside the value) and how two values differ."""

    path: str
    text: str


class Side(NamedTuple):
    """A tree and the buffers it points into."""

    tree: dict[str, Any]
    buffers: list[bytes]


class Rules(NamedTuple):
    """How to compare: ``exact`` bit by bit, else within tolerance times ``factor``; ``structure`` ignores values."""

    exact: bool = True
    factor: float = 1.0
    structure: bool = False
    facts: bool = True  # whether kinds of tensors and requires_grad count
    lists: bool = False  # whether a list may come for a tuple: what a hybridized Gluon block does
    spoiled: bool = False  # the inputs held NaN or infinities, which compilers may lose on the way
    layout: bool = False  # whether a tensor that was contiguous in memory has to stay so
    scale: float = 0.0  # the least magnitude that rounding is judged against: of the whole, where parts cancel out


class Known(NamedTuple):
    """What else is known of the original's value, to judge rounding by: the same value computed in float64
    (``reference``), and computed once more from inputs that were moved by their last bit (``nudged``)."""

    reference: Side | None = None
    nudged: Side | None = None

    def child(self, t: str, i: int) -> Known:
        """Return what is known of item ``i`` of a value of type ``t``."""
        return Known(*(_child(side, t, i) for side in self))

    def items(self) -> dict[str, Known]:
        """Return what is known of the values in a dictionary, by their keys as texts."""
        reference, nudged = (_by_key(side) for side in self)
        return {key: Known(reference.get(key), nudged.get(key)) for key in reference | nudged}

    def arrays(self, shape: list[int]) -> tuple[Any, Any]:
        """Return the arrays, ``None`` for what isn't one of ``shape``."""
        reference, nudged = (
            None if side is None or side.tree.get("t") != "array" or side.tree["shape"] != shape
            else array_of(side.tree, side.buffers) for side in self
        )  # fmt: skip
        return reference, nudged


_UNKNOWN = Known()


class Errors:
    """The largest absolute error seen."""

    def __init__(self) -> None:
        self.largest = 0.0


def array_of(node: dict[str, Any], buffers: list[bytes]) -> Any:
    """Return the numpy array of an ``array`` node; the flat sample for one kept as digest and sample."""
    dtype, data = node["dtype"], buffers[node["i"]]
    if dtype == "bfloat16":
        array = (np.frombuffer(data, dtype="uint16").astype("uint32") << 16).view("float32")
    elif dtype.startswith("float8"):
        array = np.frombuffer(data, dtype="uint8")
    else:
        array = np.frombuffer(data, dtype=dtype)
    return array if "sha" in node else array.reshape(node["shape"])


def differences(
    one: Side, two: Side, rules: Rules, path: str = "", known: Known = _UNKNOWN, errors: Errors | None = None
) -> Iterator[Difference]:
    """Yield what differs between the original's value ``one`` and the rewritten's ``two``; ``known``: see there."""
    if not rules.exact and one.tree["t"] != two.tree["t"]:
        one, two = _plain_number(one, two), _plain_number(two, one)
    a, b = one.tree, two.tree
    if rules.lists and a["t"] == "tuple" and b["t"] == "list":
        a = {**a, "t": "list", "n": b["n"]}
    if a["t"] != b["t"]:
        if not rules.exact and (_nothing(one) and _zeros(two) or _zeros(one) and _nothing(two)):
            return  # compiled code gives a zero gradient where eager code gives none, or a number that is zero
        yield Difference(path, f"{word(a, one.buffers)} became {word(b, two.buffers)}")
        return
    t = a["t"]
    if t == "array":
        yield from _arrays(one, two, rules, path, known, errors)
    elif t in ("list", "tuple", "set", "namedtuple", "dataclass"):
        if rules.facts and a.get("n") != b.get("n") or a.get("k") != b.get("k"):
            yield Difference(path, f"{_type(a)} became {_type(b)}")
            return
        if len(a["v"]) != len(b["v"]):
            yield Difference(path, f"{len(a['v'])} items became {len(b['v'])}")
            return
        for i in range(len(a["v"])):
            where = f"{path}.{a['k'][i]}" if "k" in a else f"{path}[{i}]"
            deeper = known.child(t, i)
            yield from differences(
                Side(a["v"][i], one.buffers), Side(b["v"][i], two.buffers), rules, where, deeper, errors
            )
    elif t == "dict":
        yield from _dicts(one, two, rules, path, known, errors)
    elif t == "float":
        yield from _floats(float.fromhex(a["v"]), float.fromhex(b["v"]), rules, path)
    elif t == "opaque":
        if a["n"] != b["n"]:
            yield Difference(path, f"a {a['n']} became a {b['n']}")
    elif not rules.structure and a != b:
        yield Difference(path, f"{word(a, one.buffers)} became {word(b, two.buffers)}")


def _plain_number(side: Side, other: Side) -> Side:
    """Return a NumPy number as Python's, where the other side has one: compilers know Python's only."""
    tree = side.tree
    if tree["t"] != "array" or tree["kind"] != "numpy scalar" or other.tree["t"] not in ("float", "int", "bool"):
        return side
    number = array_of(tree, side.buffers).item()
    value = number.hex() if isinstance(number, float) else number if isinstance(number, bool) else str(number)
    return Side({"t": type(number).__name__, "v": value}, side.buffers)


def _nothing(side: Side) -> bool:
    return side.tree["t"] == "none" or (side.tree["t"] in ("int", "float") and side.tree["v"] in ("0", (0.0).hex()))


def _zeros(side: Side) -> bool:
    return side.tree["t"] == "array" and not np.any(array_of(side.tree, side.buffers))


def _child(side: Side | None, t: str, i: int) -> Side | None:
    if side is None or side.tree.get("t") != t or len(side.tree["v"]) <= i:
        return None
    return Side(side.tree["v"][i], side.buffers)


def _by_key(side: Side | None) -> dict[str, Side]:
    if side is None or side.tree.get("t") != "dict":
        return {}
    return {repr(key): Side(value, side.buffers) for key, value in _items(side.tree)}


def _dicts(one: Side, two: Side, rules: Rules, path: str, known: Known, errors: Errors | None) -> Iterator[Difference]:
    a, b = one.tree, two.tree
    if rules.facts and a["n"] != b["n"]:
        yield Difference(path, f"a {a['n']} became a {b['n']}")
        return
    left = {repr(key): value for key, value in _items(a)}
    right = {repr(key): value for key, value in _items(b)}
    named = {repr(key): str(key.get("v", key)) for key, _ in _items(a) + _items(b)}
    inside = known.items()
    for key in left:
        where = f"{path}[{named[key]}]"
        if key not in right:
            yield Difference(where, "is missing")
        else:
            deeper = inside.get(key, _UNKNOWN)
            yield from differences(
                Side(left[key], one.buffers), Side(right[key], two.buffers), rules, where, deeper, errors
            )
    for key in right:
        if key not in left:
            yield Difference(f"{path}[{named[key]}]", "was added")


def _items(tree: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(tree["k"][i], tree["v"][i]) for i in range(len(tree["k"]))]


def _floats(a: float, b: float, rules: Rules, path: str) -> Iterator[Difference]:
    if rules.structure or a.hex() == b.hex() or (a != a and b != b):
        return
    if not rules.exact and abs(a - b) <= 1e-5 * rules.factor * max(1e-3, abs(a)):
        return
    yield Difference(path, f"{a:.9g} became {b:.9g}")


def word(tree: dict[str, Any], buffers: list[bytes]) -> str:
    """Return a value in a few words, for messages."""
    t = tree["t"]
    if t == "none":
        return "None"
    if t == "array":
        return f"a {tree['dtype']} {tree['kind']} of shape {tree['shape']}"
    if t in ("int", "bool", "str"):
        return repr(tree["v"])[:120] if t == "str" else str(tree["v"])
    if t == "float":
        return f"{float.fromhex(tree['v']):.9g}"
    return _type(tree)


def _type(tree: dict[str, Any]) -> str:
    name = tree.get("n", tree["t"])
    fields = f" with fields {', '.join(tree['k'])}" if tree["t"] in ("namedtuple", "dataclass") else ""
    return f"a {name}{fields}"


def _arrays(one: Side, two: Side, rules: Rules, path: str, known: Known, errors: Errors | None) -> Iterator[Difference]:
    a, b = one.tree, two.tree
    if a["dtype"] != b["dtype"]:
        yield Difference(path, f"dtype {a['dtype']} became {b['dtype']}")
        return
    if a["shape"] != b["shape"]:
        yield Difference(path, f"shape {a['shape']} became {b['shape']}")
        return
    if rules.facts and a["kind"] != b["kind"]:
        yield Difference(path, f"a {a['kind']} became a {b['kind']}")
        return
    facts, others = a.get("meta", {}), b.get("meta", {})
    for key in sorted(set(facts) | set(others)):
        if key == "contiguous":
            if rules.layout and "contiguous" in others and "contiguous" not in facts:
                yield Difference(path, "is no longer contiguous in memory: .view() of it fails")
                return
            continue
        if facts.get(key) != others.get(key) and (rules.facts or key != "requires_grad"):
            yield Difference(path, f"{key} {facts.get(key)} became {others.get(key)}")
            return
    if rules.structure:
        return
    if one.buffers[a["i"]] == two.buffers[b["i"]]:
        if a.get("sha") != b.get("sha") and rules.exact:
            yield Difference(path, "differs in elements outside the sample that was kept")
        return
    left, right = array_of(a, one.buffers), array_of(b, two.buffers)
    with np.errstate(all="ignore"):
        equal = _same_bits(left, right)
        if equal.all():
            return
        error = np.where(equal, 0, np.abs(left.astype(_wide(left)) - right.astype(_wide(right))))
        finite = error[np.isfinite(error)]
        if errors is not None and finite.size:
            errors.largest = max(errors.largest, float(finite.max()))
        if not rules.exact and left.dtype.kind in "fc":
            equal = _close(left, right, a["dtype"], rules, *known.arrays(a["shape"]))
            if rules.spoiled:
                equal = equal | ~np.isfinite(left)
            if equal.all():
                return
        yield Difference(path, _first(left, right, ~equal, error))


def _wide(array: Any) -> str:
    return "complex128" if array.dtype.kind == "c" else "float64"


def _same_bits(left: Any, right: Any) -> Any:
    if left.dtype.kind == "f":
        bits = f"uint{8 * left.dtype.itemsize}"
        return (left.view(bits) == right.view(bits)) | (np.isnan(left) & np.isnan(right))
    return (left == right) | ((left != left) & (right != right))


def largest(side: Side) -> float:
    """Return the largest finite magnitude in all arrays of a value."""
    tree = side.tree
    if tree["t"] == "array":
        array = array_of(tree, side.buffers)
        if array.dtype.kind not in "fc":
            return 0.0
        sizes = np.abs(array[np.isfinite(array)].astype(_wide(array)))
        return float(sizes.max()) if sizes.size else 0.0
    return (
        max([0.0] + [largest(Side(child, side.buffers)) for child in tree["v"]])
        if isinstance(tree.get("v"), list)
        else 0.0
    )


def distance(one: Side, two: Side) -> float:
    """Return the largest finite difference between the elements of two float arrays; 0 for what else they are."""
    a, b = one.tree, two.tree
    if a["t"] != "array" or b["t"] != "array" or a["dtype"] != b["dtype"] or a["shape"] != b["shape"]:
        return 0.0
    left, right = array_of(a, one.buffers), array_of(b, two.buffers)
    if left.dtype.kind not in "fc":
        return 0.0
    apart = np.abs(left.astype(_wide(left)) - right.astype(_wide(right)))
    return float(apart[np.isfinite(apart)].max(initial=0.0))


def _close(left: Any, right: Any, dtype: str, rules: Rules, reference: Any, nudged: Any) -> Any:
    """Return, by element, whether two float arrays agree: within tolerance and what the original's own value moved by
    when its inputs were nudged, or all if the float64 reference says so."""
    rtol, share = _TOLERANCE.get(dtype, (1.3e-5, 2e-6))
    wide_left, wide_right = left.astype(_wide(left)), right.astype(_wide(right))
    sizes = np.abs(wide_left[np.isfinite(wide_left)])
    scale, factor = max(float(sizes.max()) if sizes.size else 1.0, rules.scale), rules.factor
    finite = np.isfinite(wide_left) & np.isfinite(wide_right)
    same_special = (wide_left == wide_right) | (np.isnan(wide_left) & np.isnan(wide_right))
    allowed = factor * (rtol * np.abs(wide_left) + share * scale + 1e-12)
    if nudged is not None:
        moved = np.abs(nudged.astype(wide_left.dtype) - wide_left)[finite]
        allowed += _NUDGE_FACTOR * float(np.nan_to_num(moved, posinf=0.0).max(initial=0.0))
    close = np.where(finite, np.abs(wide_left - wide_right) <= allowed, same_special)
    if close.all() or reference is None or not finite.all() or not np.isfinite(reference).all():
        return close
    mine, theirs = np.abs(wide_left - reference), np.abs(wide_right - reference)
    floor = factor * rtol * 0.1 * scale
    rms = float(np.sqrt((theirs**2).mean())) <= 2 * float(np.sqrt((mine**2).mean())) + floor
    return np.ones_like(close) if rms and float(theirs.max()) <= 2 * float(mine.max()) + floor else close


def _first(left: Any, right: Any, wrong: Any, error: Any) -> str:
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f"({', '.join(map(str, index))})" if index else "the scalar"
    counted = f"{int(wrong.sum())} of {wrong.size} elements"
    finite = error[np.isfinite(error)]
    largest = f", largest error {float(finite.max()):.3g}" if finite.size and left.dtype.kind in "fc" else ""
    return f"differs at {where}: {_value(left[index])} became {_value(right[index])} ({counted}{largest})"


def _value(value: Any) -> str:
    return f"{value:.9g}" if np.asarray(value).dtype.kind == "f" else str(value)


_TOKEN = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)|[A-Za-z_]+")
_WRAPPING = re.compile(r"<?tf\.Tensor\(?:?|,? ?shape=\([\d, ]*\)|,? ?dtype=\w+|numpy=")


def same_text(one: str, two: str) -> bool:
    """Whether two printed texts hold the same words and numbers, though laid out differently."""
    left, right = _TOKEN.findall(_WRAPPING.sub(" ", one)), _TOKEN.findall(_WRAPPING.sub(" ", two))
    if len(left) != len(right) or one.count("\n") and not two.count("\n"):
        return False
    for i in range(len(left)):
        try:
            a, b = float(left[i]), float(right[i])
        except ValueError:
            if left[i] != right[i]:
                return False
            continue
        if not (a == b or abs(a - b) <= 1e-4 * max(abs(a), abs(b)) or (a != a and b != b)):
            return False
    return True
