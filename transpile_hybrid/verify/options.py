"""What can be asked of ``verify``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any


class VerifyError(Exception):
    """The question can't be asked as put: an unreadable file, an unknown unit, inputs that are none.  One line."""


def never() -> bool:
    """Say that nothing is to be stopped."""
    return False


class Stopped(Exception):
    """Whoever asked for the verification doesn't want it any more; its processes have ended."""


@dataclass(frozen=True)
class VerifyOptions:
    """Options of a verification; the defaults suit a developer's machine.

    ``unit`` names the class or function to verify, or several (``None``: all of the file).  ``inputs`` is parsed JSON,
    one entry per argument: a shape, ``{"shape": [...], "dtype": "int64"}``, or a number, flag or word as it is.
    ``python`` is the interpreter that runs the user's code (``None``: the active virtual environment, a ``.venv``
    beside the file or above it, else this interpreter).  ``timeout`` is the wall-clock limit of one worker in seconds,
    ``compile_timeout`` what a compiling target gets on top; ``memory_mb`` the limit on a worker's resident memory.
    ``speed`` measures, for about ``budget`` seconds a unit, and with ``training`` also a training step, forward and
    backward.  ``export`` serialises what each target compiled, reads it back in a fresh process and compares bitwise;
    ``keep`` is a folder into which what was found equal is copied, as ``FILE/UNIT/TARGET/``.  ``exact`` asks for
    bitwise equality of the two eager sides; without it, rounding differences pass.  ``bisect`` looks for the first
    sub-model that differs, where outputs do.  ``recorded`` is a file that ``record`` wrote (``None``: the nearest one
    above the source, if there is one).
    ``jobs`` units run at the same time (``None``: half the cores, since a unit takes two).  ``allow_env`` names
    environment variables that the user's code may see besides the harmless ones.
    """

    unit: str | tuple[str, ...] | None = None
    inputs: list[Any] | None = None
    python: str | None = None
    timeout: float = 60.0
    compile_timeout: float = 180.0
    memory_mb: int = 16_384
    budget: float = 12.0
    speed: bool = True
    training: bool = False
    export: bool = False
    keep: str | None = None
    recorded: str | None = None
    exact: bool = True
    bisect: bool = True
    seed: int = 0
    jobs: int | None = None
    allow_env: tuple[str, ...] = field(default_factory=tuple)

    @property
    def units(self) -> tuple[str, ...]:
        """The names of the units that were asked for; empty: all."""
        return (self.unit,) if isinstance(self.unit, str) else self.unit or ()

    def workers(self) -> int:
        """Return how many units may run at the same time."""
        return max(1, self.jobs if self.jobs is not None else (os.cpu_count() or 2) // 2)

    def check_inputs(self) -> None:
        """Raise :class:`VerifyError` unless ``inputs`` is ``None`` or a list of shapes."""
        if self.inputs is not None:
            check_shapes(self.inputs, "--inputs")


def check_shapes(inputs: Any, where: str) -> None:
    """Raise :class:`VerifyError`, which begins with ``where``, unless ``inputs`` is a list of shapes."""
    if not isinstance(inputs, list):
        raise VerifyError(f"{where}: a JSON list with one shape per argument is needed, as in [[2, 20]]")
    # `[2, 20]` is a shape that lacks its brackets, not two numbers
    shapes = any(isinstance(entry, (list, dict)) for entry in inputs)
    for entry in inputs:
        if shapes and isinstance(entry, (int, float, str)):
            continue
        shape = entry.get("shape") if isinstance(entry, dict) else entry
        whole = isinstance(shape, list) and all(
            isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape
        )
        if not whole:
            raise VerifyError(f"{where}: {entry!r} is no shape; give one per argument, as in [[2, 20]]")
