"""``rewrite`` over files on disk: judged by workers and from the cache, and only what can be mended is rewritten."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..api import RewriteReport
from ..report.found import FileResult
from ..source.document import is_document
from ..source.source import Source, SourceError
from .check import Found, Options, Step, check_files
from .judge import Judge
from .pool import chunks_of, cores
from .repository import Repository
from .rewriting import Outcome, Part, rewrite_all, rewrite_parts

_PASSES = 4
_CHUNK = 150_000
_PAYS = 40_000  # so many characters take about as long to rewrite as a worker takes to start


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
    rewriting: Callable[[int], Step] = lambda number: _nothing,
) -> Rewritten:
    """Rewrite files in memory until nothing can be mended; nothing is written.

    ``step`` is called with each file that was judged at first; ``rewriting`` with how many files are rewritten then,
    for what is called with each of them.
    """
    run = _Run(found, replace(options, unsafe=unsafe), format)
    for number in range(_PASSES + 1):
        results = check_files(found, run.options, step if number == 0 else _nothing, run.overlay)
        gc.collect()  # what that check held is of no use any more, and hangs together in cycles
        todo: dict[bool, list[str]] = {False: [], True: []}
        for path, result in zip(found.files, results, strict=True):
            may = unsafe or found.configs[path].unsafe_fixes
            if path not in run.failed and any(
                one.fix == "safe" or (one.fix == "unsafe" and may) for one in result.found
            ):
                todo[may].append(path)
        some = len(todo[False]) + len(todo[True])
        if not some or number == _PASSES:
            break
        run.step = rewriting(some)
        if not sum(run.rewrite(paths, may) for may, paths in todo.items()):
            break
    done = Rewritten(applied=run.applied)
    done.results = [run.failed.get(path, result) for path, result in zip(found.files, results, strict=True)]
    done.errors = [result.error for result in done.results if result.error]
    done.changed = [(source, run.overlay[path]) for path, source in run.before.items() if path in run.overlay]
    done.changed = [(old, new) for old, new in done.changed if old.text != new.text]
    return done


def _nothing(path: str) -> None:
    pass


@dataclass
class _Run:
    """How far a run is: new sources by path, those before, and the files that could not be rewritten."""

    found: Found
    options: Options
    format: bool | None
    step: Step = _nothing
    overlay: dict[str, Source] = field(default_factory=dict)
    before: dict[str, Source] = field(default_factory=dict)
    failed: dict[str, FileResult] = field(default_factory=dict)
    applied: int = 0

    def rewrite(self, paths: list[str], unsafe: bool) -> int:
        """Rewrite some files; return how many changed."""
        parts: list[Part] = []
        moved = 0
        for path in paths:
            if is_document(path):
                moved += self._document(path, unsafe)
                self.step(path)
                continue
            try:
                source = self.overlay.get(path) or Source.read(path)
            except SourceError as exc:
                self.failed[path] = FileResult(path, error=str(exc))
                continue
            self.before.setdefault(path, source)
            config = self.found.configs[path]
            parts.append(Part(path, source.text, source.encoding, source.bom, config, unsafe, self.format))
        for part, outcome in zip(parts, self._outcomes(parts, unsafe), strict=True):
            if outcome.error:
                self._fail(part.path, outcome.error, outcome.internal)
            elif outcome.text != part.text:
                self.overlay[part.path] = self.before[part.path].with_text(outcome.text)
                self.applied += outcome.applied
                moved += 1
        return moved

    def _fail(self, path: str, error: str, internal: str = "") -> None:
        self.failed[path] = FileResult(path, error=error, internal=internal, targets=self.found.configs[path].targets)

    def _outcomes(self, parts: list[Part], unsafe: bool) -> list[Outcome]:
        """Rewrite parts, by workers where there is enough to do; the outcomes come in the order of the parts."""
        from .workers import spread

        chunks = chunks_of(parts, lambda part: len(part.text), _CHUNK)
        size = sum(len(part.text) for part in parts)
        workers = self.options.jobs if self.options.jobs is not None else min(cores(), 1 + size // _PAYS)
        judge = Judge(Repository(self.found.files, self.overlay), unsafe)
        outcomes: dict[str, Outcome] = {}
        for chunk, result in spread(judge, rewrite_parts, chunks, min(workers, len(chunks)), self.options.executor):
            for part, outcome in zip(chunk, result or [None] * len(chunk), strict=True):
                died = f"{part.path}: internal error: the process that rewrote it died"
                outcomes[part.path] = outcome or Outcome(part.path, error=died, internal=died)
                self.step(part.path)
        return [outcomes[part.path] for part in parts]

    def _document(self, path: str, unsafe: bool) -> bool:
        """Rewrite a notebook or Markdown document; return whether it changed."""
        from .documents import rewrite_document

        applied: list[int] = []
        errors: list[RewriteReport] = []
        config = self.found.configs[path]

        def rewrite(sources: list[Source]) -> list[Source | None]:
            after: list[Source | None] = []
            for source in sources:
                repository = Repository(self.found.files, {**self.overlay, source.path: source})
                (report,) = rewrite_all([source], lambda _: config, unsafe=unsafe, format=False, repository=repository)
                after.append(report.result.after if report.result else None)
                applied.append(len(report.result.applied) if report.result else 0)
                if report.error:
                    errors.append(report)
            return after

        try:
            document = Repository(self.found.files, self.overlay).document(path)
            new, changed = rewrite_document(document, rewrite)
        except SourceError as exc:
            self._fail(path, str(exc))
            return False
        if errors:
            self._fail(path, errors[0].error, errors[0].internal)
            return False
        if changed:
            self.before.setdefault(path, Source(path, document.text, document.encoding, document.bom))
            self.overlay[path] = Source(path, new.text, document.encoding, document.bom)
            self.applied += sum(applied)
        return changed
