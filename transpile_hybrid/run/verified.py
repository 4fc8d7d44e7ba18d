"""``rewrite --verify``: of what was rewritten, keep what was run and found equal; the rest goes back, unit by unit."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from ..source.definitions import reaching, restored, touched
from ..source.source import Source, SourceError
from ..targets import TARGETS
from ..verify import Pair, Verdict, VerifyError, VerifyOptions, verify_pairs
from ..verify.plan import Text, candidates

_ROUNDS = 6


@dataclass(frozen=True)
class RolledBack:
    """A unit whose edits were taken back (empty name: all of the file), and why."""

    path: str
    unit: str
    reason: str


@dataclass
class Verified:
    """What is left: changed sources as (before, after), the verdicts on them, and what was rolled back."""

    changed: list[tuple[Source, Source]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    rolled_back: list[RolledBack] = field(default_factory=list)


@dataclass
class _File:
    before: Source
    after: Source
    targets: tuple[str, ...]
    stuck: frozenset[tuple[str, str]]  # (unit, target): not to be compiled, for something is still in the way
    pending: bool = True
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.before.text != self.after.text


def keep_verified(
    changed: Sequence[tuple[Source, Source]],
    targets: Callable[[str], tuple[str, ...]],
    stuck: Callable[[str], frozenset[tuple[str, str]]],
    options: VerifyOptions,
    *,
    faster_only: bool = False,
    say: Callable[[str], None] = lambda text: None,
    count: Callable[[int, int], None] = lambda made, total: None,
) -> Verified:
    """Run every changed unit beside its original, compiled by the targets of its file, and keep what is equal.

    Edits outside of a unit stay if a unit that is kept uses them.  After each rolling back, what is left is run again:
    only texts that were run as they will be written are kept.  ``faster_only`` keeps only units that at least one
    target was proved to make faster.  This runs the code of the files.
    """
    done = Verified()
    files = [_File(old, new, targets(old.path), stuck(old.path)) for old, new in changed]
    for number in range(_ROUNDS + 1):
        work = [one for one in files if one.pending and one.changed]
        if not work:
            break
        if number == _ROUNDS:
            for one in work:
                _roll_back(one, {}, "what is left of its edits could not be verified together", done)
            break
        _verify(work, files, options, say, count)
        moved = {one.before.path for one in work if _judge(one, faster_only, done)}
        for one in files:
            one.pending = one.before.path in moved or any(_mentions(one, path) for path in moved)
    done.changed = [(one.before, one.after) for one in files if one.changed]
    done.verdicts = [verdict for one in files if one.changed for verdict in one.verdicts]
    return done


def _mentions(one: _File, path: str) -> bool:
    """Whether a file may import the one at ``path``."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return path != one.before.path and (
        stem in one.before.text or (stem == "__init__" and os.path.basename(os.path.dirname(path)) in one.before.text)
    )


def _verify(
    work: list[_File], files: list[_File], options: VerifyOptions,
    say: Callable[[str], None], count: Callable[[int, int], None],
) -> None:  # fmt: skip
    """Run the units of ``work`` that were touched; every changed file stands for its original meanwhile."""
    neighbours = {os.path.abspath(one.before.path): one.after.text for one in files if one.changed}
    pairs: list[Pair] = []
    owners: list[_File] = []
    for one in work:
        one.verdicts = []
        mine = _units(one)
        for target in (*one.targets, None):
            blocked = {unit for unit, name in one.stuck if name == target}
            # what no target can compile is run as it stands
            open_ = {unit for unit in mine if all((unit, name) in one.stuck for name in one.targets)}
            wanted = mine - blocked if target is not None else open_
            if wanted:
                before, after = (
                    Text(one.before.path, one.before.text),
                    Text(one.before.path, one.after.text, neighbours),
                )
                exclude = frozenset(candidates(one.before.tree)) - wanted
                pairs.append(Pair(before, after, None if target is None else (target,), exclude))
                owners.append(one)
    for one, found in zip(owners, verify_pairs(pairs, options, say, count), strict=True):
        if isinstance(found, VerifyError):
            one.verdicts.append(Verdict("", None, one.before.path, one.before.path, None, str(found)))
        else:
            one.verdicts += found


def _units(one: _File) -> set[str]:
    """Return the units whose text was touched, or that use something that was."""
    names, _ = touched(one.before, one.after)
    reach = reaching(one.after.tree)
    return {unit for unit in candidates(one.before.tree) if unit in names or reach.get(unit, set()) & names}


def _judge(one: _File, faster_only: bool, done: Verified) -> bool:
    """Roll back what was not found equal; return whether something was."""
    names, whole = touched(one.before, one.after)
    reach = reaching(one.after.tree)
    failed = {v.unit: _why(v) for v in reversed(one.verdicts) if _why(v)}
    good = {v.unit for v in one.verdicts if v.unit and not _why(v)} - set(failed)
    if faster_only:
        quick = {v.unit for v in one.verdicts if v.speed is not None and v.speed.word == "faster"}
        failed.update({unit: "equal, but not proved faster" for unit in good - quick})
        good &= quick
    back = _blamed(names, reach, failed, good)
    if "" in failed or not good or (whole and back):
        reasons = [failed.get("", ""), *back.values(), *failed.values(), "not verified: no unit of it could be run"]
        apart = not whole and bool(back) and names == set(back)
        return _roll_back(one, back if apart else {}, next(filter(None, reasons)), done)
    return bool(back) and _roll_back(one, back, "", done)


def _blamed(names: set[str], reach: dict[str, set[str]], failed: dict[str, str], good: set[str]) -> dict[str, str]:
    """Return which of the touched ``names`` go back now, and why; the innermost that differ first."""
    wrong = {unit for unit, reason in failed.items() if reason.startswith(("different", "equal, but"))}
    back: dict[str, str] = {}
    for unit in wrong:
        uses = reach.get(unit, set())
        if uses & wrong:
            continue  # it may be another's fault: judged again without that
        if unit in names:
            back[unit] = failed[unit]
        else:
            back.update({name: f"{unit} is {failed[unit]}" for name in uses & names})
    for name in names & set(failed) - wrong:
        if not any(name in reach[unit] for unit in good | wrong):
            back[name] = failed[name]
    if not wrong:
        for name in names - good - set(back):
            if not any(name in reach[unit] for unit in good):
                back[name] = "not verified: no unit that could be run uses it"
    if wrong and not back:  # they use one another
        return {name: failed.get(name) or next(iter(failed.values())) for name in sorted(names)}
    return dict(sorted(back.items()))


def _why(verdict: Verdict) -> str:
    """Return why a unit's edits can't stay; empty where they can.

    A unit that a target can't compile stays if it was run as it stands, and found equal.
    """
    if verdict.equivalent is True:
        return ""
    stands = "as it stands" in verdict.checks
    if stands and (verdict.equivalent is None or verdict.cannot_compile):
        return ""
    if verdict.equivalent is None:
        return verdict.reason if verdict.reason.startswith("not verified") else f"not verified: {verdict.reason}"
    return f"different: {verdict.reason}"


def _roll_back(one: _File, units: dict[str, str], reason: str, done: Verified) -> bool:
    """Take back the edits of ``units`` (name -> why), or all of the file's; return ``True``."""
    text = restored(one.before, one.after, set(units)) if units else None
    if text is None or text == one.before.text:
        one.after = one.before
        reasons = units or {"": reason}
    else:
        one.after = one.before.with_text(text)
        reasons = units
    done.rolled_back += [RolledBack(one.before.path, unit, why) for unit, why in reasons.items()]
    if units and one.after is one.before and text is None:
        left = "its edits could not be taken back apart from the others"
        done.rolled_back.append(RolledBack(one.before.path, "", left))
    return True


def runnable(source: Source) -> bool:
    """Whether a source is a Python file that can be run (no notebook, no document)."""
    try:
        return isinstance(source.tree, ast.Module) and source.path.endswith(".py")
    except SourceError:
        return False


def targets_of(names: Sequence[str], frameworks: Collection[str]) -> tuple[str, ...]:
    """Return those of the targets that are of one of the frameworks."""
    return tuple(name for name in names if TARGETS[name].framework in frameworks)
