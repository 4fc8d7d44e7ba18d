"""Results that outlive a run, and runs on a cluster of which a worker is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from transpile_hybrid.run.cluster import ClusterError, connect
from transpile_hybrid.verify import Pair, Speed, Stopped, Store, Verdict, VerifyError, VerifyOptions, verify_pairs
from transpile_hybrid.verify import api as api_module
from transpile_hybrid.verify.plan import Text

NET = """import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x * {factor}


def example_inputs():
    return torch.ones(2, 3)
"""
OPTIONS = VerifyOptions(python=sys.executable, speed=False, timeout=120.0)


def pair(folder: Path, number: int, equal: bool = True) -> Pair:
    path = str(folder / f"net{number}.py")
    return Pair(Text(path, NET.format(factor=number)), Text(path, NET.format(factor=number if equal else -1)))


def test_verdicts_survive_json() -> None:
    speed = Speed("faster", 1.5, 1.4, 1.6, 10.0, 6.0, None, None, 101, "same", "")
    for verdict in (
        Verdict("Net", None, "a.py", "a.py", None, "not verified"),
        Verdict("Net", "torch.script", "a.py", "b.py", True, "", speed, {"outputs": "ok"}, setting="freeze"),
        Verdict("Net", "torch.script", "a.py", "a.py", True, training=speed, memory={"before_mb": 1.0}),
    ):
        assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [pair(tmp_path, number, equal=number != 2) for number in (1, 2, 3)]
    store = Store(tmp_path / "results")
    real, calls = api_module.compare_legs, []

    def counted(unit: Any, *rest: Any) -> Any:
        calls.append(Path(unit.before.path).stem)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(unit, *rest)

    monkeypatch.setattr(api_module, "compare_legs", counted)
    with pytest.raises(KeyboardInterrupt):
        verify_pairs(pairs, VerifyOptions(**{**vars(OPTIONS), "jobs": 1}), store=store)
    assert len(list((tmp_path / "results").glob("*.json"))) == 2
    found = verify_pairs(pairs, OPTIONS, store=store)
    assert calls == ["net1", "net2", "net3", "net3"], "what was kept isn't run again"
    assert [v.equivalent for answer in found for v in answer] == [True, False, True]  # type: ignore[union-attr]
    assert verify_pairs(pairs, OPTIONS, store=store) == found and len(calls) == 4
    (tmp_path / "net1.py").write_text("X = 1\n")  # a file beside it that it may import
    verify_pairs(pairs[:1], OPTIONS, store=store)
    assert len(calls) == 5
    for file in (tmp_path / "results").glob("*.json"):
        file.write_text("{")
    verify_pairs(pairs[:1], OPTIONS, store=store)
    assert len(calls) == 6, "what can't be read is worked out again"


MANY = """import torch


def one(x):
    return x * 2


def two(x):
    return x * 3


def three(x):
    return x * 4


def example_inputs():
    return torch.ones(2, 3)
"""


def test_a_run_that_was_stopped_within_a_file_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Text(str(tmp_path / "many.py"), MANY)
    pairs, store = [Pair(text, text)], Store(tmp_path / "results")
    real, calls = api_module.compare_legs, []

    def counted(unit: Any, *rest: Any) -> Any:
        calls.append(unit.name)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(unit, *rest)

    monkeypatch.setattr(api_module, "compare_legs", counted)
    monkeypatch.setattr(api_module, "_few", lambda *_: 1)
    with pytest.raises(KeyboardInterrupt):
        verify_pairs(pairs, VerifyOptions(**{**vars(OPTIONS), "jobs": 1}), store=store)
    told: list[tuple[int, int]] = []
    (found,) = verify_pairs(pairs, OPTIONS, done=lambda *steps: told.append(steps), store=store)
    assert calls == ["one", "two", "three", "three"], "what was kept isn't run again"
    assert isinstance(found, list) and [v.unit for v in found] == ["one", "two", "three"]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert verify_pairs(pairs, OPTIONS, store=store) == [found] and len(calls) == 4


def test_any_executor_will_do(tmp_path: Path) -> None:
    pairs = [pair(tmp_path, 1), pair(tmp_path, 2, equal=False), Pair(Text("x.py", "X = 1\n"), Text("x.py", "X = 1\n"))]
    with ThreadPoolExecutor(2) as pool:
        found = verify_pairs(pairs, OPTIONS, executor=pool)
    assert [v.equivalent for answer in found[:2] for v in answer] == [True, False]  # type: ignore[union-attr]
    assert isinstance(found[2], VerifyError) and "nothing to verify" in str(found[2])


class Losing(Executor):
    def submit(self, function: Any, /, *args: Any, **more: Any) -> Future[Any]:
        lost: Future[Any] = Future()
        lost.set_exception(RuntimeError("gone"))
        return lost


def test_a_lost_task_is_told(tmp_path: Path) -> None:
    (found,) = verify_pairs([pair(tmp_path, 1)], OPTIONS, executor=Losing())
    assert isinstance(found, VerifyError) and "not verified: RuntimeError: gone" in str(found)


def test_a_dask_worker_is_killed_and_no_verdict_is_lost(tmp_path: Path) -> None:
    pairs = [pair(tmp_path, number, equal=number % 2 == 1) for number in range(1, 7)]
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        executor, close = connect(address)
        before = set(client.run(os.getpid).values())
        done: list[float] = []

        def finished(_made: int, _all: int) -> None:
            if not done:  # one task is over, others are under way on both
                os.kill(sorted(before)[0], signal.SIGKILL)
            done.append(time.monotonic())

        try:
            found = verify_pairs(pairs, OPTIONS, done=finished, executor=executor)
        finally:
            close()
        client.wait_for_workers(2, timeout=60)
        assert set(client.run(os.getpid).values()) != before, "one worker is another process now"
    assert [[v.equivalent for v in answer] for answer in found] == [[True], [False]] * 3  # type: ignore[union-attr]
    assert len(done) == 6


@pytest.mark.parametrize("address", ["spark://x:1", "dask://", "nothing"])
def test_other_addresses(address: str) -> None:
    with pytest.raises(ClusterError, match="dask://HOST:PORT is needed"):
        connect(address)


STUCK = """import time

import torch


class Net(torch.nn.Module):
    def forward(self, x):
        while True:
            time.sleep(1)


def example_inputs():
    return torch.ones(2, 3)
"""


def running_below(folder: Path) -> list[str]:
    """Return the numbers of the processes whose working directory lies in ``folder``."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and os.readlink(process / "cwd").startswith(str(folder)):
                found.append(process.name)
    return found


def test_what_runs_is_ended_when_nobody_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    side = Text(str(tmp_path / "net.py"), STUCK)
    asked: list[float] = []
    seen: set[str] = set()

    def stop() -> bool:
        asked.append(time.monotonic())
        seen.update(running_below(tmp_path))
        return bool(seen) and asked[-1] - asked[0] > 2

    begun = time.monotonic()
    with pytest.raises(Stopped):
        verify_pairs([Pair(side, side)] * 2, VerifyOptions(python=sys.executable, timeout=300), stop=stop)
    assert time.monotonic() - begun < 60
    assert seen and not running_below(tmp_path)
