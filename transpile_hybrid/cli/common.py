"""What the verbs share: options, reading files, colours."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ..config import Config, ConfigError, find_config
from ..source.discover import discover
from ..source.source import Source, SourceError
from ..targets import TARGETS, UnknownTarget, parse_targets

F = TypeVar("F", bound=Callable[..., Any])


class ToolError(click.ClickException):
    """The tool could not do its work: one line, exit code 2."""

    exit_code = 2


def target_option(function: F) -> F:
    """Add ``--target``."""
    return click.option(
        "-t",
        "--target",
        "targets",
        multiple=True,
        metavar="NAME",
        shell_complete=lambda ctx, param, incomplete: [t for t in (*TARGETS, "all") if t.startswith(incomplete)],
        help="Compiler to aim at; repeatable; `all` for every one. Default: mxnet.hybrid, torch.script, tf.function.",
    )(function)


@dataclass
class Inputs:
    """What a verb works on: the sources that could be read, one-line errors for the others, and the settings."""

    sources: list[Source]
    errors: list[str]
    config: Config
    targets: tuple[str, ...]


def read_inputs(paths: tuple[str, ...], targets: tuple[str, ...]) -> Inputs:
    """Find and read the files.  Raises :class:`ToolError` for a bad target, path or configuration."""
    try:
        start = Path(paths[0]) if paths else Path.cwd()
        config = find_config(start if start.is_dir() else start.parent)
        wanted = parse_targets(list(targets or config.target))
    except (ConfigError, UnknownTarget) as exc:
        raise ToolError(str(exc)) from exc
    sources: list[Source] = []
    errors: list[str] = []
    files: dict[str, None] = {}
    for path in paths or (".",):
        try:
            files.update(dict.fromkeys(discover((path,), exclude=config.exclude)))
        except SourceError as exc:  # a path that isn't there; the others are still worked on
            errors.append(str(exc))
    for file in sorted(files):
        try:
            sources.append(Source.read(file))
        except SourceError as exc:
            errors.append(str(exc))
    return Inputs(sources, errors, config, wanted)


def style(text: str, **attributes: Any) -> str:
    """Style ``text`` for a terminal; click removes it where there is none."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **attributes)


def note(text: str) -> None:
    """Print a line for people: on standard error, so that standard output holds results only."""
    click.echo(text, err=True)
