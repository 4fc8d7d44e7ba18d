"""The arguments of a call, evaluated."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .values import Value


@dataclass(slots=True)
class Args:
    """The arguments of a call; ``spread`` tells that ``*args`` or ``**kwargs`` of unknown length are among them."""

    pos: list[Value]
    kw: dict[str, Value]
    spread: bool
    node: ast.Call | None = None

    def get(self, index: int, name: str = "") -> Value | None:
        """Return an argument by position or name."""
        if name and name in self.kw:
            return self.kw[name]
        return self.pos[index] if 0 <= index < len(self.pos) and not (self.spread and index > 0) else None
