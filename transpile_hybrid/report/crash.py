"""What an internal error leaves behind: a file to attach to an issue, with no text in it but the traceback's."""

from __future__ import annotations

import os
import platform
import sys
import tempfile

from .. import __version__
from .found import FileResult


def write_report(crashed: list[FileResult]) -> str:
    """Write a report about files in which the tool crashed and return its path.  Raises ``OSError``."""
    parts = [
        f"transpile-hybrid {__version__}, Python {sys.version.split()[0]}, {platform.platform()}",
        f"arguments: {' '.join(sys.argv[1:])}",
    ]
    for result in crashed[:20]:
        parts.append(f"\n{result.error}\n{result.internal}")
    handle, path = tempfile.mkstemp(prefix="transpile-hybrid-crash-", suffix=".txt")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write("\n".join(parts) + "\n")
    except OSError:
        os.unlink(path)
        raise
    return path
