"""Processes for workers: started from nothing, or forked from one that has imported the framework already."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

MARK = "TRANSPILE_HYBRID_WORKER"  # the environment variable by which a worker's processes are found again
_WORKER = Path(__file__).parent / "worker"
_START = 120.0  # seconds that importing a framework may take
_ANSWER = 30.0  # seconds for an answer to one request


class Child(Protocol):
    """A worker's process."""

    pid: int

    def poll(self) -> int | None:
        """Return its exit code (minus the signal that ended it), ``None`` while it runs."""

    def wait(self) -> int:
        """Wait for its end; return its exit code."""


@dataclass(frozen=True)
class Streams:
    """The descriptors that a worker gets: where its messages come from, where its result and what it prints go."""

    control: int
    result: int
    stdout: int
    stderr: int


def spawn(python: str, cwd: Path, env: Mapping[str, str], streams: Streams) -> Child:
    """Start a worker in a fresh interpreter.  Raises ``OSError`` if that can't run."""
    return subprocess.Popen(
        [python, str(_WORKER), str(streams.control), str(streams.result)],
        stdin=subprocess.DEVNULL,
        stdout=streams.stdout,
        stderr=streams.stderr,
        cwd=cwd,
        env=dict(env),
        pass_fds=(streams.control, streams.result),
        start_new_session=True,
    )


def fork(python: str, framework: str, cwd: Path, env: Mapping[str, str], folder: Path, streams: Streams) -> Child:
    """Start a worker that has the framework imported; variables of ``env`` that name ``folder`` are this worker's own.

    The first such worker of an interpreter, framework and environment pays for the import.  Where forking can't be had
    (no Linux, an interpreter that can't import the framework), it is a fresh interpreter as by :func:`spawn`.
    """
    own = {name: value for name, value in env.items() if name == MARK or value == str(folder)}
    shared = {name: value for name, value in env.items() if name not in own}
    server = _server(python, framework, {**shared, MARK: "0" * len(own.get(MARK, ""))})
    child = server and server.fork(cwd, own, streams)
    return child or spawn(python, cwd, env, streams)


def end_marked(mark: str) -> None:
    """End the processes that carry a worker's mark in their environment: those that left its process group."""
    needle = f"{MARK}={mark}".encode()
    try:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return
    for number in numbers:
        with contextlib.suppress(OSError):
            with open(f"/proc/{number}/environ", "rb") as file:
                marked = needle in file.read()
            if marked:
                os.kill(number, signal.SIGKILL)


def _ended(descriptor: int, timeout_ms: int | None) -> bool:
    polling = select.poll()
    polling.register(descriptor, select.POLLIN)
    return bool(polling.poll(timeout_ms))


class _Lost(Exception):
    """The server doesn't answer: it has ended, or was ended."""


@dataclass
class _Forked:
    """A process that a server forked; the server keeps its number until it is asked for the exit code."""

    pid: int
    descriptor: int  # of the process itself: readable once it has ended
    server: _Server
    code: int | None = None

    def poll(self) -> int | None:
        if self.code is None and _ended(self.descriptor, 0):
            return self.wait()
        return self.code

    def wait(self) -> int:
        if self.code is None:
            _ended(self.descriptor, None)
            os.close(self.descriptor)
            try:
                self.code = int(self.server.ask({"reap": self.pid})["code"])
            except _Lost:  # whoever ended the server ended this one, for all that can be known
                self.code = -signal.SIGKILL
        return self.code


@dataclass
class _Server:
    """A process that has imported a framework and forks workers."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    lock: threading.Lock = field(default_factory=threading.Lock)
    lost: bool = False

    def ask(self, request: dict[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        """Send a request and return the answer.  Raises :class:`_Lost`."""
        with self.lock:
            try:
                socket.send_fds(self.socket, [json.dumps(request).encode()], descriptors)
                answer: dict[str, Any] = json.loads(self.socket.recv(1 << 16))
            except (OSError, ValueError) as exc:
                self.end()
                raise _Lost from exc
            return answer

    def fork(self, cwd: Path, env: dict[str, str], streams: Streams) -> Child | None:
        """Fork a worker; ``None`` if the server is lost."""
        descriptors = (streams.control, streams.result, streams.stdout, streams.stderr)
        try:
            pid = int(self.ask({"cwd": str(cwd), "environment": env}, descriptors)["pid"])
        except _Lost:
            return None
        try:
            return _Forked(pid, os.pidfd_open(pid), self)
        except OSError:  # no descriptor is left: the worker must not run beside the one that is started instead
            os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(_Lost):
                self.ask({"reap": pid})
            return None

    def end(self) -> None:
        self.lost = True
        self.socket.close()
        self.process.kill()
        self.process.wait()


_servers: dict[tuple[Any, ...], _Server | None] = {}  # None: it can't be had
_lock = threading.Lock()


def _server(python: str, framework: str, env: dict[str, str]) -> _Server | None:
    # a process that was forked from this one must not talk to the same server
    key = (os.getpid(), python, framework, *sorted(env.items()))
    with _lock:
        if key in _servers:
            known = _servers[key]
            if known is None or not known.lost:
                return known
        found = _start(python, framework, env) if _can_fork() else None
        _servers[key] = found
        return found


def _can_fork() -> bool:
    """Whether this system has what watching another process's children takes: Linux from 5.3 on."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


def _start(python: str, framework: str, env: dict[str, str]) -> _Server | None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            process = subprocess.Popen(
                [python, str(_WORKER), "fork", str(theirs.fileno()), framework],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=env,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
    server = _Server(process, ours)
    ours.settimeout(_START)
    try:
        ready = ours.recv(1 << 10)
    except OSError:
        ready = b""
    if not ready:
        server.end()
        return None
    ours.settimeout(_ANSWER)
    return server


@atexit.register
def _end_all() -> None:
    """End what this process started; a server that outlives it ends by itself, with all its workers."""
    for (pid, *_), server in _servers.items():
        if server is not None and not server.lost and pid == os.getpid():
            server.end()
