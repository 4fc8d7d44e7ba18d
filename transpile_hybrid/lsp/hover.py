"""What a hover tells: the rule at a finding or in a suppression, the readiness of a class at its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..diagnostics import Diagnostic
from ..report.found import Found, FoundUnit
from ..report.readiness import Cell, cell
from ..targets import TARGETS
from .documents import PythonDocument, Range, Shown
from .rules import documentation

_SUPPRESSION = re.compile(r"#\s*hybrid:\s*ignore(?:-file)?\s*\[([^\]]*)\]", re.I)
_WORD = re.compile(r"\w+")


def suppressed(line: str, column: int) -> tuple[str, int, int] | None:
    """Return (documentation, start, end) for a code in an ignore comment at a column of ``line``."""
    for match in _SUPPRESSION.finditer(line):
        for word in _WORD.finditer(line, match.start(1), match.end(1)):
            if word.start() <= column <= word.end():
                text = documentation(word[0].upper())
                return (text, word.start(), word.end()) if text else None
    return None


def at_findings(found: Sequence[Shown], line: int, column: int) -> tuple[str, Range] | None:
    """Return the documentation of the rules whose findings hold a place, the smallest finding's range with it."""
    here = [one for one in found if one.range[:2] <= (line, column) <= one.range[2:]]
    if not here:
        return None
    here.sort(key=lambda one: (one.range[2] - one.range[0], one.range[3] - one.range[1]))
    seen: dict[str, None] = {}
    for one in here:
        text = documentation(one.code)
        if text:
            seen[text] = None
    return ("\n---\n".join(seen), here[0].range) if seen else None


def unit_at(document: PythonDocument, line: int, column: int) -> FoundUnit | None:
    """Return the unit whose name stands at a place, in its definition or wherever else it is spelt."""
    text = document.lines[line] if line < len(document.lines) else ""
    word = next((m[0] for m in _WORD.finditer(text) if m.start() <= column <= m.end()), "")
    return next((unit for unit, _ in document.units() if word and unit.name.rpartition(".")[2] == word), None)


def cells(document: PythonDocument, unit: FoundUnit, targets: Sequence[str]) -> dict[str, Cell]:
    """Return the state of a unit for each target of its framework."""
    own = document.findings_of(unit.name)
    return {
        target: cell([_as_found(d) for d in own if target in d.targets])
        for target in targets
        if TARGETS[target].framework == unit.framework
    }


def _as_found(d: Diagnostic) -> Found:
    return Found("", 0, 0, 0, 0, d.code, d.name, d.message, d.unit, d.targets, d.consequence.value,
                 fix=d.fix.safety if d.fix else None)  # fmt: skip


def readiness(document: PythonDocument, unit: FoundUnit, targets: Sequence[str]) -> str:
    """Return a table: what stands between a unit and each target."""
    rows = cells(document, unit, targets)
    if not rows:
        return ""
    means = {
        "ready": "ready",
        "fixable": "`rewrite` makes it ready",
        "unsafe": "`rewrite --unsafe` makes it ready",
        "blocked": "blocked",
    }
    out = [f"**`{unit.name}`**", "", "| target | | in the way |", "|---|---|---|"]
    out += [f"| {target} | {means[one.state]} | {', '.join(one.codes)} |" for target, one in rows.items()]
    return "\n".join(out)
