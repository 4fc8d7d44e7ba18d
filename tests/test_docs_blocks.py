"""Every code block of the docs is right: data is read, commands are parsed, tutorials are followed word by word."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from transpile_hybrid.api import check
from transpile_hybrid.cli.main import VERBS
from transpile_hybrid.config import ConfigFinder
from transpile_hybrid.source.source import Source

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
TUTORIALS = sorted((ROOT / "docs" / "tutorial").glob("*.md"))
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *TUTORIALS, *(ROOT / "editors").glob("*/README.md")})
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_SHOWN = {"text", "diff", "lua", "elisp"}  # output, and the languages of editors (editors/*/check.* run those)


def blocks(page: Path) -> list[tuple[str, str]]:
    return _FENCE.findall(page.read_text(encoding="utf-8"))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_blocks_are_right(page: Path, tmp_path: Path) -> None:
    for language, text in blocks(page):
        if language == "python":
            ast.parse(text)
        elif language == "json":
            json.loads(text)
        elif language == "toml":
            if "transpile-hybrid]" in text and "[tool." in text and "entry-points" not in text:
                (tmp_path / "sub").mkdir(exist_ok=True)
                (tmp_path / "pyproject.toml").write_text("[tool.transpile-hybrid]\n")
                (tmp_path / "sub" / "pyproject.toml").write_text(text)
                ConfigFinder().of(str(tmp_path / "sub"))
            tomllib.loads(text)
        elif language == "yaml":
            check_yaml(text)
        elif language == "bash":
            for line in text.splitlines():
                check_command(line)
        else:
            assert language in _SHOWN, f"{name(page)}: who runs a block of {language}?"


def check_command(line: str) -> None:
    words = shlex.split(line, comments=True)
    while words and "=" in words[0]:
        del words[0]
    if not words:
        return
    if words[0] == "transpile-hybrid":
        if words[1].startswith("-"):
            return
        assert words[1] in VERBS, line
        command: click.Command = import_module(f"transpile_hybrid.cli.{words[1]}").command
        arguments = [word for word in words[2:] if word != "--help"]
        command.make_parser(click.Context(command)).parse_args(arguments)
    elif words[0] == "pytest":
        known = (ROOT / "transpile_hybrid" / "pytest_plugin.py").read_text()
        assert all(f'"{word}"' in known for word in words if word.startswith("--hybrid")), line
    elif words[0] == "python" and words[1].startswith(("docs/", "benchmarks/", "tools/")):
        assert (ROOT / words[1]).is_file(), line
    elif words[0] in ("nvim", "emacs"):
        assert re.search(r"editors/\S+/check\.\w+", line) and (ROOT / re.search(r"editors/[\w/.]+", line)[0]).is_file()


def check_yaml(text: str) -> None:
    hooks = set(re.findall(r"^- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.M))
    if "repos:" in text:
        assert set(re.findall(r"- id: (\S+)", text)) <= hooks
    inputs = (ROOT / "action.yml").read_text().split("outputs:")[0]
    for keys in re.findall(r"uses: \./.*\n\s+with: \{ (.*) \}", text):
        for key in re.findall(r"([\w-]+):", keys):
            assert f"\n  {key}:" in inputs, key


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_anchors_are_there(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for link, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", prose):
        if link.startswith("http"):
            continue
        target = page if not link else page.parent / link
        heads = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
        slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
        assert anchor in slugs, f"{name(page)}: no heading for #{anchor} in {link}"


def test_reference_pages_are_up_to_date() -> None:
    ran = subprocess.run(
        [sys.executable, "tools/make_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("page", TUTORIALS, ids=name)
def test_tutorials_do_what_they_say(page: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "TRANSPILE_HYBRID_CACHE_DIR": str(tmp_path / "cache"), "NO_COLOR": "1"}
    output = ""
    followed = 0
    for language, text in blocks(page):
        if language == "python":
            (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text)
        elif language == "bash" and not text.startswith("pip "):
            ran = subprocess.run(
                ["bash", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            output = ran.stdout + ran.stderr
            assert ran.returncode in (0, 1) and "Traceback" not in output, output
        elif language == "text" and output:
            for line in text.splitlines():
                assert squeezed(line) in squeezed(output), f"{line!r} is not in\n{output}"
            followed += 1
            output = ""
    assert followed >= 4


NET = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x, *rest):
        size = x.size()[:-1] + (4,)
        return self.fc(x).view(*size)


def example_inputs():
    return torch.ones(2, 8)
"""
DENSE = """from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(4, in_units=8)

    def forward(self, x):
        return nd.relu(self.fc(x))


def example_inputs():
    return nd.ones((2, 8))
"""
GUIDES = [
    page for page in PAGES if page not in TUTORIALS and any(kind in ("bash", "python") for kind, _ in blocks(page))
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with models where the guides have theirs."""
    for file, text in {
        "net.py": NET, "src/net.py": NET, "src/models/net.py": NET, "models/net.py": NET, "models/dense.py": DENSE,
    }.items():  # fmt: skip
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "models"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    subprocess.run([*git, "update-ref", "refs/remotes/origin/main", "HEAD"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_what_guides_say_runs(page: Path, project: Path) -> None:
    """Our own commands and Python run as they stand; those that set up an editor are run by ``editors/*/check.*``."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "TRANSPILE_HYBRID_CACHE_DIR": str(project / "cache"), "NO_COLOR": "1"}
    environment["PYTEST_ADDOPTS"] = "-p no:pytest-lsp"  # it takes every item for a function
    for language, text in blocks(page):
        commands = text.splitlines() if language == "bash" else []
        if language == "python" and "# hybrid: ignore" in text:
            (report,) = check([Source("some.py", text)])
            assert not report.error and not report.internal
        elif language == "python":
            (project / "some.py").write_text(text)
            commands = ["python some.py"]
        for line in commands:
            if line.startswith(("transpile-hybrid ", "pytest ", "python some.py")):
                if line.startswith("transpile-hybrid verify"):
                    line += " --budget 1"  # the clock isn't tested here
                ran = subprocess.run(
                    ["bash", "-c", line], cwd=project, env=environment, capture_output=True, text=True, check=False
                )
                said = ran.stdout + ran.stderr
                # 1: something was found
                assert ran.returncode == 0 or (ran.returncode == 1 and line.startswith("transpile-hybrid check")), said
                assert "Traceback" not in said


def squeezed(text: str) -> str:
    return " ".join(text.split())
