"""Git's ignore patterns, translated by ``pathspec`` and joined to few regular expressions."""

from __future__ import annotations

import os
import re

import pathspec


class IgnoreRules:
    """The patterns of one file; ``base`` is the folder that they are relative to."""

    def __init__(self, lines: list[str], base: str) -> None:
        self.base = os.path.realpath(base)
        self._groups: list[tuple[bool, re.Pattern[str]]] = []
        group: list[str] = []
        kind: bool | None = None
        for pattern in pathspec.GitIgnoreSpec.from_lines(lines).patterns:
            regex = getattr(pattern, "regex", None)
            if pattern.include is None or regex is None:
                continue
            if kind is not None and pattern.include != kind:
                self._groups.append((kind, _joined(group)))
                group = []
            kind = pattern.include
            group.append(re.sub(r"\(\?P<\w+>", "(?:", regex.pattern))
        if kind is not None:
            self._groups.append((kind, _joined(group)))
        self._groups.reverse()

    def verdict(self, path: str, folder: bool) -> bool | None:
        """Return whether ``path`` is ignored, ``None`` where no pattern matches; the last pattern has the last word."""
        if not path.startswith(self.base):
            path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
            if not path.startswith(self.base):
                return None
        name = path[len(self.base) :].lstrip(os.sep).replace(os.sep, "/") + ("/" if folder else "")
        for include, regex in self._groups:
            if regex.match(name):
                return include
        return None


def _joined(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def read_rules(file: str, base: str) -> IgnoreRules | None:
    """Return the patterns in a file, ``None`` where there are none (or it can't be read)."""
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            lines = [line for line in handle.read().splitlines() if line.strip() and not line.startswith("#")]
        return IgnoreRules(lines, base) if lines else None
    except (OSError, ValueError):
        return None
