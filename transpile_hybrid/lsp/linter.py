"""Judges one open document again and again, each time only what an edit can have touched.

The document is kept as slices (``slices``) with what was found in each.  After an edit the changed lines are cut anew,
and every group of slices that hang together (``links``) with one that is new, or with one that went, is judged as if
the file held nothing else but its imports.  What was found in the other slices stays; it only moves with the text.

Where that can't be (a name that decides for the whole file; a document for which a whole run once disagreed), the file
is judged whole, by the same code.  :meth:`Linter.validate` judges whole and compares.
"""

from __future__ import annotations

import ast
import bisect
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from ..config import Config
from ..diagnostics import Diagnostic, Span
from ..rewrite.edit import Edit, Fix, render_edit
from ..source.finder import Trail
from ..source.source import Source, SourceError
from .links import Links
from .shown import show
from .slices import Placed, Slice, first_line, parse
from .views import View, unchanged

if TYPE_CHECKING:
    from ..meaning.module import Module
    from ..run.judge import Judge


_BATCH = 600  # lines that are judged in one go
_LINE = re.compile(r"\bline \d")


@dataclass
class Problem:
    """Why the text can't be read: message, 1-based line, 1-based column (0: not known)."""

    message: str
    line: int
    column: int = 0


class Linter:
    """What is known about one document.

    ``slices`` are those of the last text that parsed, and ``problem`` says why the present one doesn't, if so.
    ``trail`` is what the judgement looked at in other files.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.slices: list[Slice] = []
        self.problem: Problem | None = None
        self.trail = Trail()
        self.whole = False
        self.relevant = False
        self.judged_slices = 0  # how many the last update judged
        self.judged_lines = 0  # how many were judged since somebody set this to 0
        self._links = Links()
        self._config: Config | None = None
        self._frameworks: frozenset[str] = frozenset()
        self._flags: tuple[Slice, ...] = ()
        self._gate: AbstractContextManager[object] = nullcontext()
        self._dirty: set[Slice] = set()
        self._all_dirty = True
        self._lines: Sequence[str] = ()

    # what is asked

    def findings(self) -> list[tuple[Slice, Diagnostic]]:
        """Return what is to be told of the last text that parsed; spans count from the start of the slice."""
        self._show()
        return [(one, diagnostic) for one in self.slices for diagnostic in one.shown or ()]

    def _show(self) -> None:
        if self._config is not None:
            show(self.path, self.slices, self._frameworks, self._config)

    def views(self) -> list[View]:
        """Return which lines of which slices stand where in the present text, of those with something to tell.

        Where it doesn't parse, these are the lines that are as they were when it last did.
        """
        self._show()
        if self.problem is None:
            return [View(one, one.line, 0, len(one.lines)) for one in self.slices if one.shown]
        return [view for view in unchanged(self.slices, self._lines) if view.slice.shown]

    def forget(self) -> None:
        """Let everything be judged anew: another file or the settings changed."""
        self._all_dirty = True

    def slice_at(self, line: int) -> Slice | None:
        """Return the slice that holds a 0-based line."""
        index = bisect.bisect_right([one.line for one in self.slices], line) - 1
        return self.slices[index] if index >= 0 else None

    # an edit

    def update(
        self,
        lines: Sequence[str],
        judge: Judge,
        config: Config,
        cancelled: Callable[[], bool] = lambda: False,
        gate: AbstractContextManager[object] | None = None,
    ) -> bool:
        """Judge the text that ``lines`` make.  Returns whether it was done (``False``: cancelled half-way).

        What may be interrupted at any point runs inside ``gate``.
        """
        self._gate = gate or nullcontext()
        text = "".join(lines)
        self._lines = lines
        if config != self._config:
            self._config = config
            self._all_dirty = True
        if not self._cut(list(lines), text):
            return True
        trail = Trail()
        source = Source(self.path, text)
        frameworks = frozenset(name for one in self.slices for name in one.frameworks)
        self.relevant = bool(frameworks) or judge.matters(source, config, trail) or "hybrid:" in text
        if not self.relevant:
            self._clear()
            self.trail = trail
            return True
        witnesses = self._witnesses()
        if frameworks != self._frameworks or witnesses != self._flags:
            self._frameworks, self._flags, self._all_dirty = frameworks, witnesses, True
        everything = self._all_dirty
        if everything:
            self._dirty = set(self.slices)
            self.trail = Trail()
        source.__dict__["line_starts"] = [0, *accumulate(map(len, lines[:-1]))]
        self.judged_slices = 0
        if not self._dirty:
            return True
        small = len(lines) <= _BATCH
        if self.whole or (everything and small) or any(one.whole & frameworks for one in self.slices):
            groups = [set(self.slices)]
        else:
            groups = self._links.components(sorted(self._dirty, key=lambda one: one.line))
            if everything:  # a whole run may take longer than its parts, and can't be stopped between them
                groups = _batches(groups)
        for group in groups:
            if cancelled():
                return False
            self._judge(group, source, judge, config)
            self._dirty -= group
        self._dirty.clear()
        self._all_dirty = False
        return True

    def _cut(self, lines: list[str], text: str) -> bool:
        """Cut the text anew where it changed; return whether it parses."""
        old = self.slices
        head = 0
        at = 0  # lines that the first `head` slices take
        for one in old:
            if one.lines != tuple(lines[at : at + len(one.lines)]):
                break
            at += len(one.lines)
            head += 1
        if head == len(old) and at == len(lines) and old:
            self.problem = None
            self._place()
            return True
        tail = 0
        below = len(lines)
        while tail < len(old) - head:
            one = old[len(old) - 1 - tail]
            if below - len(one.lines) < at or one.lines != tuple(lines[below - len(one.lines) : below]):
                break
            below -= len(one.lines)
            tail += 1
        if head:  # a new line below a statement may go on with it, and one that was its last may be gone
            head -= 1
            at -= len(old[head].lines)
        if tail:  # comments before a statement belong to it
            tail -= 1
            below += len(old[len(old) - 1 - tail].lines)
        new = parse(lines[at:below], at + 1, old[head : len(old) - tail])
        if new is not None and below < len(lines) and new and not new[-1].nodes:
            new = None  # comments at the end would have to go to the slice that follows
        if new is None:
            head, tail, at, below = 0, 0, 0, len(lines)
            new = parse(lines)
            if new is None:
                self.problem = _problem(self.path, text)
                return False
            new, head, tail = _reuse(old, new)
        self.problem = None
        gone = old[head : len(old) - tail] if tail else old[head:]
        self._replace(head, gone, new)
        return True

    def _replace(self, head: int, gone: list[Slice], new: list[Slice]) -> None:
        kept = {one.lines: one for one in gone}
        merged: list[Slice] = []
        for one in new:  # a slice that was cut to the same text is the same
            same = kept.get(one.lines)
            if same is not None and same.context == one.context:
                del kept[one.lines]
                merged.append(same)
            else:
                merged.append(one)
        held = set(merged)
        for one in gone:
            if one not in held:
                self._dirty |= self._links.neighbours(one)
                if one.context or one.flags:
                    self._all_dirty = True
        for one in gone:
            if one not in held:
                self._links.remove(one)
                self._dirty.discard(one)
                one.found, one.units, one.shown, one.drawn = [], [], None, None  # they speak of it in turn
        old = set(gone)
        for one in merged:
            if one not in old:
                self._links.add(one)
                self._dirty.add(one)
                if one.context:
                    self._all_dirty = True
        self.slices[head : head + len(gone)] = merged
        self._dirty &= set(self.slices)
        if [one for one in gone if one in held] != [one for one in merged if one in old]:
            self._all_dirty = True  # what was the same text stands in another order
        self._place()

    def _place(self) -> None:
        line = start = 0
        moved = False
        for one in self.slices:
            moved = moved or (one.line >= 0 and one.line != line)
            one.line, one.start = line, start
            line += len(one.lines)
            start += one.size
        if moved:  # what names a line names another one now
            self._dirty.update(one for one in self.slices if one.counts_lines)

    def _witnesses(self) -> tuple[Slice, ...]:
        """Return a slice for each word whose presence decides for the whole file."""
        found: dict[str, Slice] = {}
        for one in self.slices:
            for flag in one.flags:
                found.setdefault(flag, one)
        return tuple(dict.fromkeys(found.values()))

    def _clear(self) -> None:
        for one in self.slices:
            one.found, one.units, one.shown = [], [], None
        self._all_dirty = True

    def validate(self, judge: Judge, gate: AbstractContextManager[object] | None = None) -> bool:
        """Judge the whole text and take over what comes out; return whether it was what the parts had given.

        Where it wasn't, the document is judged whole from then on.
        """
        if self.problem is not None or not self.relevant or self._config is None or self.whole:
            return True
        self._gate = gate or nullcontext()
        before = [_comparable(one) for one in self.slices]
        source = Source(self.path, "".join(self._lines))
        self.trail = Trail()
        self._judge(set(self.slices), source, judge, self._config)
        self.whole = before != [_comparable(one) for one in self.slices]
        return not self.whole

    # judging

    def _judge(self, group: set[Slice], source: Source, judge: Judge, config: Config) -> None:
        """Judge a group of slices, in the company of the context."""
        from ..meaning.module import Module
        from ..rules.engine import forget, run_rules
        from ..run.judge import units_of
        from ..run.view import View as Sight

        self.judged_slices += len(group)
        self.judged_lines += sum(len(one.lines) for one in group)
        part = Source(source.path, source.text, source.encoding, source.bom)
        part.__dict__["line_starts"] = source.line_starts
        part.__dict__["tree"] = self._tree(group)
        module: Module = Module(part, *judge.repository.finder.name_of(self.path))
        module.__dict__["frameworks"] = self._frameworks
        view = Sight(judge.repository, module, self.trail, config.bases)
        try:
            with self._gate:
                found, units = run_rules(module, view, config.targets, unsafe=False)
            for one in group:
                one.found, one.units, one.shown, one.counts_lines = [], [], None, False
            for diagnostic in found:
                home = self._home(diagnostic.span.start)
                if home in group:
                    if _LINE.search(f"{diagnostic.message} {diagnostic.help} {diagnostic.why}"):
                        home.counts_lines = True
                    home.found.append(self._relative(diagnostic, home, part))
            for unit in units:
                place = self.slice_at(first_line(unit.node) - 1)
                if place is not None and place in group:
                    place.units += [(row, unit.node.lineno - 1 - place.line) for row in units_of([unit])]
        finally:
            forget()
            view.dispose()
            judge.repository.bury()

    def _tree(self, group: set[Slice]) -> ast.Module:
        """Return the file's tree with ``pass`` in the place of what is not judged now."""
        body: list[ast.stmt] = []
        hidden = False
        for one in self.slices:
            if not one.nodes:
                continue
            if one in group or one.context or one in self._flags:
                body += one.move_nodes(one.line + 1)
                hidden = False
            elif not hidden:
                hidden = True
                line = first_line(one.nodes[0]) + one.line + 1 - one.at
                body.append(ast.Pass(lineno=line, col_offset=0, end_lineno=line, end_col_offset=0))
        return ast.Module(body, [])

    def _home(self, offset: int) -> Slice:
        index = bisect.bisect_right(self.slices, offset, key=lambda one: one.start) - 1
        return self.slices[max(index, 0)]

    def _relative(self, diagnostic: Diagnostic, home: Slice, source: Source) -> Diagnostic:
        fix = diagnostic.fix
        if fix is not None:
            edits: list[Edit] = []
            for edit in fix.edits:
                place = self._home(edit.start)
                text = render_edit(source, edit)
                edits.append(Placed(edit.start - place.start, edit.end - place.start, (text,), place))
            fix = Fix(tuple(edits), fix.safety, fix.group)
        span = Span(diagnostic.span.start - home.start, diagnostic.span.end - home.start)
        return replace(diagnostic, span=span, fix=fix)


def _batches(groups: list[set[Slice]]) -> list[set[Slice]]:
    """Put groups together to some of at least ``_BATCH`` lines (or what there is)."""
    out: list[set[Slice]] = []
    room = 0
    for group in groups:
        if room <= 0:
            out.append(set())
            room = _BATCH
        out[-1] |= group
        room -= sum(len(one.lines) for one in group)
    return out or [set()]


def _comparable(one: Slice) -> list[object]:
    rows: list[object] = [*one.units]
    for d in one.found:
        edits = [(e.start, e.end, e.parts, id(getattr(e, "slice", None))) for e in d.fix.edits] if d.fix else None
        rows.append((d, d.fix.safety if d.fix else "", edits))
    return rows


def _reuse(old: list[Slice], new: list[Slice]) -> tuple[list[Slice], int, int]:
    """Return the part of ``new`` that differs from ``old``, and how many slices at both ends don't."""
    head = 0
    while head < min(len(old), len(new)) and old[head].lines == new[head].lines:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail].lines == new[-1 - tail].lines:
        tail += 1
    return new[head : len(new) - tail], head, tail


def _problem(path: str, text: str) -> Problem:
    try:
        Source(path, text).tree  # noqa: B018
    except SourceError as exc:
        return Problem(exc.message, exc.line or 1, exc.col or 0)
    return Problem("cannot be read in parts", 1)  # pragma: no cover  (what parses whole was cut)
