"""Sets of names, written as text."""

from __future__ import annotations


def names(*lines: str) -> frozenset[str]:
    """Return the blank-separated names in ``lines``."""
    return frozenset(name for line in lines for name in line.split())
