"""Living with findings: settings, suppressions, baselines, branches, standard input, dirty trees, the cache."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Run
from .test_contract import CLEAN, DIRTY, MENDED


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for command in (
        ["init", "-q", "-b", "main"],
        ["config", "user.email", "a@b.example"],
        ["config", "user.name", "A"],
    ):
        git(*command)
    (tmp_path / "dirty.py").write_text(DIRTY)
    git("add", ".")
    git("commit", "-qm", "one")
    return tmp_path


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_select_on_the_command_line(run: Run, here: Path) -> None:
    (here / "dirty.py").write_text(DIRTY)
    assert run("check", ".", "--ignore", "THT5").code == 0
    assert run("check", ".", "--select", "THT1,THT2").code == 0
    assert run("check", ".", "--select", "THT1", "--extend-select", "THT502").code == 1
    assert run("check", ".", "--ignore", "nonsense!").code == 2


def test_hierarchical_settings_and_extend(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.transpile-hybrid]\nignore = ['THT502']\n")
    for folder in ("plain", "own", "extended"):
        (here / folder).mkdir()
        (here / folder / "dirty.py").write_text(DIRTY)
    (here / "own" / ".transpile-hybrid.toml").write_text("target = 'torch.script'\n")
    (here / "extended" / ".transpile-hybrid.toml").write_text("extend = '../pyproject.toml'\ntarget = 'torch.script'\n")
    ran = run("check", ".", "--output-format", "concise")
    assert [line.split(":")[0] for line in ran.out.splitlines()] == [os.path.join("own", "dirty.py")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("extend = 'none.toml'", "no such file: none.toml"),
        ("extend = '.transpile-hybrid.toml'", "goes round in a circle"),
        ("selct = ['THT1']", "unknown key; did you mean 'select'?".replace("key", "key")),
        ("select = ['THT-1']", "is no rule code"),
        ("bases = {'a.B' = 'pytorch'}", "must be one of torch, mxnet, tensorflow"),
        ("per-file-ignores = ['a']", "must be a table"),
        ("exclude = [1]", "must be a string or a list of strings"),
    ],
)
def test_broken_settings(run: Run, here: Path, text: str, words: str) -> None:
    (here / ".transpile-hybrid.toml").write_text(text.replace("'a.B' =", '"a.B" =') + "\n")
    (here / "a.py").write_text(CLEAN)
    ran = run("check", ".")
    assert ran.code == 2 and ".transpile-hybrid.toml: " in ran.err and words in ran.err


def test_config_says_where_values_come_from(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text(
        "[tool.transpile-hybrid]\ntarget = 'tf.xla'\nper-file-ignores = {'t/*' = ['THT1']}\n"
    )
    table = json.loads(run("config", "--json", "--ignore", "THF1").out)
    assert table["target"] == {"value": ["tf.xla"], "from": "pyproject.toml"}
    assert table["ignore"] == {"value": ["THF1"], "from": "command line"}
    assert table["exclude"]["from"] == "default"
    assert 'per-file-ignores = {"t/*": ["THT1"]}' in run("config").out


def test_force_exclude(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.transpile-hybrid]\nexclude = ['old/', '*_pb2.py']\n")
    (here / ".gitignore").write_text("made.py\n")
    names = ["old/a.py", "x_pb2.py", "made.py", "build/b.py", "mine.py"]
    for name in names:
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(DIRTY)
    assert "5 problems in 5 of 5" in run("check", *names).err
    assert "1 problem in 1 of 1" in run("check", "--force-exclude", *names).err
    assert "1 problem in 1 of 1" in run("check").err


def test_baseline(run: Run, here: Path) -> None:
    (here / "dirty.py").write_text(DIRTY)
    assert "1 findings written" in run("check", "--write-baseline", "base.json").err.replace(
        "1 finding ", "1 findings "
    )
    (here / "dirty.py").write_text("# moved\n\n" + DIRTY)
    assert run("check", "--baseline", "base.json").code == 0
    (here / "more.py").write_text(DIRTY)
    ran = run("check", "--baseline", "base.json")
    assert ran.code == 1 and "1 problem in 1 of 2" in ran.err
    (here / "dirty.py").write_text(MENDED)
    assert "1 of its findings are gone" in run("check", "--baseline", "base.json").err
    (here / "pyproject.toml").write_text("[tool.transpile-hybrid]\nbaseline = 'base.json'\n")
    assert run("check").code == 1
    (here / "base.json").write_text("{}")
    assert run("check").code == 2


def test_diff_base_tells_only_what_a_branch_adds(run: Run, repository: Path) -> None:
    git("checkout", "-qb", "branch")
    (repository / "new.py").write_text(DIRTY)
    (repository / "dirty.py").write_text("# moved\n" + DIRTY)
    git("mv", "dirty.py", "renamed.py")
    ran = run("check", "--diff-base", "main", "--output-format", "concise")
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["new.py"]
    ran = run("check", "--diff-base", "no-such-revision")
    assert ran.code == 2 and "git merge-base" in ran.err and "Traceback" not in ran.err


def test_diff_base_sees_through_base_classes(run: Run, repository: Path) -> None:
    (repository / "base.py").write_text("class Base:\n    pass\n")
    (repository / "leaf.py").write_text(
        DIRTY.replace("from torch import nn", "from base import Base").replace("nn.Module", "Base")
    )
    git("add", ".")
    git("commit", "-qm", "two")
    git("checkout", "-qb", "branch")
    (repository / "base.py").write_text("from torch import nn\n\n\nclass Base(nn.Module):\n    pass\n")
    ran = run("check", "--diff-base", "main", "--output-format", "concise")
    assert [line.split(":")[0] for line in ran.out.splitlines()] == ["leaf.py"]


def test_add_ignores(run: Run, here: Path) -> None:
    (here / "dirty.py").write_text(DIRTY)
    ran = run("check", "--add-ignores")
    assert ran.code == 0 and "1 comments added in 1 file" in ran.err.replace("1 comment ", "1 comments ")
    assert "# hybrid: ignore[THT502]" in (here / "dirty.py").read_text()
    assert run("check").code == 0 and "(1 finding suppressed)" in run("check").err


def test_statistics(run: Run, here: Path) -> None:
    (here / "a.py").write_text(DIRTY)
    (here / "b.py").write_text(DIRTY)
    assert run("check", "--statistics").out.split() == ["2", "THT502", "[*]", "untyped-default"]


def test_check_standard_input(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "pyproject.toml").write_text("[tool.transpile-hybrid]\nper-file-ignores = {'t/*' = ['THT502']}\n")
    stdin(monkeypatch, DIRTY.encode())
    ran = run("check", "--stdin-filename", "x/y.py", "--output-format", "concise")
    assert ran.code == 1 and ran.out.startswith(os.path.join("x", "y.py") + ":6:26:")
    stdin(monkeypatch, DIRTY.encode())
    assert run("check", "--stdin-filename", "t/y.py").code == 0
    stdin(monkeypatch, b"def f(:\n")
    ran = run("check", "-")
    assert ran.code == 2 and "<stdin>.py:1:7: syntax error" in ran.err


def test_rewrite_standard_input(run: Run, here: Path) -> None:
    code = "import sys; from transpile_hybrid.cli.main import main; sys.argv[0] = 'transpile-hybrid'; main()"
    command = [sys.executable, "-c", code, "rewrite", "--stdin-filename", "y.py", "-q"]
    data = DIRTY.replace("\n", "\r\n").encode()
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    assert done.stdout == data.replace(b"scale=2.0", b"scale: float = 2.0")


def test_rewrite_refuses_what_git_does_not_hold(run: Run, repository: Path) -> None:
    file = repository / "dirty.py"
    file.write_text(DIRTY + "\n")
    ran = run("rewrite", ".")
    assert ran.code == 2 and "dirty.py" in ran.err and "--allow-dirty" in ran.err and file.read_text() == DIRTY + "\n"
    assert run("rewrite", "--diff", ".").code == 1, "what writes nothing needs no clean tree"
    ran = run("rewrite", "--allow-dirty", ".")
    assert ran.code == 0 and file.read_text() == MENDED + "\n"
    assert "To undo: git restore -- dirty.py" in ran.err


def test_rewriting_a_clean_tree_tells_how_to_undo(run: Run, repository: Path) -> None:
    assert "To undo: git restore -- dirty.py" in run("rewrite").err
    git("restore", "--", "dirty.py")
    assert (repository / "dirty.py").read_text() == DIRTY


def test_notebooks_are_found_and_documents_are_taken_by_name(run: Run, here: Path) -> None:
    cells = [{"cell_type": "code", "source": DIRTY.splitlines(keepends=True)}]
    (here / "a.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}}, indent=1))
    (here / "a.md").write_text(f"# T\n\n```python\n{DIRTY}```\n")
    assert run("check", "--output-format", "concise").out.startswith("a.ipynb:cell 1:6:26: THT502")
    assert run("check", "a.md", "--output-format", "concise").out.startswith("a.md:9:26: (block 1) THT502")
    assert run("rewrite", "a.md").code == 0
    assert (here / "a.md").read_text() == f"# T\n\n```python\n{MENDED}```\n"


def test_cache_verb(run: Run, here: Path) -> None:
    (here / "a.py").write_text(CLEAN)
    run("check")
    assert run("cache", "dir").out.strip() == str(here / ".transpile_hybrid_cache")
    assert "1 cache file removed" in run("cache", "clean").err
    assert not (here / ".transpile_hybrid_cache").exists()


def test_output_file(run: Run, here: Path) -> None:
    (here / "dirty.py").write_text(DIRTY)
    ran = run("check", "--output-format", "sarif", "-o", "out.sarif")
    assert ran.code == 1 and ran.out == "" and json.loads((here / "out.sarif").read_text())["version"] == "2.1.0"
    assert run("check", "-o", "none/out").code == 2


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_readiness_formats(run: Run, here: Path, name: str) -> None:
    (here / "dirty.py").write_text(DIRTY)
    assert "dirty.py:Scale" in run("check", "--output-format", name).out


def test_a_crash_leaves_a_report_to_attach(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transpile_hybrid.rules import engine

    def fail(*rest: object, **more: object) -> object:
        raise RuntimeError("planted")

    monkeypatch.setattr(engine, "run_rules", fail)
    (here / "dirty.py").write_text(DIRTY)
    ran = run("check", "--no-cache")
    assert ran.code == 2 and "internal error: RuntimeError: planted" in ran.err and "Traceback" not in ran.err
    report = Path(ran.err.split("was written to ")[1].split("\n")[0])
    assert "Traceback" in report.read_text()
    report.unlink()


def test_odd_files(run: Run, here: Path) -> None:
    names = ["with space.py", "ünïcode😀.py", "-dash.py", "a'b.py", "semi;colon.py"]
    for name in names:
        (here / name).write_text(DIRTY)
    (here / "long.py").write_text(DIRTY + "x = [" + "1, " * 200_000 + "]\n")
    (here / "link.py").symlink_to("with space.py")
    (here / "broken_link.py").symlink_to("nowhere.py")
    (here / "folder.py").mkdir()
    ran = run("rewrite", ".")
    assert all((here / name).read_text() == MENDED for name in names)
    assert (here / "link.py").is_symlink()
    assert "broken_link.py: cannot be read" in ran.err


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_kill_while_writing_leaves_files_whole(here: Path) -> None:
    """Ten instants here; ``benchmarks/kill.py`` tries two hundred."""
    import random
    import time

    generator = random.Random(5)
    code = "import sys; from transpile_hybrid.cli.main import main; sys.argv[0] = 'transpile-hybrid'; main()"
    for _ in range(10):
        for number in range(30):
            (here / f"f{number}.py").write_text(DIRTY)
        child = subprocess.Popen(
            [sys.executable, "-c", code, "rewrite", "--no-cache", "-q", "."], stderr=subprocess.DEVNULL
        )
        time.sleep(0.05 + generator.random() * 0.5)
        child.kill()
        child.wait()
        assert {(here / f"f{number}.py").read_text() for number in range(30)} <= {DIRTY, MENDED}


WAITING = """from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        y = nd.relu(x)
        y += 1
        if y.sum().asscalar() > 0:
            y *= 2
        return y
"""


def test_what_is_mended_once_the_rest_is(run: Run, here: Path) -> None:
    (here / "net.py").write_text(WAITING)
    ran = run("check", "--output-format", "concise", "net.py")
    waits = [line.split()[1] for line in ran.out.splitlines() if "[~]" in line]
    assert set(waits) == {"THM201", "THM601"}, ran.out
    assert f"{len(waits)} more ([~]) once nothing else is in their way" in ran.err
    left = len(ran.out.splitlines()) - len(waits)
    ran = run("rewrite", "net.py")
    assert (
        f"{left} problem{'s' * (left > 1)} left to you, {len(waits)} more that it mends once those are gone" in ran.err
    )
    (here / "net.py").write_text(WAITING.replace("if y.sum().asscalar() > 0:", "if True:"))
    assert "nothing left" in run("rewrite", "net.py").err


def test_verify_stops_over_a_file_that_is_not_there(run: Run, here: Path) -> None:
    (here / "net.py").write_text(WAITING)
    ran = run("verify", "before.py", "net.py")
    assert ran.code == 2 and "before.py: no such file" in ran.err and not ran.out
