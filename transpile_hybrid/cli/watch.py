"""``check --watch``: again whenever a file changes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator

import click

from .common import note

_POLL = 0.5


def watch(run: Callable[[], int], files: Callable[[], list[str]]) -> None:
    """Call ``run`` now and after each change, until interrupted."""
    while True:
        if sys.stdout.isatty():
            click.clear()
        run()
        note(f"{time.strftime('%H:%M:%S')} watching for changes; Ctrl-C ends it")
        next(_changes(files))


def _changes(files: Callable[[], list[str]]) -> Iterator[None]:
    try:
        from watchfiles import PythonFilter
        from watchfiles import watch as events
    except ImportError:
        yield from _poll(files)
        return
    folders = {os.path.dirname(os.path.abspath(file)) for file in files()}
    tops = {folder for folder in folders if not any(folder.startswith(other + os.sep) for other in folders)}
    for _ in events(
        *sorted(tops or {os.getcwd()}), watch_filter=PythonFilter(extra_extensions=(".ipynb", ".md", ".toml"))
    ):
        yield None


def _poll(files: Callable[[], list[str]]) -> Iterator[None]:
    def state() -> list[tuple[str, int]]:
        found = []
        for file in files():
            try:
                found.append((file, os.stat(file).st_mtime_ns))
            except OSError:
                found.append((file, 0))
        return found

    before = state()
    while True:
        time.sleep(_POLL)
        now = state()
        if now != before:
            before = now
            yield None
