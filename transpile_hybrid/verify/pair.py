"""Two sides of a question."""

from __future__ import annotations

from dataclasses import dataclass

from .plan import Text


@dataclass(frozen=True)
class Pair:
    """Two sides, and the targets that AFTER is compiled by (``None``: as they stand).

    ``auto`` among them: the named ones, or else all of the framework, each with its settings, to mark the fastest.

    ``exclude`` names units that are not to be run.
    """

    before: Text
    after: Text
    targets: tuple[str, ...] | None = None
    exclude: frozenset[str] = frozenset()
