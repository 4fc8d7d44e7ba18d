"""Sources keep their bytes, know their positions and say clearly why they can't be read."""

from __future__ import annotations

import ast
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transpile_hybrid.source.discover import discover
from transpile_hybrid.source.source import Source, SourceError
from transpile_hybrid.source.write import write_atomic

FORMS = [
    b"x = 1\n",
    b"x = 1\r\ny = 2\r\n",
    b"x = 1\ry = 2\r",
    b"\xef\xbb\xbfx = '\xc3\xa9'\n",
    b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    b"x = 1",
    b"",
    b"if x:\n\ty = 1\x0c\n",
    "x = '\U0001f600' + y\n".encode(),
]


@pytest.mark.parametrize("data", FORMS)
def test_bytes_are_kept(data: bytes) -> None:
    assert Source.from_bytes(data, "a.py").to_bytes() == data


@given(st.text(alphabet="aé😀 \t\n\r\x0c", max_size=40))
def test_position_and_line_text_agree(text: str) -> None:
    source = Source("a.py", text)
    for offset in range(len(text) + 1):
        line, column = source.position(offset)
        assert source.line_starts[line - 1] + column - 1 == offset


def test_spans_count_characters_not_bytes() -> None:
    source = Source("a.py", "x = 'é😀' + name\n")
    statement = source.tree.body[0]
    assert isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp)
    assert source.segment(statement.value.right) == "name"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"def f(:\n", "syntax error"),
        (b"print 'x'\n", "Python 2?"),
        (b"x = '\xff'\n", "encoding"),
        (b"# coding: no-such\n", "cannot be decoded"),
        (b"x = 1\x00\n", "null"),
    ],
)
def test_what_is_no_python_is_one_clear_line(data: bytes, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        Source.from_bytes(data, "a.py").tree  # noqa: B018
    message = str(caught.value)
    assert words in message and message.startswith("a.py") and "\n" not in message


def test_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        Source.read(tmp_path)


def test_write_keeps_mode_and_follows_links(tmp_path: Path) -> None:
    real = tmp_path / "real.py"
    real.write_bytes(b"old")
    real.chmod(0o750)
    link = tmp_path / "link.py"
    link.symlink_to(real)
    write_atomic(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o750
    assert sorted(os.listdir(tmp_path)) == ["link.py", "real.py"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomic(file, b"new")
    assert file.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.py"]


def test_discovery_honours_gitignore_and_excludes(tmp_path: Path) -> None:
    for name in ("a.py", "b.txt", "skip/c.py", "keep/d.py", "keep/e.py", "node_modules/f.py", "keep/deep/g.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (tmp_path / ".gitignore").write_text("skip/\n*.py\n!a.py\n!d.py\n!e.py\n")
    (tmp_path / "keep" / ".gitignore").write_text("e.py\n!g.py\n")
    found = [os.path.relpath(file, tmp_path) for file in discover([str(tmp_path)])]
    assert found == ["a.py", "keep/d.py", "keep/deep/g.py"]
    assert discover([str(tmp_path / "b.txt")]) == [str(tmp_path / "b.txt")]
    with pytest.raises(SourceError, match="no such file"):
        discover([str(tmp_path / "none")])


def test_a_named_folder_is_walked_though_git_ignores_it(tmp_path: Path) -> None:
    for name in ("out/demo/a.py", "out/demo/b.py", "src/c.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "out" / "demo" / ".gitignore").write_text("b.py\n")
    assert [os.path.relpath(file, tmp_path) for file in discover([str(tmp_path)])] == ["src/c.py"]
    named = discover([str(tmp_path / "out" / "demo")])
    assert [os.path.relpath(file, tmp_path) for file in named] == ["out/demo/a.py"]
