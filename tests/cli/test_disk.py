"""A full disk and places that can't be written: every file whole, no temporary one left, one line, exit code 2.

A process that may write files of so many bytes only (``RLIMIT_FSIZE``) stands for a full disk: writing stops midway.
``/dev/full`` stands for output that goes to one.  The superuser may write anywhere, so the right to is given up first.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .test_contract import DIRTY, MENDED

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and /dev/full as Linux has them")
REPORTS = ["json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html", "full", "concise"]


@dataclass
class Ended:
    code: int
    out: str
    err: str


def tool(
    folder: Path, *arguments: str, prepare: Callable[[], None] = lambda: None, stdin: str = "", out: str = ""
) -> Ended:
    """Run the command in a process of its own."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "home"), "TMPDIR": str(folder)}
    environment.pop("TRANSPILE_HYBRID_CACHE_DIR", None)
    with open(out or os.devnull, "wb") as target:
        done = subprocess.run(
            [sys.executable, "-m", "transpile_hybrid", *arguments],
            cwd=folder, env=environment, preexec_fn=prepare, input=stdin.encode(), check=False,
            stdout=target if out else subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    return Ended(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


def room_for(size: int) -> Callable[[], None]:
    """No file may get longer than ``size`` bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def as_anybody() -> None:
    """Give up the superuser's right to pass over permissions (of no effect for others)."""
    prctl = ctypes.CDLL(None).prctl
    for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP


def one_line(ended: Ended, *words: str) -> None:
    """The tool said what is wrong in one line, without a traceback, and ended with 2."""
    lines = [line for line in ended.err.splitlines() if "error" in line or line.startswith("transpile-hybrid:")]
    assert ended.code == 2, ended
    assert len(lines) == 1 and all(word in lines[0] for word in words), ended.err
    assert "Traceback" not in ended.err and "Exception ignored" not in ended.err and ".tmp" not in ended.err


def rest(folder: Path) -> list[str]:
    """Everything below a folder but the cache's own file."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "dirty.py").write_text(DIRTY)
    return tmp_path


@pytest.fixture
def read_only(here: Path) -> Iterator[Path]:
    here.chmod(0o555)
    yield here
    here.chmod(0o755)


def test_a_file_that_does_not_fit_stays_as_it_was(here: Path) -> None:
    long = DIRTY + "# more\n" * 1000
    (here / "long.py").write_text(long)
    ended = tool(here, "rewrite", "-q", "--no-cache", ".", prepare=room_for(3000))
    one_line(ended, "long.py: not written", "too large")
    assert (here / "dirty.py").read_text() == MENDED, "what fits is written"
    assert (here / "long.py").read_text() == long
    assert rest(here) == ["dirty.py", "long.py"]


@pytest.mark.parametrize("verb", [["rewrite", "-q"], ["check", "--add-ignores"]])
def test_nothing_fits(here: Path, verb: list[str]) -> None:
    ended = tool(here, *verb, "--no-cache", "dirty.py", prepare=room_for(10))
    one_line(ended, "dirty.py: not written", "too large")
    assert (here / "dirty.py").read_text() == DIRTY and rest(here) == ["dirty.py"]


def test_a_cache_that_does_not_fit_only_costs_time(here: Path) -> None:
    (here / ".git").mkdir()
    for size in (0, 1, 40):
        ended = tool(here, "check", "--output-format", "concise", "dirty.py", prepare=room_for(size))
        assert ended.code == 1 and ended.out.count("THT502") == 1 and "Traceback" not in ended.err
        assert not [name for name in rest(here) if name.endswith((".tmp", ".bin"))]
    assert tool(here, "check", "dirty.py").code == 1
    assert [Path(name).suffix for name in rest(here)].count(".bin") == 1
    (ignored,) = here.glob(".transpile_hybrid_cache/.gitignore")
    assert ignored.read_text() == "*\n", "what an earlier run could not write is written"


@pytest.mark.parametrize("form", REPORTS)
def test_a_report_that_does_not_fit_leaves_the_old_one(here: Path, form: str) -> None:
    (here / "report").write_text("old")
    arguments = ["check", "--no-cache", "dirty.py", "--output-format", form, "-o", "report"]
    one_line(tool(here, *arguments, prepare=room_for(8)), "report: not written", "too large")
    assert (here / "report").read_text() == "old" and rest(here) == ["dirty.py", "report"]


def test_a_baseline_that_does_not_fit_leaves_the_old_one(here: Path) -> None:
    (here / "known.json").write_text("{}")
    ended = tool(here, "check", "--no-cache", "dirty.py", "--write-baseline", "known.json", prepare=room_for(8))
    one_line(ended, "known.json: not written", "too large")
    assert (here / "known.json").read_text() == "{}" and rest(here) == ["dirty.py", "known.json"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "dirty.py"],
        *(["check", "dirty.py", "--output-format", form] for form in REPORTS),
        ["check", "--statistics", "dirty.py"],
        ["check", "--readiness", "dirty.py"],
        ["check", "--show-kinds", "dirty.py"],
        ["rewrite", "--diff", "dirty.py"],
        ["rewrite", "--stdin-filename", "a.py"],
        ["explain", "THT502"],
        ["config"],
        ["cache", "dir"],
        ["--help"],
        ["--version"],
    ],
)
def test_output_to_a_full_disk(here: Path, arguments: list[str]) -> None:
    one_line(tool(here, *arguments, stdin=DIRTY, out="/dev/full"), "No space left on device")
    assert (here / "dirty.py").read_text() == DIRTY


def test_a_report_may_go_to_a_device(here: Path) -> None:
    ended = tool(here, "check", "--no-cache", "dirty.py", "--output-format", "json", "-o", "/dev/stdout")
    assert ended.code == 1 and ended.out.startswith("{")
    one_line(tool(here, "check", "--no-cache", "dirty.py", "-o", "/dev/full"), "/dev/full: not written")
    assert rest(here) == ["dirty.py"] and not Path("/dev/full").is_file()


def test_a_read_only_file_stays_and_the_others_are_written(here: Path) -> None:
    (here / "other.py").write_text(DIRTY)
    (here / "dirty.py").chmod(0o444)
    one_line(tool(here, "rewrite", "-q", ".", prepare=as_anybody), "dirty.py: not written", "read-only")
    assert (here / "dirty.py").read_text() == DIRTY and (here / "other.py").read_text() == MENDED


def test_a_read_only_folder(read_only: Path) -> None:
    before = rest(read_only)
    one_line(tool(read_only, "rewrite", "-q", ".", prepare=as_anybody), "dirty.py: not written", "Permission denied")
    one_line(tool(read_only, "check", ".", "-o", "report", prepare=as_anybody), "report: not written")
    one_line(tool(read_only, "check", ".", "--write-baseline", "b.json", prepare=as_anybody), "b.json: not written")
    ended = tool(read_only, "check", "--output-format", "concise", ".", prepare=as_anybody)
    assert ended.code == 1 and "THT502" in ended.out and "Traceback" not in ended.err
    assert (read_only / "dirty.py").read_text() == DIRTY and rest(read_only) == before


def test_a_file_that_may_not_be_read(here: Path) -> None:
    (here / "other.py").write_text(DIRTY)
    (here / "dirty.py").chmod(0o000)
    one_line(tool(here, "rewrite", "-q", ".", prepare=as_anybody), "dirty.py", "Permission denied")
    assert (here / "other.py").read_text() == MENDED
    one_line(tool(here, "check", ".", prepare=as_anybody), "dirty.py", "Permission denied")


def test_a_crash_is_told_though_there_is_no_room_for_its_report(here: Path) -> None:
    told = (
        "from transpile_hybrid.cli.common import tell_crashes; from transpile_hybrid.report.found import FileResult;"
        "tell_crashes([FileResult('a.py', error='internal error', internal='the end of the traceback')])"
    )
    for size, said in ((1 << 20, "was written to"), (10, "no room for a report (File too large)")):
        done = subprocess.run(
            [sys.executable, "-c", told], preexec_fn=room_for(size), env={**os.environ, "TMPDIR": str(here)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert said in done.stderr and len([name for name in rest(here) if "crash" in name]) == 1
    assert "the end of the traceback" in done.stderr


@pytest.mark.parametrize("name", ["é" * 120 + ".py", "書" * 80 + ".py", "a" * 252 + ".py"])
def test_the_longest_names_are_rewritten(here: Path, name: str) -> None:
    (here / name).write_text(DIRTY)
    assert tool(here, "rewrite", "-q", "--no-cache", name).code == 0
    assert (here / name).read_text() == MENDED and rest(here) == sorted(["dirty.py", name])
