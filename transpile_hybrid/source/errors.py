"""Why a source can't be used."""

from __future__ import annotations


class SourceError(Exception):
    """A source that cannot be read or parsed.  ``line`` is 1-based, 0 where there is no line to name."""

    def __init__(self, path: str, message: str, line: int = 0, col: int = 0) -> None:
        super().__init__(f"{path}:{line}:{col}: {message}" if line else f"{path}: {message}")
        self.path, self.message, self.line, self.col = path, message, line, col
