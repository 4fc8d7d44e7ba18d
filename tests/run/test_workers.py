"""The same results however the work is spread: here, by processes, on an executor, on a cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster

from transpile_hybrid.cli.main import cli
from transpile_hybrid.report.json import check_json
from transpile_hybrid.run import pool, rewrite
from transpile_hybrid.run.check import Options, check_files, find_files
from transpile_hybrid.run.cluster import connect
from transpile_hybrid.run.rewrite import rewrite_files

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of several chunks, with a base class in another file."""
    for part in ("torch/before", "mxnet/before"):
        shutil.copytree(FIXTURES / part, tmp_path / part.replace("/", "_"))
    (tmp_path / "base.py").write_text(
        "from mxnet.gluon import Block, nn\n\n\nclass Base(Block):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = nn.Dense(4)\n"
    )
    (tmp_path / "net.py").write_text(
        "from base import Base\n\n\nclass Net(Base):\n    def forward(self, x):\n        return self.fc(x)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pool, "_CHUNK", 3000)
    monkeypatch.setattr(pool, "_FAR_CHUNK", 9000)
    monkeypatch.setattr(rewrite, "_CHUNK", 3000)
    return tmp_path


def checked(options: Options) -> str:
    return check_json(check_files(find_files(["."]), options), [], (), [])


def rewritten(options: Options) -> dict[str, str]:
    done = rewrite_files(find_files(["."]), options)
    assert not done.errors
    return {after.path: after.text for _, after in done.changed}


def test_workers_make_no_difference_to_a_rewrite(folder: Path) -> None:
    one = rewritten(Options(cache="", jobs=1))
    assert len(one) > 8
    assert "hybrid_forward" in one["net.py"]
    assert rewritten(Options(cache="", jobs=3)) == one
    assert [path for path in os.listdir(folder) if path.endswith(".pickle")] == []


@pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(3), lambda: ProcessPoolExecutor(2)])
def test_an_executor_makes_no_difference(folder: Path, make: Callable[[], Executor]) -> None:
    here = checked(Options(cache="", jobs=1)), rewritten(Options(cache="", jobs=1))
    with make() as executor:
        options = Options(cache="", executor=executor)
        assert (checked(options), rewritten(options)) == here
    cached = folder / ".transpile_hybrid_cache"
    assert not cached.exists() or not list(cached.glob("run-*"))


class Losing(Executor):
    """Loses each task of several files, and each of the one file."""

    def __init__(self, name: str) -> None:
        self.name, self.inner = name, ThreadPoolExecutor(1)

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        chunk = args[2]
        if len(chunk) > 1 or chunk[0][0].endswith(self.name):
            lost: Future[Any] = Future()
            lost.set_exception(RuntimeError("gone"))
            return lost
        return self.inner.submit(work, *args, **kwargs)


def test_what_a_lost_task_held_is_worked_on_again_one_by_one(folder: Path) -> None:
    found = find_files(["."])
    results = check_files(found, Options(cache="", executor=Losing("base.py")))
    assert [result.path for result in results if result.error] == ["base.py"]
    assert "base.py: internal error: the process that read it died" in results[found.files.index("base.py")].error
    assert sum(bool(result.found) for result in results) > 5


@pytest.fixture
def address() -> Iterator[str]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        yield cluster.scheduler_address.replace("tcp://", "dask://")


def test_a_dask_cluster_makes_no_difference(folder: Path, address: str) -> None:
    here = checked(Options(cache="", jobs=1))
    executor, close = connect(address)
    try:
        assert checked(Options(cache="", executor=executor)) == here
    finally:
        close()
    run = CliRunner().invoke(cli, ["rewrite", "--executor", address, "--no-cache", "-q", "--diff", "net.py", "base.py"])
    assert "+    def hybrid_forward(self, F, x):" in run.output, run.output


def test_no_cluster_is_one_line(folder: Path) -> None:
    run = CliRunner().invoke(cli, ["check", "--executor", "spark://x", "net.py"])
    assert run.exit_code == 2
    assert "dask://HOST:PORT is needed" in run.output


_SLOW = """
import os, sys, time
from transpile_hybrid.rules import engine
from transpile_hybrid.run import pool
from transpile_hybrid.run.check import Options, check_files, find_files

def run_rules(*rest, **more):
    with open("pids", "a") as out:
        print(os.getpid(), file=out, flush=True)
    time.sleep(600)

engine.run_rules, pool._CHUNK = run_rules, 3000
check_files(find_files(["."]), Options(cache="", jobs=2))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_workers_end_when_their_parent_is_killed(folder: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _SLOW])
    try:
        pids = _wait(lambda: (folder / "pids").exists() and set((folder / "pids").read_text().split()), 2)
        parent.kill()
        parent.wait()
        assert not _wait(lambda: {pid for pid in pids if _runs(pid)}, 0)
    finally:
        parent.kill()


def _wait(found: Callable[[], Any], number: int) -> set[str]:
    end = time.monotonic() + 60
    while time.monotonic() < end and len(now := found() or set()) != number:
        time.sleep(0.1)
    assert len(now) == number, now
    return now


def _runs(pid: str) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
