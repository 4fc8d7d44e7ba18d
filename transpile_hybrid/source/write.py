"""Replace a file so that a kill at any instant leaves it whole: the old bytes or the new."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def write_atomic(path: str | Path, data: bytes) -> None:
    """Replace the content of ``path`` (through symbolic links), keeping mode and, where allowed, ownership.

    The new bytes go to a temporary file in the same folder, are flushed to disk and then renamed over the old ones.
    Raises ``OSError`` with nothing changed.
    """
    real = Path(os.path.realpath(path))
    if real.exists() and not os.access(real, os.W_OK):
        raise PermissionError(13, "file is read-only", str(path))
    handle, temporary = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".tmp", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, temporary)
            status = real.stat()
            with contextlib.suppress(OSError, AttributeError):  # only root may give a file away
                os.chown(temporary, status.st_uid, status.st_gid)
        os.replace(temporary, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
