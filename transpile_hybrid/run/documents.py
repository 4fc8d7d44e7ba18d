"""Judge and rewrite notebooks and Markdown documents, stream by stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..report.found import FileResult, Found
from ..source.document import Document, Place, Stream, agreed
from ..source.errors import SourceError
from ..source.finder import Trail
from ..source.source import Source

if TYPE_CHECKING:
    from ..config import Config
    from .judge import Judge


def judge_document(judge: Judge, document: Document, config: Config, trail: Trail, result: FileResult) -> None:
    """Judge every stream of a document; what several of them find at the same place is told once."""
    from .judge import found_of, units_of

    seen: dict[tuple[object, ...], int] = {}
    for stream in document.streams():
        source = stream.source
        if not judge.matters(source, config, trail) and "hybrid:" not in source.text:
            continue
        try:
            module = judge.repository.module_of(source)
        except SourceError as exc:
            raise _at(document, stream, exc) from exc
        diagnostics, units, suppressed = judge.diagnose(module, config, trail, document.path)
        result.judged = True
        result.suppressed += suppressed
        names = {unit.name for unit in result.units}
        result.units += [unit for unit in units_of(units) if unit.name not in names]
        for diagnostic in diagnostics:
            found = located(document, stream, found_of(source, diagnostic), result.path)
            key = (found.cell, found.line, found.column, found.code, found.message)
            if key in seen:
                old = result.found[seen[key]]
                more = tuple(target for target in found.targets if target not in old.targets)
                result.found[seen[key]] = old._replace(targets=old.targets + more)
            else:
                seen[key] = len(result.found)
                result.found.append(found)
        judge.dispose()
    result.found.sort(key=lambda one: (one.raw_line, one.line, one.column, one.code))
    if document.problems:
        result.error = "; ".join(str(problem) for problem in document.problems)


def _at(document: Document, stream: Stream, error: SourceError) -> SourceError:
    place = stream.place(error.line or 1)
    return SourceError(f"{document.path}:{document.noun} {place.number}", error.message, place.line, error.col)


def located(document: Document, stream: Stream, found: Found, path: str) -> Found:
    """Return a finding of a stream with its places in the document."""
    first = stream.place(found.line)
    markdown = document.noun == "block"

    def line_of(place: Place) -> int:
        return place.cell.line + place.line - 1 if markdown else place.line

    def in_cell(number: int) -> Place:
        place = stream.place(number)
        if place.cell is first.cell:
            return place
        return Place(first.number, first.cell, len(Source("", first.cell.text).line_starts))

    indent = len(first.cell.indent)
    own = Source("", first.cell.text)
    last = in_cell(found.end_line)
    frame = tuple(
        (line_of(place), first.cell.indent + own.line_text(place.line))
        for number, _ in found.frame
        if (place := stream.places[number - 1]) is not None and place.cell is first.cell
    )
    edits: list[tuple[int, int, int, int, str]] = []
    for a, b, c, d, text in found.edits:
        start, end = stream.place(a), stream.place(c)
        if start.cell is not end.cell or "transpile-hybrid magic" in text or indent:
            edits = []
            break
        edits.append((line_of(start), b, line_of(end), d, text))
    tab = f", tab {stream.name}" if stream.name else ""
    return found._replace(
        path=path,
        line=line_of(first),
        column=found.column + indent,
        end_line=line_of(last),
        end_column=found.end_column + indent,
        last_column=found.last_column + indent if found.last_column else 0,
        cell="" if markdown else f"cell {first.number}",
        block=f"block {first.number}{tab}" if markdown else "",
        frame=frame,
        edits=tuple(edits),
        raw_line=line_of(first) if markdown else raw_line(document, first),
    )


def raw_line(document: Document, place: Place) -> int:
    """Return the line of the notebook's file on which a line of a cell stands."""
    import re

    raw = document.text[place.cell.start : place.cell.end]
    if not raw.startswith("["):
        return place.cell.line
    for number, match in enumerate(re.finditer(r'"(?:[^"\\]|\\.)*"', raw), 1):
        if number == place.line:
            return place.cell.line + raw.count("\n", 0, match.start())
    return place.cell.line


def rewrite_document(
    document: Document, rewrite: Callable[[list[Source]], list[Source | None]]
) -> tuple[Document, bool]:
    """Return the document with its streams rewritten, and whether it changed.

    ``rewrite`` takes the sources of all streams and gives what they became (``None``: could not be).  Raises
    :class:`SourceError` when a rewrite can't be brought back into the document.
    """
    streams = document.streams()
    after = rewrite([stream.source for stream in streams])
    changes: list[tuple[Stream, dict[int, str]]] = []
    for stream, source in zip(streams, after, strict=True):
        changed = source is not None and source.text != stream.source.text
        changes.append((stream, stream.take_apart(source.text) if changed and source is not None else {}))
    new = agreed(document, changes)
    if not new:
        return document, False
    made = document.with_cells(new)
    _check(document, made, new)
    return made, True


def _check(before: Document, after: Document, new: dict[int, str]) -> None:
    """What is to be written is read again: the same cells, with the new texts, and all else as it was."""
    wanted = [new.get(cell.index, cell.text) for cell in before.cells]
    if [cell.text for cell in after.cells] != wanted or _outside(before) != _outside(after):
        raise SourceError(before.path, "internal error: a rewrite would change more than its cells")


def _outside(document: Document) -> list[str]:
    edges = [0, *(edge for cell in document.cells for edge in (cell.start, cell.end)), len(document.text)]
    return [document.text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
