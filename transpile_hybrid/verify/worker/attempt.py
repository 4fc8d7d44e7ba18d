"""One attempt at compiling a unit: what its functions are given when it runs, and what each target says of it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import select
import signal
import time
import traceback
import types
from collections.abc import Callable
from typing import Any

from .adapter import Adapter, CannotCompile, TargetMissing
from .building import seeded_build
from .cases import Case
from .failing import Failed, describe, stage
from .load import Loader
from .probe import Ready, loaded, prepared
from .tree import leaves
from .types_seen import TypesSeen, attributes_seen

_CASES = 4  # inputs of one shape: others only tell again what these tell
_CLOSE = 1e-3
_ROUNDED = ("float32", "float64", "float16", "complex64")
_FILE_LINE = re.compile(r'File "([^"]+)", line (\d+)')
_POINTED = re.compile(r":? \(line \d+: `.*`\)$")  # the place is told apart from the message
_HERE = re.compile(r"^(\s*)(~+)\s*<--- HERE")


def attempt_all(adapter: Adapter, job: dict[str, Any], emit: Callable[..., None]) -> None:
    """Attempt each of ``units`` (they have ``inputs`` and ``recorded`` of their own), in a process for each.

    Emits a frame ``attempt`` or ``unrun`` for each.
    """
    loader, module = loaded(adapter, job)
    for name, given in job["units"].items():
        mine = {**job, "unit": name, **given}
        kind, body = _apart(functools.partial(attempt, adapter, mine, loader, module), job["seconds"])
        emit(kind, {"unit": name, **body}, [])


def _apart(action: Callable[[], dict[str, Any]], seconds: float) -> tuple[str, dict[str, Any]]:
    """Do something in a fork of this process, so that the next unit finds the file as it was when it was loaded."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            answer: tuple[str, dict[str, Any]] = ("attempt", action())
        except Failed as exc:
            answer = ("unrun", {"why": exc.why if exc.kind != "failed" else f"{exc.stage}: {exc.why}"})
        except BaseException as exc:  # user code raised where nobody asked it to compute
            answer = ("unrun", {"why": describe(exc)})
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(writing, data) :]
        os._exit(0)
    os.close(writing)
    data, until = b"", time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        more = os.read(reading, 1 << 16)
        if not more:
            break
        data += more
    os.close(reading)
    if left <= 0:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        kind, body = json.loads(data)
    except ValueError:
        why = f"no end within {seconds:g} s" if left <= 0 else "its process ended without a result"
        return "unrun", {"why": why}
    return kind, body


def attempt(adapter: Adapter, job: dict[str, Any], loader: Loader, module: types.ModuleType) -> dict[str, Any]:
    """Run the unit eagerly, then compiled by each of ``targets``, and return what was seen.

    ``functions``, ``built`` (those of them that the constructor called) and ``attributes`` are the types that were seen
    (see :mod:`.types_seen`).  ``refused`` says of a target why it does not take the unit, and where: ``what`` (one
    line), ``line`` and ``text`` (the part of that line), 0 and empty where the compiler doesn't say.  A result that is
    not close to the eager one is refused too, as ``different``.  Raises :class:`Failed`.
    """
    ready = prepared(adapter, job, loader, module, variants=False)
    cases = [case for case in ready.found.cases if case.group.startswith("shape")][:_CASES]
    seen = TypesSeen(adapter, loader.shown)
    attributes: dict[str, dict[str, list[Any]]] = {}
    built = TypesSeen(adapter, loader.shown)  # what the constructor calls, forward may call too
    with built.watching():
        net = stage("constructor", lambda: seeded_build(adapter, ready.unit, ready.finder.recipe, int(job["seed"])))
    weights = _weights(adapter, net) if ready.model else {}
    if ready.model:
        attributes_seen(adapter, net, module.__name__, attributes)
    with seen.watching():
        expected = stage("first call", lambda: _call(adapter, net, ready, cases[0], job))
    for case in cases[1:]:
        # an input that the unit does not take tells nothing
        with seen.watching(), contextlib.suppress(Exception):
            _call(adapter, net, ready, case, job)
    if ready.model:
        attributes_seen(adapter, net, module.__name__, attributes)
    refused = {}
    for target in job["targets"]:
        found = _compiled(adapter, ready, target, cases, weights, expected, job)
        if found is not None:
            refused[target] = found
    return {"functions": seen.functions, "built": built.functions, "attributes": attributes, "refused": refused}


def _call(adapter: Adapter, net: Any, ready: Ready, case: Case, job: dict[str, Any]) -> list[Any]:
    """Call a model and return its tensors, copied."""
    args, kwargs = ready.finder.copies(case)
    adapter.seed(int(job["seed"]))
    outputs = adapter.forward(net, args, kwargs, False)
    found = []
    for _, leaf in leaves(outputs):
        host = adapter.host(leaf)
        found.append(leaf if host is None else (host.dtype, host.shape, bytes(host.data)))
    return found


def _weights(adapter: Adapter, net: Any) -> dict[str, Any]:
    """Return a copy of a model's state: some constructors leave memory as it is, whatever the seed."""
    found = {}
    for name, entry in adapter.state(net).items():
        host = adapter.host(entry.value) if entry.value is not None else None
        if host is not None and host.dtype not in ("bfloat16", "string") and not host.dtype.startswith("float8"):
            found[name] = adapter.numpy_array(tuple(host.shape), host.dtype, host.data)
    return found


def _compiled(
    adapter: Adapter, ready: Ready, target: str, cases: list[Case], weights: dict[str, Any], expected: list[Any],
    job: dict[str, Any],
) -> dict[str, Any] | None:  # fmt: skip
    """Compile and call; return what the target has against it."""
    try:
        net = seeded_build(adapter, ready.unit, ready.finder.recipe, int(job["seed"]))
        adapter.prepare(net, *ready.finder.copies(cases[0]))
        for name, entry in adapter.state(net).items() if weights else ():
            if name in weights:
                adapter.assign(entry.value, weights[name])
        examples = [ready.finder.copies(case) for case in cases]
        net = adapter.compile(net, target, examples, ready.model)
        outputs = _call(adapter, net, ready, cases[0], job)
    except TargetMissing:
        return None
    except Exception as exc:  # the compiler's answer
        return refusal(exc, ready.loader.shown)
    if not _close(adapter, expected, outputs):
        return {"what": "the compiled unit gives another result", "line": 0, "text": "", "different": True}
    return None


def _close(adapter: Adapter, expected: list[Any], outputs: list[Any]) -> bool:
    np = adapter.np
    if len(expected) != len(outputs):
        return False
    for one, other in zip(expected, outputs, strict=True):
        if isinstance(one, tuple) != isinstance(other, tuple):
            return False
        if not isinstance(one, tuple):
            continue
        if one[:2] != other[:2]:
            return False
        if one[0] in _ROUNDED:
            a, b = (np.frombuffer(x[2], dtype=x[0]) for x in (one, other))
            if not np.allclose(a, b, rtol=_CLOSE, atol=_CLOSE, equal_nan=True):
                return False
        elif one[2] != other[2]:
            return False
    return True


def refusal(exc: BaseException, file: str) -> dict[str, Any]:
    """Return what a compiler said, and the line of ``file`` that it speaks of."""
    cause = exc.__cause__ if isinstance(exc, CannotCompile) and exc.__cause__ is not None else exc
    what = _POINTED.sub("", str(exc) if isinstance(exc, CannotCompile) else describe(exc))
    line, text = _named(str(cause), file)
    if not line:
        frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if frame.filename == file]
        line = (frames[-1].lineno or 0) if frames else 0
    return {"what": what, "line": line, "text": text, "different": False}


def _named(message: str, file: str) -> tuple[int, str]:
    """Return the line of ``file`` that a message names (the innermost), and the part that it points at.

    TorchScript names the innermost place first, and points at it; Dynamo prints a traceback, whose last line counts.
    """
    lines = message.splitlines()
    places = [
        (i, int(found[2])) for i, one in enumerate(lines) if (found := _FILE_LINE.search(one)) and found[1] == file
    ]
    if not places:
        return 0, ""
    marked = next(((i, found) for i, one in enumerate(lines) if (found := _HERE.match(one))), None)
    if marked is None:
        return places[-1][1], ""
    at, mark = marked
    shown = lines[at - 1] if at else ""
    named = [line for i, line in places if i < at]
    return (named[-1] if named else places[0][1]), shown[mark.start(2) : mark.end(2)].strip()
