"""The text of an open document: a list of lines, so that an edit costs what it changes and not what the file holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from .positions import UTF16, from_client, to_client

_LINE_END = re.compile(r"\r\n|\r|\n")  # what ends a line for Python and for the protocol alike; U+2028 does not


def split_lines(text: str) -> list[str]:
    """Split ``text`` into lines with their ends; the last one has none (and may be empty)."""
    if "\r" not in text:
        lines = text.split("\n")
        last = lines.pop()
        lines = [line + "\n" for line in lines]
        lines.append(last)
        return lines
    edges = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    return [text[a:b] for a, b in zip(edges, edges[1:], strict=False)]


def bare(line: str) -> str:
    """Return a line without its end."""
    return line.rstrip("\r\n")


@dataclass(frozen=True)
class Position:
    """A place as the client counts it: 0-based line, 0-based column in units."""

    line: int
    character: int


class Buffer:
    """A document's lines.  ``version`` is the client's number of the text."""

    def __init__(self, text: str, version: int | None = None, encoding: str = UTF16) -> None:
        self.lines = split_lines(text)
        self.version = version
        self.encoding = encoding

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.lines)

    def replace_all(self, text: str) -> None:
        """Replace the whole text."""
        self.lines = split_lines(text)

    def edit(self, start: Position, end: Position, text: str) -> None:
        """Replace what lies between two places (as the client counts) by ``text``."""
        lines = self.lines
        first, a = self.locate(start)
        last, b = self.locate(end)
        if (last, b) < (first, a):
            first, a, last, b = last, b, first, a
        new = split_lines(lines[first][:a] + text + lines[last][b:])
        stop = last + 1
        if stop < len(lines) and new[-1] == "":
            new.pop()  # the line end came with the text, and what follows is a line already
        elif stop < len(lines) and not new[-1].endswith(("\n", "\r")):
            new[-1:] = split_lines(new[-1] + lines[stop])  # the line end was taken away
            stop += 1
            if stop < len(lines) and new[-1] == "":
                new.pop()
        if len(new) and first > 0 and lines[first - 1].endswith("\r") and new[0].startswith("\n"):
            first -= 1  # "\r" and "\n" of two edits make one line end
            new[:1] = split_lines(lines[first] + new[0])
            if len(new) > 1 and new[1] == "":
                del new[1]
        if stop < len(lines) and new and new[-1].endswith("\r") and lines[stop].startswith("\n"):
            new[-1] += "\n"
            rest = lines[stop][1:]
            stop += 1
            if rest or stop == len(lines):
                new.append(rest)
        lines[first:stop] = new

    def locate(self, place: Position) -> tuple[int, int]:
        """Return (line, column in characters), both 0-based; a place past the end is the end."""
        if place.line >= len(self.lines):
            last = len(self.lines) - 1
            return last, len(self.lines[last])
        line = self.lines[place.line]
        return place.line, from_client(bare(line), place.character, self.encoding)

    def client_position(self, line: int, column: int) -> Position:
        """Return the client's position of a 0-based (line, column in characters)."""
        return Position(line, to_client(self.lines[line], column, self.encoding))

    def starts(self) -> list[int]:
        """Return the character offset of the start of each line."""
        return [0, *accumulate(len(line) for line in self.lines[:-1])]
