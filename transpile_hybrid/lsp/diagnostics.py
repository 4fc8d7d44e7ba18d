"""Findings as the protocol's diagnostics.  Plain dictionaries: they go out on every keystroke."""

from __future__ import annotations

import json
from dataclasses import dataclass
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


@dataclass
class Drawn:
    """What the client is told of a slice that begins at ``line``.

    ``shown`` are the findings that the ``rows`` were made of: diagnostic, and first and last line counted from the
    slice's start.  ``text`` is the rows as JSON, made when it is asked for.
    """

    shown: list[Diagnostic]
    line: int
    rows: list[tuple[Raw, int, int]]
    text: str = ""


def draw(views: list[View], encoding: str, template: str = "") -> list[Raw]:
    """Return the diagnostics of a document; those of slices that didn't change are kept with them."""
    out: list[Raw] = []
    for view in views:
        out += _rows_of(view, _drawn(view.slice, view.line, encoding, template))
    return out


def draw_text(views: list[View], encoding: str, template: str = "") -> list[str]:
    """Return :func:`draw` as items of a JSON list: writing thousands anew takes longer than judging what changed."""
    out: list[str] = []
    for view in views:
        drawn = _drawn(view.slice, view.line, encoding, template)
        if view.whole:
            drawn.text = drawn.text or as_text(_rows_of(view, drawn))
            out.append(drawn.text)
        elif rows := _rows_of(view, drawn):
            out.append(as_text(rows))
    return out


def as_text(rows: list[Raw]) -> str:
    """Return rows as JSON, without the brackets around them."""
    return json.dumps(rows)[1:-1]


def _rows_of(view: View, drawn: Drawn) -> list[Raw]:
    if view.whole:
        return [row for row, _, _ in drawn.rows]
    return [row for row, first, last in drawn.rows if view.first <= first and last < view.last]


def _drawn(one: Slice, line: int, encoding: str, template: str) -> Drawn:
    """Return what the client is told of a slice that begins at 0-based ``line``."""
    drawn = one.drawn
    if not isinstance(drawn, Drawn) or drawn.shown is not one.shown:
        starts = [0]
        for text in one.lines:
            starts.append(starts[-1] + len(text))
        shown = one.shown or []
        drawn = one.drawn = Drawn(shown, 0, [_row(d, one, starts, encoding, template) for d in shown])
    if drawn.line != line:
        rows = [_moved(row, first, last, line) for row, first, last in drawn.rows]
        drawn = one.drawn = Drawn(drawn.shown, line, rows)
    return drawn


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
