"""The scaffold for a rule writes a file that Python reads and that says what is left to fill in."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("code", "folder"), [("THT199", "torch"), ("THF199", "tensorflow"), ("THM199", "mxnet"), ("THC199", "common")]
)
def test_new_rule(tmp_path: Path, code: str, folder: str) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "new_rule.py", tmp_path / "tools")
    (tmp_path / "transpile_hybrid" / "rules" / folder).mkdir(parents=True)
    command = [sys.executable, str(tmp_path / "tools" / "new_rule.py"), code, "my-rule"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    written = tmp_path / "transpile_hybrid" / "rules" / folder / f"{code.lower()}_my_rule.py"
    text = written.read_text(encoding="utf-8")
    ast.parse(text)
    assert f'"{code}"' in text and "{code}" not in text and "Fix safety" in text
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 2 and "is taken" in again.stderr
