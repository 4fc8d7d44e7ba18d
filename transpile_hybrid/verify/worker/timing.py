"""Timing: both sides in one process, in random order, and the original against itself beside them.

The side that is measured against is the original as it stands, or what the job's ``before_target`` makes of it.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from . import compare, stats
from .adapter import Adapter
from .failing import stage
from .side import Side
from .tree import Encoder

SAMPLE = 5e-4  # seconds of one sample: shorter than a scheduler's slice
# Untimed calls before each sample.  A framework's own threads (TensorFlow's executor) fall asleep while the other side
# runs; waking them and filling the caches again is paid once by a program that calls in a loop, not at every call.
LEAD = 2
LONG = 5e-3  # seconds of a call that needs no lead
ROUNDS = (101, 201, 401)
SIDES = ("before", "after", "again")
ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
CONFIRM = 1.2  # a ratio nearer to 1 than this is measured again on fresh instances


class Runner(NamedTuple):
    """Something to time: ``call`` it ``times`` times for one sample, after ``lead`` calls that aren't timed."""

    call: Callable[[], Any]
    times: int
    lead: int


class Leg(NamedTuple):
    """What one measurement gave: rewritten against original, original against original, and seconds per call."""

    result: stats.Interval | None
    control: stats.Interval | None
    before: float
    after: float
    pairs: int


def sample(runner: Runner, sync: Callable[[], None]) -> tuple[float, float]:
    """Return seconds per call, by the wall and by this thread's processor time."""
    call = runner.call
    for _ in range(runner.lead):
        call()
    sync()
    cpu, wall = time.thread_time(), time.perf_counter()
    for _ in range(runner.times):
        call()
    sync()
    wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
    return max(wall, 1e-9) / runner.times, max(cpu, 1e-9) / runner.times


def warm(call: Callable[[], Any], sync: Callable[[], None], seconds: float) -> Runner:
    """Call until the time per call no longer falls (or ``seconds`` are over); return the runner for samples."""
    ended, last = time.perf_counter() + seconds, float("inf")
    while True:
        begun, count = time.perf_counter(), 0
        while count < 3 or (count < 1000 and time.perf_counter() - begun < 0.02):
            call()
            count += 1
        sync()
        each = (time.perf_counter() - begun) / count
        if time.perf_counter() > ended or each > 0.95 * last:
            each = max(min(each, last), 1e-9)
            return Runner(call, max(1, int(round(SAMPLE / each))), LEAD if each < LONG else 0)
        last = each


def race(runners: list[Runner], sync: Callable[[], None], seconds: float, cpu_clock: bool, seed: int) -> Leg:
    """Time [original, rewritten, original again] in random order, round by round, until the answer is narrow."""
    shuffle = random.Random(seed).shuffle
    rounds: list[list[tuple[float, float]]] = []
    begun = time.perf_counter()
    result: stats.Interval | None = None
    control: stats.Interval | None = None
    for goal in ROUNDS:
        while len(rounds) < goal and time.perf_counter() - begun < seconds:
            order = [0, 1, 2]
            shuffle(order)
            times = [(0.0, 0.0)] * 3
            for index in order:
                times[index] = sample(runners[index], sync)
            rounds.append(times)
        result, control = _interval(rounds, 1, cpu_clock), _interval(rounds, 2, cpu_clock)
        if result is not None and control is not None and result.narrow and control.narrow:
            break
    middle = [stats.median([times[i][0] for times in rounds]) for i in range(2)]
    return Leg(result, control, middle[0], middle[1], len(rounds))


def _interval(rounds: list[list[tuple[float, float]]], other: int, cpu_clock: bool) -> stats.Interval | None:
    wall, cpu = (stats.interval([times[0][c] / times[other][c] for times in rounds]) for c in (0, 1))
    return stats.sharper(cpu, wall) if cpu_clock else wall


class Bench:
    """Builds fresh instances of both sides and times them."""

    def __init__(self, adapter: Adapter, job: dict[str, Any], values: Any, buffers: list[bytes]) -> None:
        self.adapter, self.job, self.values, self.buffers = adapter, job, values, buffers
        self.compile_s: float | None = None
        self.count = self.legs = 0
        self.late = ""

    def _runner(self, which: str) -> Callable[[], Any]:
        self.count += 1
        name = f"{which}_{self.count}"
        job = dict(self.job, module=name, shown=name)
        target, setting = job.get("before_target"), str(job.get("before_setting") or "")
        if which == "after":
            job.update(text=job["after"], path=job["after_path"], neighbours=job.get("after_neighbours"))
            target, setting = job.get("target"), str(job.get("setting") or "")
        side = Side(self.adapter, job, lambda *_: None)
        net = side.build(self.values, self.buffers)
        begun = time.perf_counter()
        if target and not self.adapter.is_compiled(net):
            net = stage("compile", lambda: self.adapter.compile(net, target, side.examples(), side.model, setting))
        args, kwargs = side.arguments(0)
        make = self.adapter.trainer if self.job.get("train") else self.adapter.caller
        call = make(net, args, kwargs, side.model)
        stage("first call", call)
        self.adapter.sync()
        first = time.perf_counter() - begun
        begun = time.perf_counter()
        stage("second call", call)
        self.adapter.sync()
        if which == "after" and self.compile_s is None and (target or self.adapter.uses_compiled(net, side.module)):
            self.compile_s = max(0.0, first - (time.perf_counter() - begun))
        return call

    def leg(self, seconds: float) -> Leg:
        """Measure once, on fresh instances."""
        # Which is built first has the better place in memory: every leg builds them in another order.
        built = {i: self._runner(SIDES[i]) for i in ORDERS[self.legs % len(ORDERS)]}
        self.legs += 1
        calls = [built[i] for i in range(len(SIDES))]
        sync = self.adapter.sync
        runners = [warm(call, sync, min(1.0, seconds / 6)) for call in calls]
        gc.collect()
        gc.disable()
        try:
            leg = race(runners, sync, seconds, self.adapter.cpu_clock, self.count)
        finally:
            gc.enable()
        if not self.job.get("train"):
            self.late = self.late or self._still_equal(calls, leg.pairs * runners[1].times)
        return leg

    def _still_equal(self, calls: list[Callable[[], Any]], count: int) -> str:
        """Compare what both sides give after all those calls; return the difference, empty where there is none."""
        found = []
        for call in (calls[0], *calls):
            self.adapter.seed(0)
            before = self.adapter.framework_random_state()
            self.adapter.seed(0)
            encoder = Encoder(self.adapter.host)
            found.append(compare.Side(encoder.encode(call()), encoder.buffers))
            if self.adapter.framework_random_state() != before:
                return ""  # what random numbers give is compared where the draws are
        former, first, second, again = found
        rules = compare.Rules(exact=False, factor=4.0, facts=False, lists=True)
        # The original itself goes on changing (a step of training), and the sides were not called equally often.  That
        # its two instances are near each other by chance tells nothing: one call must give the very bits of the last.
        if (former.tree, former.buffers) != (first.tree, first.buffers) or any(
            compare.differences(first, again, rules)
        ):
            return ""
        for difference in compare.differences(first, second, rules, "output"):
            return f"after about {count} calls: {difference.path} {difference.text}"
        return ""


def measure(adapter: Adapter, job: dict[str, Any], values: Any, buffers: list[bytes]) -> dict[str, Any]:
    """Return the fields of a ``Speed``.  Raises :class:`~.failing.Failed` where a side can't be timed."""
    bench, budget = Bench(adapter, job, values, buffers), float(job["budget"])
    leg = bench.leg(budget)  # ends early once the interval is narrow
    why = ""
    found = stats.judged(leg.result, leg.control)
    if found == "undecided" and stats.word(leg.control) != "same":
        leg = bench.leg(budget / 2)  # a busy moment: once more, on fresh samples
        found = stats.judged(leg.result, leg.control)
    elif found in ("faster", "slower") and leg.result and 1 / CONFIRM < leg.result.ratio < CONFIRM:
        # a small gain may be one instance's luck with memory: another instance must show it too
        second = bench.leg(budget / 2)
        if stats.judged(second.result, second.control) != found:
            why = "two measurements disagree"
        leg = second
    aa = stats.word(leg.control)
    if leg.result is None:
        why = why or f"only {leg.pairs} pairs within the budget"
    elif found == "undecided" and aa != "same":
        why = why or f"the original timed against itself is {aa}: the machine is too busy"
    word = "undecided" if why else found
    gain = leg.before - leg.after
    even = bench.compile_s / gain if word == "faster" and bench.compile_s is not None and gain > 0 else None
    result = leg.result
    return {
        "word": word, "ratio": result.ratio if result else None, "low": result.low if result else None,
        "high": result.high if result else None, "before_us": leg.before * 1e6, "after_us": leg.after * 1e6,
        "compile_s": bench.compile_s, "break_even_calls": even, "pairs": leg.pairs, "aa": aa, "why": why,
        "late": bench.late,
    }  # fmt: skip
