"""``rewrite`` over files on disk: judged by workers and from the cache, and only what can be mended is rewritten."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..report.found import FileResult
from ..source.document import is_document
from ..source.source import Source, SourceError
from .check import Found, Options, Step, check_files
from .repository import Repository
from .rewriting import rewrite_all

_PASSES = 4


@dataclass
class Rewritten:
    """What became of a run: changed sources as (before, after), what is left in each file, how many fixes."""

    changed: list[tuple[Source, Source]] = field(default_factory=list)
    results: list[FileResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    applied: int = 0


def rewrite_files(
    found: Found,
    options: Options,
    *,
    unsafe: bool = False,
    format: bool | None = None,
    step: Step = lambda path: None,
) -> Rewritten:
    """Rewrite files in memory until nothing can be mended; nothing is written."""
    done = Rewritten()
    overlay: dict[str, Source] = {}
    before: dict[str, Source] = {}
    failed: dict[str, FileResult] = {}

    def may(path: str) -> bool:
        return unsafe or found.configs[path].unsafe_fixes

    run_options = replace(options, unsafe=unsafe)
    for number in range(_PASSES + 1):
        results = check_files(found, run_options, step if number == 0 else _nothing, overlay)
        todo = [
            path
            for path, result in zip(found.files, results, strict=True)
            if path not in failed
            and any(one.fix == "safe" or (one.fix == "unsafe" and may(path)) for one in result.found)
        ]
        if not todo or number == _PASSES:
            break
        moved = False
        for flag in (False, True):
            moved |= _pass(
                [path for path in todo if may(path) is flag], flag, found, format, overlay, before, failed, done
            )
        if not moved:
            break
    done.results = [failed.get(path, result) for path, result in zip(found.files, results, strict=True)]
    done.errors = [result.error for result in done.results if result.error]
    done.changed = [(source, overlay[path]) for path, source in before.items() if path in overlay]
    done.changed = [(old, new) for old, new in done.changed if old.text != new.text]
    return done


def _nothing(path: str) -> None:
    pass


def _pass(
    paths: list[str],
    unsafe: bool,
    found: Found,
    format: bool | None,
    overlay: dict[str, Source],
    before: dict[str, Source],
    failed: dict[str, FileResult],
    done: Rewritten,
) -> bool:
    """Rewrite some files; return whether one changed."""
    sources: list[Source] = []
    documents = [path for path in paths if is_document(path)]
    moved = False
    for path in documents:
        moved |= _document(path, unsafe, found, overlay, before, failed, done)
    for path in paths:
        if path in documents:
            continue
        try:
            sources.append(overlay.get(path) or Source.read(path))
        except SourceError as exc:
            failed[path] = FileResult(path, error=str(exc))
    if not sources:
        return moved
    repository = Repository(found.files, overlay)
    settings = found.configs.__getitem__
    reports = rewrite_all(sources, settings, unsafe=unsafe, format=format, repository=repository, texts_only=True)
    for report in reports:
        path = report.source.path
        if report.result is None:
            failed[path] = FileResult(
                path, error=report.error, internal=report.internal, targets=found.configs[path].targets
            )
        elif report.changed:
            before.setdefault(path, report.source)
            overlay[path] = report.result.after
            done.applied += len(report.result.applied)
            moved = True
    return moved


def _document(
    path: str,
    unsafe: bool,
    found: Found,
    overlay: dict[str, Source],
    before: dict[str, Source],
    failed: dict[str, FileResult],
    done: Rewritten,
) -> bool:
    """Rewrite a notebook or Markdown document; return whether it changed."""
    from .documents import rewrite_document

    applied: list[int] = []
    errors: list[FileResult] = []
    config = found.configs[path]

    def rewrite(sources: list[Source]) -> list[Source | None]:
        after: list[Source | None] = []
        for source in sources:
            repository = Repository(found.files, {**overlay, source.path: source})
            (report,) = rewrite_all([source], lambda _: config, unsafe=unsafe, format=False, repository=repository)
            after.append(report.result.after if report.result else None)
            applied.append(len(report.result.applied) if report.result else 0)
            if report.error:
                errors.append(FileResult(path, error=report.error, internal=report.internal, targets=config.targets))
        return after

    try:
        document = Repository(found.files, overlay).document(path)
        new, changed = rewrite_document(document, rewrite)
    except SourceError as exc:
        failed[path] = FileResult(path, error=str(exc), targets=config.targets)
        return False
    if errors:
        failed[path] = errors[0]
        return False
    if changed:
        before.setdefault(path, Source(path, document.text, document.encoding, document.bom))
        overlay[path] = Source(path, new.text, document.encoding, document.bom)
        done.applied += sum(applied)
    return changed
