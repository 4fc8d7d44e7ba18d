"""Writing what a target compiled to disk, and reading it back in a fresh process: the same inputs, the same bits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .adapter import Adapter
from .failing import describe, stage
from .load import Loader
from .side import Side
from .tree import Encoder, decode

Emit = Callable[..., None]


def write(adapter: Adapter, job: dict[str, Any], values: Any, buffers: list[bytes], emit: Emit) -> None:
    """Build the unit, serialise it into ``job["folder"]`` and emit what the written form gives."""
    side = Side(adapter, job, lambda *_: None)
    net = side.build(values, buffers)
    begun = time.perf_counter()
    run = stage("export", lambda: adapter.export(net, job["target"], side.examples(), job["folder"], side.model))
    seconds = time.perf_counter() - begun
    _answers(adapter, run, values, buffers, emit)
    emit("done", {"write_s": seconds}, [])


def read(adapter: Adapter, job: dict[str, Any], values: Any, buffers: list[bytes], emit: Emit) -> None:
    """Read the serialised form back and emit what it gives; the user's file is not loaded."""
    Loader("", job["path"]).forget_neighbours()
    begun = time.perf_counter()
    run = stage("reload", lambda: adapter.reload(job["target"], job["folder"]))
    seconds = time.perf_counter() - begun
    _answers(adapter, run, values, buffers, emit)
    emit("done", {"load_s": seconds}, [])


def _answers(adapter: Adapter, run: Any, values: Any, buffers: list[bytes], emit: Emit) -> None:
    answered = 0
    for number, case in enumerate(values["cases"]):
        if case["group"] in ("edge", "odd", "option"):
            continue
        args = decode(case["args"], buffers, adapter.device)
        kwargs = decode(case["kwargs"], buffers, adapter.device)
        checks: dict[str, Any] = {}
        try:
            adapter.seed(number)
            checks["outputs"] = adapter.loaded(run, tuple(args), kwargs)
            adapter.sync()
            answered += 1
        except Exception as exc:  # shapes that the serialised form is not for; the judge compares what both sides say
            kind = type(exc).__name__
            checks = {"exceptions": {"type": kind, "message": describe(exc), "own": False, "all": ""}}
        encoder = Encoder(adapter.host)
        body = {"step": f"case {number} ({case['name']})", "group": "eval"}
        tree = {name: encoder.encode(value) for name, value in checks.items()}
        emit("record", {**body, "checks": tree}, encoder.buffers)
    if not answered:
        emit("failed", {"stage": "export", "why": "it takes none of the inputs", "kind": "failed"}, [])
