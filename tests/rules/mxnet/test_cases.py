"""The cases in ``cases/``: what should convert does, what should be flagged is, and a second rewrite changes nothing.

``run_cases.py`` beside this file runs what comes out on MXNet itself.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))


def expectation(tree: ast.Module) -> str:
    """Return the case's ``EXPECT``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXPECT":
            assert isinstance(node.value, ast.Constant)
            return str(node.value.value)
    raise AssertionError("no EXPECT")


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CASES])
def test_case(path: Path) -> None:
    source = Source.read(path)
    (report,) = rewrite([source], ["mxnet.hybrid"])
    assert report.result is not None, report.internal or report.error
    remaining = [f"{d.code} {d.message} {d.why}" for d in report.result.remaining]
    text = report.result.after.text
    plain = "nn.Block)" in text or "(Block)" in text
    if expectation(source.tree) == "convert":
        assert not remaining
        assert not plain
    else:
        assert remaining
        assert plain
    (again,) = rewrite([report.result.after], ["mxnet.hybrid"])
    assert not again.changed


def test_on_mxnet(tmp_path: Path) -> None:
    """Every converted case is equal on MXNet: eagerly, hybridized, in its gradients, exported and reloaded."""
    cases: list[tuple[str, str, str]] = []
    for path in CASES:
        source = Source.read(path)
        if expectation(source.tree) == "convert":
            (report,) = rewrite([source], ["mxnet.hybrid"])
            assert report.result is not None
            cases.append((path.stem, source.text, report.result.after.text))
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases), encoding="utf-8")
    runner = Path(__file__).parent / "run_cases.py"
    done = subprocess.run([sys.executable, str(runner), str(file)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.endswith(" ok")] == []
    assert len(lines) == len(cases), done.stderr[-2000:]
