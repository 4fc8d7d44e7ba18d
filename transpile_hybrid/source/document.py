"""Notebooks and Markdown: documents that hold Python in cells, and keep every byte outside of what is edited.

The cells that belong together (all of a notebook; of a document those of one tab) are joined to one Python source, a
*stream*, with a marker comment before each, so that names flow from cell to cell and any rule works on them as it does
on a file.  A changed stream is taken apart at its markers and only the cells that differ are written back.
"""

from __future__ import annotations

import os
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .errors import SourceError
from .masking import Mask, Masked, mask
from .source import DOCUMENTS, Source

_MARK = "# %% transpile-hybrid cell "


@dataclass(frozen=True)
class Cell:
    """One cell: its Python text, where that stands in the document, and the tabs that it belongs to (none: every one).

    ``start`` and ``end`` are offsets into the document's text; ``line`` is the 1-based line of the document at which
    the text begins, and ``indent`` what stands before each of its lines there.
    """

    index: int
    text: str
    start: int
    end: int
    line: int
    tabs: tuple[str, ...] = ()
    indent: str = ""


class Place(NamedTuple):
    """Where a line of a stream comes from: the number of its cell (1-based), the cell, and the line in it (1-based)."""

    number: int
    cell: Cell
    line: int


@dataclass
class Stream:
    """Cells joined to one source.  ``name`` is the tab, ``""`` where there is only one stream.

    ``newline`` joins them; it is the one of the cells, for what a rewrite adds takes the one that the source has most.
    """

    name: str
    source: Source
    cells: list[Cell]
    masked: dict[int, Masked]
    places: list[Place | None]
    newline: str = "\n"

    def place(self, line: int) -> Place:
        """Return where a 1-based line of the stream comes from (the nearest line of a cell for a marker)."""
        for number in (*range(line, len(self.places) + 1), *range(line, 0, -1)):
            found: Place | None = self.places[number - 1]
            if found is not None:
                return found
        raise SourceError(self.source.path, "holds no code")

    def take_apart(self, text: str) -> dict[int, str]:
        """Return the new text of each cell that ``text``, a changed stream, gives.  Raises :class:`SourceError`."""
        parts = text.split(_MARK)
        marks = [f"{cell.index}{self.newline}" for cell in self.cells]
        if len(parts) != len(marks) + 1 or not all(p.startswith(m) for p, m in zip(parts[1:], marks, strict=True)):
            raise SourceError(self.source.path, "internal error: a rewrite crossed the border of a cell")
        if parts[0].strip():
            parts[1] = marks[0] + parts[0] + parts[1][len(marks[0]) :]
        changed: dict[int, str] = {}
        for cell, part, mark_ in zip(self.cells, parts[1:], marks, strict=True):
            body = part[len(mark_) :]
            if not body.endswith(self.newline):
                raise SourceError(self.source.path, "internal error: a rewrite crossed the border of a cell")
            try:
                new = self.masked[cell.index].undo(body.removesuffix(self.newline))
            except ValueError as exc:
                raise SourceError(self.source.path, f"internal error: {exc}") from exc
            if new != cell.text:
                changed[cell.index] = new
        return changed


@dataclass
class Document(ABC):
    """A notebook or a Markdown document."""

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    cells: list[Cell] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)

    noun = "cell"

    @abstractmethod
    def emit(self, cell: Cell, new: str) -> str:
        """Return what stands for ``cell`` in the document when its text is ``new``."""

    @abstractmethod
    def reread(self, text: str) -> Document:
        """Return the same document with another text."""

    @property
    def newline(self) -> str:
        """What ends the lines of the cells."""
        return Source(self.path, "".join(cell.text for cell in self.cells)).newline

    @property
    def tells_bad_cells(self) -> bool:
        """Whether a cell that is no Python is an error (or just a fragment, as there are many in prose)."""
        return True

    def with_cells(self, new: dict[int, str]) -> Document:
        """Return the document with other texts in some cells; all else is the same, byte by byte."""
        out: list[str] = []
        at = 0
        for cell in self.cells:
            if cell.index in new:
                out += [self.text[at : cell.start], self.emit(cell, new[cell.index])]
                at = cell.end
        out.append(self.text[at:])
        return self.reread("".join(out))

    def to_bytes(self) -> bytes:
        """Encode the document as it was."""
        data = self.text.encode(self.encoding)
        return b"\xef\xbb\xbf" + data if self.bom else data

    def streams(self) -> list[Stream]:
        """Return the sources that the cells make, one for each tab."""
        names = list(dict.fromkeys(tab for cell in self.cells for tab in cell.tabs))
        self.problems = []
        masked = {cell.index: mask(cell.text) for cell in self.cells}
        bad = {cell.index for cell in self.cells if not self._parses(cell, masked[cell.index])}
        made = []
        for name in names or [""]:
            cells = [cell for cell in self.cells if cell.index not in bad and (not cell.tabs or name in cell.tabs)]
            if cells:
                made.append(self._stream(name if len(names) > 1 else "", cells, masked))
        return made

    def _parses(self, cell: Cell, masked: Masked) -> bool:
        """Whether a cell is Python; one in another language is passed over, a broken one is told."""
        if masked.kind is not Mask.PYTHON:
            return False
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                Source(self.path, masked.text).tree  # noqa: B018
        except SourceError as exc:
            if self.tells_bad_cells:
                where = f"{self.path}:{self.noun} {cell.index + 1}"
                self.problems.append(SourceError(where, exc.message, exc.line, exc.col))
            return False
        return _MARK not in masked.text

    def _stream(self, name: str, cells: list[Cell], masked: dict[int, Masked]) -> Stream:
        parts: list[str] = []
        places: list[Place | None] = []
        newline = self.newline
        for cell in cells:
            text = masked[cell.index].text
            parts.append(f"{_MARK}{cell.index}{newline}{text}{newline}")
            places.append(None)
            places += [Place(cell.index + 1, cell, line + 1) for line in range(len(_lines(text)))]
        path = f"{self.path}#{name}" if name else self.path
        return Stream(name, Source(path, "".join(parts)), cells, masked, places, newline)


def _lines(text: str) -> list[int]:
    return Source("", text).line_starts


def is_document(path: str) -> bool:
    """Whether a path names a notebook or a Markdown document."""
    return path.lower().endswith(DOCUMENTS)


def read_document(path: str) -> Document:
    """Read a notebook or a Markdown document.  Raises :class:`SourceError`."""
    try:
        data = Path(path).read_bytes()
    except OSError as exc:
        raise SourceError(path, f"cannot be read: {exc.strerror or exc}") from exc
    return document_of(data, path)


def document_of(data: bytes, path: str) -> Document:
    """Read a notebook or a Markdown document from its bytes.  Raises :class:`SourceError`."""
    bom = data.startswith(b"\xef\xbb\xbf")
    try:
        text = (data[3:] if bom else data).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise SourceError(path, f"is not valid utf-8: {exc}", data[: exc.start].count(b"\n") + 1) from exc
    if os.path.splitext(path)[1].lower() == ".ipynb":
        from .notebook import read_notebook

        return read_notebook(text, path, bom)
    from .markdown import read_markdown

    return read_markdown(text, path, bom)


def agreed(document: Document, changes: list[tuple[Stream, dict[int, str]]]) -> dict[int, str]:
    """Return the cell texts on which all streams agree.

    A cell that several tabs share is edited only if all of them want the same; where they don't, none of those
    streams is edited at all, for their other edits may belong to that one.
    """
    while True:
        new: dict[int, str] = {}
        quarrel: set[int] = set()
        for stream, changed in changes:
            for cell in stream.cells:
                wanted = changed.get(cell.index, cell.text)
                if new.setdefault(cell.index, wanted) != wanted:
                    quarrel.add(cell.index)
        if not quarrel:
            return {
                cell.index: new[cell.index] for cell in document.cells if new.get(cell.index, cell.text) != cell.text
            }
        out = [bool(quarrel & {cell.index for cell in stream.cells}) for stream, _ in changes]
        changes = [(s, {} if stop else changed) for (s, changed), stop in zip(changes, out, strict=True)]
