"""A Python source: its bytes, its text and the way between character offsets and ``ast`` positions."""

from __future__ import annotations

import ast
import bisect
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..diagnostics import Span
from .errors import SourceError
from .tabs import settle

# Python ends a line at these and at nothing else; str.splitlines() would also split at form feeds and U+2028.
LINE_END = re.compile(r"\r\n|\r|\n")
MARKDOWN = (".md", ".markdown")
DOCUMENTS = (".ipynb", *MARKDOWN)


@dataclass(frozen=True)
class Source:
    """The text of one Python file.

    ``text`` keeps the file's own newlines; ``encoding`` and ``bom`` are what the bytes were read with, so that
    :meth:`to_bytes` gives back the very bytes of an unchanged file.
    """

    path: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False

    @staticmethod
    def from_bytes(data: bytes, path: str) -> Source:
        """Decode ``data`` as Python would (BOM, PEP 263 cookie, else UTF-8).  Raises :class:`SourceError`."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as exc:
            raise SourceError(path, f"cannot be decoded: {exc.msg}", 1) from exc
        bom = data.startswith(codecs.BOM_UTF8)
        codec = "utf-8" if encoding == "utf-8-sig" else encoding
        try:
            text = (data[3:] if bom else data).decode(codec)
        except (UnicodeDecodeError, LookupError) as exc:
            line = data[: exc.start].count(b"\n") + 1 if isinstance(exc, UnicodeDecodeError) else 1
            raise SourceError(path, f"is not valid {codec}: {exc}", line) from exc
        return Source(path, text, codec, bom)

    @staticmethod
    def read(path: str | Path) -> Source:
        """Read a file.  Raises :class:`SourceError` when it can't be read or decoded."""
        try:
            data = Path(path).read_bytes()
        except OSError as exc:
            raise SourceError(str(path), f"cannot be read: {exc.strerror or exc}") from exc
        return Source.from_bytes(data, str(path))

    def with_text(self, text: str) -> Source:
        """Return the same source with another text."""
        return Source(self.path, text, self.encoding, self.bom)

    def to_bytes(self) -> bytes:
        """Encode the text as the file was."""
        data = self.text.encode(self.encoding)
        return codecs.BOM_UTF8 + data if self.bom else data

    @cached_property
    def newline(self) -> str:
        """The newline that most lines end with (``\\n`` in a file of one line)."""
        ends = LINE_END.findall(self.text)
        return max(set(ends), key=ends.count) if ends else "\n"

    @cached_property
    def has_tabs(self) -> bool:
        """Whether most indented lines begin with a tab."""
        indented = re.findall(r"^[ \t](?=.*\S)", self.text, re.M)
        return indented.count("\t") > len(indented) / 2

    @cached_property
    def line_starts(self) -> list[int]:
        """Character offset of the start of each line."""
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    @cached_property
    def comments(self) -> list[Span]:
        """The spans of the comments, in order; none where the text can't be read to its end."""
        found: list[Span] = []
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
                if token.type == tokenize.COMMENT:
                    start = self.line_starts[token.start[0] - 1] + token.start[1]
                    found.append(Span(start, start + len(token.string)))
        except (tokenize.TokenError, SyntaxError):
            return []
        return found

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed module.  Raises :class:`SourceError` where the text is no Python of this interpreter."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a SyntaxWarning in a user's file is not ours to print
            try:
                tree = ast.parse(self.text)
            except SyntaxError as exc:
                hint = " (Python 2?)" if "Missing parentheses in call to 'print'" in (exc.msg or "") else ""
                raise SourceError(
                    self.path, f"syntax error: {exc.msg}{hint}", exc.lineno or 1, exc.offset or 0
                ) from exc
            except (ValueError, RecursionError, MemoryError) as exc:
                reason = str(exc) or "nested too deeply to be parsed"
                raise SourceError(self.path, f"cannot be parsed: {reason}", 1) from exc
        if self.tab and "tab.selected(" in self.text:
            settle(tree, self.tab)
        return tree

    @property
    def tab(self) -> str:
        """The tab of a document whose cells the text is joined from (empty: a file, or a document without tabs)."""
        path, _, name = self.path.rpartition("#")
        return name if path.lower().endswith(MARKDOWN) else ""

    @property
    def is_of_cells(self) -> bool:
        """Whether the text is joined from the cells of a notebook or the blocks of a document."""
        return bool(self.tab) or self.path.lower().endswith(DOCUMENTS)

    def forget_tree(self) -> None:
        """Let go of the parsed module; it is parsed again when it is asked for."""
        self.__dict__.pop("tree", None)

    def offset(self, line: int, byte_col: int) -> int:
        """Return the character offset of an ``ast`` position (1-based line, column in UTF-8 bytes)."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        text = self.text[start:end]
        if text.isascii():
            return start + byte_col
        return start + len(text.encode("utf-8")[:byte_col].decode("utf-8", "ignore"))

    def span(self, node: ast.AST) -> Span:
        """Return the span of ``node`` (decorators of a definition not included)."""
        assert isinstance(node, ast.expr | ast.stmt | ast.arg | ast.keyword | ast.alias | ast.excepthandler)
        assert node.end_lineno is not None and node.end_col_offset is not None
        return Span(self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset))

    def segment(self, node: ast.AST) -> str:
        """Return the text of ``node``."""
        span = self.span(node)
        return self.text[span.start : span.end]

    def position(self, offset: int) -> tuple[int, int]:
        """Return (1-based line, 1-based character column) of a character offset."""
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """Return the text of a 1-based line without its newline."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def indent_of(self, node: ast.AST) -> str:
        """Return the whitespace before the first character of the line on which ``node`` starts."""
        assert isinstance(node, ast.stmt | ast.expr)
        text = self.line_text(node.lineno)
        return text[: len(text) - len(text.lstrip())]


__all__ = ["Source", "SourceError"]
