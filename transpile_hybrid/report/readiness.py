"""Readiness: the table units x targets, and what blocks each."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..api import FileReport
from ..diagnostics import Consequence, Diagnostic
from ..targets import TARGETS


@dataclass
class Cell:
    """What stands between a unit and a target.

    ``state`` is ``ready``, ``fixable`` (``rewrite`` does it), ``unsafe`` (``rewrite --unsafe`` does it) or ``blocked``;
    ``codes`` are the rule codes in the way.
    """

    state: str
    codes: tuple[str, ...] = ()


@dataclass
class Row:
    """A unit and its cell per target."""

    path: str
    unit: str
    framework: str
    cells: dict[str, Cell] = field(default_factory=dict)


def readiness(reports: list[FileReport], targets: tuple[str, ...]) -> list[Row]:
    """Return a row for every class unit with a forward, and for every function in which something was found."""
    rows: list[Row] = []
    for report in reports:
        for unit in report.units:
            own = [d for d in report.diagnostics if d.unit == unit.name]
            if unit.entry is None or (unit.kind == "function" and not own):
                continue
            row = Row(report.source.path, unit.name, unit.framework)
            for target in targets:
                if TARGETS[target].framework == unit.framework:
                    row.cells[target] = cell([d for d in own if target in d.targets])
            if row.cells:
                rows.append(row)
    return rows


def cell(diagnostics: list[Diagnostic]) -> Cell:
    """Sum up what was found in one unit for one target."""
    blocking = [d for d in diagnostics if d.consequence is not Consequence.SPEED]
    if not blocking:
        return Cell("ready")
    codes = tuple(sorted({d.code for d in blocking}))
    safeties = {d.fix.safety if d.fix else "display" for d in blocking}
    if "display" in safeties:
        hard = tuple(sorted({d.code for d in blocking if d.fix is None or d.fix.safety == "display"}))
        return Cell("blocked", hard)
    return Cell("unsafe" if "unsafe" in safeties else "fixable", codes)
