"""IPython's magics and shell lines, masked so that Python can read a cell, and put back unchanged.

A line is a magic only where a statement begins: a ``%`` that continues an expression or stands in a string is Python's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun", "memit", "tab", "matplotlib", "snakeviz", "wandb"})
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
    |(?P<triple>[rRbBuUfFtT]{0,2}(?:\"\"\"|'''))
    |(?P<string>[rRbBuUfFtT]{0,2}(?:"(?:[^"\\\r\n]|\\(?:\r\n|.|\n|\r))*"|'(?:[^'\\\r\n]|\\(?:\r\n|.|\n|\r))*'))
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<continued>\\(?:\r\n|\r|\n))
    |(?P<end>\r\n|\r|\n)
    |(?P<word>\w+)
    |(?P<other>.)""",
    re.X | re.S,
)
_MAGIC = re.compile(r"[ \t]*(?:%|!|\?)")
_ASSIGNED = re.compile(r"[ \t]*[^\s=!%?(\[{][\w.,\[\]'\" \t]*=[ \t]*(?:!|%(?=[A-Za-z]))")
_HELP = re.compile(r"[ \t]*%?[\w.*]+(?:\[\d+\])?\?{1,2}[ \t]*$")
_TAG = "# transpile-hybrid magic "


class Mask(Enum):
    """What a cell holds."""

    PYTHON = "python"
    OTHER = "other"


@dataclass
class Masked:
    """A cell's text with its magics replaced; ``originals`` are what was replaced, in order."""

    text: str
    kind: Mask = Mask.PYTHON
    originals: list[tuple[str, str]] = field(default_factory=list)

    def undo(self, text: str) -> str:
        """Put the magics back.  Raises ``ValueError`` where one of them was lost or doubled."""
        for stand_in, original in self.originals:
            if text.count(stand_in) != 1:
                raise ValueError("a rewrite touched a magic")
            text = text.replace(stand_in, original)
        return text


def mask(text: str) -> Masked:
    """Mask the magics and shell lines of a cell."""
    first = re.match(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t]*%%(\w*)", text)
    if first is not None and first[1] not in _PYTHON_CELLS:
        return Masked(text, Mask.OTHER)
    if not any(sign in text for sign in "%!?"):
        return Masked(text)
    out: list[str] = []
    originals: list[tuple[str, str]] = []
    at = 0
    for start, end in _statements(text):
        line = text[start:end]
        stand_in = _stand_in(line, len(originals))
        if stand_in is None:
            continue
        stop = _magic_end(text, start)
        out += [text[at:start], stand_in]
        originals.append((stand_in, text[start:stop]))
        at = stop
    out.append(text[at:])
    return Masked("".join(out), Mask.PYTHON, originals)


def _stand_in(line: str, number: int) -> str | None:
    """Return the Python that stands for a line that is none, or ``None`` where it is Python."""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    if _MAGIC.match(line) or _HELP.match(line):
        return f"{indent}pass  {_TAG}{number}"
    assigned = _ASSIGNED.match(line)
    if assigned is not None:
        name = line[: line.index("=")].strip()
        return f"{indent}{name} = get_ipython()  {_TAG}{number}"
    return None


def _magic_end(text: str, start: int) -> int:
    """A magic goes on to the end of its line, and further behind a backslash."""
    match = re.compile(r"(?:\\(?:\r\n|\r|\n)|[^\r\n])*").match(text, start)
    return match.end() if match else start


def _statements(text: str) -> list[tuple[int, int]]:
    """Return the spans of the first lines of statements."""
    found: list[tuple[int, int]] = []
    at = depth = 0
    fresh = True
    while at < len(text):
        if fresh:
            line_end = re.compile(r"[^\r\n]*").match(text, at)
            assert line_end is not None
            line = text[at : line_end.end()]
            found.append((at, line_end.end()))
            fresh = False
            if _stand_in(line, 0) is not None:
                at = _magic_end(text, at)
                depth = 0
        match = _TOKEN.match(text, at)
        if match is None:
            break
        kind = match.lastgroup
        at = match.end()
        if kind == "triple":
            quote = match[0][-3:]
            end = _closing(text, at, quote)
            at = end
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "end" and depth == 0:
            fresh = True
    return found


def _closing(text: str, at: int, quote: str) -> int:
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + 3
        else:
            at += 1
    return at
