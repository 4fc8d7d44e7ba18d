"""Each sub-model compiled alone: which of them a compiler makes something else of."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from .adapter import Adapter, Args, Kwargs
from .cases import Floats
from .tree import Encoder

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
        self.found: list[Part] = []

    def note(self, path: str, model: Any, args: Args, kwargs: Kwargs) -> None:
        """Keep a sub-model's arguments as they are now."""
        if len(self.found) < MOST:
            self.found.append(Part(path, model, *self._copies(args, kwargs)))

    def run(self, emit: Callable[..., None]) -> None:
        """Emit, for each, the outputs of both as ``part`` and ``apart``.

        Left out: what draws random numbers, and what fails or can't be compiled alone.
        """
        for part in self.found:
            if time.monotonic() > self.end:
                return
            try:
                self.adapter.seed(0)
                before = self._random(part)
                self.adapter.seed(0)  # again: looking at the state may have drawn from it
                eager = self._call(part.model, part)
                if self._random(part) != before:
                    continue
                example = self._copies(part.args, part.kwargs)
                compiled = self._call(self.adapter.compile(part.model, self.target, [example], True), part)
            except Exception:  # user code, called in another way than it is meant to
                continue
            self._emit(emit, "part", part.path, eager)
            self._emit(emit, "apart", part.path, compiled)

    def _random(self, part: Part) -> tuple[str, str]:
        return self.adapter.framework_random_state(), self.adapter.drawn(part.model)

    def _call(self, model: Any, part: Part) -> Any:
        args, kwargs = self._copies(part.args, part.kwargs)
        outputs = self.adapter.forward(model, args, kwargs, False)
        self.adapter.sync()
        return outputs

    def _copies(self, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
        copies: tuple[Args, Kwargs] = Floats(self.adapter).change((args, kwargs), lambda array, floating: array)
        return copies

    def _emit(self, emit: Callable[..., None], group: str, path: str, outputs: Any) -> None:
        encoder = Encoder(self.adapter.host)
        body = {"step": f"{group}: {path}", "group": group, "checks": {"outputs": encoder.encode(outputs)}}
        emit("record", body, encoder.buffers)
