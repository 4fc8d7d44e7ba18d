"""The server: what the protocol asks, handed to the session and answered from it."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from .. import __version__
from .buffer import Position
from .documents import PythonDocument
from .protocol import Protocol
from .scheduler import Job, Scheduler
from .session import Session
from .workspace import Workspace

T = TypeVar("T")
log = logging.getLogger(__name__)

VERIFY = "transpile-hybrid.verify"
_PYTHON_NOTEBOOK = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithNotebook(
            notebook=types.NotebookDocumentFilterNotebookType(notebook_type="jupyter-notebook"),
            cells=[types.NotebookCellLanguage(language="python")],
        )
    ],
    save=False,
)


class Server(LanguageServer):
    """The language server; ``session`` holds all state."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "transpile-hybrid", __version__, protocol_cls=Protocol, notebook_document_sync=_PYTHON_NOTEBOOK
        )
        self.loop: asyncio.AbstractEventLoop | None = None
        self.pulls = False
        self.verdicts: dict[tuple[str, str], str] = {}
        self.notebook_cells: dict[str, list[str]] = {}
        self.told: set[str] = set()
        self._numbers = count()
        self.ending = threading.Event()
        self.session = Session(
            self._publish,
            lambda: self.soon(self._refresh),
            Workspace(say=lambda text: self.soon(partial(self.show, text, types.MessageType.Warning))),
            Scheduler(on_error=self._failed),
        )

    # from the scheduler's thread to the client

    def soon(self, call: Callable[[], None]) -> None:
        """Do something on the server's own thread."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(call)

    def _publish(self, uri: str, version: int | None, rows: str) -> None:
        if self.pulls and uri not in self.session.cells:
            return
        number = "" if version is None else f', "version": {version}'
        params = f'{{"uri": {json.dumps(uri)}{number}, "diagnostics": {rows}}}'
        self.soon(partial(self.protocol.send, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params))

    def _refresh(self) -> None:
        workspace = self.client_capabilities.workspace
        if self.pulls and workspace and workspace.diagnostics and workspace.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)

    def _failed(self, key: str, exc: BaseException) -> None:
        log.error("while judging %s", key, exc_info=exc)
        text = f"transpile-hybrid: internal error: {type(exc).__name__}: {exc}"
        if text not in self.told:  # once is enough: it may come at every keystroke
            self.told.add(text)
            self.soon(partial(self.show, text, types.MessageType.Error))

    def show(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message."""
        self.window_show_message(types.ShowMessageParams(kind, text))

    # asking the scheduler's thread

    async def ask(self, work: Callable[[Job], T]) -> T:
        """Do ``work`` where judging is done, and return its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, exc: BaseException | None) -> None:
            if not future.done():
                future.set_exception(exc) if exc is not None else future.set_result(result)  # type: ignore[arg-type]

        def job(one: Job) -> None:
            try:
                result = work(one)
            except BaseException as exc:  # an interruption too: whoever waits must hear of it
                loop.call_soon_threadsafe(settle, None, RuntimeError(str(exc) or type(exc).__name__))
                raise
            loop.call_soon_threadsafe(settle, result, None)

        key = f"ask {next(self._numbers)}"
        self.session.scheduler.submit(key, job)
        try:
            return await future
        except asyncio.CancelledError:
            self.session.scheduler.drop(key)
            raise

    async def ask_document(self, uri: str, work: Callable[[PythonDocument], T]) -> T | None:
        """Do ``work`` for an open Python file whose present text was judged; ``None`` where there is none."""
        document = self.session.documents.get(uri)
        if document is None:
            return None

        def both(job: Job) -> T:
            self.session.bring_up(document, job)
            return work(document)

        return await self.ask(both)


def path_of(uri: str) -> str:
    """Return the path that a URI stands for (one that is no file: a path that isn't there)."""
    found = to_fs_path(uri) if uri.startswith("file:") else None
    return found or "/" + "".join(c if c.isalnum() or c in "._-/" else "_" for c in uri).lstrip("/")


def changes_of(events: Any) -> list[tuple[Position, Position, str] | str]:
    """Return the protocol's changes as the session's."""
    out: list[tuple[Position, Position, str] | str] = []
    for event in events:
        if isinstance(event, types.TextDocumentContentChangePartial):
            start, end = event.range.start, event.range.end
            out.append((Position(start.line, start.character), Position(end.line, end.character), event.text))
        else:
            out.append(event.text)
    return out


def make_server() -> Server:
    """Return a server with all its features."""
    from . import features, requests

    server = Server()
    features.register(server)
    requests.register(server)
    return server
