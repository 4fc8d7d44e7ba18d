"""Notifications: documents, notebooks, folders, settings."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .buffer import Buffer
from .server import Server, changes_of, path_of
from .workspace import CONFIG_FILES

_WATCH = ["**/*.py", "**/*.ipynb", *(f"**/{name}" for name in CONFIG_FILES)]


def register(server: Server) -> None:
    """Register what clients tell."""

    @server.feature(types.INITIALIZE)
    def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.loop = asyncio.get_running_loop()
        capabilities = params.capabilities
        text = capabilities.text_document
        ls.pulls = bool(text and text.diagnostic)
        ls.session.encoding = str(getattr(ls.workspace.position_encoding, "value", ls.workspace.position_encoding))
        options = params.initialization_options
        ls.session.configure(options if isinstance(options, dict) else {})
        folders = [path_of(folder.uri) for folder in params.workspace_folders or []]
        if not folders and params.root_uri:
            folders = [path_of(params.root_uri)]
        ls.session.workspace.set_roots(folders)

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, params: types.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched is not None and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCH]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            with contextlib.suppress(JsonRpcException):  # a client that says it can and then can't
                await ls.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.SHUTDOWN)
    def shutdown(ls: Server, params: Any) -> None:
        ls.ending.set()  # a verification that runs is stopped
        ls.session.scheduler.stop()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        if item.language_id not in ("markdown", "json"):
            ls.session.open(item.uri, path_of(item.uri), item.text, item.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        for key in [key for key in ls.verdicts if key[0] == document.uri]:
            del ls.verdicts[key]
        ls.session.change(document.uri, document.version, changes_of(params.content_changes))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        if os.path.basename(path_of(params.text_document.uri)) in CONFIG_FILES:
            ls.session.watched([path_of(params.text_document.uri)])
        else:
            ls.session.save(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.session.close(params.text_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def notebook_opened(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
        notebook = params.notebook_document
        texts = {item.uri: item for item in params.cell_text_documents}
        cells = [
            (item.uri, item.text, item.version)
            for cell in notebook.cells
            if cell.kind == types.NotebookCellKind.Code and (item := texts.get(cell.document)) is not None
        ]
        ls.notebook_cells[notebook.uri] = [cell.document for cell in notebook.cells]
        ls.session.open_notebook(notebook.uri, path_of(notebook.uri), cells)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def notebook_changed(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
        notebook = ls.session.notebooks.get(params.notebook_document.uri)
        change = params.change.cells
        if notebook is None or change is None:
            return
        for text in change.text_content or []:
            ls.session.change_cell(text.document.uri, text.document.version, changes_of(text.changes))
        structure = change.structure
        if structure is not None:
            array = structure.array
            opened_cells = {item.uri: item for item in structure.did_open or []}
            every = ls.notebook_cells.setdefault(notebook.uri, [uri for uri, _ in notebook.cells])
            every[array.start : array.start + array.delete_count] = [cell.document for cell in array.cells or []]
            known = dict(notebook.cells)
            cells: list[tuple[str, Buffer]] = []
            for uri in every:
                item = opened_cells.get(uri)
                if item is not None and item.language_id == "python":
                    cells.append((uri, Buffer(item.text, item.version, ls.session.encoding)))
                elif uri in known:
                    cells.append((uri, known[uri]))
            ls.session.set_cells(notebook, cells)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def notebook_closed(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
        ls.notebook_cells.pop(params.notebook_document.uri, None)
        ls.session.close_notebook(params.notebook_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        ls.session.watched([path_of(event.uri) for event in params.changes])

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
        roots = {folder.root for folder in ls.session.workspace.folders}
        roots -= {path_of(folder.uri) for folder in params.event.removed}
        roots |= {path_of(folder.uri) for folder in params.event.added}
        ls.session.workspace.set_roots(roots)
        ls.session.all_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings
        own = settings.get("transpile-hybrid", settings) if isinstance(settings, dict) else {}
        if isinstance(own, dict):
            ls.session.configure(own)
            ls.session.all_again()
