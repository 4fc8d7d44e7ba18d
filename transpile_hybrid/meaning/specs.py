"""The notation in which the tables write result kinds, read into :class:`Value` (see ``tools/introspect.py``)."""

from __future__ import annotations

from functools import lru_cache

from .values import NOTHING, OPAQUE, UNKNOWN, Depends, Value, join, of, sequence, sequence_of, tensor

_LETTERS: dict[str, tuple[str, ...]] = {
    "A": ("array",), "i": ("int",), "f": ("float",), "b": ("bool",), "s": ("str",), "c": ("complex",),
    "S": ("shape",), "d": ("dtype",), "v": ("device",), "p": ("parameter",), "M": ("dict",), "L": ("list",),
    "P": ("tuple",), "I": ("iterator",), "F": ("function",), "X": ("module",), "o": ("object",),
}  # fmt: skip
_CONTAINERS = {"L": "list", "P": "tuple", "I": "iterator"}


class SpecError(ValueError):
    """A table holds what isn't a spec."""


@lru_cache(maxsize=4096)
def parse(spec: str, framework: str) -> Value:
    """Return the value that ``spec`` stands for; ``=`` and ``u`` (which depend on the arguments) give ``UNKNOWN``."""
    value, rest = _alternatives(spec, framework)
    if rest:
        raise SpecError(f"{spec!r}: {rest!r} is left over")
    return value


def _alternatives(spec: str, framework: str) -> tuple[Value, str]:
    value, rest = _one(spec, framework)
    while rest.startswith("|"):
        other, rest = _one(rest[1:], framework)
        value = join(value, other)
    return value, rest


def _one(spec: str, framework: str) -> tuple[Value, str]:
    if not spec:
        raise SpecError("empty spec")
    letter, rest = spec[0], spec[1:]
    if letter == "(":
        items: list[Value] = []
        while True:
            item, rest = _alternatives(rest, framework)
            items.append(item)
            if rest.startswith(","):
                rest = rest[1:]
            elif rest.startswith(")"):
                return sequence("tuple", items), rest[1:]
            else:
                raise SpecError(f"unclosed pair in {spec!r}")
    if letter in _CONTAINERS and rest.startswith("["):
        element, rest = _alternatives(rest[1:], framework)
        if not rest.startswith("]"):
            raise SpecError(f"unclosed list in {spec!r}")
        return sequence_of(_CONTAINERS[letter], element), rest[1:]
    if letter in "Xo" and rest.startswith("<"):
        name, rest = rest[1:].split(">", 1)
        return of(*_LETTERS[letter], cls=name, framework=framework), rest
    if letter == "T":
        return tensor(framework), rest
    if letter == "V":
        return of("variable", depends=Depends.VALUE | Depends.SHAPE, framework=framework), rest
    if letter == "N":
        return of("none"), rest
    if letter in "?=u":
        return UNKNOWN, rest
    if letter == "!":
        return OPAQUE, rest
    if letter == "0":
        return NOTHING, rest
    kinds = _LETTERS.get(letter)
    if kinds is None:
        raise SpecError(f"unknown letter {letter!r} in {spec!r}")
    return of(*kinds, framework=framework if letter in "Xp" else ""), rest
