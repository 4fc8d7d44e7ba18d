"""The cache gives what judging gives, and never what was true before."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from transpile_hybrid.report.found import FileResult
from transpile_hybrid.run.cache import Cache, clean, default_folder
from transpile_hybrid.run.check import Options, check_files, find_files

NET = """import torch
from torch import nn
from .base import Base


class Net(Base):
    def forward(self, x, s=2.0):
        return x * s
"""
BASE = "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(BASE)
    (package / "net.py").write_text(NET)
    return tmp_path


def run(**options: object) -> tuple[list[FileResult], int]:
    """Return the results, and how many files were judged rather than looked up."""
    from transpile_hybrid.run import pool

    judged: list[str] = []
    real = pool.judge_one

    def count(judge: object, item: tuple[str, int, object]) -> object:
        judged.append(item[0])
        return real(judge, item)  # type: ignore[arg-type]

    pool.judge_one = count  # type: ignore[assignment]
    try:
        return check_files(find_files(["."]), Options(jobs=1, **options)), len(judged)  # type: ignore[arg-type]
    finally:
        pool.judge_one = real


def codes(results: list[FileResult]) -> list[str]:
    return [one.code for result in results for one in result.found]


def touch(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (time.time() - 1000, time.time() - 1000))


def test_a_second_run_judges_nothing_and_says_the_same(here: Path) -> None:
    first, judged = run()
    assert judged == 3 and codes(first) == ["THT502"]
    again, judged = run()
    assert judged == 0 and again == first
    assert (here / ".transpile_hybrid_cache" / ".gitignore").read_text() == "*\n"


def test_a_changed_base_class_in_another_file_counts(here: Path) -> None:
    run()
    touch(here / "pkg" / "base.py", BASE.replace("nn.Module", "object"))
    results, _ = run()
    assert codes(results) == []
    touch(here / "pkg" / "base.py", BASE)
    assert codes(run()[0]) == ["THT502"]


def test_a_file_that_appears_counts(here: Path) -> None:
    (here / "pkg" / "base.py").unlink()
    assert codes(run()[0]) == []
    touch(here / "pkg" / "base.py", BASE)
    assert codes(run()[0]) == ["THT502"]


def test_a_touched_file_with_the_same_content_is_not_judged_again(here: Path) -> None:
    run()
    os.utime(here / "pkg" / "net.py", (1, 1))
    _, judged = run()
    assert judged == 0


def test_settings_count(here: Path) -> None:
    assert codes(run()[0]) == ["THT502"]
    (here / "pyproject.toml").write_text("[tool.transpile-hybrid]\nignore = ['THT5']\n")
    assert codes(run()[0]) == []


def test_a_broken_cache_file_is_no_matter(here: Path) -> None:
    first, _ = run()
    for file in (here / ".transpile_hybrid_cache").glob("*.bin"):
        file.write_bytes(b"rubbish")
    assert run()[0] == first


def test_a_subset_does_not_bless_what_it_did_not_look_at(here: Path) -> None:
    """A change seen while checking one file must still be a change for the others later."""
    (here / "pkg" / "base.py").unlink()
    (here / "pkg" / "other.py").write_text("import torch\n")
    run()
    touch(here / "pkg" / "base.py", BASE)
    check_files(find_files(["pkg/other.py"]), Options(jobs=1))
    assert codes(run()[0]) == ["THT502"]


def test_no_cache_writes_nothing(here: Path) -> None:
    run(cache="")
    assert not (here / ".transpile_hybrid_cache").exists()


def test_clean(here: Path) -> None:
    run()
    folder = default_folder(".")
    assert clean(folder) == 1 and not os.path.exists(folder)


def test_a_file_written_just_now_is_looked_at_again(here: Path, tmp_path: Path) -> None:
    """Two writes within the clock's resolution have the same stat."""
    cache = Cache(str(tmp_path), str(tmp_path / "x.bin"))
    file = tmp_path / "young.py"
    file.write_text("a = 1")
    cache.current(str(file))
    assert cache.stats[str(file)][0] == -1
