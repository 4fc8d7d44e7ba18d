"""What the examples of the rules become is scripted by TorchScript, and computes what it did before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from transpile_hybrid.rules.registry import load

HERE = Path(__file__).parent


def test_examples_are_scripted_and_equal() -> None:
    rows = [
        (f"{rule.code}-{number}", example.before, example.after)
        for rule in load("torch")
        for number, example in enumerate(rule.examples)
        if example.after is not None and (example.targets or rule.targets)[0] == "torch.script" and not example.unsafe
    ]
    done = subprocess.run(
        [sys.executable, str(HERE / "run_examples.py")], input=json.dumps(rows), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []
