"""Is one thing faster than another?  Interleaved pairs, the median of their ratios and its bootstrap interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

SURE = 0.99
FASTER, SLOWER, SAME = 1.03, 1 / 1.03, 1.1
NARROW = 1.06
FEWEST = 15


class Interval(NamedTuple):
    """The median of the ratios and the ends of its interval."""

    ratio: float
    low: float
    high: float

    @property
    def narrow(self) -> bool:
        """Whether more samples would tell little more."""
        return self.high / self.low < NARROW


def median(values: Sequence[float]) -> float:
    """Return the median; ``nan`` of nothing."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _at_least(n: int, p: float, k: int) -> float:
    """Return P(X >= k) for X binomial with n trials of probability p."""
    if p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    logs = math.lgamma(n + 1)
    total = 0.0
    for i in range(k, n + 1):
        total += math.exp(
            logs - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p) + (n - i) * math.log1p(-p)
        )
    return min(1.0, total)


def interval(ratios: Sequence[float], sure: float = SURE) -> Interval | None:
    """Return the percentile-bootstrap interval of the median, ``None`` for fewer than :data:`FEWEST` ratios.

    The median of a resample of odd size n is at most the k-th smallest ratio exactly when at least (n + 1) / 2 of n
    draws fall on the k smallest, so the bootstrap's distribution is a binomial one and needs no resampling.
    """
    ordered = sorted(ratios)
    if len(ordered) % 2 == 0 and ordered:
        ordered = sorted(list(ratios)[:-1])
    n = len(ordered)
    if n < FEWEST:
        return None
    tail, half = (1 - sure) / 2, (n + 1) // 2
    below = next(k for k in range(1, n + 1) if _at_least(n, k / n, half) >= tail)
    above = next(k for k in range(1, n + 1) if _at_least(n, k / n, half) >= 1 - tail)
    return Interval(ordered[n // 2], ordered[below - 1], ordered[above - 1])


def word(found: Interval | None) -> str:
    """Return ``faster``, ``slower``, ``same`` or ``undecided``."""
    if found is None:
        return "undecided"
    if found.low > FASTER:
        return "faster"
    if found.high < SLOWER:
        return "slower"
    if found.low >= 1 / SAME and found.high <= SAME:
        return "same"
    return "undecided"


def judged(result: Interval | None, control: Interval | None) -> str:
    """Return the word for ``result``, given what the original timed against itself gave.

    Where that is not "same" the moment is noisy or the instances are unlike, by as much as the far end of its interval
    says; only what is beyond that counts.
    """
    if result is None or control is None or word(control) == "same":
        return word(result) if control is not None else "undecided"
    slack = max(control.high, 1 / control.low)
    if result.low / slack > FASTER:
        return "faster"
    return "slower" if result.high * slack < SLOWER else "undecided"


def sharper(cpu: Interval | None, wall: Interval | None) -> Interval | None:
    """Choose between processor time, which other processes disturb less, and wall time, which sees waiting.

    Processor time, unless wall time tells surely something else: code that sleeps or uses other threads.
    """
    if cpu is None or wall is None:
        return wall
    apart = wall.low > cpu.high or wall.high < cpu.low
    return wall if apart and word(wall) in ("faster", "slower") else cpu


def combined(words: list[str]) -> str:
    """Return the word that independent measurements agree on, else ``undecided``."""
    return words[0] if len(set(words)) == 1 else "undecided"
