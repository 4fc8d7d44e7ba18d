"""The playground's bridge: a page speaks with a real server, and no other site's page does."""

from __future__ import annotations

import http.client
import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

RUN = Path(__file__).resolve().parents[2] / "docs" / "playground" / "run.py"


@pytest.fixture
def served() -> Iterator[tuple[ModuleType, int]]:
    spec = importlib.util.spec_from_file_location("playground_run", RUN)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = ThreadingHTTPServer(("127.0.0.1", 0), module.Page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield module, server.server_port
    if module.Page.process is not None:
        module.Page.process.kill()
    server.shutdown()


def request(port: int, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers)
    return connection.getresponse()


def test_a_page_speaks_with_the_server(served: tuple[ModuleType, int]) -> None:
    _, port = served
    assert b"what <code>rewrite</code> makes of it" in request(port, "GET", "/").read()
    events = request(port, "GET", "/events")
    assert events.readline() == b": hello\n"
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    assert request(port, "POST", "/message", json.dumps(message)).status == 200
    line = b""
    while not line.startswith(b"data: "):
        line = events.readline()
    capabilities = json.loads(line[6:])["result"]["capabilities"]
    assert "transpile-hybrid.rewritten" in capabilities["executeCommandProvider"]["commands"]


@pytest.mark.parametrize("headers", [{"Host": "elsewhere.example:80"}, {"Origin": "http://elsewhere.example"}])
def test_other_sites_are_refused(served: tuple[ModuleType, int], headers: dict[str, str]) -> None:
    module, port = served
    for method, path in (("GET", "/"), ("GET", "/events"), ("POST", "/message")):
        assert request(port, method, path, "{}" if method == "POST" else "", **headers).status == 404
    assert module.Page.process is None
