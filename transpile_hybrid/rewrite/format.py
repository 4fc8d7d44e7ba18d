"""Format the lines that a rewrite changed, with black and the project's own black settings."""

from __future__ import annotations

import ast
import difflib
import sys
from pathlib import Path
from typing import Any

from ..source.source import LINE_END, Source, SourceError

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover
    import tomli as tomllib


def black_settings(path: str) -> dict[str, Any] | None:
    """Return the ``[tool.black]`` table that governs ``path``, or ``None`` where the project doesn't use black."""
    for folder in Path(path).resolve().parents:
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("black")
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                return None
            return table if isinstance(table, dict) else None
        if (folder / ".git").exists():
            return None
    return None


def changed_lines(before: str, after: str) -> list[tuple[int, int]]:
    """Return the 1-based inclusive ranges of lines of ``after`` that ``before`` doesn't have."""
    matcher = difflib.SequenceMatcher(None, LINE_END.split(before), LINE_END.split(after), autojunk=False)
    return [(j1 + 1, j2) for tag, _, _, j1, j2 in matcher.get_opcodes() if tag in ("replace", "insert") and j2 > j1]


def format_changed(before: Source, after: Source, settings: dict[str, Any]) -> Source:
    """Return ``after`` with its changed lines formatted by black under ``settings`` (a ``[tool.black]`` table).

    A project that isn't formatted with black has no such table, and then its own style is left alone: the edits keep
    the user's text, so there is nothing to normalise.
    """
    import black
    from black.const import DEFAULT_LINE_LENGTH
    from black.parsing import InvalidInput

    mode = black.Mode(
        line_length=int(settings.get("line-length", DEFAULT_LINE_LENGTH)),
        string_normalization=not settings.get("skip-string-normalization", False),
        magic_trailing_comma=not settings.get("skip-magic-trailing-comma", False),
        preview=bool(settings.get("preview", False)),
    )
    try:
        text = black.format_str(after.text, mode=mode, lines=changed_lines(before.text, after.text))
    except (InvalidInput, ValueError, AssertionError):
        return after  # text that black can't read is still right: it was parsed
    formatted = after.with_text(text)
    try:
        same = ast.dump(formatted.tree) == ast.dump(after.tree)
    except (SourceError, RecursionError):
        same = False
    return formatted if same else after
