"""Readiness: the table units x targets, and what blocks each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..diagnostics import stands_in_the_way
from ..targets import TARGETS
from .found import FileResult, Found

STATES = ("ready", "fixable", "unsafe", "blocked")


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

    @property
    def codes(self) -> list[str]:
        """Return what is in the way of any target."""
        return sorted({code for cell in self.cells.values() for code in cell.codes})


def readiness(results: Iterable[FileResult]) -> list[Row]:
    """Return a row for every class unit with a forward, and for every function in which something was found."""
    rows: list[Row] = []
    for result in results:
        for unit in result.units:
            own = [one for one in result.found if one.unit == unit.name or one.unit.startswith(unit.name + ".")]
            if not unit.has_entry or (unit.kind == "function" and not own):
                continue
            row = Row(result.path, unit.name, unit.framework)
            for target in result.targets:
                if TARGETS[target].framework == unit.framework:
                    row.cells[target] = cell([one for one in own if target in one.targets])
            if row.cells:
                rows.append(row)
    return rows


def cell(found: list[Found]) -> Cell:
    """Sum up what was found in one unit for one target; what only is not compiled yet, is fixable by compiling it."""
    blocking = [one for one in found if stands_in_the_way(one.code, one.consequence) or one.fix == "safe"]
    if not blocking:
        return Cell("ready")
    codes = tuple(sorted({one.code for one in blocking}))
    safeties = {one.fix or "display" for one in blocking}
    if "display" in safeties:
        hard = tuple(sorted({one.code for one in blocking if one.fix in (None, "display")}))
        return Cell("blocked", hard)
    return Cell("unsafe" if "unsafe" in safeties else "fixable", codes)


def shown_targets(rows: list[Row]) -> list[str]:
    """Return the targets that some unit has, in their order."""
    return [target for target in TARGETS if any(target in row.cells for row in rows)]


def counts(rows: list[Row], target: str) -> dict[str, int]:
    """Return how many units are in which state for a target."""
    states = [row.cells[target].state for row in rows if target in row.cells]
    return {state: states.count(state) for state in STATES if state in states}


def summary_line(rows: list[Row], target: str) -> str:
    """Return ``torch.script: 12 units: 9 ready, 3 blocked``."""
    found = counts(rows, target)
    total = sum(found.values())
    parts = ", ".join(f"{number} {state}" for state, number in found.items())
    return f"{target}: {total} {'unit' if total == 1 else 'units'}: {parts}"


def in_the_way(rows: list[Row]) -> list[tuple[str, int]]:
    """Return the codes that block units, with how many each, most first: what to work on next."""
    blocked: dict[str, int] = {}
    for row in rows:
        for code in row.codes:
            blocked[code] = blocked.get(code, 0) + 1
    return sorted(blocked.items(), key=lambda pair: (-pair[1], pair[0]))


def markdown(rows: list[Row]) -> str:
    """Return the table as Markdown (for a pull request, say)."""
    targets = shown_targets(rows)
    out = [f"| unit | {' | '.join(targets)} | in the way |", f"|---|{'---|' * len(targets)}---|"]
    for row in rows:
        cells = [row.cells[target].state if target in row.cells else "" for target in targets]
        out.append(f"| `{row.path}:{row.unit}` | {' | '.join(cells)} | {', '.join(row.codes)} |")
    return "\n".join([*out, "", *(f"- {summary_line(rows, target)}" for target in targets)])
