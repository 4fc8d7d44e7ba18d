"""Which lines of what was judged stand where in the present text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .slices import Slice


@dataclass(frozen=True)
class View:
    """Lines ``first`` to ``last`` (from its start, end excluded) of a slice that begins at 0-based line ``line``."""

    slice: Slice
    line: int
    first: int
    last: int

    @property
    def whole(self) -> bool:
        """Whether these are all lines of the slice."""
        return self.first == 0 and self.last == len(self.slice.lines)


def unchanged(slices: list[Slice], lines: Sequence[str]) -> list[View]:
    """Return where lines of the slices still stand in a text that differs in one place."""
    old = [line for one in slices for line in one.lines]
    head = 0
    while head < min(len(old), len(lines)) and old[head] == lines[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(lines)) - head and old[-1 - tail] == lines[-1 - tail]:
        tail += 1
    shift = len(lines) - len(old)
    out: list[View] = []
    for one in slices:
        end = one.line + len(one.lines)
        if one.line < head:
            out.append(View(one, one.line, 0, min(head, end) - one.line))
        if end > len(old) - tail:
            first = max(len(old) - tail, one.line)
            out.append(View(one, one.line + shift, first - one.line, end - one.line))
    return out
