"""Progress of long work: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_QUIET_SECONDS = 10.0


class Progress:
    """Count what is done and say what is being done."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._total = 0
        self._done = 0
        self._last = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn(self.title),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def total(self, number: int) -> None:
        """Say how much there is to do."""
        self._total = number
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=number)

    def say(self, text: str) -> None:
        """Say what is being done now; without a terminal at most a line every ten seconds."""
        with self._lock:
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, description=text)
            elif time.monotonic() - self._last > _QUIET_SECONDS:
                self._last = time.monotonic()
                print(f"{self.title} [{self._done}/{self._total}] {text}", file=sys.stderr, flush=True)

    def advance(self) -> None:
        """Count one thing as done."""
        with self._lock:
            self._done += 1
            if self._bar is not None and self._task is not None:
                self._bar.advance(self._task)
