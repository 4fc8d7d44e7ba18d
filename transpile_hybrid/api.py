"""The public Python API: everything that a command does, as typed functions on sources."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .diagnostics import Consequence, Diagnostic, Span
from .meaning.classes import Project
from .meaning.module import Module
from .meaning.units import Unit
from .rewrite.loop import RewriteError, RewriteResult, rewrite_source
from .source.source import Source, SourceError
from .targets import TARGETS, parse_targets

if TYPE_CHECKING:
    from .verify.plan import VerifyOptions
    from .verify.verdict import Verdict

SYNTAX_CODE = "THC900"
INTERNAL_CODE = "THC999"


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


def _module(source: Source) -> Module:
    return Module(source, *_module_name(source.path))


def _module_name(path: str) -> tuple[str, str]:
    """Return (module, package) as dotted names, from the ``__init__.py`` files around ``path``."""
    file = Path(path)
    parts = [] if file.stem == "__init__" else [file.stem]
    folder = file.parent
    package: list[str] = []
    while (folder / "__init__.py").is_file() and folder.name:
        package.insert(0, folder.name)
        folder = folder.parent
    return ".".join([*package, *parts]), ".".join(package)


def _prepare(sources: Sequence[Source]) -> tuple[dict[int, Module], dict[int, str]]:
    """Parse every source; return the modules and the one-line errors, keyed by position."""
    modules: dict[int, Module] = {}
    errors: dict[int, str] = {}
    for index, source in enumerate(sources):
        try:
            source.tree  # noqa: B018
            modules[index] = _module(source)
        except SourceError as exc:
            errors[index] = str(exc)
    return modules, errors


def check(
    sources: Iterable[Source],
    targets: Sequence[str] = (),
    *,
    unsafe: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[FileReport]:
    """Judge ``sources`` together and return one report each, in their order.

    ``targets`` are names of :data:`~transpile_hybrid.targets.TARGETS` (default: one per framework).  No source makes
    this raise: what can't be read or parsed is that report's ``error``.  Raises ``UnknownTarget``.
    """
    from .rules.engine import run_rules

    wanted = parse_targets(list(targets))
    everything = list(sources)
    modules, errors = _prepare(everything)
    project = Project()
    reports = [FileReport(source, error=errors.get(index, "")) for index, source in enumerate(everything)]
    for index, module in list(modules.items()):
        try:
            project.add(module)
        except Exception:  # a crash in one file is that file's report, and the rest goes on
            reports[index].error = f"{module.source.path}: internal error while reading names"
            reports[index].internal = traceback.format_exc()
            del modules[index]
    for index, module in modules.items():
        if progress:
            progress(module.source.path)
        try:
            reports[index].diagnostics, reports[index].units = run_rules(module, project, wanted, unsafe=unsafe)
        except Exception as exc:
            reports[index].error = f"{module.source.path}: internal error: {type(exc).__name__}: {exc}"
            reports[index].internal = traceback.format_exc()
    return reports


def rewrite(
    sources: Iterable[Source],
    targets: Sequence[str] = (),
    *,
    unsafe: bool = False,
    format: bool | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[RewriteReport]:
    """Rewrite ``sources`` in memory, to a fixed point, and return one report each, in their order.

    A source that several files depend on is judged with all of ``sources``.  ``format`` tells whether changed lines are
    formatted with black: by default only in projects that have a ``[tool.black]`` table.  Raises ``UnknownTarget``.
    """
    from .rewrite.format import black_settings, format_changed
    from .rules.engine import run_rules

    wanted = parse_targets(list(targets))
    everything = list(sources)
    modules, errors = _prepare(everything)
    reports = [RewriteReport(source, error=errors.get(index, "")) for index, source in enumerate(everything)]

    # Other files' classes decide (a base class there may become hybrid), so the whole set is taken to a fixed point.
    for _ in range(4):
        moved = False
        for index in list(modules):
            report = reports[index]
            if progress:
                progress(modules[index].source.path)

            def diagnose(source: Source, index: int = index, report: RewriteReport = report) -> list[Diagnostic]:
                modules[index] = _module(source)
                diagnostics, report.units = run_rules(
                    modules[index], Project(modules.values()), wanted, unsafe=unsafe
                )
                return diagnostics

            try:
                start = modules[index].source
                result = rewrite_source(start, diagnose, unsafe=unsafe)
            except RewriteError as exc:
                report.error = f"internal error: {exc}"
                del modules[index]
                continue
            except Exception as exc:
                report.error = f"{report.source.path}: internal error: {type(exc).__name__}: {exc}"
                report.internal = traceback.format_exc()
                del modules[index]
                continue
            moved = moved or result.changed
            earlier = report.result.applied if report.result else []
            report.result = RewriteResult(report.source, result.after, result.remaining, earlier + result.applied)
        if not moved or len(modules) == 1:
            break
    for report in reports:
        if report.result is None or not report.changed:
            continue
        settings = black_settings(report.source.path) if format is not False else None
        if settings is not None or format is True:
            report.result.after = format_changed(report.source, report.result.after, settings or {})
    return reports


def verify(
    before: Source,
    after: Source,
    targets: Sequence[str] | None = None,
    *,
    options: VerifyOptions | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Verdict]:
    """Run two sources side by side, unit by unit, and return what was found.

    With ``targets`` the units of ``after`` are compiled by each of them; with ``None`` both are run as they stand.
    This runs the code of both sources, in worker processes of the user's own interpreter.
    """
    from .verify import VerifyOptions, verify_texts

    return verify_texts(
        before.text,
        after.text,
        path=after.path,
        targets=parse_targets(list(targets)) if targets is not None else None,
        options=options or VerifyOptions(),
        progress=progress,
    )


__all__ = [
    "TARGETS",
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
