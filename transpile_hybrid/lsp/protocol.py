"""Our own share in the protocol: texts are kept by the session, and diagnostics go out as they are."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method


class Protocol(LanguageServerProtocol):
    """The protocol without pygls' own copy of every text, which costs a pass over the whole file for each edit."""

    def send(self, method: str, params: str) -> None:
        """Send a notification whose parameters are JSON already, in ASCII."""
        if self.writer is None:
            return
        body = f'{{"jsonrpc": "{self.VERSION}", "method": "{method}", "params": {params}}}'
        header = f"Content-Length: {len(body)}\r\n\r\n" if self._include_headers else ""
        written = self.writer.write((header + body).encode("ascii"))
        if inspect.isawaitable(written):
            asyncio.ensure_future(written)

    def _check_handler_result(self, future: Any) -> None:
        """Let go of what is done: pygls keeps the future of each notification for ever."""
        super()._check_handler_result(future)
        for key in [key for key, one in self._request_futures.items() if one.done()]:
            del self._request_futures[key]

    def _pass_on(self, method: str, params: Any) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        yield from self._pass_on(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        yield from self._pass_on(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        yield from self._pass_on(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: types.DidOpenNotebookDocumentParams) -> Generator[Any, Any, None]:
        yield from self._pass_on(types.NOTEBOOK_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(
        self, params: types.DidChangeNotebookDocumentParams
    ) -> Generator[Any, Any, None]:
        yield from self._pass_on(types.NOTEBOOK_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(
        self, params: types.DidCloseNotebookDocumentParams
    ) -> Generator[Any, Any, None]:
        yield from self._pass_on(types.NOTEBOOK_DOCUMENT_DID_CLOSE, params)
