"""Columns of the protocol: counted in UTF-8 or UTF-16 units, or characters, as client and server agreed."""

from __future__ import annotations

UTF8, UTF16, UTF32 = "utf-8", "utf-16", "utf-32"


def units(text: str, encoding: str) -> int:
    """Return how many units ``text`` takes."""
    if text.isascii() or encoding == UTF32:
        return len(text)
    if encoding == UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def to_client(line: str, column: int, encoding: str) -> int:
    """Return the client's column for a 0-based column in characters."""
    return column if line.isascii() else units(line[:column], encoding)


def from_client(line: str, column: int, encoding: str) -> int:
    """Return the 0-based column in characters for a client's column; past the end it is the end.

    A column inside a character is that of its start.
    """
    if column <= 0:
        return 0
    if line.isascii() or encoding == UTF32:
        return min(column, len(line))
    at = 0
    for index, char in enumerate(line):
        at += units(char, encoding)
        if at > column:
            return index
    return len(line)
