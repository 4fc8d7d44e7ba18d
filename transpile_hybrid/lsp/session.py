"""What is open and what is known about it: documents in, diagnostics out.  Knows nothing of pygls.

Text arrives on the server's own thread; everything that judges or rewrites runs on the scheduler's, one thing after
another, since rules keep what they found out in tables of the process.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..source.discover import DEFAULT_EXCLUDES
from ..source.finder import Trail
from ..source.source import Source
from .buffer import Buffer, Position
from .diagnostics import as_text
from .documents import NotebookDocument, PythonDocument
from .positions import UTF16
from .scheduler import Job, Scheduler
from .workspace import CONFIG_FILES, Workspace

T = TypeVar("T")
Publish = Callable[[str, "int | None", str], None]

_QUICK = 0.03  # seconds: what is judged faster needs no pause in typing
_LONGEST_PAUSE = 0.25
_IDLE = 1.2  # seconds without an edit, after which the whole is judged for comparison
_OTHERS = 0.5
_SOME_LINES, _MANY_LINES = 2_000, 20_000  # judged, after which cycles are looked for when idle, and at once


@dataclass
class Session:
    """The state of one server.

    ``publish`` is called (on the scheduler's thread) with a document's URI, version and diagnostics as JSON;
    ``refresh`` when answers that the client asked for earlier (pulled diagnostics, lenses) are out of date.
    ``debounce`` is the pause in typing, in seconds, after which a text is judged (``None``: as long as judging takes,
    up to a quarter second).
    """

    publish: Publish
    refresh: Callable[[], None] = lambda: None
    workspace: Workspace = field(default_factory=Workspace)
    scheduler: Scheduler = field(default_factory=Scheduler)
    documents: dict[str, PythonDocument] = field(default_factory=dict)
    notebooks: dict[str, NotebookDocument] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    encoding: str = UTF16
    template: str = ""
    debounce: float | None = None
    validate: bool = True
    _frozen: bool = False

    # Python files

    def open(self, uri: str, path: str, text: str, version: int | None) -> None:
        """A file was opened."""
        document = PythonDocument(uri, path, Buffer(text, version, self.encoding))
        self.documents[uri] = document
        self.workspace.put(Source(path, text))
        self._submit(document, 0.0)

    def change(self, uri: str, version: int | None, changes: list[tuple[Position, Position, str] | str]) -> None:
        """An open file was edited; a change is (start, end, text) or the whole text."""
        document = self.documents.get(uri)
        if document is None:
            return
        _apply(document.buffer, changes)
        document.buffer.version = version
        pause = self.debounce
        if pause is None:
            pause = 0.0 if document.seconds < _QUICK else min(document.seconds, _LONGEST_PAUSE)
        self._submit(document, pause)

    def save(self, uri: str) -> None:
        """A file was written: indexes of the repository are made anew."""
        document = self.documents.get(uri)
        if document is not None:
            self.workspace.touched(document.path)
            self._others(document.path)

    def close(self, uri: str) -> None:
        """A file was closed: its text on disk counts again, and nothing is shown for it."""
        document = self.documents.pop(uri, None)
        if document is not None:
            self.scheduler.drop(uri)
            self.workspace.close(document.path)
            self.publish(uri, None, "[]")
            self._others(document.path)

    def _submit(self, document: PythonDocument, delay: float) -> None:
        document.pending = document.buffer.version, list(document.buffer.lines)

        def work(job: Job) -> None:
            if self.bring_up(document, job):
                self._tell(document)
                self._later(document)

        self.scheduler.submit(document.uri, work, delay=delay)

    def bring_up(self, document: PythonDocument, job: Job) -> bool:
        """Judge the present text unless that is done; return whether it came to the end.  On the scheduler's thread."""
        version, lines = document.pending
        if document.judged == version and document.judged is not None and lines == document.lines:
            return True
        start = time.perf_counter()
        source = Source(document.path, "".join(lines))
        self.workspace.put(source)
        document.excluded = not self.workspace.wanted(document.path)
        if document.excluded:
            document.lines = lines
        else:
            config = self.workspace.config(document.path)
            if not document.judge(self.workspace.judge(document.path), config, lines, job):
                return False
        self._tidy(document, _MANY_LINES)
        document.judged = version
        document.seconds = time.perf_counter() - start
        return True

    def _tidy(self, document: PythonDocument, lines: int) -> None:
        """Look for what rules left behind, cycles all of it, once more than so many lines were judged."""
        if document.linter.judged_lines > lines:
            document.linter.judged_lines = 0
            gc.collect()
            if not self._frozen:  # what was loaded once is not looked at again
                self._frozen = True
                gc.freeze()

    def _tell(self, document: PythonDocument) -> None:
        document.result_id += 1
        if document.uri in self.documents:
            self.publish(document.uri, document.judged, document.told(self.template))

    def _later(self, document: PythonDocument) -> None:
        """When typing pauses: judge the whole for comparison, and other open files that speak of this one."""
        if not self.validate:
            return

        def work(job: Job) -> None:
            if document.uri not in self.documents or document.buffer.version != document.judged:
                return
            if not document.excluded:
                judge = self.workspace.judge(document.path)
                if not document.linter.validate(judge, job):
                    self._tell(document)
                    self.refresh()
            self._tidy(document, _SOME_LINES)

        self.scheduler.submit(document.uri, work, delay=_IDLE, urgent=False, again=True)
        self._others(document.path)

    def _others(self, path: str) -> None:
        """Judge again the open documents whose findings may rest on the file at ``path``."""
        for other in list(self.documents.values()):
            if other.path != path and saw(other.trail, path):
                self._again(other)
        for notebook in list(self.notebooks.values()):
            if saw(notebook.trail, path):
                self._submit_notebook(notebook, _OTHERS)

    def _again(self, document: PythonDocument) -> None:
        def work(job: Job) -> None:
            before = document.diagnostics(self.template)
            document.linter.forget()
            document.judged = None
            if self.bring_up(document, job) and document.diagnostics(self.template) != before:
                self._tell(document)
                self.refresh()

        self.scheduler.submit("again " + document.uri, work, delay=_OTHERS, urgent=False, again=True)

    # notebooks

    def open_notebook(self, uri: str, path: str, cells: list[tuple[str, str, int]]) -> None:
        """A notebook was opened; a cell is (URI, text, version), code cells only."""
        notebook = NotebookDocument(uri, path)
        self.notebooks[uri] = notebook
        self.set_cells(notebook, [(u, Buffer(text, version, self.encoding)) for u, text, version in cells])

    def set_cells(self, notebook: NotebookDocument, cells: list[tuple[str, Buffer]]) -> None:
        """These are the code cells of a notebook now."""
        for gone in {u for u, _ in notebook.cells} - {u for u, _ in cells}:
            self.cells.pop(gone, None)
            self.publish(gone, None, "[]")
        notebook.cells = cells
        self.cells.update((cell, notebook.uri) for cell, _ in cells)
        self._submit_notebook(notebook, 0.0)

    def change_cell(self, uri: str, version: int | None, changes: list[tuple[Position, Position, str] | str]) -> None:
        """The text of a cell was edited."""
        notebook = self.notebooks.get(self.cells.get(uri, ""))
        buffer = dict(notebook.cells).get(uri) if notebook else None
        if notebook is not None and buffer is not None:
            _apply(buffer, changes)
            buffer.version = version
            self._submit_notebook(notebook, self.debounce or 0.0)

    def close_notebook(self, uri: str) -> None:
        """A notebook was closed."""
        notebook = self.notebooks.pop(uri, None)
        if notebook is not None:
            self.scheduler.drop(uri)
            for cell, _ in notebook.cells:
                self.cells.pop(cell, None)
                self.publish(cell, None, "[]")

    def _submit_notebook(self, notebook: NotebookDocument, delay: float) -> None:
        def work(job: Job) -> None:
            self.judge_notebook(notebook, job)
            versions = {uri: buffer.version for uri, buffer in notebook.cells}
            for uri, rows in notebook.diagnostics(self.template).items():
                self.publish(uri, versions[uri], f"[{as_text(rows)}]")

        self.scheduler.submit(notebook.uri, work, delay=delay)

    def judge_notebook(self, notebook: NotebookDocument, job: Job) -> None:
        """Judge a notebook.  On the scheduler's thread."""
        notebook.excluded = not self.workspace.wanted(notebook.path)
        if not notebook.excluded:
            with job:
                notebook.judge(self.workspace.judge(notebook.path), self.workspace.config(notebook.path))
        notebook.result_id += 1

    # the surroundings

    def watched(self, paths: list[str]) -> None:
        """Files were written, made or removed by somebody else."""
        settings = any(os.path.basename(path) in CONFIG_FILES for path in paths)
        if settings:
            self.workspace.reload()
        own = {document.path for document in self.documents.values()}
        moved = [path for path in paths if not DEFAULT_EXCLUDES & set(path.split(os.sep)[:-1])]
        for path in moved:
            if path not in own:
                self.workspace.touched(path)
        if settings:
            self.all_again()
        else:
            for path in moved:
                self._others(path)

    def all_again(self) -> None:
        """Judge every open document again: settings or folders changed."""
        for document in self.documents.values():
            document.linter.forget()
            document.judged = None
            self._submit(document, 0.0)
        for notebook in self.notebooks.values():
            self._submit_notebook(notebook, 0.0)
        self.refresh()

    def configure(self, options: dict[str, Any]) -> None:
        """Take over the client's settings."""
        self.workspace.options = options
        self.template = str(options.get("docsUrl") or "")
        pause = options.get("debounce")
        self.debounce = pause / 1000 if isinstance(pause, int | float) else None


def saw(trail: Trail, path: str) -> bool:
    """Whether a judgement may rest on the file at ``path``."""
    return trail.whole or trail.related is not None or bool(trail.asked_mentions) or path in trail.read


def _apply(buffer: Buffer, changes: list[tuple[Position, Position, str] | str]) -> None:
    for change in changes:
        if isinstance(change, str):
            buffer.replace_all(change)
        else:
            buffer.edit(*change)
