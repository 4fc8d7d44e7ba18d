"""Findings as the protocol's diagnostics.  Plain dictionaries: they go out on every keystroke."""

from __future__ import annotations

from typing import Any

from ..diagnostics import Consequence, Diagnostic
from ..report.found import Found
from .buffer import bare
from .linter import Problem
from .positions import to_client
from .rules import SEVERITY, link
from .slices import Slice
from .views import View

SOURCE = "transpile-hybrid"
Raw = dict[str, Any]
_UNNECESSARY = 1  # DiagnosticTag


def draw(views: list[View], encoding: str, template: str = "") -> list[Raw]:
    """Return the diagnostics of a document; those of slices that didn't change are kept with them."""
    out: list[Raw] = []
    for view in views:
        one = view.slice
        if not one.shown:
            continue
        rows = _rows(one, encoding, template)
        if view.first == 0 and view.last == len(one.lines):
            if one.drawn[1] != view.line:  # type: ignore[index]
                one.drawn = (one.shown, view.line, [_moved(row, first, last, view.line) for row, first, last in rows])
                rows = one.drawn[2]
            out += [row for row, _, _ in rows]
        else:
            out += [
                _moved(row, first, last, view.line)[0]
                for row, first, last in rows
                if view.first <= first and last < view.last
            ]
    return out


def _rows(one: Slice, encoding: str, template: str) -> list[tuple[Raw, int, int]]:
    """Return (diagnostic, first line, last line) of a slice; lines count from its start."""
    drawn = one.drawn
    if drawn is None or drawn[0] is not one.shown:  # type: ignore[index]
        starts = [0]
        for line in one.lines:
            starts.append(starts[-1] + len(line))
        rows = [_row(d, one, starts, encoding, template) for d in one.shown or ()]
        one.drawn = drawn = (one.shown, 0, rows)
    return drawn[2]  # type: ignore[index,no-any-return]


def _row(d: Diagnostic, one: Slice, starts: list[int], encoding: str, template: str) -> tuple[Raw, int, int]:
    from bisect import bisect_right

    def place(offset: int) -> tuple[int, int]:
        line = min(bisect_right(starts, offset) - 1, len(one.lines) - 1)
        return line, to_client(bare(one.lines[line]), offset - starts[line], encoding)

    first, column = place(d.span.start)
    last, end = place(d.span.end)
    row = _raw((first, column, last, end), d.code, d.message, d.help, d.targets, d.consequence, template)
    row["data"]["fix"] = d.fix.safety if d.fix else None
    row["data"]["unit"] = d.unit
    return row, first, last


def _moved(row: Raw, first: int, last: int, line: int) -> tuple[Raw, int, int]:
    start, end = row["range"]["start"], row["range"]["end"]
    place = {
        "start": {"line": first + line, "character": start["character"]},
        "end": {"line": last + line, "character": end["character"]},
    }
    return {**row, "range": place}, first, last


def _raw(
    place: tuple[int, int, int, int],
    code: str,
    message: str,
    help: str,
    targets: tuple[str, ...],
    consequence: Consequence,
    template: str,
) -> Raw:
    first, column, last, end = place
    text = message
    if code != "THC901":
        text += f" ({', '.join(targets)}: {consequence.value})"
    if help:
        text += f"\nhelp: {help}"
    row: Raw = {
        "range": {"start": {"line": first, "character": column}, "end": {"line": last, "character": end}},
        "severity": SEVERITY[consequence],
        "code": code,
        "source": SOURCE,
        "message": text,
        "data": {"code": code, "targets": list(targets), "consequence": consequence.value},
    }
    href = link(code, template)
    if href:
        row["codeDescription"] = {"href": href}
    if code == "THC901":
        row["tags"] = [_UNNECESSARY]
    return row


def of_found(found: Found, lines: list[str], encoding: str, template: str = "") -> Raw:
    """Return a finding of a notebook's cell, whose ``lines`` are given."""

    def place(line: int, column: int) -> tuple[int, int]:
        line = min(max(line, 1), len(lines))
        return line - 1, to_client(bare(lines[line - 1]), column - 1, encoding)

    where = (*place(found.line, found.column), *place(found.end_line, found.end_column))
    consequence = Consequence(found.consequence)
    row = _raw(where, found.code, found.message, found.help, found.targets, consequence, template)
    row["data"]["fix"] = found.fix
    row["data"]["unit"] = found.unit
    return row


def of_problem(problem: Problem, lines: list[str], encoding: str) -> Raw:
    """Return the diagnostic of a text that can't be read."""
    line = min(max(problem.line, 1), len(lines)) - 1
    text = bare(lines[line])
    column = to_client(text, min(max(problem.column - 1, 0), len(text)), encoding)
    return {
        "range": {
            "start": {"line": line, "character": column},
            "end": {"line": line, "character": max(to_client(text, len(text), encoding), column)},
        },
        "severity": 1,
        "code": "syntax-error",
        "source": SOURCE,
        "message": problem.message,
    }
