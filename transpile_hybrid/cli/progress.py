"""Progress of long work: a bar on a terminal, plain lines elsewhere; always on standard error.

What is done within a second shows nothing, and loads nothing.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_QUIET_SECONDS = 10.0
_LONG_SECONDS = 60.0  # after which something that still goes on is said again
_PATIENCE = 1.0


class Progress:
    """Count what is done and say what is being done."""

    def __init__(self, title: str, total: int = 0) -> None:
        self.title = title
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None
        self._total = total
        self._done = 0
        self._text = ""
        self._printed = (0, "")
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None
        self._begun = self._last = time.monotonic()
        self._lock = threading.Lock()
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._watch is not None:
            self._watch.join()
        if self._bar is not None:
            self._bar.stop()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn(self.title),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True, emoji=False),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(self._text, total=self._total or None, completed=self._done)

    def say(self, text: str) -> None:
        """Say what is being done now; without a terminal at most a line every ten seconds.

        It may take long, and then it is shown although nothing else is said meanwhile.
        """
        with self._lock:
            self._text = text
            self._show()
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, daemon=True)
                self._watch.start()

    def _look(self) -> None:
        while not self._ended.wait(_PATIENCE):
            with self._lock:
                self._show()

    def begin(self, title: str, total: int) -> Callable[[str], None]:
        """Go on with another kind of work; return what counts one thing of it as done."""
        with self._lock:
            self.title, self._done, self._total, self._text = title, 0, total, ""
            if self._bar is not None:
                self._bar.stop()
                self._bar = None
        return self.step

    def count(self, done: int, total: int) -> None:
        """Say how much is done, of how much there is to do."""
        with self._lock:
            self._done, self._total = done, total
            self._show()

    def step(self, text: str) -> None:
        """Count one thing as done and say which."""
        with self._lock:
            self._done += 1
            self._text = text
            self._show()

    def _show(self) -> None:
        now = time.monotonic()
        if self._terminal:
            if self._bar is None and now - self._begun > _PATIENCE:
                self._start()
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, description=self._text, completed=self._done, total=self._total or None)
        elif now - self._last > (_LONG_SECONDS if self._printed == (self._done, self._text) else _QUIET_SECONDS):
            self._last, self._printed = now, (self._done, self._text)
            print(f"{self.title} [{self._done}/{self._total or '?'}] {self._text}", file=sys.stderr, flush=True)
