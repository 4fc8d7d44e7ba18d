"""Readiness: the table units x targets, and what blocks each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..diagnostics import stands_in_the_way
from ..targets import TARGETS
from .found import FileResult, Found, FoundUnit

STATES = ("ready", "fixable", "unsafe", "blocked")


@dataclass
class Cell:
    """What stands between a unit and a target.

    ``state`` is ``ready``, ``fixable`` (``rewrite`` does it), ``unsafe`` (``rewrite --unsafe`` does it) or ``blocked``;
    ``codes`` are the rule codes in the way, ``within`` the other units (``path:name``) in which some of them stand.
    """

    state: str
    codes: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


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

    @property
    def within(self) -> list[str]:
        """Return the other units in which something is in the way of any target."""
        return sorted({unit for cell in self.cells.values() for unit in cell.within})


def readiness(results: Iterable[FileResult]) -> list[Row]:
    """Return a row for every class unit with a forward, and for every function in which something was found.

    A unit is ready if all that it builds and calls is, as far as those were judged in the same run.
    """
    results = list(results)
    index = {(result.path, unit.name, unit.framework): (result, unit) for result in results for unit in result.units}
    rows: list[Row] = []
    found = {key: _found_in(*place) for key, place in index.items() if place[0].found}
    for result in results:
        for unit in result.units:
            own = found.get((result.path, unit.name, unit.framework), [])
            if not unit.has_entry or (unit.kind == "function" and not own):
                continue
            row = Row(result.path, unit.name, unit.framework)
            keys = [(r.path, u.name, u.framework) for r, u in _reached(result, unit, index)]
            reached = [(f"{key[0]}:{key[1]}", found[key]) for key in keys if found.get(key)]
            for target in result.targets:
                if TARGETS[target].framework == unit.framework:
                    row.cells[target] = _whole(own, reached, target)
            if row.cells:
                rows.append(row)
    return rows


_Index = dict[tuple[str, str, str], tuple[FileResult, FoundUnit]]


def _reached(result: FileResult, unit: FoundUnit, index: _Index) -> list[tuple[FileResult, FoundUnit]]:
    """Return the units that ``unit`` uses, directly or through others."""
    seen = {(result.path, unit.name)}
    work, found = list(unit.uses), []
    while work:
        key = work.pop()
        if key in seen:
            continue
        seen.add(key)
        other = index.get((*key, unit.framework))
        if other is not None:
            found.append(other)
            work += other[1].uses
    return found


def _found_in(result: FileResult, unit: FoundUnit) -> list[Found]:
    """Return what was found in a unit: told of it, or, as one of its callers met it, standing in a function's lines."""
    inside = unit.name + "."
    first, last = unit.lines if unit.kind == "function" else (0, 0)
    return [
        one
        for one in result.found
        if one.unit == unit.name or one.unit.startswith(inside) or (first <= one.line <= last and not one.cell)
    ]


def _whole(own: list[Found], reached: list[tuple[str, list[Found]]], target: str) -> Cell:
    """Sum up a unit and what it uses, for one target."""
    within = []
    every = [one for one in own if target in one.targets]
    for name, found in reached:
        found = [one for one in found if target in one.targets and one not in every]
        if cell(found).codes:
            within.append(name)
            every += found
    return replace(cell(every), within=tuple(sorted(within)))


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


def ways(row: Row) -> str:
    """Return what is in the way of a unit in words: ``THT101, THT302 (in Block, Head)``."""
    names = [name.rpartition(":")[2] for name in row.within]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return ", ".join(row.codes) + (f" (in {shown})" if names else "")


_SHOWN = 3


def markdown(rows: list[Row]) -> str:
    """Return the table as Markdown (for a pull request, say)."""
    targets = shown_targets(rows)
    out = [f"| unit | {' | '.join(targets)} | in the way |", f"|---|{'---|' * len(targets)}---|"]
    for row in rows:
        cells = [row.cells[target].state if target in row.cells else "" for target in targets]
        out.append(f"| `{row.path}:{row.unit}` | {' | '.join(cells)} | {ways(row)} |")
    return "\n".join([*out, "", *(f"- {summary_line(rows, target)}" for target in targets)])
