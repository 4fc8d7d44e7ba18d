"""From didChange to diagnostics: ours, ruff's server and a pygls server that does nothing, in turns, in one run.

    python benchmarks/lsp_latency.py                      # the table
    python benchmarks/lsp_latency.py --memory 10000       # resident memory over so many edits

Each edit changes one line of one class; the clock runs from the moment the message is written until the diagnostics
of that version are read.  Nobody waits for a pause in typing (`debounce` 0).
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.lsp.programs import program  # noqa: E402

ECHO = """
from lsprotocol import types
from pygls.lsp.server import LanguageServer
server = LanguageServer("echo", "1")
def answer(ls, params):
    document = params.text_document
    ls.workspace.get_text_document(document.uri).source
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, [], version=document.version))
server.feature(types.TEXT_DOCUMENT_DID_OPEN)(answer)
server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(answer)
server.start_io()
"""
SERVERS = {
    "transpile-hybrid": [sys.executable, "-m", "transpile_hybrid", "server"],
    "ruff": [sys.executable, "-m", "ruff", "server"],
    "pygls echo": [sys.executable, "-c", ECHO],
}


class Client:
    """As much of a client as a clock needs."""

    def __init__(self, command: list[str], root: Path) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root
        )
        self.inbox: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        folder = {"uri": root.as_uri(), "name": "root"}
        params: dict[str, Any] = {
            "processId": None,
            "rootUri": root.as_uri(),
            "workspaceFolders": [folder],
            "capabilities": {},
        }
        self._send({"id": 1, "method": "initialize", "params": {**params, "initializationOptions": {"debounce": 0}}})
        self._wait(lambda message: message.get("id") == 1)
        self.tell("initialized", {})

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            size = 0
            while line.strip():
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
                line = stream.readline()
            body = stream.read(size)
            self.inbox.put((time.perf_counter(), json.loads(body)))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _wait(self, wanted: Any) -> float:
        while True:
            at, message = self.inbox.get(timeout=120)
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})
            if wanted(message):
                return at

    def tell(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def timed(self, method: str, params: dict[str, Any], version: int) -> float:
        """Send a notification; return the milliseconds until that version's diagnostics are there."""
        start = time.perf_counter()
        self.tell(method, params)
        end = self._wait(
            lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"].get("version") == version
        )
        return (end - start) * 1000

    def memory(self) -> float:
        """Return the resident memory in MB."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024


class Document:
    """A file that is edited in every open server alike."""

    def __init__(self, root: Path, text: str) -> None:
        self.uri = (root / "models.py").as_uri()
        (root / "models.py").write_text(text)
        self.text, self.version = text, 1
        self.lines = text.split("\n")
        self.places = [
            i for i, line in enumerate(self.lines)
            if line.startswith("        ") and line.rstrip().endswith(")") and " = " in line and line.isascii()
        ]  # fmt: skip

    def opening(self) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri, "languageId": "python", "version": 1, "text": self.text}}

    def edit(self, chooser: random.Random) -> dict[str, Any]:
        """Return the next change: a line gets ` + 0` or loses it."""
        self.version += 1
        line = chooser.choice(self.places)
        old = self.lines[line]
        new = old.removesuffix(" + 0") if old.endswith(" + 0") else old + " + 0"
        self.lines[line] = new
        place = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": len(old)}}
        identifier = {"uri": self.uri, "version": self.version}
        return {"textDocument": identifier, "contentChanges": [{"range": place, "text": new}]}


def at(values: list[float], part: float) -> float:
    """Return a quantile."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def latency(framework: str, size: int, count: int) -> None:
    """Print a row for each server."""
    text = program(framework, size)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        document = Document(root, text)
        clients = {name: Client(command, root) for name, command in SERVERS.items()}
        opened = {name: one.timed("textDocument/didOpen", document.opening(), 1) for name, one in clients.items()}
        times: dict[str, list[float]] = {name: [] for name in clients}
        chooser = random.Random(size)
        for _ in range(count):
            change = document.edit(chooser)
            for name, one in clients.items():
                times[name].append(one.timed("textDocument/didChange", change, document.version))
        for name, values in times.items():
            print(
                f"| {framework} | {len(document.lines):,} | {name} | {at(values, 0.5):.1f} | {at(values, 0.9):.1f} "
                f"| {opened[name]:.0f} | {clients[name].memory():.0f} |",
                flush=True,
            )
            clients[name].process.kill()


def memory(framework: str, size: int, count: int) -> None:
    """Print our resident memory along many edits."""
    with tempfile.TemporaryDirectory() as folder:
        document = Document(Path(folder), program(framework, size))
        client = Client(SERVERS["transpile-hybrid"], Path(folder))
        client.timed("textDocument/didOpen", document.opening(), 1)
        chooser = random.Random(1)
        for number in range(1, count + 1):
            client.timed("textDocument/didChange", document.edit(chooser), document.version)
            if number in (count // 100, count // 10, count // 4, count // 2, 3 * count // 4, count):
                print(f"{number:>7,} edits: {client.memory():.1f} MB", flush=True)
        client.process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frameworks", default="torch,tensorflow,mxnet")
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--memory", type=int, metavar="EDITS")
    options = parser.parse_args()
    frameworks, sizes = options.frameworks.split(","), [int(size) for size in options.sizes.split(",")]
    if options.memory:
        for framework in frameworks:
            print(f"{framework}, {sizes[0]:,} lines")
            memory(framework, sizes[0], options.memory)
        return
    print("| file | lines | server | p50 ms | p90 ms | opened in ms | MB |\n|---|---|---|---|---|---|---|")
    for framework in frameworks:
        for size in sizes:
            latency(framework, size, options.edits)


if __name__ == "__main__":
    main()
