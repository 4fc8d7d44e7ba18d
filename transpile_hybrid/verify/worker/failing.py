"""How what user code raises before the first call becomes a reason in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .adapter import CannotCompile, TargetMissing
from .load import Missing, NotRunnable
from .tree import without_addresses

# What in-place changes make autograd say.
IN_PLACE = re.compile(r"modified by an inplace operation|[Ii]n-?place operation|leaf Variable that requires grad")
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
    text = lines[0] if lines else ""
    return without_addresses((text if text.startswith(name) else f"{name}: {text}" if text else name)[:300])


def stage(name: str, action: Callable[[], Any]) -> Any:
    """Run one stage; what user code raises becomes :class:`Failed` (``SystemExit`` too: leaving is no result)."""
    try:
        return action()
    except (Failed, KeyboardInterrupt):
        raise
    except (Missing, NotRunnable, CannotCompile, TargetMissing) as exc:
        raise Failed(name, str(exc), KINDS[type(exc)]) from exc
    except BaseException as exc:
        raise Failed(name, describe(exc)) from exc
