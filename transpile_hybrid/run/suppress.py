"""``# hybrid: ignore[THT101]``: on a line, on the head of a ``def`` or ``class`` (covers its body), or for a file.

``# hybrid: ignore-file[...]`` covers the file.  Without brackets every code is meant.  A comment is one only where
Python sees one: in a string it is text.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..diagnostics import Consequence, Diagnostic, Span
from ..source.source import Source

if TYPE_CHECKING:
    from ..rewrite.edit import Fix
    from ..rules.rule import Rule

UNUSED_CODE = "THC901"
_WORD = "hybrid:"
_COMMENT = re.compile(
    r"#\s*hybrid:\s*ignore(?P<file>-file)?(?![\w-])(?:\s*\[(?P<codes>[^\]]*)\])?(?P<rest>[^#]*)", re.I
)


@dataclass
class Ignore:
    """One comment: where it stands, what it covers (1-based lines) and which of its codes were of use."""

    span: Span
    line: int
    first: int
    last: int
    codes: tuple[str, ...]
    used: set[str] = field(default_factory=set)


def ignores(source: Source) -> list[Ignore]:
    """Return the suppression comments of a source that parses."""
    if _WORD not in source.text:
        return []
    found: list[Ignore] = []
    lines = _Lines(source)
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text, newline="").readline):
            if token.type != tokenize.COMMENT or _WORD not in token.string:
                continue
            match = _COMMENT.search(token.string)
            if match is None:
                continue
            codes = tuple(
                dict.fromkeys(part.strip().upper() for part in (match["codes"] or "").split(",") if part.strip())
            )
            line = token.start[0]
            start = source.line_starts[line - 1] + token.start[1] + match.start()
            end = start + len(match[0].rstrip())
            first, last = (1, len(source.line_starts)) if match["file"] else lines(line)
            found.append(Ignore(Span(start, end), line, first, last, codes))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return found
    return found


class _Lines:
    """Maps the line of a comment to the lines that it covers."""

    def __init__(self, source: Source) -> None:
        self.blocks: dict[int, tuple[int, int]] = {}
        self.statements: dict[int, tuple[int, int]] = {}
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                decorators = [one.lineno for one in node.decorator_list]
                start = min([node.lineno, *decorators])
                for line in range(start, max(node.body[0].lineno, node.lineno + 1)):
                    self.blocks[line] = (start, node.end_lineno or node.lineno)
            elif isinstance(node, ast.stmt) and (node.end_lineno or 0) > node.lineno:
                body = getattr(node, "body", None)  # of a compound statement its head
                last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
                for line in range(node.lineno, last + 1):
                    self.statements[line] = (node.lineno, last)

    def __call__(self, line: int) -> tuple[int, int]:
        return self.blocks.get(line) or self.statements.get(line) or (line, line)


def apply_ignores(
    source: Source, found: list[Diagnostic], comments: list[Ignore], judged: Iterable[str] | None = None
) -> list[Diagnostic]:
    """Return ``found`` without what the comments cover, and with a diagnostic for each comment of no use.

    ``judged`` are the codes of which it is known whether they apply here (rules that ran for all of their targets);
    ``None`` for no report of unused comments.
    """
    left: list[Diagnostic] = []
    for diagnostic in found:
        line, _ = source.position(diagnostic.span.start)
        covered = False
        for comment in comments:
            if comment.first <= line <= comment.last and (not comment.codes or diagnostic.code in comment.codes):
                comment.used.add(diagnostic.code)
                covered = True
        if not covered:
            left.append(diagnostic)
    if judged is not None:
        known = set(judged)
        if any(d.fix is not None or d.waits for d in left):
            # what judges the whole module may find something once a class has been converted
            known = {code for code in known if (rule := _rule(code)) is None or rule.scope != "module"}
        left += [d for comment in comments if (d := _unused(source, comment, known)) is not None]
        left.sort(key=lambda d: d.span)
    return left


def _unused(source: Source, comment: Ignore, judged: set[str]) -> Diagnostic | None:
    if not comment.codes:
        if comment.used or "*" not in judged:
            return None
        return _report(source, comment, (), "nothing is found here")
    useless = [code for code in comment.codes if code not in comment.used and (code in judged or _rule(code) is None)]
    if not useless:
        return None
    kept = tuple(code for code in comment.codes if code not in useless)
    unknown = [code for code in useless if _rule(code) is None]
    reason = f"no rule has the code {unknown[0]}" if unknown else f"{', '.join(useless)} is not found here"
    return _report(source, comment, kept, reason)


def _rule(code: str) -> Rule | None:
    from ..rules.registry import find_rule

    return find_rule(code)


def _report(source: Source, comment: Ignore, kept: tuple[str, ...], reason: str) -> Diagnostic:
    from ..targets import TARGETS

    return Diagnostic(
        UNUSED_CODE,
        "unused-ignore",
        f"this `hybrid: ignore` is of no use: {reason}",
        comment.span,
        tuple(TARGETS),
        Consequence.SPEED,
        help="remove it",
        fix=_removal(source, comment, kept),
    )


def _removal(source: Source, comment: Ignore, kept: tuple[str, ...]) -> Fix:
    from ..rewrite.edit import Edit, Fix

    text = source.text
    start, end = comment.span.start, comment.span.end
    if kept:
        inner = text[start:end]
        head = inner[: inner.index("[") + 1]
        tail = inner[inner.index("]") :]
        return Fix((Edit(start, end, (head + ", ".join(kept) + tail,)),))
    line_start = source.line_starts[comment.line - 1]
    line_end = source.line_starts[comment.line] if comment.line < len(source.line_starts) else len(text)
    rest = text[end:line_end]
    if rest.strip():  # another comment follows
        return Fix((Edit(start, end + len(rest) - len(rest.lstrip()), ()),))
    if not text[line_start:start].strip():
        return Fix((Edit(line_start, line_end, ()),))
    cut = len(text[line_start:start].rstrip())
    return Fix((Edit(line_start + cut, end, ()),))
