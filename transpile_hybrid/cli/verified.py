"""``rewrite --verify``: what of a rewriting is kept, and what is told of the rest."""

from __future__ import annotations

from typing import Any

from ..diagnostics import stands_in_the_way
from ..run.check import Found
from ..run.rewrite import Rewritten
from ..run.verified import RolledBack, Verified, keep_verified, runnable, targets_of
from ..verify import VerifyError, VerifyOptions
from .common import ToolError, note, style
from .progress import Progress


def verify_rewritten(done: Rewritten, found: Found, opts: dict[str, Any]) -> Verified:
    """Verify what was rewritten, unit by unit.  Raises :class:`ToolError`."""
    stuck: dict[str, set[tuple[str, str]]] = {}
    frameworks: dict[str, set[str]] = {}
    for path, result in zip(found.files, done.results, strict=True):
        frameworks[path] = {unit.framework for unit in result.units}
        for one in result.found:
            if one.unit and stands_in_the_way(one.code, one.consequence):
                stuck.setdefault(path, set()).update((one.unit.partition(".")[0], target) for target in one.targets)

    def targets(path: str) -> tuple[str, ...]:
        return targets_of(found.configs[path].targets, frameworks[path])

    work = [(before, after) for before, after in done.changed if runnable(before)]
    options = VerifyOptions(python=opts["python"], speed=opts["faster_only"])
    with Progress("verifying") as progress:
        try:
            verified = keep_verified(
                work,
                targets,
                lambda path: frozenset(stuck.get(path, ())),
                options,
                faster_only=opts["faster_only"],
                say=progress.say,
                count=progress.count,
            )
        except VerifyError as exc:
            raise ToolError(str(exc)) from exc
    for before, _ in done.changed:
        if not runnable(before):
            verified.rolled_back.append(RolledBack(before.path, "", "not verified: only .py files can be run"))
    return verified


def tell(verified: Verified) -> None:
    """Print what was rolled back and why, and a line that counts."""
    for one in verified.rolled_back:
        place = f"{one.path}:{one.unit}" if one.unit else one.path
        note(f"{place}: {style('rolled back', fg='yellow')}: {one.reason}")
    kept = {(v.after, v.unit) for v in verified.verdicts if v.unit}
    note(f"{len(kept)} units run and found equal, {len(verified.rolled_back)} rolled back.")
