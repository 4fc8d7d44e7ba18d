"""Replace a file so that a kill at any instant leaves it whole: the old bytes or the new."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

_MARK = ".transpile-hybrid-"


def write_atomic(path: str | Path, data: bytes) -> None:
    """Replace the content of ``path`` (through symbolic links), keeping mode and, where allowed, ownership.

    The new bytes go to a temporary file in the same folder, are flushed to disk and then renamed over the old ones.
    Raises ``OSError`` with nothing changed.
    """
    real = Path(os.path.realpath(path))
    exists = real.exists()
    if exists and not os.access(real, os.W_OK):
        raise PermissionError(13, "file is read-only", str(path))
    _sweep(real)
    handle, temporary = tempfile.mkstemp(
        prefix=f".{real.name[:100]}{_MARK}{os.getpid()}-", suffix=".tmp", dir=real.parent
    )
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sweep(real: Path) -> None:
    """Remove what a run that was killed while it wrote this very file has left behind."""
    begin = f".{real.name[:100]}{_MARK}"
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
