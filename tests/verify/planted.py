"""Planted pairs: an original, a rewriting of it, and whether the two are the same, made from compact tables."""

from __future__ import annotations

from dataclasses import dataclass

Edit = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two texts, and what ``verify`` has to say of them."""

    framework: str
    name: str
    before: str
    after: str
    equal: bool
    unit: str = "Model"

    @property
    def id(self) -> str:
        return f"{self.framework}-{self.name}"


def changed(text: str, edits: tuple[Edit, ...]) -> str:
    """Return ``text`` with each old part, which has to be there, replaced by the new one."""
    for old, new in edits:
        assert old in text, f"{old!r} is not in the base text"
        text = text.replace(old, new)
    return text


def pairs(
    framework: str, base: str, faults: dict[str, tuple[Edit, ...]], same: dict[str, tuple[Edit, ...]]
) -> list[Pair]:
    """Return the pairs of a table: the base against each edit of it."""
    table = [(name, edits, False) for name, edits in faults.items()] + [
        (name, edits, True) for name, edits in same.items()
    ]
    return [Pair(framework, name, base, changed(base, edits), equal) for name, edits, equal in table]


def both(
    framework: str, base: str, table: dict[str, tuple[tuple[Edit, ...], tuple[Edit, ...], bool]], unit: str = "Model"
) -> list[Pair]:
    """Return pairs in which the original is edited too: name -> (its edits, the rewriting's edits, equal)."""
    return [Pair(framework, n, changed(base, b), changed(base, a), equal, unit) for n, (b, a, equal) in table.items()]
