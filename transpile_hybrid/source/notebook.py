"""Jupyter notebooks: where the text of each code cell stands in the JSON, and how a changed one is written back."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field

from .document import Cell, Document
from .errors import SourceError

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<punctuation>[{}\[\],:])|(?P<other>[^\s{}\[\],:"]+))', re.S
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)


@dataclass
class _Object:
    """An object of the JSON text while it is read: the spans of its values by key."""

    start: int
    values: dict[str, tuple[int, int]] = field(default_factory=dict)
    key: str | None = None


def _cells(text: str) -> list[dict[str, tuple[int, int]]]:
    """Return, for each object in a list ``cells``, the spans of its values."""
    found: list[dict[str, tuple[int, int]]] = []
    stack: list[tuple[str, int, str | None, _Object | None]] = []  # kind, start, key under which it stands, object
    at = 0
    expect_key = False
    key: str | None = None

    def value(start: int, end: int) -> None:
        if stack and stack[-1][3] is not None and stack[-1][3].key is not None:
            stack[-1][3].values[stack[-1][3].key] = (start, end)

    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            break
        at = match.end()
        kind = match.lastgroup
        assert kind is not None
        start = match.start(kind)
        sign = match[kind]
        if kind == "punctuation" and sign in "{[":
            under = stack[-1][3].key if stack and stack[-1][3] is not None else None
            stack.append((sign, start, under, _Object(start) if sign == "{" else None))
            expect_key = sign == "{"
        elif kind == "punctuation" and sign in "}]":
            if not stack:
                break
            opened, begin, _, one = stack.pop()
            if (
                one is not None
                and stack
                and stack[-1][0] == "["
                and stack[-1][2] == "cells"
                and "cell_type" in one.values
            ):
                found.append(one.values)
            value(begin, at)
        elif kind == "punctuation" and sign == ",":
            expect_key = bool(stack) and stack[-1][0] == "{"
        elif kind == "string" and expect_key and stack and stack[-1][3] is not None:
            key = json.loads(sign)
            stack[-1][3].key = key
            expect_key = False
        elif sign != ":":
            value(start, at)
    return found


@dataclass
class Notebook(Document):
    """A notebook."""

    def emit(self, cell: Cell, new: str) -> str:
        raw = self.text[cell.start : cell.end]
        ascii_only = _ascii_only(raw, self.text)
        if not raw.startswith("["):
            return json.dumps(new, ensure_ascii=ascii_only)
        old = _STRING.findall(raw)
        before, between, after = self._layout(cell)
        written = _aligned(old, new, ascii_only)
        return "[" + before + between.join(written) + after + "]" if written else "[]"

    def _layout(self, cell: Cell) -> tuple[str, str, str]:
        """Return what stands before, between and after the strings of a list, from this cell or the nearest like it."""
        others = sorted(self.cells, key=lambda other: abs(other.index - cell.index))
        single: tuple[str, str, str] | None = None
        for other in others:
            raw = self.text[other.start : other.end]
            spans = [match.span() for match in _STRING.finditer(raw)]
            if not raw.startswith("[") or not spans:
                continue
            before, after = raw[1 : spans[0][0]], raw[spans[-1][1] : -1]
            if len(spans) > 1:
                return before, raw[spans[0][1] : spans[1][0]], after
            single = single or (before, "," + before if before else ", ", after)
        return single or ("", ", ", "")

    def reread(self, text: str) -> Document:
        return read_notebook(text, self.path, self.bom)


def _split(text: str) -> list[str]:
    """Split after each newline only, as notebooks do."""
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _ascii_only(raw: str, text: str) -> bool:
    if not raw.isascii():
        return False
    return "\\u" in raw or text.isascii()


def _aligned(old: list[str], new: str, ascii_only: bool) -> list[str]:
    """Write ``new`` as JSON strings; what was there keeps its very text, however it was cut."""
    decoded: list[str] = [json.loads(one) for one in old]
    first = at = 0
    while first < len(old) and new.startswith(decoded[first], at):
        at += len(decoded[first])
        first += 1
    if first and at < len(new) and not decoded[first - 1].endswith("\n"):
        first -= 1  # the last line, which goes on now
        at -= len(decoded[first])
    last, end = len(old), len(new)
    while last > first and end - len(decoded[last - 1]) >= at and new.endswith(decoded[last - 1], at, end):
        if end == len(new) or decoded[last - 1].endswith("\n"):
            last -= 1
            end -= len(decoded[last])
        else:
            break
    lines = _split(new[at:end])
    if lines and not lines[-1].endswith("\n") and last < len(old):  # a cut within a line: not ours to make
        lines[-1] += "".join(decoded[last:])
        lines = _split("".join(lines))
        last = len(old)
    out = old[:first]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, decoded[first:last], lines, autojunk=False).get_opcodes():
        if tag == "equal":
            out += old[first + i1 : first + i2]
        else:
            out += [json.dumps(line, ensure_ascii=ascii_only) for line in lines[j1:j2]]
    return out + old[last:]


def read_notebook(text: str, path: str, bom: bool = False) -> Notebook:
    """Read a notebook.  Raises :class:`SourceError` where it is no JSON, or no notebook."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as exc:
        line = getattr(exc, "lineno", 1)
        raise SourceError(path, f"is no notebook: {getattr(exc, 'msg', exc)}", line, getattr(exc, "colno", 1)) from exc
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        raise SourceError(path, "is no notebook: it has no cells", 1)
    notebook = Notebook(path, text, "utf-8", bom)
    if not _is_python(data.get("metadata")):
        return notebook
    for values in _cells(text):
        span = values.get("source") or values.get("input")
        if span is None or json.loads(text[slice(*values["cell_type"])]) != "code":
            continue
        source = json.loads(text[slice(*span)])
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if isinstance(source, str):
            line = text.count("\n", 0, span[0]) + 1
            notebook.cells.append(Cell(len(notebook.cells), source, span[0], span[1], line))
    return notebook


def _is_python(metadata: object) -> bool:
    if not isinstance(metadata, dict):
        return True
    names = []
    for table, key in (("language_info", "name"), ("kernelspec", "language")):
        inner = metadata.get(table)
        if isinstance(inner, dict) and isinstance(inner.get(key), str):
            names.append(inner[key].lower())
    return not names or any(name.startswith(("python", "ipython")) for name in names)
