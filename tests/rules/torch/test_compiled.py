"""What the examples of the rules become is taken by the compiler that they are for, and computes what it did before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.rules.registry import load

HERE = Path(__file__).parent


@pytest.mark.parametrize("target", ["torch.script", "torch.compile", "torch.export"])
def test_examples_are_compiled_and_equal(target: str) -> None:
    rows = [
        (f"{rule.code}-{number}", target, example.before, example.after)
        for rule in load("torch")
        for number, example in enumerate(rule.examples)
        if example.after is not None and target in (example.targets or rule.targets) and not example.unsafe
    ]
    assert rows
    done = subprocess.run(
        [sys.executable, str(HERE / "run_examples.py")], input=json.dumps(rows), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []
