"""Helpers of the tests of ``verify``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from transpile_hybrid.verify import Verdict, VerifyOptions, verify_files

Run = Callable[..., list[Verdict]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that verifies two texts as files, in this interpreter, without timing unless asked."""

    def verify(before: str, after: str, targets: list[str] | None = None, **options: object) -> list[Verdict]:
        paths = tmp_path / "before.py", tmp_path / "after.py"
        for path, text in zip(paths, (before, after), strict=True):
            path.write_text(text)
        usual = {"python": sys.executable, "speed": False, "bisect": False, "timeout": 120.0}
        chosen = VerifyOptions(**{**usual, **options})  # type: ignore[arg-type]
        return verify_files(*paths, targets=targets, options=chosen)

    return verify
