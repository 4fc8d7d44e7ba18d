"""Code lenses on classes, and the verification that they start: in the background, told how far it is, stopped on
demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..api import rewrite
from ..config import Config
from ..report.found import FoundUnit
from ..source.source import Source
from ..targets import TARGETS
from ..verify.options import VerifyError, VerifyOptions, never
from ..verify.verdict import Verdict
from .documents import PythonDocument
from .hover import cells

if TYPE_CHECKING:
    from ..verify import Pair


@dataclass(frozen=True)
class Lens:
    """A lens: 0-based line, title, and the unit whose verification it starts (``""``: none)."""

    line: int
    title: str
    unit: str = ""


def lenses(document: PythonDocument, targets: Sequence[str], verdicts: dict[str, str]) -> list[Lens]:
    """Return two lenses for each class unit: what is ready, and verify (or the last verdict)."""
    out: list[Lens] = []
    for unit, line in document.units():
        if unit.kind != "class" or not unit.has_entry:
            continue
        states = cells(document, unit, targets)
        if not states:
            continue
        out.append(Lens(line, " · ".join(_state(target, one.state, one.codes) for target, one in states.items())))
        out.append(Lens(line, verdicts.get(unit.name, "verify"), unit.name))
    return out


def _state(target: str, state: str, codes: tuple[str, ...]) -> str:
    if state == "ready":
        return f"{target}: ready"
    if state == "blocked":
        return f"{target}: blocked by {', '.join(codes[:3])}{', …' if len(codes) > 3 else ''}"
    return f"{target}: {'rewrite' if state == 'fixable' else 'rewrite --unsafe'} makes it ready"


@dataclass
class Plan:
    """What a verification will run: ``pairs`` to compare, and the verdicts that need no run."""

    unit: str
    pairs: list[Pair]
    verdicts: list[Verdict]


def plan(source: Source, unit: FoundUnit, config: Config) -> Plan:
    """Rewrite a source and return what is to be compared for one of its units.  Raises :class:`VerifyError`."""
    from ..cli.verify import stuck_units
    from ..verify import Pair
    from ..verify.plan import Text

    (report,) = rewrite([source], config=config)
    if report.result is None:
        raise VerifyError(report.error)
    made = Plan(unit.name, [], [])
    for target in config.targets:
        if TARGETS[target].framework != unit.framework:
            continue
        stuck = stuck_units(report, target, (unit.name,))
        made.verdicts += stuck
        if not stuck:
            before, after = Text(source.path, source.text), Text(source.path, report.result.after.text)
            made.pairs.append(Pair(before, after, (target,)))
    return made


def run(
    made: Plan, say: Callable[[str], None], stop: Callable[[], bool] = never, options: VerifyOptions | None = None
) -> list[Verdict]:
    """Compare a unit with its own rewriting, compiled by each target.  Runs the user's code in its own process.

    ``say`` is told what is being done.  Raises :class:`Stopped` once ``stop()`` is true, and :class:`VerifyError`.
    """
    from ..verify import verify_pairs

    verdicts = list(made.verdicts)
    asked = options or VerifyOptions(unit=made.unit, budget=5.0, jobs=1)
    for found in verify_pairs(made.pairs, asked, say, stop=stop) if made.pairs else []:
        if isinstance(found, VerifyError):
            raise found
        verdicts += found
    return verdicts


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return verdicts in a line."""
    parts = []
    for one in verdicts:
        text = f"{one.target}: {one.state}"
        if one.speed is not None and one.speed.ratio is not None:
            text += f", {one.speed.ratio:.2f}x"
        if one.equivalent is not True and one.reason:
            text += f" ({one.reason.splitlines()[0]})"
        parts.append(text)
    return " · ".join(parts) or "nothing to verify"
