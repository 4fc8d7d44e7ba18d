"""``transpile-hybrid server``: the language server."""

from __future__ import annotations

import click

from .common import ToolError


@click.command("server")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output (the default).")
@click.option("--tcp", metavar="HOST:PORT", help="Listen on this address, for one client.")
@click.option("--ws", metavar="HOST:PORT", help="Listen for a WebSocket on this address, for one client.")
@click.option("--log-file", metavar="FILE", help="Write a log there.")
def command(stdio: bool, tcp: str | None, ws: str | None, log_file: str | None) -> None:
    """Run the language server: findings, fixes and readiness in the editor.

    Needs `pip install 'transpile-hybrid[lsp]'`. Set-up for editors: docs/editors.md.
    """
    import logging

    try:
        from ..lsp.server import make_server
    except ImportError as exc:
        raise ToolError(f"the language server needs pygls ({exc.name}): pip install 'transpile-hybrid[lsp]'") from exc
    if log_file:
        logging.basicConfig(filename=log_file, level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    else:
        logging.disable(logging.INFO)
    server = make_server()
    if tcp:
        server.start_tcp(*_address(tcp))
    elif ws:
        server.start_ws(*_address(ws))
    else:
        server.start_io()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise ToolError(f"{text!r} is no HOST:PORT")
    return host or "127.0.0.1", int(port)
