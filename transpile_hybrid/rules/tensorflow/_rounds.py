"""Rounds over the steps of a program until nothing moves, in which a step is taken again only where that can matter.

Every step notes the cells that it reads.  A step none of whose cells has changed since would read the same and join
what is joined already: in its place, what it found out before is put in.  So the rounds are what they would be if each
of them took every step.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from ...meaning.values import NOTHING, Value, join, shallow

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(slots=True, eq=False)
class Step:
    """Something that is done in every round: a statement, what a function is given."""

    take: Callable[[], None]
    due: bool = True
    values: dict[int, Value] = field(default_factory=dict)
    """What it last found out of expressions, by the ids of their nodes."""
    read: set[Hashable] = field(default_factory=set)


class Rounds:
    """The values of expressions, which step reads which cell, and whether the round has moved anything."""

    def __init__(self) -> None:
        self.moved = False
        self.values: dict[int, Value] = {}
        """By the ids of nodes, what this round has found out so far."""
        self.own = self.values
        """What the step that is being taken has found out so far."""
        self._step: Step | None = None
        self._readers: dict[Hashable, list[Step]] = {}
        self._nodes: set[int] = set()

    def take(self, steps: Iterable[Step]) -> None:
        """Take every step that is due."""
        self.moved = False
        self.values = {}
        for step in steps:
            if step.due:
                before, step.values, step.due = step.values, {}, False
                self._step, self.own = step, step.values
                step.take()
                if self._nodes:
                    self._compare(before, step.values)
            self.values.update(step.values)
        self._step, self.own = None, self.values

    def _compare(self, before: dict[int, Value], behind: dict[int, Value]) -> None:
        for node in self._nodes & (before.keys() | behind.keys()):
            if before.get(node) != behind.get(node):
                self._call(("value", node))

    def close(self) -> None:
        """Forget who reads what, when the last round is over."""
        self._readers.clear()

    def value(self, node: ast.expr) -> Value | None:
        """Return what has been found out of ``node`` in this round, most often by the step that asks."""
        found = self.own.get(id(node))
        if found is None and self._step is not None:
            self._nodes.add(id(node))
            self.reads(("value", id(node)))
            found = self.values.get(id(node))
        return found

    def reads(self, cell: Hashable) -> None:
        """Note that the step that is being taken rests on ``cell``."""
        step = self._step
        if step is not None and cell not in step.read:
            step.read.add(cell)
            self._readers.setdefault(cell, []).append(step)

    def changed(self, cell: Hashable) -> None:
        """Note that there is something new in ``cell``."""
        self.moved = True
        self._call(cell)

    def _call(self, cell: Hashable) -> None:
        for step in self._readers.get(cell, ()):
            step.due = True

    def join(self, table: dict[_Key, Value], key: _Key, value: Value, cell: Hashable) -> None:
        """Join ``value`` into ``table[key]``, which is ``cell``."""
        old = table.get(key, NOTHING)
        if old is value:
            return
        new = shallow(join(old, value))
        if new == old:
            return
        table[key] = new
        self.changed(cell)
        if self._step is not None and shallow(join(new, value)) != new:
            self._step.due = True  # where nesting was cut off: the same once more would move something again
