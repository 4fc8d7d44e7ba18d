"""Aliasing: may an in-place write be seen through another name?"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .infer import UnitFacts


@dataclass(frozen=True)
class Answer:
    """Whether something is safe, and why or why not, in words for people."""

    safe: bool
    reason: str

    def __bool__(self) -> bool:
        return self.safe


def rebind_is_safe(node: ast.stmt | ast.expr, facts: UnitFacts) -> Answer:
    """Tell whether the in-place write ``node`` can be replaced by rebinding the name (``a += b`` -> ``a = a + b``).

    ``node`` is the statement (``a += b``, ``a[:] = b``, ``a.add_(b)``) or the call ``a.add_(b)`` itself.
    """
    return Answer(False, "nothing is known about the array that is written to")
