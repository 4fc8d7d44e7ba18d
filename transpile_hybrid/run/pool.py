"""Worker processes for judging: used where there is enough to do, and giving the same results in the same order."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..config import Config
from ..report.found import FileResult
from ..source.finder import Trail
from .cache import pack
from .judge import Judge

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    from ..source.source import Source

# Judging so many bytes takes about as long as starting a worker, loading the rules there and sending results.
PAYS = 400_000
_CHUNK = 250_000

Item = tuple[str, int, Config]
"""A path, its size and its settings."""
Done = tuple[str, bytes, Trail]
"""A path, its packed result and what the result rests on."""

_judge: Judge | None = None


def cores() -> int:
    """Return how many processes may run at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def judge_all(
    judge: Judge,
    items: Sequence[Item],
    jobs: int | None,
    step: Callable[[str], None],
    overlay: dict[str, Source] | None = None,
) -> Iterator[Done]:
    """Judge ``items`` (in any order) and yield what is done; ``jobs`` 1: in this process, ``None``: as it pays.

    ``step`` is called with each path that is done.
    """
    size = sum(size for _, size, _ in items)
    workers = jobs if jobs is not None else min(cores(), 1 + size // PAYS)
    chunks = _chunks(items)
    workers = min(workers, len(chunks))
    tune()
    if workers <= 1:
        for item in items:
            done = judge_one(judge, item)
            step(item[0])
            yield done
        return
    yield from _in_workers(judge, chunks, workers, step)


def tune() -> None:
    """Trees hold no cycles worth looking for every 700 allocations."""
    gc.set_threshold(50_000, 20, 1000)


def judge_one(judge: Judge, item: Item) -> Done:
    """Judge one file."""
    path, _, config = item
    result = judge.file(path, config)
    return path, pack(result), judge.trails.pop(path)


def _chunks(items: Sequence[Item]) -> list[list[Item]]:
    """Split into runs of neighbours (they share what they import), the largest work first."""
    chunks: list[list[Item]] = []
    room = 0
    for item in items:
        if room <= 0:
            chunks.append([])
            room = _CHUNK
        chunks[-1].append(item)
        room -= item[1] + 500
    return chunks


def _start(judge: Judge) -> None:
    global _judge
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the work
    _judge = judge
    tune()


def _work(chunk: list[Item]) -> tuple[list[Done], dict[str, int]]:
    assert _judge is not None
    done = [judge_one(_judge, item) for item in chunk]
    return done, _judge.repository.finder.stamps


def _in_workers(judge: Judge, chunks: list[list[Item]], workers: int, step: Callable[[str], None]) -> Iterator[Done]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

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
    lost: list[list[Item]] = []
    try:
        futures = {pool.submit(_work, chunk): chunk for chunk in chunks}
        for future in as_completed(futures):
            try:
                done, stamps = future.result()
            except BrokenProcessPool:
                lost.append(futures[future])
                continue
            for folder, stamp in stamps.items():
                judge.repository.finder.stamps.setdefault(folder, stamp)
            for one in done:
                step(one[0])
                yield one
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        gc.unfreeze()
    for item in sorted(item for chunk in lost for item in chunk):
        step(item[0])
        yield _alone(judge, item, context)


def _alone(judge: Judge, item: Item, context: BaseContext) -> Done:
    """Judge one file in a process of its own: some file before took its worker down."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    path, _, config = item
    with ProcessPoolExecutor(1, mp_context=context, initializer=_start, initargs=(judge,)) as pool:
        try:
            done, _ = pool.submit(_work, [item]).result()
            return done[0]
        except BrokenProcessPool:
            text = f"{path}: internal error: the process that read it died (out of memory, or nested too deeply)"
            return path, pack(FileResult(path, error=text, internal=text, targets=config.targets)), Trail()
