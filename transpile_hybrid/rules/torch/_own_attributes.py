"""What instances of PyTorch's own modules hold, as TorchScript types it."""

from __future__ import annotations

import re
from functools import lru_cache

from ...meaning.tables import class_entry
from ._bases import short_name
from ._types import BOOL, FLOAT, INT, STR, TENSOR, UNKNOWN, T, optional, split, tuple_of, vary

_WORDS = {"i": INT, "f": FLOAT, "b": BOOL, "s": STR, "T": TENSOR}
_DIMENSIONS = re.compile(r"(\d)d$")
_FAMILY = re.compile(r"(Transpose)?\dd$")
# what a class of torch/nn/modules declares as `Optional[Tensor]`: that is its type in instances with a tensor, too
_DECLARED = {"Conv": ("bias",)}


@lru_cache(maxsize=4096)
def own_attribute(cls: str, name: str) -> T:
    """Return the type of an attribute of instances of the framework's class ``cls``; ``UNKNOWN`` where it differs in a
    way that isn't told by the class.

    A pair of sizes has as many numbers as the class has dimensions (``Conv2d``: two).
    """
    entry = class_entry(cls)
    if entry is None:
        return UNKNOWN
    if name in _DECLARED.get(_FAMILY.sub("", short_name(entry[0])), ()):
        return optional(TENSOR)
    spec = (entry[1].get("attrs") or {}).get(name)
    if not spec:
        return UNKNOWN
    found = _DIMENSIONS.search(short_name(entry[0]))
    count = int(found[1]) if found else 0
    kinds = [_part(one, count) for one in split(spec, "|")]
    return vary(kinds) if all(one.known for one in kinds) else UNKNOWN


def _part(spec: str, count: int) -> T:
    if spec == "P[i]":
        return tuple_of([INT] * count) if count else UNKNOWN
    if spec.startswith("(") and spec.endswith(")"):
        kinds = [_WORDS.get(one, UNKNOWN) for one in spec[1:-1].split(",")]
        return tuple_of(kinds) if all(one.known for one in kinds) else UNKNOWN
    return _WORDS.get(spec, UNKNOWN)
