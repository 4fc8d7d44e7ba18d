"""The cases of ``cases/``: what is to be converted is, what isn't is reported, and a batch is run for real."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.api import RewriteReport, rewrite
from transpile_hybrid.source.source import Source

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.py"))
PARAMS = [pytest.param(path, id=path.stem) for path in CASES]


def _expected(path: Path) -> str:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXPECT":
            value = ast.literal_eval(node.value)
            assert value in ("convert", "flag")
            return str(value)
    raise AssertionError(f"{path}: no EXPECT")


def _compiled(text: str) -> int:
    """Count ``tf.function`` in a case, but for decorators of what isn't among its TARGETS."""
    tree = ast.parse(text)
    (targets,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TARGETS"
    ] or [None]
    others = [
        decorator
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and targets is not None and node.name not in targets
        for decorator in node.decorator_list
        if "tf.function" in ast.unparse(decorator)
    ]
    return text.count("tf.function") - len(others)


def _rewritten(path: Path, target: str = "tf.function") -> RewriteReport:
    (report,) = rewrite([Source.read(path)], [target])
    assert report.result is not None, report.internal or report.error
    return report


@pytest.mark.parametrize("path", PARAMS)
def test_decision(path: Path) -> None:
    report = _rewritten(path)
    assert report.result is not None
    text = report.result.after.text
    if _expected(path) == "convert":
        assert text.count("tf.function") > path.read_text(encoding="utf-8").count("tf.function")
    else:
        assert _compiled(text) == _compiled(path.read_text(encoding="utf-8"))
        assert report.result.remaining
    (again,) = rewrite([report.result.after], ["tf.function"])
    assert not again.changed


def test_enough_cases() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize("part", range(2))
def test_equal_on_tensorflow(part: int, tmp_path: Path) -> None:
    """Every converted case gives the same values, text and state, run as written and as rewritten."""
    pairs = []
    for path in [path for path in CASES if _expected(path) == "convert"][part::2]:
        report = _rewritten(path)
        assert report.result is not None
        file = tmp_path / path.name
        file.write_bytes(report.result.after.to_bytes())
        pairs.append([path.stem, str(path), str(file)])
    listing = tmp_path / "pairs.json"
    listing.write_text(json.dumps(pairs), encoding="utf-8")
    command = [sys.executable, str(HERE / "run_cases.py"), str(listing)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    line = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    assert line is not None, done.stderr[-2000:]
    assert {name: wrong for name, wrong in json.loads(line[7:]).items() if wrong} == {}
