"""Edits: how a fix changes text without touching a byte outside of what it replaces.

An :class:`Edit` replaces a span by *parts*: literal text, and nodes of the original tree whose own text is kept, with
the edits inside them applied.  So nested fixes (``a[0]`` inside ``b.reshape(...)``) compose in one pass, comments and
formatting of kept operands survive, and everything outside an edit is byte for byte what it was, by construction.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as with_fields

from ..diagnostics import Span
from ..source.source import Source


@dataclass(frozen=True)
class Kept:
    """A node whose text is kept inside an edit; ``paren`` asks for parentheses unless the node is atomic."""

    node: ast.expr
    paren: bool = False


Part = str | ast.expr | Kept


@dataclass(frozen=True)
class Edit:
    """Replace the half-open character range ``start:end`` by ``parts``; an insertion has ``start == end``."""

    start: int
    end: int
    parts: tuple[Part, ...]

    @property
    def is_insertion(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True)
class Fix:
    """Edits that mend one diagnostic.

    ``safety`` is ``safe`` (same results, by proof), ``unsafe`` (may differ; only with ``--unsafe``) or ``display``
    (shown as a proposal, never applied).  Fixes with the same non-empty ``group`` are applied together or not at all.
    """

    edits: tuple[Edit, ...]
    safety: str = "safe"
    group: str = ""


SAFETY_ORDER = {"safe": 0, "unsafe": 1, "display": 2}

# Expressions that need no parentheses wherever an operand may stand.
_ATOMS = (
    ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict, ast.Set, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.JoinedStr,
)  # fmt: skip


def operand(node: ast.expr) -> Kept:
    """Return ``node`` as a part that may stand as an operand of any operator."""
    return Kept(node, paren=True)


def replace(source: Source, node: ast.AST, *parts: Part) -> Edit:
    """Return an edit that puts ``parts`` in the place of ``node``."""
    span = source.span(node)
    return Edit(span.start, span.end, parts)


def insert(offset: int, *parts: Part) -> Edit:
    """Return an edit that inserts ``parts`` before the character at ``offset``."""
    return Edit(offset, offset, parts)


def insert_after(source: Source, node: ast.AST, *parts: Part) -> Edit:
    """Return an edit that inserts ``parts`` directly behind ``node``."""
    return insert(source.span(node).end, *parts)


def insert_line_before(source: Source, statement: ast.stmt, line: str) -> Edit:
    """Insert a line above ``statement`` (above its decorators), with its indentation."""
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    start = source.line_starts[first - 1]
    return insert(start, source.indent_of(statement) + line + source.newline)


def insert_line_after(source: Source, statement: ast.stmt, line: str) -> Edit:
    """Insert a line below ``statement``, with its indentation.

    A statement that shares its line with another (``a = 1; b = 2``) or ends the file without a newline is handled.
    """
    end_line = statement.end_lineno or statement.lineno
    end = source.line_starts[end_line] if end_line < len(source.line_starts) else len(source.text)
    here = source.span(statement).end
    rest = source.text[here:end]
    indent = source.indent_of(statement)
    if rest.lstrip(" \t").startswith(";") or shares_line(source, statement):
        return insert(here, "; " + line)
    if not rest.endswith(("\n", "\r")):
        return insert(end, source.newline + indent + line)
    return insert(end, indent + line + source.newline)


def shares_line(source: Source, statement: ast.stmt) -> bool:
    """Whether something else than indentation stands before ``statement`` on its line."""
    start = source.span(statement).start
    return bool(source.text[source.line_starts[statement.lineno - 1] : start].strip())


def text_behind(source: Source, statement: ast.stmt) -> str:
    """Return what stands behind ``statement`` on its last line: a comment, another statement, or nothing."""
    return source.text[source.span(statement).end :].split("\n", 1)[0].strip()


def delete_statement(source: Source, statement: ast.stmt, siblings: list[ast.stmt]) -> Edit:
    """Remove a whole statement with its line, or put ``pass`` where it is the only one of its block."""
    span = source.span(statement)
    if len(siblings) == 1:
        return Edit(span.start, span.end, ("pass",))
    line_start = source.line_starts[statement.lineno - 1]
    end_line = statement.end_lineno or statement.lineno
    line_end = source.line_starts[end_line] if end_line < len(source.line_starts) else len(source.text)
    before, after = source.text[line_start : span.start], source.text[span.end : line_end]
    if not before.strip() and not after.strip():
        return Edit(line_start, line_end, ())
    if not before.strip() and after.lstrip().startswith("#"):
        return Edit(span.start, span.end + len(after) - len(after.lstrip()), ())
    if after.lstrip().startswith(";"):
        rest = after.lstrip()[1:]
        return Edit(span.start, span.end + len(after) - len(rest.lstrip()), ())
    previous = before.rstrip()
    cut = line_start + len(previous) - 1 if previous.endswith(";") else span.start
    return Edit(cut, span.end, ()) if previous.endswith(";") else Edit(span.start, span.end, ("pass",))


def add_import(source: Source, statement: str) -> Edit:
    """Insert an import behind the last import at the top of the file (or docstring and ``__future__``).

    The caller sees to it that the name is not bound already.  Two fixes asking for the same import give equal edits,
    which are applied once.
    """
    anchor: ast.stmt | None = None
    body = source.tree.body
    for index, node in enumerate(body):
        is_doc = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_doc or isinstance(node, ast.Import | ast.ImportFrom):
            anchor = node
        else:
            break
    if anchor is None:
        return insert(_after_header_comments(source), statement + source.newline)
    if isinstance(anchor, ast.Expr):  # a docstring alone: one empty line between
        edit = insert_line_after(source, anchor, statement)
        return Edit(edit.start, edit.end, (source.newline, *edit.parts))
    return insert_line_after(source, anchor, statement)


def _after_header_comments(source: Source) -> int:
    """Offset behind a shebang, an encoding cookie and other leading comment lines."""
    first = source.tree.body[0].lineno if source.tree.body else len(source.line_starts)
    decorators = getattr(source.tree.body[0], "decorator_list", []) if source.tree.body else []
    first = min([first, *(d.lineno for d in decorators)])
    line = 1
    while line < first and source.line_text(line).lstrip().startswith("#"):
        line += 1
    return source.line_starts[line - 1]


def with_newlines(source: Source, fix: Fix) -> Fix:
    """Return a fix whose new lines end as most of ``source`` do: a rule may write a statement of several lines.

    Text that may hold a literal of several lines stays as it is.
    """
    return with_fields(
        fix,
        edits=tuple(
            with_fields(edit, parts=tuple(_ending(part, source.newline) for part in edit.parts)) for edit in fix.edits
        ),
    )


def _ending(part: Part, newline: str) -> Part:
    if not isinstance(part, str) or re.search("\"\"\"|'''", part):
        return part
    return _BARE_NEWLINE.sub(newline, part)


_BARE_NEWLINE = re.compile(r"(?<!\r)\n")


def with_tabs(source: Source, fix: Fix) -> Fix:
    """Return a fix whose new lines are indented by tabs, as those of ``source`` are: rules write four blanks a level.

    Text that may hold a literal of several lines stays as it is.
    """
    return with_fields(fix, edits=tuple(_tabbed(source, edit) for edit in fix.edits))


def _tabbed(source: Source, edit: Edit) -> Edit:
    parts: list[Part] = []
    begins_line = edit.start in source.line_starts
    for part in edit.parts:
        if isinstance(part, str) and not re.search("\"\"\"|'''", part):
            part = (_INDENT if begins_line else _NEXT_INDENT).sub(_tabs, part)
        begins_line = isinstance(part, str) and part.endswith("\n")
        parts.append(part)
    return with_fields(edit, parts=tuple(parts))


_INDENT = re.compile(r"(?:(?<=\n)|\A)[ \t]+")
_NEXT_INDENT = re.compile(r"(?<=\n)[ \t]+")


def _tabs(found: re.Match[str]) -> str:
    return found[0].replace("    ", "\t")


def _kept_spans(source: Source, edit: Edit) -> list[Span]:
    spans: list[Span] = []
    for part in edit.parts:
        if isinstance(part, Kept):
            spans.append(source.span(part.node))
        elif isinstance(part, ast.expr):
            spans.append(source.span(part))
    return spans


def compatible(source: Source, first: Edit, second: Edit) -> bool:
    """Whether two edits can be applied in one pass."""
    if first == second:
        return True
    if first.is_insertion and second.is_insertion:
        return True
    if first.end <= second.start or second.end <= first.start:
        return True
    outer, inner = (first, second) if first.end - first.start >= second.end - second.start else (second, first)
    if not (outer.start <= inner.start and inner.end <= outer.end):
        return False
    return any(span.start <= inner.start and inner.end <= span.end for span in _kept_spans(source, outer))


def loses_comments(source: Source, edits: tuple[Edit, ...]) -> bool:
    """Whether a comment stands in what ``edits`` replace and in nothing that they write.

    One behind code that is taken out goes with it.
    """
    replaced = [
        edit
        for edit in edits
        if "#" in source.text[edit.start : edit.end] and (edit.parts or _has_comment_lines(source, edit))
    ]
    if not replaced:
        return False
    written = "".join(render_edit(source, edit) for edit in edits)
    inside = [c for c in source.comments if any(e.start <= c.start < e.end for e in replaced)]
    return any(source.text[comment.start : comment.end] not in written for comment in inside)


def _has_comment_lines(source: Source, edit: Edit) -> bool:
    """Whether some line that ``edit`` touches is nothing but a comment."""
    lines = source.text[edit.start : edit.end].splitlines()
    return any(line.lstrip().startswith("#") for line in lines)


def apply_edits(source: Source, edits: Iterable[Edit]) -> str:
    """Return the text with ``edits``, which must be pairwise :func:`compatible`, applied."""
    unique = list(dict.fromkeys(edits))
    # Outer edits first; insertions before what they stand in front of; otherwise in the given order (sort is stable).
    unique.sort(key=lambda edit: (edit.start, edit.end != edit.start, -edit.end))
    return _render(source, Span(0, len(source.text)), unique)


def render_edit(source: Source, edit: Edit) -> str:
    """Return the text that one edit alone puts in the place of what it replaces."""
    return _render(source, Span(edit.start, edit.end), [edit])


def _render(source: Source, span: Span, edits: list[Edit]) -> str:
    out: list[str] = []
    at = span.start
    index = 0
    while index < len(edits):
        edit = edits[index]
        index += 1
        inner: list[Edit] = []
        while index < len(edits) and edits[index].start < edit.end:
            inner.append(edits[index])
            index += 1
        out.append(source.text[at : edit.start])
        for part in edit.parts:
            out.append(_render_part(source, part, inner))
        at = edit.end
    out.append(source.text[at : span.end])
    return "".join(out)


def _render_part(source: Source, part: Part, inner: list[Edit]) -> str:
    if isinstance(part, str):
        return part
    kept = part if isinstance(part, Kept) else Kept(part)
    span = source.span(kept.node)
    own = [edit for edit in inner if span.start <= edit.start and edit.end <= span.end]
    text = _render(source, span, own)
    if not kept.paren:
        return text
    return text if isinstance(kept.node, _ATOMS) else f"({text})"
