"""``benchmarks/torch_modes.py``: what it sees of a module that draws, and of one that asks for a size."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
CASES = """import torch
from torch import nn

class Drops(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.drop = nn.BatchNorm1d(4), nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(self.norm(x))

class Sized(nn.Module):
    def forward(self, x):
        return x + 1 if x.shape[0] == 4 else x * 2

TESTCASES = [
    (Drops, lambda: ([], {}), lambda: ([torch.rand(4, 4)], {})),
    (Sized, lambda: ([], {}), lambda: ([], {"x": torch.rand(4, 3)})),
]
"""


@pytest.fixture
def modes(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("torch_modes"), importlib.import_module("torch_modes_run")


@pytest.fixture
def cases(tmp_path: Path, modes: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    (tmp_path / "test_two_cases.py").write_text(CASES, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("test_two_cases")
    monkeypatch.delitem(sys.modules, "test_two_cases")
    return [modes[1].Case(torch.manual_seed, case) for case in module.TESTCASES]


def test_a_training_step(modes: tuple[Any, Any], cases: list[Any]) -> None:
    step = modes[1].step
    first, again, other = (step(cases[0], seed) for seed in (1, 1, 2))
    assert torch.equal(first["results"], again["results"])
    assert not torch.equal(first["results"], other["results"])  # it draws
    assert not torch.equal(first["state"]["norm.running_mean"], torch.zeros(4))  # it was trained
    assert set(first["gradients"]) == {"norm.weight", "norm.bias"}
    (gradient,) = first["gradients of inputs"]
    assert gradient.shape == (4, 4) and gradient.abs().max() > 1e-3  # a plain sum's would be zero without dropout
    seen = modes[1].compiled("train", cases[0], 1, {})
    torch.testing.assert_close(seen["state"], first["state"])
    assert seen["gradients"].keys() == first["gradients"].keys()


def test_another_shape(modes: tuple[Any, Any], cases: list[Any]) -> None:
    drops, sized = cases
    eager = modes[1].shapes(sized, 1)
    assert [len(eager[name]) for name in ("first call", "second call", "other shape")] == [4, 4, 8]
    told: dict[str, Any] = {}
    torch.testing.assert_close(modes[1].compiled("dynamic", sized, 1, told), eager)
    assert told["recompiled"] == "other shape" and "size mismatch at index 0" in told["guard"]
    with pytest.raises(torch._dynamo.exc.UserError, match="specialized it to be a constant"):
        modes[1].compiled("export", sized, 1, {})
    for mode in ("dynamic", "export"):
        told = {}
        torch.testing.assert_close(modes[1].compiled(mode, drops, 1, told), modes[1].shapes(drops, 1))
        assert not told


def test_the_table(modes: tuple[Any, Any]) -> None:
    good, bad = {"ok": True, "equal": True}, {"ok": False, "type": "UserError"}
    eager = {"ok": True, "step": {"status": "RuntimeError"}, "shapes": {"status": "ok"}}
    raw = {"eager": eager, "dynamic": {**good, "recompiled": "other shape"}, "export": bad}
    after = {"eager": {"ok": True, "shapes": {"why": "second call: value"}}, "dynamic": bad, "export": good}
    records = [
        {"file": "a.py", "changed": True, "load_error": {}, "cases": {"0": {"cls": "A", "raw": raw, "after": after}}},
        {"file": "b.py", "changed": False, "load_error": {}, "cases": {"3": {"cls": "B", "raw": raw}}},
    ]
    found = modes[0].summaries(records, True)
    rows = found["rows"]
    assert found["eager"]["step"] == {"RuntimeError": 2} and "eligible" not in rows["train"]
    counts = [(row["eligible"], row["raw"], row["after"], row["gained"], row["lost"], row["broken"]) for row in
              (rows["dynamic"], rows["export"])]  # fmt: skip
    assert counts == [(2, 2, 1, 0, 1, 1), (2, 0, 1, 1, 0, 1)]
    assert rows["dynamic"]["causes"]["raw"] == {"recompiled by other shape": 2}
    assert rows["export"]["causes"] == {"raw": {"UserError": 2}, "after": {"UserError": 1}}
