"""Programs that use TorchScript, on their way to torch.compile and torch.export, compute what they did before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.source.source import Source

from .migration_programs import HEAD, LEFT, PROGRAMS

HERE = Path(__file__).parent
CODES = ("THT901", "THT902", "THT903")


def migrated(texts: dict[str, str], targets: list[str], unsafe: bool) -> dict[str, str]:
    """Return what ``rewrite`` makes of files that are known together."""
    results = rewrite([Source(path, text) for path, text in texts.items()], targets, unsafe=unsafe)
    found = {}
    for path, result in zip(texts, results, strict=True):
        assert result.result is not None, result.internal or result.error
        found[path] = result.result.after.text
    return found


def test_programs_compute_what_they_did(tmp_path: Path) -> None:
    rows = []
    for target in ("torch.compile", "torch.export"):
        chosen = {name: row for name, row in PROGRAMS.items() if target in row[0]}
        for unsafe in (False, True):
            texts = {f"{name}.py": HEAD + row[2] for name, row in chosen.items() if row[1] is unsafe}
            for path, text in migrated(texts, [target], unsafe).items():
                assert text != texts[path], f"{path} was left alone"
                assert not any(word in text for word in ("script_method", "ScriptModule)", "jit.trace", "jit.load"))
                before, after = (tmp_path / f"{when}_{target[6:]}_{path}" for when in ("before", "after"))
                before.write_text(texts[path])
                after.write_text(text)
                rows.append([f"{path} {target}", target, str(before), str(after), not unsafe])
    done = subprocess.run(
        [sys.executable, str(HERE / "run_migrated.py")],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []


@pytest.mark.parametrize("name", LEFT)
def test_left_alone(name: str) -> None:
    text = HEAD + LEFT[name]
    for target in ("torch.compile", "torch.export"):
        (report,) = check([Source("net.py", text)], [target])
        told = [one for one in report.diagnostics if one.code in CODES]
        assert all(one.fix is None or one.fix.safety == "unsafe" for one in told)
        (result,) = rewrite([Source("net.py", text)], [target])
        assert result.result is not None
        assert "torch.jit" in result.result.after.text and "torch.compile" not in result.result.after.text


def test_nothing_is_told_where_torchscript_is_a_target() -> None:
    for _, _, text in PROGRAMS.values():
        (report,) = check([Source("net.py", HEAD + text)], ["torch.script", "torch.compile", "torch.export"])
        assert not {one.code for one in report.diagnostics} & set(CODES)


def test_what_is_compiled_once_is_not_compiled_again() -> None:
    text = HEAD + PROGRAMS["training_loop"][2]
    after = migrated({"net.py": text}, ["torch.compile"], False)["net.py"]
    assert after.count("torch.compile(") == 1
    lines = (
        "net = nn.Linear(4, 2)",
        "fast = torch.jit.script(net)",
        "x = torch.rand(3, 4)",
        "y = fast(x)",
        "z = net(x)",
    )
    after = migrated({"net.py": HEAD + "\n".join(lines)}, ["torch.compile"], False)["net.py"]
    assert after.count("torch.compile(") == 1 and "fast = torch.compile(net, fullgraph=True)" in after


def test_a_branch_on_a_number_keeps_a_network_from_being_compiled() -> None:
    """Not only where it was scripted: with ``fullgraph=True`` the program would fail."""
    text = HEAD + LEFT["branch on a number"].replace("torch.jit.script(Net())", "Net()")
    assert migrated({"net.py": text}, ["torch.compile"], False)["net.py"] == text


def test_a_file_that_nobody_exports_is_loaded_as_it_was() -> None:
    text = HEAD + PROGRAMS["loaded_trace"][2]
    assert migrated({"net.py": text}, ["torch.export"], True)["net.py"] == text
