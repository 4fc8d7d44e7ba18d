"""What of the findings is told: settings and ``# hybrid: ignore`` comments take some out, as in ``check``."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from ..config import Config
from ..diagnostics import Diagnostic, Span
from ..rewrite.edit import Edit, Fix
from ..source.source import Source
from .slices import Placed, Slice

if TYPE_CHECKING:
    from ..meaning.module import Module
    from ..run.suppress import Ignore

_FAR = 1 << 60


@dataclass(frozen=True)
class _Imports:
    """As much of a module as :func:`~transpile_hybrid.rules.engine.judged_codes` asks for."""

    frameworks: frozenset[str]


def show(path: str, slices: Sequence[Slice], frameworks: frozenset[str], config: Config) -> None:
    """Set ``shown`` of each slice."""
    commented = False
    for one in slices:  # at every keystroke, nearly all of them as they were
        if one.comments is None:
            comments_of(path, one)
        if one.comments:
            commented = True
        elif one.shown is None:
            one.shown = [d for d in one.found if config.keeps(d.code, path)]
    if not commented:
        return
    every = [(one, comments_of(path, one)) for one in slices]
    for one, shown in zip(slices, _apply(path, every, frameworks, config), strict=True):
        if one.shown is None or not _same(one.shown, shown):
            one.shown = shown


def _same(a: list[Diagnostic], b: list[Diagnostic]) -> bool:
    return a == b and all(x.fix is y.fix or x.code == y.code == "THC901" for x, y in zip(a, b, strict=True))


def comments_of(path: str, one: Slice) -> list[Ignore]:
    """Return the suppression comments of a slice (lines and offsets count from its start)."""
    if one.comments is None:
        from ..run.suppress import ignores

        text = one.text if any("hybrid:" in line for line in one.lines) else ""
        one.comments = ignores(Source(path, text)) if text else []
    return one.comments


def _apply(
    path: str, every: list[tuple[Slice, list[Ignore]]], frameworks: frozenset[str], config: Config
) -> list[list[Diagnostic]]:
    from ..rules.engine import judged_codes
    from ..run.suppress import Ignore, apply_ignores

    comments: list[Ignore] = []
    found: list[Diagnostic] = []
    for one, own in every:
        for comment in own:
            text = one.text[comment.span.start : comment.span.end].lower()
            head = text.partition("[")[0].replace(" ", "")
            whole = head.endswith("ignore-file")
            comments.append(
                Ignore(
                    Span(comment.span.start + one.start, comment.span.end + one.start),
                    comment.line + one.line,
                    1 if whole else comment.first + one.line,
                    _FAR if whole else comment.last + one.line,
                    comment.codes,
                )
            )
        for d in one.found:
            if config.keeps(d.code, path):
                found.append(replace(d, span=Span(d.span.start + one.start, d.span.end + one.start)))
    judged: set[str] | None = None
    if config.keeps("THC901", path):
        module = cast("Module", _Imports(frameworks))
        judged = {code for code in judged_codes(module, config.targets) if config.keeps(code, path)}
        if not config.select and not config.ignore and not config.ignored_in(path) and len(judged) > 1:
            judged.add("*" if judged >= judged_codes(module, None) else "")
    source = Source(path, "".join(one.text for one, _ in every))
    starts = [one.start for one, _ in every]
    out: list[list[Diagnostic]] = [[] for _ in every]
    for d in apply_ignores(source, found, comments, judged):
        index = max(bisect.bisect_right(starts, d.span.start) - 1, 0)
        out[index].append(_relative(d, every[index][0]))
    return out


def _relative(d: Diagnostic, one: Slice) -> Diagnostic:
    fix = d.fix
    if fix is not None and not all(isinstance(edit, Placed) for edit in fix.edits):
        edits: tuple[Edit, ...] = tuple(
            Placed(edit.start - one.start, edit.end - one.start, edit.parts, one) for edit in fix.edits
        )
        fix = Fix(edits, fix.safety, fix.group)
    return replace(d, span=Span(d.span.start - one.start, d.span.end - one.start), fix=fix)
