"""Arguments found by trial: one is changed at a time, and what gets further into the user's code is gone on from.

How far a trial got is told by the places of the user's file that are in the traceback.
"""

from __future__ import annotations

import heapq
import itertools
import linecache
import re
import time
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

Node = dict[str, Any]  # a value, as :mod:`.choices` makes it
Choice = tuple[Node, ...]
Level = tuple[int, ...]
Result = TypeVar("Result")

_TURN, _TURN_NAMED = 4, 16  # choices for one argument before the next one's turn; more where the failing line names it


class Slot(NamedTuple):
    """One argument: its name, the first choice, and what else to try, given the choice that failed and its error."""

    name: str
    first: Node
    others: Callable[[Choice, Exception], Iterable[Node]]


class Stuck(Exception):
    """Nothing ran; ``error`` is that of the trial that got furthest."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def climb(
    slots: list[Slot], attempt: Callable[[Choice], Result], level: Callable[[Exception], Level], until: float
) -> Result:
    """Return what ``attempt`` gives for the first choice with which it raises nothing.

    ``level`` says how far a trial got that ended with an error; ``until`` is the end on the monotonic clock.  Raises
    :class:`Stuck`.
    """
    start: Choice = tuple(slot.first for slot in slots)
    seen, numbers = {repr(start)}, itertools.count()
    try:
        return attempt(start)
    except Exception as exc:  # user code on guessed arguments fails in every way
        error = exc
    furthest = error, level(error)
    # the one that got furthest is gone on from; when it has no neighbour left that was not tried, the next one
    queue = [(_down(furthest[1]), next(numbers), furthest[1], _neighbours(slots, start, error))]
    while queue:
        _, _, parent, neighbours = queue[0]
        trial = next(neighbours, None)
        if trial is None:
            heapq.heappop(queue)
            continue
        if repr(trial) in seen:
            continue
        if time.monotonic() > until:
            break
        seen.add(repr(trial))
        try:
            return attempt(trial)
        except Exception as exc:
            error = exc
        now = level(error)
        if now > furthest[1]:
            furthest = error, now
        if now > parent:
            heapq.heappush(queue, (_down(now), next(numbers), now, _neighbours(slots, trial, error)))
    raise Stuck(furthest[0])


def _down(level: Level) -> Level:
    return tuple(-line for line in level) + (1,)  # a prefix got less far than what goes on from it


def reached(error: BaseException, home: str) -> Level:
    """Return the instructions of the module ``home`` that the traceback goes through, outermost first."""
    return tuple(tb.tb_lasti for tb in _places(error) if tb.tb_frame.f_globals.get("__name__") == home)


def _places(error: BaseException) -> Iterator[types.TracebackType]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _neighbours(slots: list[Slot], choice: Choice, error: Exception) -> Iterator[Choice]:
    """Yield choices that differ in one argument, some of each in turn, more of those that the failing lines name."""
    lines = [linecache.getline(tb.tb_frame.f_code.co_filename, tb.tb_lineno) for tb in _places(error)]
    text = " ".join([*lines, str(error)])
    waiting = [(i, iter(slot.others(choice, error))) for i, slot in enumerate(slots)]
    named = {i for i, slot in enumerate(slots) if re.search(rf"\b{re.escape(slot.name)}\b", text)}
    waiting.sort(key=lambda one: one[0] not in named)
    while waiting:
        i, others = waiting.pop(0)
        some = list(itertools.islice(others, _TURN_NAMED if i in named else _TURN))
        for node in some:
            if node != choice[i]:
                yield (*choice[:i], node, *choice[i + 1 :])
        if some:
            waiting.append((i, others))
