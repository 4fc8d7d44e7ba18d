"""The jobs of a worker process, by name."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import IO, Any

from . import failing, wire
from .load import Missing, NotRunnable


def main(job: dict[str, Any], key: str, control: IO[str], result: int) -> None:
    """Do ``job``, write the result's frames, and leave at once: user code's exit handlers get no say."""
    emit = wire.make_writer(result, bytes.fromhex(key))
    del key
    try:
        _JOBS[job["job"]](job, control, emit)
    except MissingFramework as exc:
        emit("failed", {"stage": "framework", "why": str(exc), "kind": "no framework"}, [])
    except Exception as exc:  # user code raised where nobody asked it to compute: a property, a comparison, a copy
        stage = f"{job['job']}: raised outside of a call"
        emit("failed", {"stage": stage, "why": failing.describe(exc), "kind": "failed"}, [])
    emit(wire.END, {}, [])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class MissingFramework(Exception):
    """The framework (or numpy) can't be imported; the message says why."""


def _adapter(job: dict[str, Any]) -> Any:
    module = importlib.import_module("." + "adapter", __package__)
    try:
        return module.load_adapter(job["framework"])
    except ImportError as exc:
        name = {"tensorflow": "tensorflow", "mxnet": "mxnet", "torch": "torch"}[job["framework"]]
        if exc.name in (name, "numpy"):
            raise MissingFramework(f"{exc.name} is not installed") from exc
        raise MissingFramework(f"{name} can't be imported: {exc}") from exc


def _ready(control: IO[str]) -> dict[str, Any]:
    """Wait for the parent's second line, then close the channel."""
    line = control.readline()
    control.close()
    if not line:
        os._exit(3)  # the parent no longer wants this job
    found: dict[str, Any] = json.loads(line)
    return found


def _hide() -> None:
    """Take the worker's modules out of ``sys.modules``, so that user code does not stumble on them."""
    for name in [name for name in sys.modules if name.partition(".")[0] == (__package__ or "")]:
        del sys.modules[name]


def _values(path: str) -> Any:
    with open(path, "rb") as file:
        frames, _ = wire.read_frames(file.read(), b"plain")
    return frames[0]


def _side(job: dict[str, Any], control: IO[str], emit: Any) -> None:
    adapter = _adapter(job)
    side_module = importlib.import_module(".side", __package__)
    probe = importlib.import_module(".probe", __package__).probe
    _hide()
    try:
        side_module.enter_temporary_folder(job["cwd"])
        if job["first"]:
            control.close()
            kept: list[Any] = []

            def keep(kind: str, body: Any, buffers: Any) -> None:
                if kind == "values":
                    kept.append(wire.Frame(kind, json.loads(json.dumps(body)), list(buffers)))
                emit(kind, body, buffers)

            probe(adapter, job, keep)
            values = kept[0]
        else:
            emit("loaded", {}, [])
            values = _values(_ready(control)["values"])
        side_module.Side(adapter, job, emit).run(values.body, values.buffers)
    except failing.Failed as exc:
        emit("failed", {"stage": exc.stage, "why": exc.why, "kind": exc.kind}, [])


def _collect(job: dict[str, Any], control: IO[str], emit: Any) -> None:
    """Import the file and say what each of the candidate names is."""
    control.close()
    adapter = _adapter(job)
    load = importlib.import_module(".load", __package__)
    side_module = importlib.import_module(".side", __package__)
    try:
        side_module.enter_temporary_folder(job["cwd"])
        module = failing.stage("import", load.Loader(job["text"], job["path"], neighbours=job.get("neighbours")).load)
    except failing.Failed as exc:
        emit("failed", {"stage": exc.stage, "why": exc.why, "kind": exc.kind}, [])
        return
    kinds = {}
    for name in job["names"]:
        try:
            kinds[name] = load.find_unit(adapter, module, name).kind
        except (Missing, NotRunnable):
            continue
    emit("units", {"kinds": kinds, "declared": callable(getattr(module, "example_inputs", None))}, [])


def _attempt(job: dict[str, Any], control: IO[str], emit: Any) -> None:
    control.close()
    adapter = _adapter(job)
    attempting = importlib.import_module(".attempt", __package__)
    side_module = importlib.import_module(".side", __package__)
    _hide()
    try:
        side_module.enter_temporary_folder(job["cwd"])
        attempting.attempt_all(adapter, job, emit)
    except failing.Failed as exc:
        emit("failed", {"stage": exc.stage, "why": exc.why, "kind": exc.kind}, [])


def _judge(job: dict[str, Any], control: IO[str], emit: Any) -> None:
    control.close()
    try:
        importlib.import_module("numpy")
    except ImportError as exc:
        raise MissingFramework("numpy is not installed") from exc
    sides = []
    for side in job["sides"]:
        with open(side["file"], "rb") as file:
            sides.append(wire.read_frames(file.read(), bytes.fromhex(side["key"]))[0])
    judging = importlib.import_module(".judge", __package__)
    emit("judged", judging.first_part(sides) if job.get("parts") else judging.judge(sides, job), [])


def _timing(job: dict[str, Any], control: IO[str], emit: Any) -> None:
    adapter = _adapter(job)
    timing = importlib.import_module(".timing", __package__)
    side_module = importlib.import_module(".side", __package__)
    emit("loaded", {"at": time.time()}, [])
    values = _values(_ready(control)["values"])
    try:
        side_module.enter_temporary_folder(job["cwd"])
        emit("speed", timing.measure(adapter, job, values.body, values.buffers), [])
    except failing.Failed as exc:
        emit("failed", {"stage": exc.stage, "why": exc.why, "kind": exc.kind}, [])


def _export(job: dict[str, Any], control: IO[str], emit: Any) -> None:
    adapter = _adapter(job)
    exporting = importlib.import_module(".exporting", __package__)
    side_module = importlib.import_module(".side", __package__)
    values = _values(_ready(control)["values"])
    try:
        side_module.enter_temporary_folder(job["cwd"])
        work = exporting.write if job["job"] == "export" else exporting.read
        work(adapter, job, values.body, values.buffers, emit)
    except failing.Failed as exc:
        emit("failed", {"stage": exc.stage, "why": exc.why, "kind": exc.kind}, [])


_JOBS = {
    "side": _side, "collect": _collect, "judge": _judge, "timing": _timing, "export": _export, "reload": _export,
    "attempt": _attempt,
}  # fmt: skip
