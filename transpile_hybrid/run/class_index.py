"""The index of classes over a run: built in parallel, kept on disk, and read again only where a file has changed."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Sequence

from ..meaning.index import Index, Row, row_of
from ..meaning.project import read_module
from ..source.source import SourceError
from .cache import digest, tool_stamp, write_whole
from .pool import cores, tune

_FORMAT = 2
_CHUNK = 24
_PAYS = 60  # so many files are read before a second process is worth its start

Held = dict[str, tuple[int, int, tuple[object, ...] | None]]
"""By path: time, size and row of each file (``None``: it can't be parsed)."""


def index_of(paths: Sequence[str], cache: str = "", jobs: int | None = None) -> Index:
    """Return the index of the files at ``paths``.

    ``cache`` is the folder in which rows are kept (empty: nowhere).  Files whose time and size are the same as when
    they were read are not read again.
    """
    file = os.path.join(cache, f"{digest(f'classes {_FORMAT} {tool_stamp()} {sys.version}'.encode()).hex()}.bin")
    held = _load(file) if cache else {}
    stats = {path: _stat(path) for path in paths}
    stale = [path for path in paths if path not in held or held[path][:2] != stats[path]]
    fresh = _read(stale, jobs)
    for path, row in fresh.items():
        held[path] = (*stats[path], row)
    if cache and stale:
        write_whole(cache, file, marshal.dumps(held))
    rows = ((path, held[path][2]) for path in paths)
    return Index((path, Row(*row)) for path, row in rows if row is not None)  # type: ignore[arg-type]


def _stat(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (-1, -1)
    return (status.st_mtime_ns, status.st_size)


def _load(file: str) -> Held:
    try:
        with open(file, "rb") as handle:
            found: Held = marshal.loads(handle.read())
            return found
    except (OSError, ValueError, EOFError, TypeError):
        return {}


def _read(paths: list[str], jobs: int | None) -> dict[str, tuple[object, ...] | None]:
    workers = jobs if jobs is not None else min(cores(), 1 + len(paths) // _PAYS)
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    if workers <= 1 or len(chunks) <= 1:
        tune()
        return {path: row for chunk in chunks for path, row in _rows(chunk)}
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(method), initializer=tune) as pool:
        return {path: row for rows in pool.map(_rows, chunks) for path, row in rows}


def _rows(paths: list[str]) -> list[tuple[str, tuple[object, ...] | None]]:
    found: list[tuple[str, tuple[object, ...] | None]] = []
    for path in paths:
        try:
            found.append((path, tuple(row_of(read_module(path)))))
        except SourceError:
            found.append((path, None))
    return found
