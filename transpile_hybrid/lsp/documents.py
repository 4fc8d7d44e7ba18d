"""Open documents: Python files, kept as slices, and notebooks, whose cells are judged together."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..config import Config
from ..diagnostics import Diagnostic
from ..report.found import FileResult, Found, FoundUnit
from ..run.documents import judge_document
from ..run.judge import Judge
from ..source.document import Cell, Document
from ..source.errors import SourceError
from ..source.finder import Trail
from ..source.source import Source
from .buffer import Buffer, bare
from .diagnostics import Raw, as_text, draw, draw_text, of_found, of_problem
from .linter import Linter
from .scheduler import Job
from .slices import Placed, Slice
from .views import View

Range = tuple[int, int, int, int]
"""0-based line, column, end line, end column, in characters."""


@dataclass
class Replacement:
    """Text that takes the place of a range."""

    range: Range
    text: str


@dataclass
class Shown:
    """A finding that the client sees: where it is, and how it is mended (``safety`` ``None``: by hand)."""

    range: Range
    code: str
    message: str
    unit: str
    help: str
    safety: str | None
    group: str
    edits: tuple[Replacement, ...]


class PythonDocument:
    """A Python file that is open; ``judged`` is the version of the text that the findings are about, and
    ``pending`` the newest version with its lines."""

    def __init__(self, uri: str, path: str, buffer: Buffer) -> None:
        self.uri, self.path, self.buffer = uri, path, buffer
        self.linter = Linter(path)
        self.judged: int | None = None
        self.pending: tuple[int | None, list[str]] = (buffer.version, list(buffer.lines))
        self.result_id = 0
        self.excluded = False
        self.lines: list[str] = []  # those that were judged
        self.seconds = 0.0

    def source(self) -> Source:
        """Return the present text as a source."""
        return Source(self.path, self.buffer.text)

    def judge(self, judge: Judge, config: Config, lines: list[str], job: Job) -> bool:
        """Judge ``lines``; return whether it came to the end."""
        self.lines = lines
        return self.linter.update(lines, judge, config, lambda: job.cancelled, job)

    @property
    def trail(self) -> Trail:
        return self.linter.trail

    def diagnostics(self, template: str = "") -> list[Raw]:
        """Return what the client is told."""
        return draw(self._views(), self.buffer.encoding, template) + self._unreadable()

    def told(self, template: str = "") -> str:
        """Return :meth:`diagnostics` as JSON."""
        items = draw_text(self._views(), self.buffer.encoding, template)
        items += [as_text([row]) for row in self._unreadable()]
        return f"[{', '.join(items)}]"

    def _views(self) -> list[View]:
        told = not self.excluded and (self.linter.relevant or self.linter.problem is not None)
        return self.linter.views() if told else []

    def _unreadable(self) -> list[Raw]:
        problem = self.linter.problem
        if self.excluded or problem is None or not self._speaks_of_framework():
            return []
        return [of_problem(problem, self.lines, self.buffer.encoding)]

    def _speaks_of_framework(self) -> bool:
        from ..run.prefilter import imports_framework

        return self.linter.relevant or imports_framework("".join(self.lines))

    def shown(self) -> list[Shown]:
        """Return the findings with their edits; only where the text parses."""
        if self.linter.problem is not None or self.excluded or not self.linter.relevant:
            return []
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        return [_shown(one, d, starts, len(self.lines)) for one, d in self.linter.findings()]

    def units(self) -> list[tuple[FoundUnit, int]]:
        """Return the units with their 0-based lines."""
        if self.linter.problem is not None or self.excluded:
            return []
        return [(unit, one.line + line) for one in self.linter.slices for unit, line in one.units]

    def findings_of(self, unit: str) -> list[Diagnostic]:
        """Return what stands in a unit."""
        return [d for _, d in self.linter.findings() if d.unit == unit or d.unit.startswith(unit + ".")]


def _shown(one: Slice, d: Diagnostic, starts: list[int], count: int) -> Shown:
    def place(offset: int) -> tuple[int, int]:
        line = min(bisect.bisect_right(starts, offset) - 1, count - 1)
        return line, offset - starts[line]

    edits: list[Replacement] = []
    if d.fix is not None and d.fix.safety != "display":
        for edit in d.fix.edits:
            home = edit.slice.start if isinstance(edit, Placed) else one.start
            text = "".join(part for part in edit.parts if isinstance(part, str))
            edits.append(Replacement((*place(home + edit.start), *place(home + edit.end)), text))
    where = (*place(one.start + d.span.start), *place(one.start + d.span.end))
    safety, group = (d.fix.safety, d.fix.group) if d.fix else (None, "")
    return Shown(where, d.code, d.message, d.unit, d.help, safety, group, tuple(edits))


@dataclass
class LiveNotebook(Document):
    """A notebook as the client holds it: cells only, no file."""

    def emit(self, cell: Cell, new: str) -> str:
        return new

    def reread(self, text: str) -> Document:
        return self


@dataclass
class NotebookDocument:
    """A notebook that is open; ``cells`` are the documents of its code cells, in order."""

    uri: str
    path: str
    cells: list[tuple[str, Buffer]] = field(default_factory=list)
    results: dict[str, list[Found]] = field(default_factory=dict)
    problems: dict[str, Raw] = field(default_factory=dict)
    result_id: int = 0
    excluded: bool = False
    trail: Trail = field(default_factory=Trail)

    def document(self) -> LiveNotebook:
        """Return the cells as a document."""
        made = LiveNotebook(self.path, "")
        made.cells = [
            Cell(index, buffer.text.replace("\r\n", "\n"), 0, 0, 1) for index, (_, buffer) in enumerate(self.cells)
        ]
        return made

    def judge(self, judge: Judge, config: Config) -> None:
        """Judge the cells."""
        result = FileResult(self.path, targets=config.targets)
        document = self.document()
        self.trail = Trail()
        self.results, self.problems = {uri: [] for uri, _ in self.cells}, {}
        try:
            judge_document(judge, document, config, self.trail, result)
        except SourceError:
            return
        finally:
            judge.dispose()
        for found in result.found:
            index = int(found.cell.rpartition(" ")[2]) - 1
            self.results[self.cells[index][0]].append(found)

    def diagnostics(self, template: str = "") -> dict[str, list[Raw]]:
        """Return what the client is told of each cell."""
        out: dict[str, list[Raw]] = {}
        for uri, buffer in self.cells:
            found = [] if self.excluded else self.results.get(uri, [])
            out[uri] = [of_found(one, buffer.lines, buffer.encoding, template) for one in found]
        return out

    def shown(self, uri: str) -> list[Shown]:
        """Return the findings of one cell with their edits."""
        return [
            Shown(
                (one.line - 1, one.column - 1, one.end_line - 1, one.end_column - 1),
                one.code, one.message, one.unit, one.help, one.fix if one.edits else None, "",
                tuple(Replacement((a - 1, b - 1, c - 1, d - 1), text) for a, b, c, d, text in one.edits),
            )
            for one in self.results.get(uri, [])
        ]  # fmt: skip


def client_range(place: Range, lines: Sequence[str], buffer: Buffer) -> Raw:
    """Return a range as the client counts."""
    from .positions import to_client

    def position(line: int, column: int) -> dict[str, Any]:
        if line >= len(lines):
            line, column = len(lines) - 1, len(bare(lines[-1]))
        return {"line": line, "character": to_client(lines[line], column, buffer.encoding)}

    return {"start": position(place[0], place[1]), "end": position(place[2], place[3])}


__all__ = ["LiveNotebook", "NotebookDocument", "PythonDocument", "Replacement", "Shown", "client_range"]
