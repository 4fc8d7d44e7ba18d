"""What `rewrite` makes of an open document, as edits: all of it, one class, one group of fixes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ..api import rewrite
from ..config import Config
from ..diagnostics import Diagnostic
from ..rewrite.loop import RewriteError, rewrite_source
from ..run.judge import Judge
from ..run.repository import Repository
from ..run.rewriting import rewrite_all
from ..source.source import Source, SourceError
from .buffer import split_lines
from .documents import Replacement


def differences(before: Sequence[str], after: Sequence[str]) -> list[Replacement]:
    """Return the edits that make one text of another: whole lines, and only those that differ."""
    edits: list[Replacement] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        first, column = (a, 0) if a < len(before) else (len(before) - 1, len(before[-1]))
        last, end = (b, 0) if b < len(before) else (len(before) - 1, len(before[-1]))
        edits.append(Replacement((first, column, last, end), "".join(after[c:d])))
    return edits


def whole(source: Source, repository: Repository, config: Config, *, unsafe: bool = False) -> list[Replacement]:
    """Return what ``rewrite`` changes in a source, as edits (none where it can't be rewritten)."""
    (report,) = rewrite_all([source], lambda _: config, unsafe=unsafe, repository=repository)
    if report.result is None or not report.changed:
        return []
    return differences(split_lines(source.text), split_lines(report.result.after.text))


def one_unit(source: Source, repository: Repository, config: Config, unit: str, *, unsafe: bool) -> list[Replacement]:
    """Return what converts one class or function (with what must be changed together with it), as edits."""
    judge = Judge(repository, unsafe)

    def diagnose(text: Source) -> list[Diagnostic]:
        if text is not source:
            repository.put(text)
        found, _, _ = judge.diagnose(repository.module_of(text), config)
        return mine(found, unit)

    try:
        result = rewrite_source(source, diagnose, unsafe=unsafe)
    except (SourceError, RewriteError):
        return []
    finally:
        repository.put(source)
        judge.dispose()
    return differences(split_lines(source.text), split_lines(result.after.text)) if result.changed else []


def mine(found: list[Diagnostic], unit: str) -> list[Diagnostic]:
    """Return the findings of a unit, and those whose fixes go together with one of them."""
    own = [d for d in found if d.unit == unit or d.unit.startswith(unit + ".")]
    groups = {d.fix.group for d in own if d.fix is not None and d.fix.group}
    return [d for d in found if d in own or (d.fix is not None and d.fix.group in groups)]


def side_by_side(source: Source, config: Config, unsafe: bool) -> str:
    """Return the text that ``rewrite`` makes of a source that stands alone."""
    (report,) = rewrite([source], config=config, unsafe=unsafe)
    return report.result.after.text if report.result is not None else source.text
