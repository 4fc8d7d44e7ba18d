"""Which slices of a file speak of each other: what has to be judged together."""

from __future__ import annotations

from collections.abc import Iterable

from .slices import Slice


class Links:
    """An index of names over slices.

    Two slices are neighbours when one refers to what the other binds, or both bind the same name, or one reaches by a
    dot (or names in a string) what the other's classes define, or writes what the other's classes keep.  Slices that
    don't hang together by any chain of neighbours can't tell anything about each other.
    """

    def __init__(self) -> None:
        self._tables: tuple[dict[str, set[Slice]], ...] = ({}, {}, {}, {}, {}, {})

    def _rows(self, one: Slice) -> tuple[frozenset[str], ...]:
        return one.binds, one.names, one.members, one.attributes, one.own, one.writes

    def add(self, one: Slice) -> None:
        """Take in a slice."""
        for table, words in zip(self._tables, self._rows(one), strict=True):
            for word in words:
                table.setdefault(word, set()).add(one)

    def remove(self, one: Slice) -> None:
        """Take out a slice."""
        for table, words in zip(self._tables, self._rows(one), strict=True):
            for word in words:
                holders = table[word]
                holders.discard(one)
                if not holders:
                    del table[word]

    def neighbours(self, one: Slice) -> set[Slice]:
        """Return what hangs together with a slice directly; context slices link nothing."""
        binds, names, members, attributes, own, writes = self._tables
        found: set[Slice] = set()
        for words, tables in (
            (one.binds, (names, binds)),
            (one.names, (binds,)),
            (one.members, (attributes,)),
            (one.attributes, (members,)),
            (one.own, (writes,)),
            (one.writes, (own,)),
        ):
            for word in words:
                for table in tables:
                    holders = table.get(word)
                    if holders:
                        found |= holders
        found.discard(one)
        return {other for other in found if not other.context}

    def component(self, one: Slice) -> set[Slice]:
        """Return everything that hangs together with a slice, itself included."""
        seen = {one}
        work = [one]
        while work:
            for other in self.neighbours(work.pop()):
                if other not in seen:
                    seen.add(other)
                    work.append(other)
        return seen

    def components(self, ones: Iterable[Slice]) -> list[set[Slice]]:
        """Return the different components of some slices."""
        out: list[set[Slice]] = []
        seen: set[Slice] = set()
        for one in ones:
            if one not in seen and not one.context:
                found = self.component(one)
                seen |= found
                out.append(found)
        return out
