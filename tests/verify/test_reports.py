"""Verdicts as JSON, JUnit and Markdown; units exported and read back."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from transpile_hybrid.report.html import verify_page
from transpile_hybrid.report.remarks import besides, reservations
from transpile_hybrid.report.tables import print_verdicts, size_text
from transpile_hybrid.report.verdicts import verify_document
from transpile_hybrid.report.verdicts_junit import verify_junit
from transpile_hybrid.report.verdicts_markdown import verify_markdown
from transpile_hybrid.verify import Speed, Verdict, VerifyOptions, verify_texts

from .planted import changed
from .planted_mxnet import BASE as MXNET
from .planted_mxnet import HYBRID
from .planted_tensorflow import BASE as TENSORFLOW
from .planted_torch import BASE as TORCH

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "verify.schema.json").read_text())


def verdicts() -> list[Verdict]:
    fast = Speed("faster", 1.5, 1.4, 1.6, 10.0, 6.7, 0.1, 30.0, 101, "same")
    checks = {"outputs": "ok", "gradients": "ok: remark"}
    return [
        Verdict("Net", "torch.script", "net.py", "net.py", True, "", fast, checks, "declared", 0.0, "torch"),
        Verdict(
            "B|ad`", None, "net.py", "net.py", False, "output <differs> at (0, 1) \x00 & more", None, {"a": "b | c"}
        ),
        Verdict("Odd", "tf.xla", "odd.py", "odd.py", None, "not verified: no inputs known"),
    ]


def test_documents_fit_their_schema() -> None:
    refused = Verdict("Net", "torch.script", "net.py", "net.py", False, "cannot be compiled: no")
    for found in ([], verdicts(), verdicts()[:1], [refused]):
        for auto in (False, True):
            jsonschema.validate(verify_document(found, auto), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**verify_document(verdicts()), "version": 2}, SCHEMA)


def test_junit() -> None:
    root = ElementTree.fromstring(verify_junit(verdicts()))
    assert {name: root.get(name) for name in ("tests", "failures", "skipped")} == {
        "tests": "3", "failures": "1", "skipped": "1",
    }  # fmt: skip
    assert [suite.get("name") for suite in root] == ["net.py", "odd.py"]
    failure = root.find("./testsuite/testcase/failure")
    assert failure is not None and failure.get("message") == "output <differs> at (0, 1)  & more"
    text = root.findtext("./testsuite/testcase/system-out") or ""
    assert "speed: 1.50x [1.40, 1.60] faster" in text and "gradients: ok: remark" in text


def test_markdown() -> None:
    text = verify_markdown(verdicts())
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == 3 and all(row.replace("\\|", "").count("|") == 5 for row in rows)
    assert rows[0] == r"| `net.py:Net` | torch.script | equal | 1.50x \[1.40, 1.60] faster |"
    assert "<summary>B|ad` (as it stands): output &lt;differs&gt;" in text and r"- a: b \| c" in text
    assert verify_markdown(verdicts(), auto=True).count("- `") == 3


def test_what_the_table_leaves_out() -> None:
    checks = {"outputs": "it differs", "gradients": "they differ", "lines never reached": "ok: 7", "state": "ok"}
    wrong = Verdict("A", None, "net.py", "net.py", False, "outputs (call 1): it differs", checks=checks)
    assert besides(wrong) == ["gradients: they differ"]
    checks = {"gradients": "not compared: no way", "lines never reached": "ok: 7", "arguments never given": "ok: m"}
    fine = [Verdict(f"U{n}", None, "net.py", "net.py", True, checks=checks, inputs="inferred") for n in range(7)]
    told = reservations([wrong, *fine])
    assert told[:3] == [
        "net.py:U0: equal, but gradients were not compared: no way",
        "net.py:U0: equal, but lines of net.py were never reached: 7",
        "net.py:U0: equal, but arguments were never given: m",
    ]
    assert told[-1].startswith("inputs were guessed for U0, U1, U2, U3, U4 and 2 more")
    assert "- net.py:U0: equal, but arguments were never given: m" in verify_markdown(fine)


def test_a_name_between_colons_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    print_verdicts([Verdict("train", None, "net.py", "net.py", True, checks={"gradients": "not compared: no way"})])
    assert "net.py:train: equal, but gradients" in capsys.readouterr().out


def test_what_a_compiler_refuses_is_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    refused = Verdict("Net", "torch.script", "net.py", "net.py", False, "cannot be compiled: RuntimeError: no")
    assert refused.state == "cannot compile" and refused.to_json()["state"] == "cannot compile"
    print_verdicts([*verdicts(), refused])
    shown = capsys.readouterr().out
    assert "1 equal, 1 DIFFERENT, 1 cannot compile, 1 not verified" in shown and shown.count("DIFFERENT") == 2
    assert "**cannot compile**" in verify_markdown([refused])
    assert ElementTree.fromstring(verify_junit([refused])).get("failures") == "1"
    page = verify_page([refused])
    assert "<h1>1 of 1 cannot compile</h1>" in page and "What cannot be compiled" in page
    assert "<h1>1 of 2 differs</h1>" in verify_page([refused, verdicts()[1]])


@pytest.mark.parametrize(("count", "text"), [(12, "12 bytes"), (667_000, "667 kB"), (2_200_000, "2.2 MB")])
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


CASES = [
    (TORCH, TORCH, ["torch.script", "torch.export"], {"model.pt", "model.pt2"}),
    (MXNET, changed(MXNET, HYBRID), ["mxnet.hybrid"], {"model-symbol.json", "model-0000.params"}),
    (TENSORFLOW, TENSORFLOW, ["tf.function"], {"model/saved_model.pb"}),
]


@pytest.mark.parametrize(("before", "after", "targets", "files"), CASES, ids=["torch", "mxnet", "tensorflow"])
def test_what_was_exported_is_kept(
    tmp_path: Path, before: str, after: str, targets: list[str], files: set[str]
) -> None:
    options = VerifyOptions(
        unit="Model", python=sys.executable, speed=False, export=True, keep=str(tmp_path / "out"), timeout=120.0
    )
    found = verify_texts(before, after, path=tmp_path / "net.py", targets=targets, options=options)
    jsonschema.validate(verify_document(found), SCHEMA)
    written = set()
    for verdict in found:
        done: dict[str, Any] = verdict.export or {}
        assert done["ok"] is True and done["load_s"] > 0 and done["bytes"] > 0, verdict
        folder = tmp_path / "out" / "net" / "Model" / str(verdict.target)
        assert done["path"] == str(folder)
        written |= {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files <= written and "inputs.json" not in written


def test_export_command(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TORCH)
    command = [sys.executable, "-m", "transpile_hybrid", "export", "net.py", "-t", "torch.script", "-o", "out"]
    ran = subprocess.run([*command, "--json", "found.json"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "bitwise equal" in ran.stdout and "1 exported, 0 not" in ran.stdout
    assert (tmp_path / "out" / "net" / "Model" / "torch.script" / "model.pt").is_file()
    jsonschema.validate(json.loads((tmp_path / "found.json").read_text()), SCHEMA)
    broken = TORCH.replace("return y\n", "return y.frobnicate()\n")
    (tmp_path / "net.py").write_text(broken)
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 1 and "0 exported, 1 not" in ran.stdout


def test_verify_command_writes_every_report(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TORCH)
    (tmp_path / "b.py").write_text(TORCH.replace("y = y * self.scale", "y = self.scale * y"))
    files = ["--json", "v.json", "--junit", "v.xml", "--markdown", "v.md", "--html", "v.html"]
    command = [sys.executable, "-m", "transpile_hybrid", "verify", "a.py", "b.py", "--no-speed", *files]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    jsonschema.validate(json.loads((tmp_path / "v.json").read_text()), SCHEMA)
    assert ElementTree.parse(tmp_path / "v.xml").getroot().get("tests") == "1"
    assert "b.py:Model" in (tmp_path / "v.md").read_text() and "<!doctype html>" in (tmp_path / "v.html").read_text()
