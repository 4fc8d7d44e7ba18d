# ruff: noqa: E501
"""The index of classes: the same answers as a project of parsed files, kept on disk and updated file by file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from transpile_hybrid.meaning.project import project_from_files
from transpile_hybrid.run import class_index
from transpile_hybrid.run.class_index import index_of

FILES = {
    "pkg/__init__.py": "from .layers import Block as Base\nfrom .more import *\n",
    "pkg/layers.py": "import torch.nn as nn\nModule = nn.Module\nclass Block(Module):\n    def forward(self, x): ...\n    def extra(self): ...\n",
    "pkg/more.py": "from . import Base\nclass Deep(Base):\n    class Inner: ...\nclass Plain: ...\ndef helper(): ...\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/net.py": "from .. import Deep\nfrom ..more import Plain\nclass Net(Deep): ...\nclass Other(Plain): ...\n",
    "script.py": "from pkg import Deep\nclass Mine(Deep): ...\n",
    "broken.py": "class (:\n",
}  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A small package on disk."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [str(tmp_path / name) for name in FILES]


def deriving(paths: list[str], **more: object) -> dict[str, str]:
    """What derives from which base, by the index."""
    return {name: base.name for name, base in index_of(paths, **more).deriving()}  # type: ignore[arg-type]


def test_the_index_answers_as_the_project_does(files: list[str]) -> None:
    project, index = project_from_files(files), index_of(files)
    assert set(index.classes) == set(project.classes)
    for name, info in project.classes.items():
        other = index.classes[name]
        base, found = project.framework_base(info), index.framework_base(other)
        assert base == found, name
        assert [one.qualified for one in index.mro(other)] == [one.qualified for one in project.mro(info)]
        method = index.method(other, "forward")
        expected = project.method(info, "forward")
        assert (method and method[0].qualified) == (expected and expected[0].qualified)
    assert set(deriving(files)) == {"pkg.layers.Block", "pkg.more.Deep", "pkg.sub.net.Net", "script.Mine"}
    assert index.paths["pkg.more.Deep"] == (files[2], 2)
    assert index.resolve("pkg.Base") == "pkg.layers.Block"


def test_only_changed_files_are_read_again(files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = class_index.read_module

    def counted(path: str) -> object:
        read.append(os.path.basename(path))
        return original(path)

    monkeypatch.setattr(class_index, "read_module", counted)
    cache = str(tmp_path / "cache")
    first = deriving(files, cache=cache, jobs=1)
    assert len(read) == len(files)
    read.clear()
    assert deriving(files, cache=cache, jobs=1) == first and not read
    Path(files[2]).write_text("class Deep: ...\n")
    assert set(deriving(files, cache=cache, jobs=1)) == {"pkg.layers.Block"} and read == ["more.py"]
    Path(files[2]).unlink()
    assert "pkg.sub.net.Net" not in deriving(files, cache=cache, jobs=1)


def test_a_cache_that_cannot_be_read_is_built_anew(files: list[str], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = deriving(files, cache=str(cache), jobs=1)
    (kept,) = cache.glob("*.bin")
    kept.write_bytes(b"no index")
    assert deriving(files, cache=str(cache), jobs=1) == first


def test_processes_give_the_same_index(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = index_of(files, jobs=1)
    monkeypatch.setattr(class_index, "_CHUNK", 2)
    shared = index_of(files, jobs=2)
    assert list(shared.classes) == list(alone.classes) and shared.paths == alone.paths
