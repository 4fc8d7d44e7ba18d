"""Markdown: the Python in fenced blocks, plain (```` ```python ````) and as the book *Dive into Deep Learning* writes
it.

There a block is ```` ```{.python .input} ```` and its first line may say for which frameworks it is: ``#@tab pytorch``,
``%%tab mxnet, tensorflow``, ``#@tab all``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .document import Cell, Document
from .source import Source

_OPEN = re.compile(r"(?P<indent>[ \t]*(?:>[ \t]?)*)(?P<fence>`{3,}|~{3,})(?P<info>[^`\r\n]*)$")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_TAB = re.compile(r"[ \t]*(?:#[ \t]*@tab|%%tab)[ \t]+(?P<tabs>[\w, \t-]+)")
_PLAIN = re.compile(r"(?:python3?|py3?|ipython3?)(?![\w-])(?!\s*\{?[^}]*(?:eval=FALSE|\.no-check))", re.I)
_ATTRIBUTES = re.compile(r"\{[^}]*(?:\.(?:python|py)\b|(?<![\w.])python\b)[^}]*\}", re.I)
DEFAULT_TAB = "default"


@dataclass
class Markdown(Document):
    """A Markdown document; its cells are blocks."""

    noun = "block"

    @property
    def newline(self) -> str:
        return Source(self.path, self.text).newline

    @property
    def tells_bad_cells(self) -> bool:
        return False

    def emit(self, cell: Cell, new: str) -> str:
        if not new:
            return ""
        lines = [line for line in _LINE.findall(new) if line]
        text = "".join(cell.indent + line if line.strip() else line for line in lines)
        return text

    def reread(self, text: str) -> Document:
        return read_markdown(text, self.path, self.bom)


def read_markdown(text: str, path: str, bom: bool = False) -> Markdown:
    """Read the Python blocks of a Markdown document."""
    document = Markdown(path, text, "utf-8", bom)
    at = 0
    line_number = 0
    fence = indent = ""
    python = False
    begin = begin_line = 0
    blocks: list[tuple[str, int, int, int, str]] = []
    while at < len(text):
        match = _LINE.match(text, at)
        assert match is not None
        line = match[0].rstrip("\r\n")
        line_number += 1
        if not fence:
            opened = _OPEN.match(line)
            if opened is not None:
                fence, indent = opened["fence"], opened["indent"]
                info = opened["info"].strip()
                python = bool(_PLAIN.match(info) or _ATTRIBUTES.match(info)) and ">" not in indent
                begin, begin_line = match.end(), line_number + 1
        else:
            bare = line.strip()
            if (
                bare.startswith(fence)
                and not bare.strip(fence[0])
                and len(line) - len(line.lstrip()) <= len(indent) + 3
            ):
                if python and match.start() > begin:
                    blocks.append((text[begin : match.start()], begin, match.start(), begin_line, indent))
                fence = ""
        at = match.end()
    tagged = any(_TAB.match(block) for block, *_ in blocks)
    for raw, start, end, first_line, inner in blocks:
        plain = _dedent(raw, inner)
        if plain is None or re.match(r"\s*>>> ", plain):
            continue
        # the newline before the closing fence belongs to the fence
        body = plain[:-2] if plain.endswith("\r\n") else plain[:-1]
        stop = end - (len(plain) - len(body))
        tabs: tuple[str, ...] = ()
        said = _TAB.match(body)
        if said is not None:
            names = tuple(name for name in re.split(r"[,\s]+", said["tabs"]) if name)
            tabs = () if "all" in names else names
        elif tagged:
            tabs = (DEFAULT_TAB,)
        document.cells.append(Cell(len(document.cells), body, start, stop, first_line, tabs, inner))
    return document


def _dedent(text: str, indent: str) -> str | None:
    """Take the fence's indentation from each line, ``None`` where a line has less."""
    if not indent:
        return text
    out = []
    for line in _LINE.findall(text):
        if line.startswith(indent):
            out.append(line[len(indent) :])
        elif not line.strip():
            out.append(line)
        else:
            return None
    return "".join(out)
