"""Running code on PyTorch, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run(folder: Path, script: str, *arguments: str) -> str:
    """Run ``script`` in ``folder``, whose files it can import, and return what it prints; it has to end well."""
    (folder / "run.py").write_text(script)
    done = subprocess.run([sys.executable, "run.py", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
