"""A process that has imported a framework and forks a worker for each job, so that a job need not import it again.

It runs no user code itself, and what it forks has every module in the state that a fresh import leaves.  Its parent
asks over a Unix socket that keeps messages apart, one JSON object each, and one request is answered before the next:

- ``{"cwd": ..., "environment": {...}}`` with the descriptors control, result, stdout and stderr: a worker is forked,
  in a session of its own; the answer is ``{"pid": ...}``.
- ``{"reap": pid}``: the answer is ``{"code": ...}``, once that worker has ended.  Until then its number is not given
  away again, so that the parent can send signals to it.

Once the parent is gone, or has been silent for :data:`IDLE` seconds while nothing runs, it ends.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
from typing import Any

IDLE = 600.0  # seconds
_DESCRIPTORS = 4
_LARGEST = 1 << 16  # bytes of one request
_MODULES = ("side", "probe", "load", "timing", "exporting", "judge")


def serve(descriptor: int, framework: str) -> tuple[int, int]:
    """Import ``framework``, then fork on request.  Returns in a forked worker, with its control and result descriptor.

    An import that fails ends the process before it answers: each worker of its own will say why.
    """
    parent = socket.socket(fileno=descriptor)
    importlib.import_module(f".{framework}_adapter", __package__).imported()
    for name in _MODULES:
        importlib.import_module("." + name, __package__)
    gc.collect()
    gc.freeze()  # what the garbage collector doesn't touch stays shared with the workers
    parent.send(b'{"ready": true}')
    running: set[int] = set()
    while True:
        if not running and not select.select([parent], [], [], IDLE)[0]:
            os._exit(0)
        message, descriptors, _, _ = socket.recv_fds(parent, _LARGEST, _DESCRIPTORS)
        if not message:
            _end(running)
        request = json.loads(message)
        if "reap" in request:
            running.discard(request["reap"])
            answer = {"code": os.waitstatus_to_exitcode(os.waitpid(request["reap"], 0)[1])}
        else:
            pid = _fork(request, descriptors, parent)
            if pid == 0:
                return descriptors[0], descriptors[1]
            running.add(pid)
            answer = {"pid": pid}
        parent.send(json.dumps(answer).encode())


def _end(running: set[int]) -> None:
    for pid in running:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    os._exit(0)


def _fork(request: dict[str, Any], descriptors: list[int], parent: socket.socket) -> int:
    """Fork; in the parent, return the worker's number once it leads a session of its own, in the worker return 0."""
    waiting, done = os.pipe()
    pid = os.fork()
    if pid:
        os.close(done)
        for descriptor in descriptors:
            os.close(descriptor)
        os.read(waiting, 1)  # nothing comes: the other end is closed
        os.close(waiting)
        return pid
    os.setsid()
    parent.close()
    null = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((null, 0), (descriptors[2], 1), (descriptors[3], 2)):
        os.dup2(ours, theirs)
        os.close(ours)
    os.chdir(request["cwd"])
    _rename(request["environment"])
    tempfile.tempdir = None  # it may have been looked up already, where the parent's files lie
    numpy: Any = sys.modules["numpy"]
    numpy.random.seed()  # Python's own generator is seeded anew by fork; this one is not
    os.close(waiting)
    os.close(done)
    return 0


def _rename(changed: dict[str, str]) -> None:
    """Change environment variables, also as others see them in ``/proc``: the parent finds left-over processes so.

    What is seen there is memory of the process itself; a value of another length leaves it as it was.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            start = int(file.read().rpartition(")")[2].split()[47])  # env_start, field 50
        with open("/proc/self/environ", "rb") as seen:
            entries = seen.read().split(b"\0")
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            at = start
            for entry in entries:
                name, _, old = entry.partition(b"=")
                new = os.fsencode(changed.get(os.fsdecode(name), ""))
                if new and len(new) == len(old):
                    memory.seek(at + len(name) + 1)
                    memory.write(new)
                at += len(entry) + 1
    os.environ.update(changed)
