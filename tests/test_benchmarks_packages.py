"""``benchmarks/torch_packages.py`` on a package of three modules: one mended, one as it is, one that can't be."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "torch_packages.py"
LAYERS = '''
import torch
from torch import nn


class Scaled(nn.Module):
    """TorchScript takes `scale` for a tensor."""

    def __init__(self, size: int = 4):
        super().__init__()
        self.proj = nn.Linear(size, size)

    def forward(self, x, scale=0.5):
        return self.proj(x) * scale


class Plain(nn.Module):
    def forward(self, x):
        return torch.relu(x)


class Branches(nn.Module):
    def forward(self, x):
        return x if x.sum().item() > 0 else -x
'''


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "before" / "small"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "layers.py").write_text(LAYERS, encoding="utf-8")
    return folder


def measured(package: Path, *options: str) -> tuple[int, str, Any]:
    out = package.parent / "rows.json"
    command = [sys.executable, str(SCRIPT), str(package), "--imports", "--json", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert out.exists(), done.stderr
    return done.returncode, done.stdout, json.loads(out.read_text(encoding="utf-8"))


def test_a_package(package: Path) -> None:
    code, shown, found = measured(package)
    assert code == 0, shown
    rows = {row["name"].partition(":")[2]: row for row in found["rows"]}
    assert set(rows) == {"Scaled", "Plain", "Branches"} and not any(row["broken"] for row in rows.values())
    assert rows["Scaled"]["raw"]["torch.script"] != "" == rows["Scaled"]["after"]["torch.script"]
    assert all(rows["Plain"][side][target] == "" for side in ("raw", "after") for target in rows["Plain"]["raw"])
    assert rows["Branches"]["raw"]["torch.compile"] != "" and rows["Branches"]["raw"]["torch.script"] == ""
    assert "torch.script   raw   2  after   3  gained 1  lost 0" in shown
    assert found["imports"] == []


def test_what_is_broken_is_told(package: Path) -> None:
    """A rewritten copy that somebody kept is taken as it is; here, one that gives other numbers and has other names."""
    wrong = LAYERS.replace("torch.relu(x)", "torch.relu(x) + 1").replace("self.proj", "self.projection")
    kept = package.parent.parent / "after" / "small"
    kept.mkdir(parents=True)
    (kept / "__init__.py").write_text("", encoding="utf-8")
    (kept / "layers.py").write_text(wrong, encoding="utf-8")
    (package / "more.py").write_text("", encoding="utf-8")
    code, shown, found = measured(package, "--keep", str(kept.parent))
    assert code == 1
    broken = {row["name"].partition(":")[2]: row["broken"] for row in found["rows"] if row["broken"]}
    assert set(broken) == {"Scaled", "Plain"}
    assert "proj.weight" in broken["Scaled"] and "in Python" in broken["Plain"]
    assert found["imports"] == ["small.more"] and "BROKEN small.layers:Plain" in shown


def test_results_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    difference = importlib.import_module("torch_packages").difference
    assert difference({"a": [torch.ones(2), 3]}, {"a": (torch.ones(2), 3)}) == ""  # TorchScript makes a tuple of a list
    assert difference(torch.ones(2), torch.ones(2) + 1e-3) != ""
    assert difference({"a": 1}, {"b": 1}) == "other keys"
    assert difference((1, None), (1,)) == "another length"
    assert difference(1, 2) == "another value"
