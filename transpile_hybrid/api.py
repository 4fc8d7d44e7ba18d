"""The public Python API: everything that a command does, as typed functions on sources."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .config import Config
from .diagnostics import Consequence, Diagnostic, Span
from .rewrite.loop import RewriteResult
from .source.source import Source, SourceError
from .targets import TARGETS, parse_targets

if TYPE_CHECKING:
    from .meaning.units import Unit
    from .verify.options import VerifyOptions
    from .verify.verdict import Verdict


@dataclass
class FileReport:
    """What :func:`check` found in one source.

    ``error`` is the one-line reason why the source could not be judged (unreadable, no Python, an internal error).
    """

    source: Source
    diagnostics: list[Diagnostic] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    error: str = ""
    internal: str = ""
    suppressed: int = 0


@dataclass
class RewriteReport:
    """What :func:`rewrite` made of one source; ``result`` is ``None`` where ``error`` says why nothing was done."""

    source: Source
    result: RewriteResult | None = None
    units: list[Unit] = field(default_factory=list)
    error: str = ""
    internal: str = ""

    @property
    def changed(self) -> bool:
        return self.result is not None and self.result.changed


def check(
    sources: Iterable[Source],
    targets: Sequence[str] = (),
    *,
    unsafe: bool = False,
    config: Config | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[FileReport]:
    """Judge ``sources`` and return one report each, in their order.

    ``targets`` are names of :data:`~transpile_hybrid.targets.TARGETS` (default: those of ``config``, else one per
    framework).  Names are followed into the other sources, and into the files of the same repository on disk.  Comments
    ``# hybrid: ignore[...]`` are honoured.  No source makes this raise: what can't be read or parsed is that report's
    ``error``.  Raises ``UnknownTarget``.
    """
    from .run.judge import Judge
    from .run.repository import Repository

    everything = list(sources)
    settings = _settings(config, targets)
    paths = [source.path for source in everything]
    judge = Judge(Repository(paths, dict(zip(paths, everything, strict=True))), unsafe)
    reports: list[FileReport] = []
    for source in everything:
        if progress:
            progress(source.path)
        report = FileReport(source)
        reports.append(report)
        try:
            module = judge.repository.module_of(source)
            report.diagnostics, report.units, report.suppressed = judge.diagnose(module, settings)
        except SourceError as exc:
            report.error = str(exc)
        except Exception as exc:  # a crash in one file is that file's report, and the rest goes on
            report.error = f"{source.path}: internal error: {type(exc).__name__}: {exc}"
            report.internal = traceback.format_exc()
    return reports


def _settings(config: Config | None, targets: Sequence[str]) -> Config:
    settings = (config or Config()).with_options(target=tuple(targets))
    parse_targets(list(settings.target))
    return settings


def rewrite(
    sources: Iterable[Source],
    targets: Sequence[str] = (),
    *,
    unsafe: bool = False,
    format: bool | None = None,
    config: Config | Callable[[str], Config] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[RewriteReport]:
    """Rewrite ``sources`` in memory, to a fixed point, and return one report each, in their order.

    A source that several files depend on is judged with all of ``sources``.  ``format`` tells whether changed lines are
    formatted with black: by default only in projects that have a ``[tool.black]`` table.  ``config`` are the settings,
    or a function that gives those of a path.  Raises ``UnknownTarget``.
    """
    from .run.rewriting import rewrite_all

    def settings(path: str) -> Config:
        return _settings(config(path) if callable(config) else config, targets)

    if not callable(config):
        settings("")
    return rewrite_all(list(sources), settings, unsafe=unsafe, format=format, progress=progress)


def verify(
    before: Source,
    after: Source,
    targets: Sequence[str] | None = None,
    *,
    options: VerifyOptions | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Verdict]:
    """Run two sources side by side, unit by unit, and return what was found.

    With ``targets`` the units of ``after`` are compiled by each of them (``["auto"]``: by every one with its settings,
    to mark the fastest); with ``None`` both are run as they stand.
    This runs the code of both sources, in worker processes of the user's own interpreter.
    """
    from .verify import AUTO, VerifyOptions, verify_texts

    wanted: tuple[str, ...] | None = None
    if targets is not None:
        named = [name for name in targets if name != AUTO]
        wanted = (AUTO,) if AUTO in targets else ()
        wanted += parse_targets(named) if named or not wanted else ()
    return verify_texts(
        before.text,
        after.text,
        path=after.path,
        targets=wanted,
        options=options or VerifyOptions(),
        progress=progress,
    )


__all__ = [
    "TARGETS",
    "Config",
    "Consequence",
    "Diagnostic",
    "FileReport",
    "RewriteReport",
    "Source",
    "SourceError",
    "Span",
    "check",
    "rewrite",
    "verify",
]
