"""One thread that judges: only the newest text of each document, and what somebody waits for first."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_DELIVERY = 0.05  # seconds in which an interruption that was sent has arrived


class Interrupted(BaseException):
    """The work is of no use any more.  No ``except Exception`` stops it."""


@dataclass
class Job:
    """Something to do for ``key``; ``due`` is the earliest time (monotonic), ``urgent`` work goes first.

    ``again`` tells whether an interrupted job is to be done later.
    """

    key: str
    work: Callable[[Job], None]
    due: float = 0.0
    urgent: bool = True
    again: bool = False
    cancelled: bool = False
    _open: bool = False
    _sent: bool = False
    _thread: int = 0

    def __enter__(self) -> Job:
        """Open the part of the work that may be interrupted at any point.  Raises :class:`Interrupted`."""
        if self.cancelled:
            raise Interrupted
        self._thread = threading.get_ident()
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        # Without a lock, for the interruption may come in the middle of taking it: whoever sends says so first, and
        # then looks whether the part is open; this closes first, and then looks whether something was sent.
        self._open = False
        if self._sent and not isinstance(_[1], Interrupted):
            end = time.monotonic() + _DELIVERY
            while time.monotonic() < end:
                time.sleep(0.001)

    def cancel(self) -> None:
        """Stop the work, soon."""
        self.cancelled = True
        if not self._sent:
            self._sent = True
            if self._open:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(Interrupted))


@dataclass
class Scheduler:
    """Runs jobs one after the other; a newer job for a key takes the place of an older one."""

    on_error: Callable[[str, BaseException], None] = lambda key, exc: None
    _waiting: dict[tuple[str, bool], Job] = field(default_factory=dict)
    _running: Job | None = None
    _condition: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _stopped: bool = False

    def submit(
        self, key: str, work: Callable[[Job], None], *, delay: float = 0.0, urgent: bool = True, again: bool = False
    ) -> None:
        """Do ``work`` for ``key`` after ``delay`` seconds, in the place of what waits or runs for it."""
        job = Job(key, work, time.monotonic() + delay, urgent, again)
        with self._condition:
            self._waiting[key, urgent] = job
            running = self._running
            if running is not None and (running.key == key or (urgent and not running.urgent)):
                running.cancel()
                if running.again and running.key != key:
                    later = Job(running.key, running.work, job.due + 1.0, running.urgent, True)
                    self._waiting.setdefault((running.key, running.urgent), later)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="judge", daemon=True)
                self._thread.start()
            self._condition.notify()

    def drop(self, key: str) -> None:
        """Forget what waits or runs for ``key``."""
        with self._condition:
            for urgent in (True, False):
                self._waiting.pop((key, urgent), None)
            if self._running is not None and self._running.key == key:
                self._running.cancel()

    def stop(self) -> None:
        """End the thread."""
        with self._condition:
            self._stopped = True
            self._waiting.clear()
            if self._running is not None:
                self._running.cancel()
            self._condition.notify()

    def _next(self) -> Job | None:
        with self._condition:
            while not self._stopped:
                now = time.monotonic()
                ready = [job for job in self._waiting.values() if job.due <= now]
                if ready:
                    job = min(ready, key=lambda one: (not one.urgent, one.due))
                    del self._waiting[job.key, job.urgent]
                    self._running = job
                    return job
                soonest = min((job.due for job in self._waiting.values()), default=None)
                self._condition.wait(None if soonest is None else max(soonest - now, 0.0))
            return None

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job.work(job)
            except Interrupted:
                pass
            except Exception as exc:  # what one document does to us must not end the service for the others
                self.on_error(job.key, exc)
            finally:
                with self._condition:
                    self._running = None
