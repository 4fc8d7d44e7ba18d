"""What the verbs promise: exit codes, what goes to which stream, what is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Run

DIRTY = """import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale=2.0):
        return x * scale
"""
MENDED = DIRTY.replace("scale=2.0", "scale: float = 2.0")
CLEAN = "import torch\n\nx = 1\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()  # settings of folders above are not ours
    return tmp_path


def test_check_exit_codes(run: Run, here: Path) -> None:
    (here / "clean.py").write_text(CLEAN)
    (here / "dirty.py").write_text(DIRTY)
    assert run("check", "clean.py").code == 0
    found = run("check", "dirty.py")
    assert found.code == 1
    assert "dirty.py:6:26: THT502 [*]" in found.out and "    def forward" in found.out
    assert "Found 1 problem" in found.err
    assert run("check", "dirty.py", "-t", "tf.function").code == 0


def test_check_concise_and_json(run: Run, here: Path) -> None:
    (here / "dirty.py").write_text(DIRTY)
    assert run("check", "dirty.py", "--output-format", "concise").out.count("\n") == 1
    document = json.loads(run("check", "dirty.py", "--output-format", "json").out)
    assert document["version"] == 1 and document["files"] == 1 and document["errors"] == []
    (finding,) = document["diagnostics"]
    assert (finding["code"], finding["line"], finding["column"], finding["fix"]) == ("THT502", 6, 26, "safe")
    assert document["readiness"][0]["targets"] == {"torch.script": {"state": "fixable", "codes": ["THT502"]}}


def test_readiness_table(run: Run, here: Path) -> None:
    (here / "dirty.py").write_text(DIRTY)
    ran = run("check", "--readiness", "-t", "torch.script", "-t", "torch.compile", "dirty.py")
    assert "dirty.py:Scale" in ran.out and "fixable" in ran.out and "ready" in ran.out


def test_rewrite_writes_in_place_and_once(run: Run, here: Path) -> None:
    file = here / "dirty.py"
    file.write_text(DIRTY)
    assert run("rewrite", "dirty.py").code == 0
    assert file.read_text() == MENDED
    stamp = file.stat().st_mtime_ns
    assert run("rewrite", "dirty.py").code == 0
    assert file.stat().st_mtime_ns == stamp, "a file that is not changed is not touched"


def test_rewrite_keeps_newlines_and_encoding(run: Run, here: Path) -> None:
    file = here / "dirty.py"
    data = ("# -*- coding: latin-1 -*-\n# é\n" + DIRTY).replace("\n", "\r\n").encode("latin-1")
    file.write_bytes(data)
    assert run("rewrite", "dirty.py").code == 0
    assert file.read_bytes() == data.replace(b"scale=2.0", b"scale: float = 2.0")


def test_rewrite_diff_applies_with_git(run: Run, here: Path) -> None:
    file = here / "pkg" / "dirty.py"
    file.parent.mkdir()
    file.write_text(DIRTY.rstrip("\n"))
    ran = run("rewrite", "--diff", "pkg")
    assert ran.code == 1 and file.read_text() == DIRTY.rstrip("\n")
    subprocess.run(["git", "apply", "-"], input=ran.out, text=True, check=True, cwd=here)
    assert file.read_text() == MENDED.rstrip("\n")


def test_rewrite_check_writes_nothing(run: Run, here: Path) -> None:
    file = here / "dirty.py"
    file.write_text(DIRTY)
    ran = run("rewrite", "--check", "dirty.py")
    assert ran.code == 1 and ran.out == "" and file.read_text() == DIRTY
    file.write_text(MENDED)
    assert run("rewrite", "--check", "dirty.py").code == 0


@pytest.mark.parametrize("verb", ["check", "rewrite"])
def test_bad_input_is_one_clear_line_and_the_rest_goes_on(run: Run, here: Path, verb: str) -> None:
    (here / "dirty.py").write_text(DIRTY)
    (here / "py2.py").write_text("print 'x'\n")
    (here / "bytes.py").write_bytes(b"x = '\xff'\n")
    (here / "empty.py").write_text("")
    ran = run(verb, "dirty.py", "py2.py", "bytes.py", "empty.py", "missing.py")
    assert ran.code == 2
    errors = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 3
    assert any("py2.py:1:" in line and "syntax error" in line for line in errors)
    assert any("bytes.py:1:" in line for line in errors)
    assert any("missing.py: no such file" in line for line in errors)
    assert "Traceback" not in ran.err
    if verb == "rewrite":
        assert (here / "dirty.py").read_text() == MENDED
    else:
        assert "THT502" in ran.out


def test_a_folder_without_python_is_said(run: Run, here: Path) -> None:
    (here / "empty").mkdir()
    ran = run("check", "empty")
    assert ran.code == 0 and "no Python files found" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", ".", "-t", "torch.scrip"), "did you mean 'torch.script'?"),
        (("explain", "THX999"), "no rule has the code 'THX999'"),
        (("check", "--no-such-option"), "No such option"),
        (("nonsense",), "No such command"),
    ],
)
def test_wrong_usage(run: Run, here: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2 and words in ran.err and "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.transpile-hybrid]\ntarget = ", "is not valid TOML"),
        ("[tool.transpile-hybrid]\ntargets = ['torch.script']", "did you mean 'target'?"),
        ("[tool.transpile-hybrid]\ntarget = ['nope']", "unknown target 'nope'"),
        ("[tool.transpile-hybrid]\nunsafe-fixes = 'yes'", "must be true or false"),
        ("[tool]\ntranspile-hybrid = 3", "must be a table"),
    ],
)
def test_a_broken_configuration_names_file_and_cause(run: Run, here: Path, text: str, words: str) -> None:
    (here / "pyproject.toml").write_text(text)
    (here / "a.py").write_text(CLEAN)
    ran = run("check", ".")
    assert ran.code == 2 and "pyproject.toml: " in ran.err and words in ran.err and ran.err.count("\n") == 1


def test_configuration_is_used(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.transpile-hybrid]\ntarget = ['tf.function']\nexclude = ['old/']\n")
    (here / "old").mkdir()
    (here / "old" / "broken.py").write_text("def f(:\n")
    (here / "dirty.py").write_text(DIRTY)
    assert run("check", ".").code == 0
    assert run("check", ".", "-t", "torch.script").code == 1


def test_a_read_only_file_is_reported_and_kept(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "dirty.py").write_text(DIRTY)
    (here / "other.py").write_text(DIRTY)
    import os

    real = os.access
    monkeypatch.setattr(os, "access", lambda p, m: False if Path(p).name == "dirty.py" else real(p, m))
    ran = run("rewrite", ".")
    assert ran.code == 2 and "dirty.py: not written" in ran.err
    assert (here / "dirty.py").read_text() == DIRTY and (here / "other.py").read_text() == MENDED


def test_changed_lines_are_formatted_where_the_project_uses_black(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.black]\nline-length = 40\n")
    (here / "dirty.py").write_text(DIRTY.replace("x, scale", "x, y, scale") + "\n\nz = {  'a':1}\n")
    assert run("rewrite", "dirty.py").code == 0
    text = (here / "dirty.py").read_text()
    assert "    def forward(\n        self, x, y, scale: float = 2.0\n    ):" in text
    assert "z = {  'a':1}" in text, "lines that the rewrite didn't change are left alone"


def test_help_fits_a_screen_and_version(run: Run) -> None:
    for arguments in (("--help",), ("check", "--help"), ("rewrite", "--help"), ("verify", "--help")):
        ran = run(*arguments)
        assert ran.code == 0 and len(ran.out.splitlines()) <= 50
    assert run("--version").out.startswith("transpile-hybrid ")


def test_explain(run: Run) -> None:
    ran = run("explain", "tht502")
    assert ran.code == 0 and "Why is this bad" in ran.out and "scale: float = 2.0" in ran.out
    assert len(run("explain", "--all").out.splitlines()) > 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_offers_verbs_and_targets(shell: str) -> None:
    command = [sys.executable, "-c", "from transpile_hybrid.cli.main import main; main()"]

    def complete(line: str, word: str) -> str:
        words = line.split()
        env = {
            "_TRANSPILE_HYBRID_COMPLETE": f"{shell}_complete",
            "COMP_WORDS": line + word,
            "COMP_CWORD": word if shell == "fish" else str(len(words)),
            "PATH": "/usr/bin:/bin",
        }
        script = "import sys; sys.argv[0] = 'transpile-hybrid'; "
        code = [command[0], "-c", script + command[2]]
        return subprocess.run(code, env=env, capture_output=True, text=True, check=False).stdout

    assert "rewrite" in complete("transpile-hybrid ", "re")
    assert "torch.compile" in complete("transpile-hybrid check --target ", "torch.c")


def test_nothing_heavy_is_imported_by_check(here: Path) -> None:
    (here / "a.py").write_text(CLEAN)
    code = (
        "import sys; sys.argv = ['transpile-hybrid', 'check', 'a.py']\n"
        "from transpile_hybrid.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'tensorflow', 'mxnet', 'numpy', 'libcst', 'rich', 'black', 'pygls'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=here)
    assert ran.stdout.strip().splitlines()[-1] == "[]"
