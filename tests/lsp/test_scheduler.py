"""The newest work wins, what is of no use any more stops at once, and an error ends nothing else."""

from __future__ import annotations

import threading
import time

from transpile_hybrid.lsp.scheduler import Interrupted, Job, Scheduler


def wait(event: threading.Event) -> None:
    assert event.wait(20)


def test_newer_work_interrupts_older_work_for_the_same_key() -> None:
    scheduler = Scheduler()
    started, done = threading.Event(), threading.Event()
    seen: list[str] = []

    def endless(job: Job) -> None:
        try:
            with job:
                started.set()
                while True:
                    sum(range(1000))
        except Interrupted:
            seen.append("interrupted")
            raise

    def short(job: Job) -> None:
        seen.append("done")
        done.set()

    scheduler.submit("a", endless)
    wait(started)
    scheduler.submit("a", short)
    wait(done)
    assert seen == ["interrupted", "done"]
    scheduler.stop()


def test_urgent_work_interrupts_other_work_which_is_done_later() -> None:
    scheduler = Scheduler()
    started, urgent, finished = threading.Event(), threading.Event(), threading.Event()
    turns: list[int] = []

    def background(job: Job) -> None:
        turns.append(len(turns))
        with job:
            started.set()
            while len(turns) == 1:
                sum(range(1000))
        finished.set()

    scheduler.submit("slow", background, urgent=False, again=True)
    wait(started)
    scheduler.submit("b", lambda job: urgent.set())
    wait(urgent)
    wait(finished)
    assert turns == [0, 1]
    scheduler.stop()


def test_waiting_work_is_replaced_and_order_is_kept() -> None:
    scheduler = Scheduler()
    gate, done = threading.Event(), threading.Event()
    seen: list[str] = []
    scheduler.submit("first", lambda job: wait(gate))
    time.sleep(0.05)
    scheduler.submit("a", lambda job: seen.append("old"))
    scheduler.submit("later", lambda job: seen.append("background"), urgent=False)
    scheduler.submit("a", lambda job: seen.append("new"))
    scheduler.submit("end", lambda job: done.set(), delay=0.3, urgent=False)
    gate.set()
    wait(done)
    assert seen == ["new", "background"]
    scheduler.stop()


def test_an_error_is_told_and_the_rest_goes_on() -> None:
    told: list[str] = []
    done = threading.Event()
    scheduler = Scheduler(on_error=lambda key, exc: told.append(f"{key}: {exc}"))

    def broken(job: Job) -> None:
        raise ValueError("no")

    scheduler.submit("a", broken)
    scheduler.submit("b", lambda job: done.set(), delay=0.1)
    wait(done)
    assert told == ["a: no"]
    scheduler.stop()


def test_what_is_dropped_is_not_done() -> None:
    scheduler = Scheduler()
    done = threading.Event()
    seen: list[str] = []
    scheduler.submit("a", lambda job: seen.append("a"), delay=0.2)
    scheduler.drop("a")
    scheduler.submit("b", lambda job: done.set(), delay=0.4)
    wait(done)
    assert seen == []
    scheduler.stop()
