"""How what user code raises before the first call becomes a reason in one line."""

from __future__ import annotations

import dis
import re
import types
from collections.abc import Callable
from typing import Any

from .adapter import CannotCompile, TargetMissing
from .load import Missing, NotRunnable
from .tree import without_addresses

# What in-place changes make autograd say.
IN_PLACE = re.compile(r"modified by an inplace operation|[Ii]n-?place operation|leaf Variable that requires grad")
_LONGEST = 400  # characters of a message that are shown
_FILE_LINE = re.compile(r'File ".*", line (\d+)')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
KINDS: dict[type, str] = {
    Missing: "missing",
    NotRunnable: "not runnable",
    CannotCompile: "cannot compile",
    TargetMissing: "target missing",
}


class Failed(Exception):
    """A stage before the first call failed, and why; ``kind`` is one of :data:`KINDS` or ``failed``."""

    def __init__(self, stage: str, why: str, kind: str = "failed") -> None:
        super().__init__(why)
        self.stage, self.why, self.kind = stage, why, kind


def said(exc: BaseException) -> list[str]:
    """Return the lines of an exception's message, without colours and without Keras' word of where it happened."""
    lines = [line.strip() for line in _COLOUR.sub("", str(exc)).splitlines() if line.strip()]
    return [line for line in lines if not line.startswith("Exception encountered when calling")] or lines


def describe(exc: BaseException) -> str:
    """Return an exception in one line: its type and the first line of its message that says something."""
    lines = said(exc)
    if lines and lines[0].startswith("Traceback"):  # MXNet puts a C++ traceback first
        lines = lines[-1:]
    name = type(exc).__name__
    text = first_words(lines)
    shown = text if text.startswith(name) else f"{name}: {text}" if text else name
    return without_addresses(cut(shown) + pointed_at(lines))


def cut(text: str) -> str:
    """Return a message that is not too long for one line."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 4] + " ..."


def first_words(lines: list[str]) -> str:
    """Return the first line of a message; TorchScript puts a signature first, and what it expected next."""
    text = lines[0] if lines else ""
    return f"{text} {lines[1]}" if text.endswith(":") and lines[1:] and lines[1].startswith("Expected") else text


def pointed_at(lines: list[str]) -> str:
    """Return the line of the user's code that TorchScript points at in its message, empty where it points at none."""
    marked = next((i for i, line in enumerate(lines) if line.endswith("<--- HERE")), 0)
    named = [found for line in lines[:marked] if (found := _FILE_LINE.match(line))]
    return f" (line {named[-1][1]}: `{lines[marked - 1][:120]}`)" if marked and named else ""


def stage(name: str, action: Callable[[], Any]) -> Any:
    """Run one stage; what user code raises becomes :class:`Failed` (``SystemExit`` too: leaving is no result)."""
    try:
        return action()
    except (Failed, KeyboardInterrupt):
        raise
    except (Missing, NotRunnable, CannotCompile, TargetMissing) as exc:
        kind = next(kind for known, kind in KINDS.items() if isinstance(exc, known))
        raise Failed(name, str(exc), kind) from exc
    except BaseException as exc:
        raise Failed(name, describe(exc)) from exc


def innermost(exc: BaseException) -> types.TracebackType | None:
    """Return the place that raised."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def says_raise(exc: BaseException) -> bool:
    """Whether a ``raise`` or ``assert`` statement raised ``exc``, and not something that was called."""
    trace = innermost(exc)
    if trace is None or not 0 <= trace.tb_lasti < len(trace.tb_frame.f_code.co_code):
        return False
    return dis.opname[trace.tb_frame.f_code.co_code[trace.tb_lasti]] == "RAISE_VARARGS"
