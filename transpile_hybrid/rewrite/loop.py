"""Apply fixes until nothing more can be fixed: rules, edits, new text, rules again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..diagnostics import Diagnostic, Span
from ..source.source import Source, SourceError
from .edit import SAFETY_ORDER, Edit, Fix, Part, apply_edits, compatible

MAX_ROUNDS = 12


class RewriteError(Exception):
    """A rewrite that went wrong inside the tool: nothing was changed."""


@dataclass
class RewriteResult:
    """What became of one source.

    ``remaining`` are the diagnostics of the new text, ``applied`` those whose fixes were applied, in order, with the
    round in which each was.
    """

    before: Source
    after: Source
    remaining: list[Diagnostic] = field(default_factory=list)
    applied: list[tuple[int, Diagnostic]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.before.text != self.after.text


def admissible(fix: Fix | None, unsafe: bool) -> bool:
    """Whether ``fix`` may be applied."""
    return fix is not None and SAFETY_ORDER[fix.safety] <= (1 if unsafe else 0)


def select_fixes(source: Source, diagnostics: list[Diagnostic], unsafe: bool) -> list[Diagnostic]:
    """Return the diagnostics whose fixes can be applied in one pass.

    Fixes of a group go together or not at all.  A fix that collides with one already taken waits for the next round:
    one that edits the same text, or that writes lines into a block which the other one indents anew.
    """
    groups: dict[str, list[Diagnostic]] = {}
    order: list[str] = []
    for index, diagnostic in enumerate(diagnostics):
        if diagnostic.fix is None:
            continue
        key = diagnostic.fix.group or f"#{index}"
        if key not in groups:
            order.append(key)
        groups.setdefault(key, []).append(diagnostic)
    # what is decorated is looked at less closely by others: they come first
    order.sort(key=lambda key: any(_is_decorator(e) for one in groups[key] if one.fix for e in one.fix.edits))
    taken: list[Edit] = []
    indented: list[Span] = []
    chosen: list[Diagnostic] = []
    for key in order:
        members = groups[key]
        if not all(admissible(member.fix, unsafe) for member in members):
            continue
        edits: list[Edit] = []
        fits = True
        for member in members:
            assert member.fix is not None
            for edit in member.fix.edits:
                apart = not any(_comes_between(source, edit, other) or _says_twice(edit, other) for other in taken)
                if apart and all(compatible(source, edit, other) for other in taken + edits):
                    edits.append(edit)
                else:
                    fits = False
        block = _indented(source, edits)
        if any(_writes_into(span, edits, block) for span in indented) or (
            block is not None and _writes_into(block, taken, None)
        ):
            continue
        if fits:
            taken += edits
            chosen += members
            indented += [block] if block is not None else []
    return chosen


def _comes_between(source: Source, edit: Edit, other: Edit) -> bool:
    """Whether two edits meet of which one is a decorator, or the head of a block for the statement that stands there.

    It belongs to what stands there, not to what the other puts in front, or to more lines in its place.
    """
    if edit == other:
        return False
    if edit.is_insertion and other.is_insertion:
        low, high = sorted((edit.start, other.start))
        heads = any(_is_decorator(one) or _opens_block(one) for one in (edit, other))
        return heads and not source.text[low:high].strip(" \t")
    meet = edit.start <= other.end and other.start <= edit.end
    return meet and any(_opens_block(one) and _has_lines(two) for one, two in ((edit, other), (other, edit)))


def _says_twice(edit: Edit, other: Edit) -> bool:
    """Whether two insertions annotate the same thing, each in its own way."""
    if not (edit.is_insertion and other.is_insertion) or edit == other or edit.start != other.start:
        return False
    heads = [one.parts[0] if one.parts else "" for one in (edit, other)]
    return any(all(isinstance(head, str) and head.startswith(mark) for head in heads) for mark in (": ", " -> "))


def _is_decorator(edit: Edit) -> bool:
    return bool(edit.parts) and isinstance(edit.parts[0], str) and edit.parts[0].lstrip().startswith("@")


def _opens_block(edit: Edit) -> bool:
    """Whether an edit puts what stands there, or what it keeps, under the head of a block (``if ...:``)."""
    for number, part in enumerate(edit.parts, 1):
        kept = edit.is_insertion if number == len(edit.parts) else not isinstance(edit.parts[number], str)
        if kept and isinstance(part, str) and "\n" in part[len(part.rstrip()) :] and part.rstrip().endswith(":"):
            return True
    return False


def _has_lines(edit: Edit) -> bool:
    return any(isinstance(part, str) and "\n" in part for part in edit.parts)


def _indented(source: Source, edits: list[Edit]) -> Span | None:
    """Return the block that ``edits`` indent: the lines at whose start they put nothing but blanks."""
    blanks = [e.start for e in edits if e.is_insertion and e.parts and all(_is_blank(part) for part in e.parts)]
    if not blanks:
        return None
    last = source.text.find("\n", max(blanks))
    return Span(min(blanks), len(source.text) if last < 0 else last + 1)


def _is_blank(part: Part) -> bool:
    return isinstance(part, str) and part != "" and not part.strip(" \t")


def _writes_into(block: Span, edits: list[Edit], other: Span | None) -> bool:
    """Whether ``edits`` add lines in ``block``, which would keep its old indentation, or indent some of it as well."""
    if other is not None and other.start < block.end and block.start < other.end:
        return True
    return any(block.start <= edit.end and edit.start <= block.end and _has_lines(edit) for edit in edits)


def rewrite_source(
    source: Source, diagnose: Callable[[Source], list[Diagnostic]], *, unsafe: bool = False
) -> RewriteResult:
    """Fix ``source`` to a fixed point.

    ``diagnose`` gives the diagnostics of a source.  Every new text is parsed before it is accepted.  Raises
    :class:`RewriteError` when an edit gives text that doesn't parse, or when the rounds don't end.
    """
    result = RewriteResult(source, source)
    current = source
    for round_number in range(1, MAX_ROUNDS + 1):
        diagnostics = diagnose(current)
        result.remaining = diagnostics
        chosen = select_fixes(current, diagnostics, unsafe)
        if not chosen:
            result.after = current
            return result
        edits = [edit for diagnostic in chosen if diagnostic.fix for edit in diagnostic.fix.edits]
        text = apply_edits(current, edits)
        if text == current.text:
            result.after = current
            return result
        codes = ", ".join(sorted({diagnostic.code for diagnostic in chosen}))
        if not outside_is_kept(current.text, text, edits):
            raise RewriteError(f"{source.path}: the fixes of {codes} change more than they say")
        new = current.with_text(text)
        try:
            new.tree  # noqa: B018  (parsed here, and kept for the next round)
        except SourceError as exc:
            raise RewriteError(f"{source.path}: the fixes of {codes} give text that does not parse: {exc}") from exc
        result.applied += [(round_number, diagnostic) for diagnostic in chosen]
        current = new
    codes = ", ".join(sorted({diagnostic.code for _, diagnostic in result.applied[-5:]}))
    raise RewriteError(f"{source.path}: the fixes of {codes} do not come to an end")


def outside_is_kept(old: str, new: str, edits: list[Edit]) -> bool:
    """Whether ``new`` holds, in order, all of ``old`` that lies outside of ``edits`` (told without applying them)."""
    spans = sorted({(edit.start, edit.end) for edit in edits})
    segments: list[str] = []
    at = 0
    for start, end in spans:
        if start >= at:
            segments.append(old[at:start])
        at = max(at, end)
    segments.append(old[at:])
    if not new.startswith(segments[0]) or not new.endswith(segments[-1]):
        return False
    at = len(segments[0])
    for segment in segments[1:-1]:
        at = new.find(segment, at)
        if at < 0:
            return False
        at += len(segment)
    return at <= len(new) - len(segments[-1])
