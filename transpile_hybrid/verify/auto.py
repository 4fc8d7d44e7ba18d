"""``--target auto``: every target that verifies, each with its settings, and the one that was proved fastest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .process import Outcome
from .session import Legs, Unit, compare_setting, duel, time_leg, wait
from .settings import FROZEN, SETTINGS, advised
from .verdict import Verdict

_SHARE = 0.4  # of a unit's time budget, for a first look at one setting
_NEAR = 1.25  # settings whose ratios are within this factor of the best are timed again before one is chosen


def choose(unit: Unit, legs: Legs, say: Callable[[str], None]) -> None:
    """Measure every target of ``legs`` that is equal, with each of its settings, and mark the verdict to follow.

    A setting is compared with the original as the target itself was.  The best of many is timed again on fresh
    instances, since the best of many measurements is likely a lucky one; if that does not prove it faster, the next
    one is tried.  Verdicts of further settings are added to ``legs``; none is marked where none is proved faster.
    """
    if legs.values is None or legs.before is None:
        return
    frozen: Outcome | None = None
    tried: list[Verdict] = []
    for verdict in list(legs.verdicts):
        if verdict.equivalent is not True or verdict.target is None:
            continue
        tried.append(verdict)
        for setting in SETTINGS[verdict.target][1:]:
            if setting in FROZEN and frozen is None:
                say(f"{unit.name}: the original, for inference only")
                worker = unit.start(unit.job(unit.before, first=False, inference=True))
                worker.go({"values": str(legs.values)})
                frozen = wait(worker)
            before = frozen if setting in FROZEN and frozen is not None else legs.before
            other = compare_setting(unit, verdict.target, setting, legs, before, say)
            legs.verdicts.insert(legs.verdicts.index(verdict) + 1, other)
            if other.equivalent is True:
                tried.append(other)
    for verdict in tried:
        verdict.speed = time_leg(unit, verdict, legs.values, say, unit.options.budget * _SHARE)
    _mark(unit, legs, [verdict for verdict in tried if _ratio(verdict)], say)


def _ratio(verdict: Verdict) -> float:
    """Return how much faster a verdict was proved to be, 0 where it wasn't or is no longer equal."""
    speed = verdict.speed
    if speed is None or speed.ratio is None or speed.word != "faster" or verdict.equivalent is not True:
        return 0.0
    return speed.ratio


def _mark(unit: Unit, legs: Legs, faster: list[Verdict], say: Callable[[str], None]) -> None:
    assert legs.values is not None
    while faster:
        best = max(_ratio(verdict) for verdict in faster)
        near = [verdict for verdict in faster if _ratio(verdict) * _NEAR >= best]
        for verdict in near:
            verdict.speed = time_leg(unit, verdict, legs.values, say)
        proved = [verdict for verdict in near if _ratio(verdict)]
        if proved:
            _best(unit, legs.values, sorted(proved, key=_ratio, reverse=True), say).chosen = True
            return
        faster = [verdict for verdict in faster if verdict not in near]


def _best(unit: Unit, values: Path, proved: list[Verdict], say: Callable[[str], None]) -> Verdict:
    """Return the one of ``proved``, the likely fastest first, that no other is proved faster than, side by side."""
    champion = proved[0]
    for rival in proved[1:]:
        speed = duel(unit, champion, rival, values, say)
        if speed.ratio is not None and speed.word == "faster":
            champion = rival
    return champion


def keep_fastest(verdicts: list[Verdict]) -> None:
    """Leave one verdict chosen for each unit of a file, where several rewritings of the file had one each."""
    chosen: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        key = (verdict.before, verdict.unit)
        if verdict.chosen and (key not in chosen or _ratio(verdict) > _ratio(chosen[key])):
            chosen[key] = verdict
    for verdict in verdicts:
        verdict.chosen = chosen.get((verdict.before, verdict.unit)) is verdict


def advice(verdicts: list[Verdict]) -> str:
    """Return what to do with one unit, given the verdicts of all its targets and settings."""
    best = next((verdict for verdict in verdicts if verdict.chosen), None)
    if best is not None and best.speed is not None:
        speed = best.speed
        return f"use {advised(best.target, best.setting)}: {speed.ratio:.2f}x [{speed.low:.2f}, {speed.high:.2f}]"
    equal = [verdict for verdict in verdicts if verdict.equivalent is True]
    if not equal:
        return "leave it eager: no target is proved equal"
    slower = sum(verdict.speed is not None and verdict.speed.word == "slower" for verdict in equal)
    return f"leave it eager: none of {len(equal)} is proved faster" + (f", {slower} proved slower" if slower else "")
