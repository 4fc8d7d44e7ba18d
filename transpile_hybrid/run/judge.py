"""Judge one file: the rules, then what settings and comments take out."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..config import Config
from ..report.found import FileResult, Found, FoundUnit
from ..source.document import is_document
from ..source.finder import Trail
from ..source.source import Source, SourceError
from .prefilter import Prefilter
from .repository import Repository

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from ..meaning.module import Module
    from ..meaning.units import Unit
    from .view import View

_COLLECT_AFTER = 20_000_000  # characters parsed, after which cycles that were missed are looked for
_FRAME_BEFORE, _FRAME_LINES = 1, 6


@dataclass
class Judge:
    """Judges the files of a repository.

    ``explicit`` are absolute paths that were named by the user: they are parsed even if nothing in them can matter, so
    that a file that is no Python is told.
    """

    repository: Repository
    unsafe: bool = False
    explicit: frozenset[str] = frozenset()
    report_unused: bool = True
    trails: dict[str, Trail] = field(default_factory=dict)
    _view: View | None = None
    _prefilters: dict[frozenset[str], Prefilter] = field(default_factory=dict)

    def matters(self, source: Source, config: Config, trail: Trail) -> bool:
        """Whether the file has to be parsed."""
        bases = frozenset(name for name, _ in config.bases)
        found = self._prefilters.get(bases)
        if found is None:
            found = self._prefilters[bases] = Prefilter(self.repository, bases)
        return found.matters(os.path.abspath(source.path), source.text, trail)

    def diagnose(
        self, module: Module, config: Config, trail: Trail | None = None, path: str = ""
    ) -> tuple[list[Diagnostic], list[Unit], int]:
        """Return the diagnostics that are to be told, the units, and how many diagnostics were taken out.

        ``path`` is that of the file that the user knows, where the module is a part of it.
        """
        from ..rules.engine import forget, judged_codes, run_rules
        from .suppress import apply_ignores, ignores
        from .view import View

        view = self._view = View(self.repository, module, trail, config.bases)
        targets = config.targets
        try:
            every, units = run_rules(module, view, targets, unsafe=self.unsafe)
        finally:
            forget()
        path = path or module.source.path
        kept = [d for d in every if config.keeps(d.code, path)]
        comments = ignores(module.source)
        if comments:
            judged = None
            if self.report_unused and config.keeps("THC901", path):
                judged = {code for code in judged_codes(module, targets) if config.keeps(code, path)}
                if not config.select and not config.ignore and not config.ignored_in(path) and len(judged) > 1:
                    judged.add("*" if judged >= judged_codes(module, None) else "")
            kept = apply_ignores(module.source, kept, comments, judged)
        return kept, units, len(every) - sum(d.code != "THC901" for d in kept)

    def dispose(self) -> None:
        """Let go of what was found out about the file that was judged last; its diagnostics are of no use then."""
        if self._view is not None:
            self._view.dispose()
            self._view = None
            self.repository.bury()
            if self.repository.parsed > _COLLECT_AFTER:
                self.repository.parsed = 0
                gc.collect()

    def file(self, path: str, config: Config, source: Source | None = None) -> FileResult:
        """Judge one Python file and return plain data.  Nothing makes this raise but ``KeyboardInterrupt``."""
        result = FileResult(shown(path), targets=config.targets)
        trail = self.trails[path] = Trail()
        try:
            if source is None and is_document(path):
                from .documents import judge_document

                judge_document(self, self.repository.document(path), config, trail, result)
                return result
            source = source or self.repository.source(os.path.abspath(path))
            matters = self.matters(source, config, trail)
            if not matters and os.path.abspath(path) not in self.explicit:
                return result
            source = Source(result.path, source.text, source.encoding, source.bom)
            source.tree  # noqa: B018  (a file that is no Python is told)
            if not matters and "hybrid:" not in source.text:
                return result
            self.repository.enter(os.path.abspath(path), len(source.text))
            module = self.repository.module_of(source)
            diagnostics, units, result.suppressed = self.diagnose(module, config, trail)
            result.judged = True
            result.found = [found_of(source, diagnostic) for diagnostic in diagnostics]
            result.units = units_of(units, result.path)
        except SourceError as exc:
            result.error, result.error_line = _relative(exc, result.path), exc.line
        except Exception as exc:  # a crash in one file is that file's report, and the rest goes on
            result.error = f"{result.path}: internal error: {type(exc).__name__}: {exc}"
            import traceback

            result.internal = traceback.format_exc()
        self.dispose()
        return result


def units_of(units: list[Unit], path: str = "") -> list[FoundUnit]:
    """Return units as plain data; with the ``path`` of their file, also where they stand and which others they use."""
    out: list[FoundUnit] = []
    for unit in units:
        row = FoundUnit(unit.name, unit.framework, unit.kind, unit.entry is not None)
        if path:
            own = unit.module.source.path
            used = [(path if place == own else shown(place), name) for place, name in unit.uses]
            row = row._replace(lines=(unit.node.lineno, unit.node.end_lineno or 0), uses=tuple(used))
        out.append(row)
    return out


def _relative(error: SourceError, path: str) -> str:
    return str(SourceError(path, error.message, error.line, error.col))


def shown(path: str) -> str:
    """Return a path as users see it: relative where it lies below the working directory."""
    below = os.path.relpath(path)
    return path if below.startswith(os.pardir) else below


def found_of(source: Source, diagnostic: Diagnostic) -> Found:
    """Return a diagnostic as plain data."""
    line, column = source.position(diagnostic.span.start)
    end_line, end_column = source.position(diagnostic.span.end)
    last, last_column = source.position(max(diagnostic.span.end - 1, diagnostic.span.start))
    lines = range(max(1, line - _FRAME_BEFORE), min(last, line + _FRAME_LINES - 2) + 1)
    return Found(
        source.path, line, column, end_line, end_column, diagnostic.code, diagnostic.name, diagnostic.message,
        diagnostic.unit, diagnostic.targets, diagnostic.consequence.value, diagnostic.why, diagnostic.help,
        diagnostic.fix.safety if diagnostic.fix else None, edits_of(source, diagnostic),
        tuple((number, source.line_text(number)) for number in lines),
        text=" ".join(source.line_text(line).split()), last_column=last_column if last == line else 0,
        waits=diagnostic.waits,
    )  # fmt: skip


def edits_of(source: Source, diagnostic: Diagnostic) -> tuple[tuple[int, int, int, int, str], ...]:
    """Return the fix as replacements of ranges, each with its whole text."""
    from ..rewrite.edit import render_edit

    if diagnostic.fix is None or diagnostic.fix.safety == "display":
        return ()
    return tuple(
        (*source.position(edit.start), *source.position(edit.end), render_edit(source, edit))
        for edit in diagnostic.fix.edits
    )
