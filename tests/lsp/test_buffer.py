"""Edits as the protocol sends them, against plain text: astral characters, every kind of line end, both encodings."""

from __future__ import annotations

import random

import pytest

from transpile_hybrid.lsp.buffer import Buffer, Position, split_lines
from transpile_hybrid.lsp.positions import UTF8, UTF16, UTF32, from_client, to_client, units


def _offset(text: str, place: Position, encoding: str) -> int:
    lines = split_lines(text)
    if place.line >= len(lines):
        return len(text)
    column = at = 0
    for char in lines[place.line].rstrip("\r\n"):
        at += {UTF8: len(char.encode()), UTF16: len(char.encode("utf-16-le")) // 2}[encoding]
        if at > place.character:
            break
        column += 1
    return sum(map(len, lines[: place.line])) + column


@pytest.mark.parametrize("encoding", [UTF8, UTF16])
def test_random_edits_give_the_text_that_they_should(encoding: str) -> None:
    random.seed(1)

    def some(most: int) -> str:
        return "".join(random.choice("ab\r\n\n\U0001f600é\u2028\f") for _ in range(random.randrange(most)))

    for _ in range(800):
        text = some(14)
        buffer = Buffer(text, None, encoding)
        for _ in range(6):
            start, end = (Position(random.randrange(5), random.randrange(6)) for _ in range(2))
            new = some(4)
            a, b = sorted((_offset(text, start, encoding), _offset(text, end, encoding)))
            text = text[:a] + new + text[b:]
            buffer.edit(start, end, new)
            assert buffer.text == text
            assert buffer.lines == split_lines(text)


def test_only_what_ends_a_line_for_python_ends_one() -> None:
    assert split_lines("a\u2028b\fc\r\nd\re\n") == ["a\u2028b\fc\r\n", "d\r", "e\n", ""]


@pytest.mark.parametrize(("encoding", "column"), [(UTF8, 5), (UTF16, 3), (UTF32, 2)])
def test_columns(encoding: str, column: int) -> None:
    line = "\U0001f600ax"
    assert to_client(line, 2, encoding) == column == units("\U0001f600a", encoding)
    assert from_client(line, column, encoding) == 2
    assert from_client(line, 1, encoding) == (1 if encoding == UTF32 else 0)  # inside the first character
    assert from_client(line, 99, encoding) == len(line)
