"""Judging many files: by workers where there is enough to do, with the same results however many they are."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..config import Config
from ..report.found import FileResult
from ..source.finder import Trail
from .cache import pack
from .judge import Judge

if TYPE_CHECKING:
    from concurrent.futures import Executor

# Judging so many bytes takes about as long as starting a worker, loading the rules there and sending results.
PAYS = 400_000
_CHUNK = 250_000
_FAR_CHUNK = 2_000_000  # for an executor: sending takes its time

Item = tuple[str, int, Config]
"""A path, its size and its settings."""
Done = tuple[str, bytes, Trail]
"""A path, its packed result and what the result rests on."""
One = TypeVar("One")


def cores() -> int:
    """Return how many processes may run at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def tune() -> None:
    """Trees hold no cycles worth looking for every 700 allocations."""
    gc.set_threshold(50_000, 20, 1000)


def chunks_of(items: Sequence[One], size: Callable[[One], int], most: int) -> list[list[One]]:
    """Split into runs of neighbours (they share what they import) of about ``most`` bytes."""
    chunks: list[list[One]] = []
    room = 0
    for item in items:
        if room <= 0:
            chunks.append([])
            room = most
        chunks[-1].append(item)
        room -= size(item) + 500
    return chunks


def judge_all(
    judge: Judge,
    items: Sequence[Item],
    jobs: int | None,
    step: Callable[[str], None],
    executor: Executor | None = None,
) -> Iterator[Done]:
    """Judge ``items`` (in any order) and yield what is done; ``jobs`` 1: in this process, ``None``: as it pays.

    ``step`` is called with each path that is done.
    """
    size = sum(size for _, size, _ in items)
    workers = jobs if jobs is not None else min(cores(), 1 + size // PAYS)
    chunks = chunks_of(items, lambda item: item[1], _CHUNK if executor is None else _FAR_CHUNK)
    workers = min(workers, len(chunks))
    if workers <= 1 and executor is None:
        tune()
        for item in items:
            done = judge_one(judge, item)
            step(item[0])
            yield done
        return
    from .workers import spread

    for chunk, result in spread(judge, judge_chunk, chunks, workers, executor):
        finished, stamps = result if result is not None else ([_died(item) for item in chunk], {})
        for folder, stamp in stamps.items():
            judge.repository.finder.stamps.setdefault(folder, stamp)
        for one in finished:
            step(one[0])
            yield one


def judge_one(judge: Judge, item: Item) -> Done:
    """Judge one file."""
    path, _, config = item
    result = judge.file(path, config)
    return path, pack(result), judge.trails.pop(path)


def judge_chunk(judge: Judge, chunk: list[Item]) -> tuple[list[Done], dict[str, int]]:
    """Judge some files; the task of a worker.  Returns also the times of the folders that were listed."""
    return [judge_one(judge, item) for item in chunk], judge.repository.finder.stamps


def _died(item: Item) -> Done:
    path, _, config = item
    text = f"{path}: internal error: the process that read it died (out of memory, or nested too deeply)"
    return path, pack(FileResult(os.path.relpath(path), error=text, internal=text, targets=config.targets)), Trail()
