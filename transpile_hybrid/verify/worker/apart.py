"""Each sub-model compiled alone: which of them a compiler makes something else of."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from .adapter import Adapter, Args, Kwargs
from .cases import Floats

MOST = 32  # sub-models of one call
SHARE = 0.4  # of the time limit, after which no other is begun


class Part(NamedTuple):
    """A sub-model and what it was called with."""

    path: str
    model: Any
    args: Args
    kwargs: Kwargs


class Parts:
    """Collects the sub-models that a call ends, in that order, and runs each again: as it stands, and compiled."""

    def __init__(self, adapter: Adapter, target: str, limit: float) -> None:
        self.adapter, self.target, self.end = adapter, target, time.monotonic() + SHARE * limit
        self.floats = Floats(adapter)
        self.found: list[Part] = []

    def note(self, path: str, model: Any, args: Args, kwargs: Kwargs) -> None:
        """Keep a sub-model's arguments as they are now."""
        if len(self.found) < MOST:
            self.found.append(Part(path, model, *self.floats.copies((args, kwargs))))

    def run(self, record: Callable[[str, str, dict[str, Any]], None]) -> None:
        """Record, for each, the outputs of both as ``part`` and ``apart``.

        Left out: what draws random numbers, and what fails or can't be compiled alone.
        """
        for part in self.found:
            if time.monotonic() > self.end:
                return
            try:
                drawn, eager = self.adapter.draws(part.model, partial(self._call, part.model, part))
                if drawn:
                    continue
                example = self._copies(part)
                compiled = self._call(self.adapter.compile(part.model, self.target, [example], True), part)
            except Exception:  # user code, called in another way than it is meant to
                continue
            record(f"part: {part.path}", "part", {"outputs": eager})
            record(f"apart: {part.path}", "apart", {"outputs": compiled})

    def _call(self, model: Any, part: Part) -> Any:
        args, kwargs = self._copies(part)
        outputs = self.adapter.forward(model, args, kwargs, False)
        self.adapter.sync()
        return outputs

    def _copies(self, part: Part) -> tuple[Args, Kwargs]:
        copies: tuple[Args, Kwargs] = self.floats.copies((part.args, part.kwargs))
        return copies
