"""Diagnostics: what a rule found, where, and what can be done about it.  Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rewrite.edit import Fix


class Consequence(Enum):
    """What happens if the code is compiled as it stands.  The order is the order of importance."""

    SILENT = "silently different"
    ERROR = "error"
    SETTINGS = "error for other settings"  # instances made, or called, with the defaults compile
    SPEED = "slower"


def stands_in_the_way(code: str, consequence: str) -> bool:
    """Whether a finding keeps its unit from being compiled: an error, a silent difference, or the wrong structure.

    Structure (6xx: "this is no HybridBlock") runs, only slower, and yet nothing is compiled before it is mended.
    """
    if consequence == Consequence.SPEED.value:
        return code[3] == "6"
    return consequence != Consequence.SETTINGS.value


@dataclass(frozen=True, order=True)
class Span:
    """Half-open range of character offsets into a source's text."""

    start: int
    end: int


@dataclass(frozen=True)
class Diagnostic:
    """One finding.

    ``targets`` are the targets that it blocks (or, for :attr:`Consequence.SPEED`, the ones it slows).  ``unit`` is the
    dotted name of the class or function that was being judged (empty at module level).  ``help`` tells what the user
    can do.  A diagnostic without ``fix`` must be mended by hand, unless it ``waits`` ("safe" or "unsafe"): then
    ``rewrite`` has a fix of that safety for it, once nothing else stands in the way of the unit.
    """

    code: str
    name: str
    message: str
    span: Span
    targets: tuple[str, ...]
    consequence: Consequence
    unit: str = ""
    why: str = ""
    help: str = ""
    fix: Fix | None = field(default=None, compare=False)
    waits: str = ""

    @property
    def fixable(self) -> bool:
        """Whether ``rewrite`` can mend it by itself (with or without ``--unsafe``)."""
        return self.fix is not None
