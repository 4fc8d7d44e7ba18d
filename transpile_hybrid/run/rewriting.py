"""Rewrite many sources together, each to its own fixed point and all of them to a common one."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..api import RewriteReport
from ..config import Config
from ..rewrite.loop import RewriteError, RewriteResult, rewrite_source
from ..source.finder import Trail
from ..source.source import Source, SourceError
from .judge import Judge
from .repository import Repository

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic

_PASSES = 4


def rewrite_all(
    sources: list[Source],
    settings: Callable[[str], Config],
    *,
    unsafe: bool = False,
    format: bool | None = None,
    progress: Callable[[str], None] | None = None,
    repository: Repository | None = None,
    texts_only: bool = False,
) -> list[RewriteReport]:
    """Rewrite ``sources``; see :func:`transpile_hybrid.api.rewrite`.

    ``repository`` knows more files than they are (default: none).  ``texts_only``: of each file its texts and what was
    applied are kept, not its units, trees and what is left; a tree takes fifty times the memory of its text.
    """
    reports = [RewriteReport(source) for source in sources]
    repository = repository or Repository([s.path for s in sources], {s.path: s for s in sources})
    judge = Judge(repository, unsafe)
    trails: dict[int, Trail] = {}
    work = list(range(len(sources)))
    # Another file's classes decide (a base class there may become hybrid): what saw a file that changed is judged
    # again.
    for _ in range(_PASSES):
        moved: set[str] = set()
        for index in work:
            if progress:
                progress(sources[index].path)
            trails[index] = Trail()
            if _one(reports[index], judge, settings(sources[index].path), trails[index], texts_only):
                moved.add(os.path.abspath(sources[index].path))
            if texts_only:
                _lighten(reports[index], judge)
        if not moved:
            break
        work = [
            index
            for index in range(len(sources))
            if not reports[index].error and _saw(reports[index], trails[index], moved)
        ]
        if not work:
            break
    for report in reports:
        if report.result is not None and report.changed:
            _format(report, format)
    return reports


@dataclass(frozen=True)
class Part:
    """A source to be rewritten, as plain data, with its settings."""

    path: str
    text: str
    encoding: str
    bom: bool
    config: Config
    unsafe: bool
    format: bool | None


@dataclass(frozen=True)
class Outcome:
    """What became of it: the new text and how many fixes were applied, or the error."""

    path: str
    text: str = ""
    applied: int = 0
    error: str = ""
    internal: str = ""


def rewrite_parts(judge: Judge, parts: list[Part]) -> list[Outcome]:
    """Rewrite some sources of a run, all ``unsafe`` alike; the task of a worker.

    They see each other's new texts, and those of other parts as they were: what that decides shows in the next pass.
    """
    repository = judge.repository
    held = {path: repository.overlay.get(path) for path in (os.path.abspath(part.path) for part in parts)}
    sources = [Source(part.path, part.text, part.encoding, part.bom) for part in parts]
    configs = {part.path: part.config for part in parts}
    first = parts[0]
    try:
        reports = rewrite_all(
            sources, configs.__getitem__, unsafe=first.unsafe, format=first.format, repository=repository,
            texts_only=True,
        )  # fmt: skip
    finally:
        for path, source in held.items():
            repository.restore(path, source)
        repository.bury()
    return [
        Outcome(report.source.path, error=report.error or "not rewritten", internal=report.internal)
        if report.result is None
        else Outcome(report.source.path, report.result.after.text, len(report.result.applied))
        for report in reports
    ]


def _saw(report: RewriteReport, trail: Trail, moved: set[str]) -> bool:
    """Whether the judgement of a file may have rested on another file that has changed since."""
    others = moved - {os.path.abspath(report.source.path)}
    if not others:
        return False
    looked_at = {*trail.read, *(trail.related or ())}
    looked_at.update(path for files in trail.asked_mentions.values() for path in files or ())
    return trail.whole or bool(looked_at & others)


def _lighten(report: RewriteReport, judge: Judge) -> None:
    """Let go of all trees."""
    judge.dispose()
    report.units = []
    report.source.forget_tree()
    result = report.result
    if result is not None:
        result.after.forget_tree()
        applied = [(number, replace(diagnostic, fix=None)) for number, diagnostic in result.applied]
        report.result = RewriteResult(result.before, result.after, [], applied)


def _one(report: RewriteReport, judge: Judge, config: Config, trail: Trail, texts_only: bool) -> bool:
    """Rewrite one source as far as it goes now; return whether it changed."""
    repository = judge.repository
    start = report.result.after if report.result else report.source

    def diagnose(source: Source) -> list[Diagnostic]:
        if texts_only:
            judge.dispose()  # of the round before: what it found is applied
        if source is not start:
            repository.put(source)
        module = repository.module_of(source)  # of its own: what is found out about it must not outlive this view
        diagnostics, report.units, _ = judge.diagnose(module, config, trail)
        return diagnostics

    try:
        start.tree  # noqa: B018
        if report.result is None and not judge.matters(start, config, trail) and "hybrid:" not in start.text:
            report.result = RewriteResult(start, start)
            return False
        result = rewrite_source(start, diagnose, unsafe=judge.unsafe)
    except SourceError as exc:
        report.error = str(exc)
        return False
    except RewriteError as exc:
        report.error = f"internal error: {exc}"
        report.internal = traceback.format_exc()
    except Exception as exc:
        report.error = f"{report.source.path}: internal error: {type(exc).__name__}: {exc}"
        report.internal = traceback.format_exc()
    else:
        earlier = report.result.applied if report.result else []
        report.result = RewriteResult(report.source, result.after, result.remaining, earlier + result.applied)
        return result.changed
    report.result = None
    repository.put(report.source)  # a file that can't be rewritten stays as it was, for the others too
    return False


def _format(report: RewriteReport, format: bool | None) -> None:
    from ..rewrite.format import black_settings, format_changed

    assert report.result is not None
    settings = black_settings(report.source.path) if format is not False else None
    if settings is not None or format is True:
        report.result.after = format_changed(report.source, report.result.after, settings or {})
