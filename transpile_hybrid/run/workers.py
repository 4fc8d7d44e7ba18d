"""Parts of a run worked on side by side: in worker processes here, or on whatever machines an executor has.

A *task* is a module-level function that is given a :class:`~.judge.Judge` and a chunk of the work and returns plain
data.  Chunks do not depend on how many workers there are, so neither do results.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

from ..source.source import Source
from .cache import default_folder, write_whole
from .judge import Judge
from .pool import tune
from .repository import Repository

Item = TypeVar("Item")
Task = Callable[[Judge, list[Any]], Any]

_judge: Judge | None = None
_elsewhere: tuple[str, Judge] | None = None
_one_at_a_time = threading.Lock()  # rules keep what they found out in tables of the process


def spread(
    judge: Judge, task: Task, chunks: list[list[Item]], workers: int, executor: Executor | None = None
) -> Iterator[tuple[list[Item], Any]]:
    """Run ``task`` on each chunk and yield it with its result, as they come.

    A chunk whose worker died is tried again item by item; the result is ``None`` for an item that ends its worker.
    """
    if executor is not None:
        yield from _on(executor, judge, task, chunks)
    elif workers <= 1:
        tune()
        for chunk in chunks:
            yield chunk, task(judge, chunk)
    else:
        yield from _here(judge, task, chunks, workers)


# ---------------------------------------------------------------------- worker processes of this machine
def _here(judge: Judge, task: Task, chunks: list[list[Item]], workers: int) -> Iterator[tuple[list[Item], Any]]:
    from ..rules.registry import all_rules

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    if method == "fork":
        all_rules()  # loaded once, before the workers part
        if not judge.repository.small:
            judge.repository.mentions.related("")
        gc.collect()
        gc.freeze()
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(judge,))
    lost: list[int] = []
    try:
        futures = {pool.submit(_work, task, chunk): number for number, chunk in enumerate(chunks)}
        for future in as_completed(futures):
            try:
                yield chunks[futures[future]], future.result()
            except BrokenProcessPool:
                lost.append(futures[future])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()
    for item in [item for number in sorted(lost) for item in chunks[number]]:
        with ProcessPoolExecutor(1, mp_context=context, initializer=_start, initargs=(judge,)) as alone:
            try:
                result = alone.submit(_work, task, [item]).result()
            except BrokenProcessPool:
                result = None
        yield [item], result


def _start(judge: Judge) -> None:
    global _judge
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the work
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    _judge = judge
    tune()


def _end_with_parent(parent: int) -> None:
    """End this worker when the process that started it was killed: nobody would ever tell it to."""
    process = multiprocessing.parent_process()
    if os.name != "posix" and process is not None:
        process.join()
        os._exit(1)
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(task: Task, chunk: list[Any]) -> Any:
    assert _judge is not None
    return task(_judge, chunk)


# ---------------------------------------------------------------------- an executor, perhaps on other machines
@dataclass(frozen=True)
class _Setup:
    """What a worker elsewhere must know of a run, besides the files, which it sees at the same paths."""

    folder: str
    members: list[str]
    overlay: list[tuple[str, str, str, bool]]
    unsafe: bool
    explicit: frozenset[str]
    report_unused: bool


def _on(executor: Executor, judge: Judge, task: Task, chunks: list[list[Item]]) -> Iterator[tuple[list[Item], Any]]:
    repository = judge.repository
    overlay = [(source.path, source.text, source.encoding, source.bom) for source in repository.overlay.values()]
    setup = _Setup(os.getcwd(), repository.members, overlay, judge.unsafe, judge.explicit, judge.report_unused)
    folder = default_folder(repository.members[0] if repository.members else os.getcwd())
    file = os.path.join(folder, f"run-{uuid.uuid4().hex}.pickle")
    write_whole(folder, file, pickle.dumps(setup))
    try:
        running: dict[Future[Any], list[Item]] = {
            executor.submit(_work_elsewhere, file, task, chunk): chunk for chunk in chunks
        }
        lost: list[Item] = []
        for future in as_completed(running):
            if future.exception() is None:
                yield running[future], future.result()
            else:  # whatever became of the machine that ran it
                lost += running[future]
        for item in lost:
            again = executor.submit(_work_elsewhere, file, task, [item])
            yield [item], None if again.exception() is not None else again.result()
    finally:
        with contextlib.suppress(OSError):
            os.unlink(file)


def _work_elsewhere(file: str, task: Task, chunk: list[Any]) -> Any:
    global _elsewhere
    with _one_at_a_time:
        here = os.getcwd()
        with open(file, "rb") as handle:
            setup: _Setup = pickle.loads(handle.read())
        os.chdir(setup.folder)  # results speak of paths as seen from there
        try:
            if _elsewhere is None or _elsewhere[0] != file:
                tune()
                overlay = {path: Source(path, *rest) for path, *rest in setup.overlay}  # type: ignore[arg-type]
                repository = Repository(setup.members, overlay)
                _elsewhere = file, Judge(repository, setup.unsafe, setup.explicit, setup.report_unused)
            return task(_elsewhere[1], chunk)
        finally:
            os.chdir(here)


__all__ = ["spread"]
