"""Replace a file so that a kill at any instant leaves it whole: the old bytes or the new."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

_MARK = ".transpile-hybrid-"
_NAME_BYTES = 100  # of a file's name in that of its temporary one: together they fit what file systems take


def write_atomic(path: str | Path, data: bytes) -> None:
    """Replace the content of ``path`` (through symbolic links), keeping mode and, where allowed, ownership.

    The new bytes go to a temporary file in the same folder, are flushed to disk and then renamed over the old ones.
    Raises ``OSError``, which names ``path``, with nothing changed.
    """
    try:
        _replace(path, data)
    except OSError as exc:
        raise OSError(exc.errno, exc.strerror, str(path)) from exc


def write_output(path: str | Path, text: str) -> None:
    """Write a result of the tool, which may also go to a device or a pipe.  Raises ``OSError``.

    A file is replaced whole: what stood there before stays where there is no room for the new text.
    """
    data = text.encode("utf-8", "backslashreplace")
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as out:
            out.write(data)
        return
    write_atomic(path, data)


def reason(exc: Exception) -> str:
    """Return why something could not be written, without file names and numbers of the system."""
    return getattr(exc, "strerror", None) or str(exc)


def _replace(path: str | Path, data: bytes) -> None:
    real = Path(os.path.realpath(path))
    exists = real.exists()
    if exists and not os.access(real, os.W_OK):
        raise PermissionError(13, "file is read-only", str(path))
    _sweep(real)
    handle, temporary = tempfile.mkstemp(prefix=f"{_begin(real)}{os.getpid()}-", suffix=".tmp", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if exists:
            shutil.copymode(real, temporary)
            status = real.stat()
            with contextlib.suppress(OSError, AttributeError):  # only root may give a file away
                os.chown(temporary, status.st_uid, status.st_gid)
        else:
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _begin(real: Path) -> str:
    """Return what the names of a file's temporary ones begin with."""
    return f".{os.fsencode(real.name)[:_NAME_BYTES].decode('utf-8', 'ignore')}{_MARK}"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sweep(real: Path) -> None:
    """Remove what a run that was killed while it wrote this very file has left behind."""
    begin = _begin(real)
    with contextlib.suppress(OSError):
        for name in os.listdir(real.parent):
            if name.startswith(begin) and name.endswith(".tmp"):
                pid = name[len(begin) :].split("-", 1)[0]
                if pid.isdigit() and int(pid) != os.getpid() and not _alive(int(pid)):
                    with contextlib.suppress(OSError):
                        os.unlink(real.parent / name)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
