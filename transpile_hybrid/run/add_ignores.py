"""Write a ``# hybrid: ignore[CODE]`` at every finding: a project that can't mend them now starts clean."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import replace

from ..report.found import FileResult
from ..source.source import Source, SourceError
from ..source.write import reason, write_atomic
from .check import Found

_OWN = re.compile(r"#\s*hybrid:\s*ignore\s*\[([^\]]*)\]", re.I)


def add_ignores(found: Found, results: list[FileResult]) -> tuple[int, int, list[str]]:
    """Add the comments and write the files; return how many comments and files, and errors."""
    comments = files = 0
    errors: list[str] = []
    for path, result in zip(found.files, results, strict=True):
        if not result.found or not path.endswith(".py"):
            continue
        try:
            source = Source.read(path)
            new, number = with_ignores(source, [(one.line, one.code) for one in result.found])
            write_atomic(path, new.to_bytes())
            comments, files = comments + number, files + 1
        except (SourceError, OSError, UnicodeEncodeError) as exc:
            errors.append(f"{path}: not written: {reason(exc)}")
    return comments, files, errors


def with_ignores(source: Source, places: list[tuple[int, str]]) -> tuple[Source, int]:
    """Return the source with a comment for each (line, code), and how many comments that took."""
    ends = _ends(source)
    wanted: dict[int, list[str]] = {}
    for line, code in places:
        while line not in ends and line < len(source.line_starts):
            line += 1  # inside a string or before a backslash no comment can stand: the statement's next line
        codes = wanted.setdefault(line, [])
        if code not in codes:
            codes.append(code)
    text = source.text
    for line in sorted(wanted, reverse=True):
        start = source.line_starts[line - 1]
        body = source.line_text(line)
        end = start + len(body)
        old = _OWN.search(body)
        if old is not None:
            known = [part.strip() for part in old[1].split(",") if part.strip()]
            inner = ", ".join(dict.fromkeys([*known, *wanted[line]]))
            text = text[: start + old.start(1)] + inner + text[start + old.end(1) :]
        else:
            text = text[:end].rstrip(" \t") + f"  # hybrid: ignore[{', '.join(wanted[line])}]" + text[end:]
    return replace(source, text=text), len(wanted)


def _ends(source: Source) -> set[int]:
    """Return the lines at whose end a comment may stand."""
    found: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text, newline="").readline):
            if token.type in (tokenize.NEWLINE, tokenize.NL):
                found.add(token.start[0])
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
