"""What a verb that runs code works on: all files, read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..config import Config
from ..run.check import Found
from ..source.source import Source, SourceError
from ..targets import TARGETS
from .common import find


@dataclass
class Inputs:
    """What a verb works on: the sources that could be read, one-line errors for the others, and the settings."""

    sources: list[Source]
    errors: list[str]
    config: Config
    targets: tuple[str, ...]
    found: Found


def read_inputs(
    paths: tuple[str, ...], targets: tuple[str, ...], include: tuple[str, ...] = ("*.py",), **options: Any
) -> Inputs:
    """Find and read the files.  Raises :class:`ToolError` for a bad target, path or configuration."""
    found = find(paths, targets, include, **options)
    sources: list[Source] = []
    errors = list(found.errors)
    for file in found.files:
        try:
            sources.append(Source.read(file))
        except SourceError as exc:
            errors.append(str(exc))
    first = next(iter(found.configs.values()), Config(target=tuple(targets)))
    wanted = dict.fromkeys(name for config in found.configs.values() for name in config.targets)
    return Inputs(sources, errors, first, tuple(name for name in TARGETS if name in wanted) or first.targets, found)
