"""Worker processes: started apart from us, watched, and ended with all their children."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .children import MARK, Child, Streams, end_marked, fork, spawn
from .options import Stopped, VerifyError, VerifyOptions, never
from .worker.wire import Frame, WireError, read_frames

_ALLOWED = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TERM",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "PYTHONPATH",
        "PYTHONHOME",
        "CUDA_VISIBLE_DEVICES",
        "CUDA_HOME",
        "CC",
        "CXX",
        "SYSTEMROOT",
        "KERAS_BACKEND",
        "KERAS_HOME",
        "TORCH_HOME",
        "MXNET_HOME",
    ]
)
_ALLOWED_PREFIXES = ("LC_", "OPENBLAS_", "MKL_", "OMP_", "KMP_")
_FIXED = {
    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2",
    "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8",
    "TORCHINDUCTOR_COMPILE_THREADS": "1", "MXNET_SUBGRAPH_VERBOSE": "0",
}  # fmt: skip
RESULT_LIMIT = 4 << 30
_LOG_LINE = re.compile(r"[IW]\d{4} |WARNING: All log messages|To enable the following")  # TensorFlow's greetings


def environment(options: VerifyOptions, mark: str, home: str) -> dict[str, str]:
    """Return the environment for user code: what is known to be harmless, what was allowed, and pinned threads."""
    allowed = _ALLOWED | set(options.allow_env)
    kept = {k: v for k, v in os.environ.items() if k in allowed or k.startswith(_ALLOWED_PREFIXES)}
    kept.update(_FIXED)
    kept.update({k: os.environ[k] for k in options.allow_env if k in os.environ})
    if kept.get("PYTHONPATH"):  # the worker is elsewhere
        kept["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, kept["PYTHONPATH"].split(os.pathsep)))
    kept[MARK] = mark
    kept["TMPDIR"] = home
    kept.setdefault("HOME", home)
    # compilers cache by content, and a cache that lives on saves minutes
    kept["TORCHINDUCTOR_CACHE_DIR"] = os.environ.get("TORCHINDUCTOR_CACHE_DIR", str(_cache("torchinductor")))
    return kept


def _cache(name: str) -> Path:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return Path(tempfile.gettempdir()) / f"{name}_{user}"


def find_python(options: VerifyOptions, near: Path) -> str:
    """Return the interpreter for the user's code; see :class:`VerifyOptions`.

    Raises :class:`VerifyError` when the one that was asked for can't be run.
    """
    if options.python:
        found = shutil.which(options.python)
        if found is None:
            raise VerifyError(f"{options.python}: cannot be run: no such interpreter")
        return os.path.abspath(found)
    candidates = [Path(os.environ["VIRTUAL_ENV"])] if os.environ.get("VIRTUAL_ENV") else []
    folder = near.resolve().parent
    candidates += [parent / ".venv" for parent in (folder, *folder.parents)]
    for candidate in candidates:
        for name in ("bin/python", "Scripts/python.exe"):
            if (candidate / name).is_file():
                return str(candidate / name)
    return sys.executable


@dataclass
class Outcome:
    """How a worker ended: its frames, and ``why`` it failed (empty: it brought its result to the end).

    ``seconds`` is how long it took, ``late`` that it was ended at its time limit.
    """

    frames: list[Frame]
    why: str = ""
    raw: bytes = b""
    key: bytes = b""
    output: str = ""
    seconds: float = 0.0
    late: bool = False

    def frame(self, kind: str) -> Frame | None:
        """Return the first frame of a kind."""
        return next((frame for frame in self.frames if frame.kind == kind), None)


@dataclass
class Worker:
    """A running worker process.  ``seconds`` is its time limit, counted from :meth:`go` or else from the start."""

    process: Child
    result: IO[bytes]
    folder: Path
    key: bytes
    mark: str
    seconds: float
    memory_mb: int
    control: int
    stop: Callable[[], bool] = never
    started: float = field(default_factory=time.monotonic)
    ended: Outcome | None = None

    def go(self, message: dict[str, Any]) -> None:
        """Send the second line of the control channel and close it; the clock starts anew."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self.control, json.dumps(message).encode() + b"\n")
        self._close()
        self.started = time.monotonic()

    def _close(self) -> None:
        if self.control >= 0:
            os.close(self.control)
            self.control = -1

    def peek(self, kind: str) -> Frame | None:
        """Return the first frame of a kind if it has been written already.  Raises :class:`WireError` for forgery."""
        frames, _ = read_frames(self._raw(), self.key)
        return next((frame for frame in frames if frame.kind == kind), None)

    def size(self) -> int:
        """Return how many bytes of result there are."""
        return os.fstat(self.result.fileno()).st_size

    def _raw(self) -> bytes:
        size, at, parts = self.size(), 0, []
        while at < size:
            part = os.pread(self.result.fileno(), min(size - at, 1 << 26), at)
            if not part:
                break
            parts.append(part)
            at += len(part)
        return b"".join(parts)

    def poll(self) -> Outcome | None:
        """Return how the worker ended, ``None`` while it runs; ends it at its limits.

        Raises :class:`Stopped` when nobody wants it any more.
        """
        if self.ended is not None:
            return self.ended
        if self.stop():
            self.end("stopped")
            raise Stopped
        code = self.process.poll()
        if code is not None:
            return self.end(self._exit_words(code))
        if time.monotonic() - self.started > self.seconds:
            return self.end(f"no end within {self.seconds:g} s: it hangs or is too slow")
        if _resident_mb(self.process.pid) > self.memory_mb:
            return self.end(f"it uses more than {self.memory_mb} MB of memory")
        return None

    def _exit_words(self, code: int) -> str:
        if code < 0:
            name = signal.Signals(-code).name if -code in signal.Signals._value2member_map_ else str(-code)
            # its own limits end it in words; whoever else sends this is the system, short of memory
            why = ", most likely for want of memory" if code == -signal.SIGKILL else ""
            return f"the process was ended by signal {name}{why}" + self._last_words()
        return f"the process left (exit code {code}) without a result" + self._last_words()

    def _last_words(self) -> str:
        lines = [line for line in self.text("stderr").splitlines() if line.strip() and not _LOG_LINE.match(line)]
        return f": {lines[-1].strip()[:200]}" if lines else ""

    def text(self, name: str, limit: int = 4000) -> str:
        """Return the end of the captured ``stdout`` or ``stderr``."""
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            return ""
        return data[-limit:].decode("utf-8", "replace")

    def end(self, why: str = "") -> Outcome:
        """End the process with its group and every process it left behind; return its outcome."""
        if self.ended is not None:
            return self.ended
        self._close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        end_marked(self.mark)
        raw = self._raw()
        try:
            frames, complete = read_frames(raw, self.key)
            outcome = Outcome(frames, "" if complete else why or "no result", raw, self.key, self.text("stderr"))
        except WireError as exc:
            outcome = Outcome([], f"forged result: {exc}", b"", self.key, self.text("stderr"))
        outcome.seconds = time.monotonic() - self.started
        outcome.late = bool(outcome.why) and outcome.seconds > self.seconds
        self.result.close()
        self.ended = outcome
        return outcome


def start(
    python: str, job: dict[str, Any], folder: Path, seconds: float, options: VerifyOptions,
    stop: Callable[[], bool] = never, fresh: bool = False,
) -> Worker:  # fmt: skip
    """Start a worker on ``job`` in the new directory ``folder``; it is ended once ``stop()`` is true.

    ``fresh``: in an interpreter of its own from the start, not in one that is forked with the framework imported.
    Raises ``OSError`` if the interpreter can't run.
    """
    folder.mkdir(parents=True)
    cwd = folder / "cwd"
    cwd.mkdir()
    # the worker is elsewhere: neighbours of the user's files are found from here
    paths = {name: os.path.abspath(job[name]) for name in ("path", "after_path") if name in job}
    text = json.dumps({**job, **paths, "cwd": str(cwd), "timeout": seconds})
    (folder / "job.json").write_text(text, encoding="utf-8")
    key, mark = secrets.token_bytes(32), secrets.token_hex(12)
    # no name in any directory: only the descriptors lead to it
    result = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (lives on)
    reading, control = os.pipe()
    stdout = os.open(folder / "stdout", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    stderr = os.open(folder / "stderr", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    writing = os.dup(result.fileno())
    streams, env = Streams(reading, writing, stdout, stderr), environment(options, mark, str(folder))
    try:
        if fresh or "framework" not in job:
            process = spawn(python, cwd, env, streams)
        else:
            process = fork(python, job["framework"], cwd, env, folder, streams)
    except OSError:
        os.close(control)
        result.close()
        raise
    finally:
        for descriptor in (reading, stdout, stderr, writing):
            os.close(descriptor)
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):  # a backstop, where there is one
        import resource

        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (RESULT_LIMIT, RESULT_LIMIT))
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
    os.write(control, json.dumps({"key": key.hex(), "job": str(folder / "job.json")}).encode() + b"\n")
    return Worker(process, result, folder, key, mark, seconds, options.memory_mb, control, stop)


def _resident_mb(group: int) -> float:
    """Return the resident memory of a process in megabytes, 0 where it can't be read."""
    try:
        with open(f"/proc/{group}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0
