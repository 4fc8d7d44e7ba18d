"""The playground: a page on this machine over the real language server.

    python docs/playground/run.py             # opens http://127.0.0.1:8765/

The first start bundles the page with npm (Node 18 or newer).  Each page that is open has a server of its own.  Nothing
is listened to but the loopback address.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import threading
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
SERVER = [sys.executable, "-m", "transpile_hybrid", "server"]
_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def bundle() -> None:
    """Build the page's script unless it is there and newer than its source."""
    made = HERE / "dist" / "main.js"
    if made.is_file() and made.stat().st_mtime >= (HERE / "main.js").stat().st_mtime:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("the playground's page is built with npm: install Node 18 or newer")
    if not (HERE / "node_modules" / "esbuild").is_dir():
        subprocess.run([npm, "install", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    subprocess.run([npm, "run", "bundle"], cwd=HERE, check=True)


def messages(stream: IO[bytes]) -> object:
    """Yield the bodies of a stream of messages."""
    while line := stream.readline():
        size = 0
        while line.strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
            line = stream.readline()
        yield stream.read(size)


class Page(BaseHTTPRequestHandler):
    """Serves the page; ``/events`` is what the language server says, ``/message`` what it is told."""

    protocol_version = "HTTP/1.1"
    process: subprocess.Popen[bytes] | None = None
    lock = threading.Lock()

    def do_GET(self) -> None:
        if self.path == "/events":
            self._events()
            return
        file = {"/": HERE / "index.html", "/main.js": HERE / "dist" / "main.js"}.get(self.path)
        if file is None or not self._own():
            self.send_error(404)
            return
        self._answer(file.read_bytes(), _TYPES[file.suffix])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        process = Page.process
        if self.path != "/message" or process is None or process.stdin is None or not self._own():
            self.send_error(404)
            return
        json.loads(body)
        with Page.lock, contextlib.suppress(OSError):
            process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            process.stdin.flush()
        self._answer(b"", "text/plain")

    def _own(self) -> bool:
        """Whether a request was made for this address: another site's page must not speak with the server."""
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        origin = self.headers.get("Origin")
        return host in ("127.0.0.1", "localhost") and (origin is None or origin == f"http://{self.headers['Host']}")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        if not self._own():
            self.send_error(404)
            return
        with Page.lock:
            if Page.process is not None:
                Page.process.kill()  # the page was loaded anew
            process = Page.process = subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(b": hello\n\n")
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            for body in messages(process.stdout):  # type: ignore[attr-defined]
                self.wfile.write(b"data: " + json.dumps(json.loads(body)).encode() + b"\n\n")
                self.wfile.flush()
        process.kill()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args()
    bundle()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Page)
    address = f"http://127.0.0.1:{server.server_port}/"
    print(address, flush=True)
    if not options.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        if Page.process is not None:
            Page.process.kill()


if __name__ == "__main__":
    main()
