"""Rewriting many files together, and what surrounds it."""

from __future__ import annotations

import ast
import gc
import json
import os
import subprocess
from pathlib import Path

import pytest

from transpile_hybrid.rewrite.edit import Edit
from transpile_hybrid.rewrite.loop import outside_is_kept
from transpile_hybrid.run import repository as repository_module
from transpile_hybrid.run import rewriting
from transpile_hybrid.run.check import Options, find_files
from transpile_hybrid.run.rewrite import rewrite_files
from transpile_hybrid.run.vcs import dirty, undo

DIRTY = """import torch
from torch import nn


class A(nn.Module):
    def forward(self, x, s=2.0):
        return x * s
"""


def test_only_files_that_need_it_are_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"clean{number}.py").write_text("import torch\n")
    (tmp_path / "dirty.py").write_text(DIRTY)
    seen: list[str] = []
    real = rewriting._one

    def count(report: rewriting.RewriteReport, *rest: object) -> bool:
        seen.append(os.path.basename(report.source.path))
        return real(report, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(rewriting, "_one", count)
    done = rewrite_files(find_files([str(tmp_path)]), Options(cache=""))
    assert [os.path.basename(before.path) for before, _ in done.changed] == ["dirty.py"]
    assert set(seen) == {"dirty.py"} and done.applied == 1 and not done.errors


def test_no_tree_is_kept_of_a_file_that_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        (tmp_path / f"dirty{number}.py").write_text(DIRTY)
    alive: list[int] = []
    real = rewriting._one

    def count(*given: object) -> bool:
        gc.collect()
        alive.append(sum(type(one) is ast.Module for one in gc.get_objects()))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rewriting, "_one", count)
    monkeypatch.setattr(repository_module, "_HELD", 1)  # what the finder holds for others: one file
    done = rewrite_files(find_files([str(tmp_path)]), Options(cache=""))
    assert done.applied == 4 and len(alive) >= 4 and max(alive) == alive[0] + 1


def test_an_edit_that_changes_more_than_it_says_is_found_out() -> None:
    assert outside_is_kept("abcdef", "abXXef", [Edit(2, 4, ("XX",))])
    assert not outside_is_kept("abcdef", "aXXXef", [Edit(2, 4, ("XX",))])
    assert not outside_is_kept("abcdef", "abXXe", [Edit(2, 4, ("XX",))])
    assert not outside_is_kept("abcdef", "abf", [Edit(1, 2, ("",)), Edit(3, 3, ("",))])
    assert outside_is_kept("abcdef", "+abcdef+", [Edit(0, 0, ("+",)), Edit(6, 6, ("+",))])


def test_notebooks_and_documents_are_rewritten_in_place(tmp_path: Path) -> None:
    cells = [
        {
            "cell_type": "code",
            "id": "1",
            "metadata": {},
            "outputs": [],
            "source": ["%matplotlib inline\n", "import torch"],
        },
        {"cell_type": "code", "id": "2", "metadata": {}, "outputs": [], "source": DIRTY.splitlines(keepends=True)[1:]},
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=2)
    (tmp_path / "a.ipynb").write_bytes(text.replace("\n", "\r\n").encode())
    block = "".join(f"  {line}" if line.strip() else line for line in DIRTY.splitlines(keepends=True))
    markdown = f"# Title\n\n- an item\n\n  ```python\n{block}  ```\n"
    (tmp_path / "a.md").write_text(markdown)
    found = find_files([str(tmp_path / "a.ipynb"), str(tmp_path / "a.md")])
    done = rewrite_files(found, Options(cache=""))
    assert not done.errors
    after = {os.path.basename(before.path): new.to_bytes() for before, new in done.changed}
    assert after["a.ipynb"] == text.replace("\n", "\r\n").encode().replace(b"s=2.0", b"s: float = 2.0")
    assert after["a.md"] == markdown.replace("s=2.0", "s: float = 2.0").encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_is_added_to_a_document_of_short_blocks_has_its_newline(tmp_path: Path, newline: str) -> None:
    lines = ["from mxnet import gluon", "layer = gluon.nn.Embedding(2, 3)", "layer.initialize()", "y = layer(x)"]
    text = newline.join(f"```python{newline}{line}{newline}```{newline}" for line in lines)
    (tmp_path / "a.md").write_bytes(text.encode())
    ((before, after),) = rewrite_files(find_files([str(tmp_path / "a.md")]), Options(cache="")).changed
    assert before.text == text and len(after.text) > len(text)
    assert newline == "\n" or after.text.count("\n") == after.text.count("\r\n")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for command in (["init", "-q"], ["config", "user.email", "a@b.example"], ["config", "user.name", "A"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "ä b.py").write_text(DIRTY)
    (tmp_path / "clean.py").write_text(DIRTY)
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", "commit", "-qm", "one"], check=True)
    return tmp_path


def test_what_git_does_not_hold_yet_is_known(repository: Path) -> None:
    (repository / "ä b.py").write_text(DIRTY + "\n")
    (repository / "new.py").write_text(DIRTY)
    assert dirty(["ä b.py", "clean.py", "new.py"]) == ["ä b.py"]
    assert undo(["ä b.py", "new.py"]) == "To undo: git restore -- 'ä b.py'"
    assert undo(["new.py"]) == ""
