"""What the verbs share: options, reading files, colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..config import Config, ConfigError, ConfigFinder, codes
from ..run.check import Found, Options, find_files
from ..targets import TARGETS, UnknownTarget, parse_targets

if TYPE_CHECKING:
    from ..report.found import FileResult
    from ..source.source import Source

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class ToolError(click.ClickException):
    """The tool could not do its work: one line, exit code 2."""

    exit_code = 2


def _complete_target(ctx: object, param: object, incomplete: str) -> list[str]:
    return [name for name in (*TARGETS, "all") if name.startswith(incomplete)]


def _complete_code(ctx: object, param: object, incomplete: str) -> list[str]:
    from ..rules.registry import all_rules

    return [rule.code for rule in all_rules() if rule.code.startswith(incomplete.upper())]


def target_option(function: F) -> F:
    """Add ``--target``."""
    return click.option(
        "-t",
        "--target",
        "targets",
        multiple=True,
        metavar="NAME",
        shell_complete=_complete_target,
        help="Compiler to aim at; repeatable; `all` for every one. Default: mxnet.hybrid, torch.script, tf.function.",
    )(function)


def selection_options(function: F) -> F:
    """Add ``--select``, ``--ignore``, ``--extend-select``, ``--config`` and ``--force-exclude``."""
    for name, text in (
        ("--ignore", "Leave out these codes or beginnings of codes (THT1)."),
        ("--extend-select", "Tell these too, over what settings select."),
        ("--select", "Tell only these codes or beginnings of codes; comma-separated."),
    ):
        function = click.option(name, multiple=True, metavar="CODES", shell_complete=_complete_code, help=text)(
            function
        )
    function = click.option("--config", "config_file", metavar="FILE", help="Settings from this file only.")(function)
    return click.option("--force-exclude", is_flag=True, help="Honour excludes also for files named here.")(function)


executor_option = click.option(
    "--executor", metavar="dask://HOST:PORT", help="Run on a Dask cluster (needs the extra `dask`)."
)


@contextmanager
def options_of(given: dict[str, Any]) -> Iterator[Options]:
    """Yield how a run goes.  Raises :class:`ToolError` for an executor that can't be reached."""
    options = Options(jobs=given["jobs"], cache="" if given["no_cache"] else None)
    if not given["executor"]:
        yield options
        return
    from ..run.cluster import ClusterError, connect

    try:
        options.executor, close = connect(given["executor"])
    except ClusterError as exc:
        raise ToolError(str(exc)) from exc
    try:
        yield options
    finally:
        close()


def adjuster(targets: Sequence[str] = (), include: tuple[str, ...] = (), **options: Any) -> Callable[[Config], Config]:
    """Return what puts the command line over settings.  Raises :class:`ToolError` for a bad target or code.

    ``options`` are those of :func:`selection_options`.
    """
    try:
        given: dict[str, Any] = {
            name: codes(
                tuple(one for text in options.get(name, ()) for one in text.replace(",", " ").split()), f"--{name}"
            )
            for name in ("select", "ignore", "extend_select")
        }
        given["force_exclude"] = options.get("force_exclude") or None
        given["target"] = parse_targets(list(targets)) if targets else ()
    except (ConfigError, UnknownTarget) as exc:
        raise ToolError(str(exc)) from exc
    return lambda config: config.with_options(**given, include=include)


def find(paths: Sequence[str], targets: Sequence[str] = (), include: tuple[str, ...] = (), **options: Any) -> Found:
    """Find files and their settings.  Raises :class:`ToolError` for a bad target or configuration."""
    adjust = adjuster(targets, include, **options)
    try:
        return find_files(paths, adjust, options.get("config_file"))
    except ConfigError as exc:
        raise ToolError(str(exc)) from exc


def config_of(path: str, targets: Sequence[str] = (), **options: Any) -> Config:
    """Return the settings of one path.  Raises :class:`ToolError`."""
    adjust = adjuster(targets, **options)
    try:
        return adjust(ConfigFinder(options.get("config_file")).of_file(path))
    except ConfigError as exc:
        raise ToolError(str(exc)) from exc


def style(text: str, **attributes: Any) -> str:
    """Style ``text`` for a terminal; click removes it where there is none."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **attributes)


def note(text: str) -> None:
    """Print a line for people: on standard error, so that standard output holds results only."""
    click.echo(text, err=True)


def error(text: str) -> None:
    """Print an error line on standard error."""
    note(style("error: ", fg="red", bold=True) + text)


def write_result(file: str, text: str, *, folders: bool = False) -> None:
    """Write a report or a baseline, and the ``folders`` that it is to lie in.  Raises :class:`ToolError`."""
    from ..source.write import reason, write_output

    try:
        if folders:
            os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
        write_output(file, text)
    except OSError as exc:
        raise ToolError(f"{file}: not written: {reason(exc)}") from exc


def tell_crashes(results: Sequence[FileResult]) -> None:
    """An internal error leaves a report that can be attached to an issue."""
    crashed = [result for result in results if result.internal]
    if crashed:
        from ..report.crash import write_report

        try:
            where = f"a report to attach to an issue was written to {write_report(crashed)}"
        except OSError as exc:
            where = f"there is no room for a report ({exc.strerror or exc}); it ends with\n{crashed[0].internal}"
        note(f"internal error: {where}")


def read_stdin(path: str) -> Source:
    """Read a source from standard input.  Raises :class:`SourceError`."""
    from ..source.source import Source

    return Source.from_bytes(sys.stdin.buffer.read(), path)


def guarded(work: Callable[[], T]) -> T:
    """Run ``work``; rules of another package that can't be loaded are our error.  Raises :class:`ToolError`."""
    try:
        return work()
    except Exception as exc:
        if type(exc).__name__ == "PluginError":
            raise ToolError(str(exc)) from exc
        raise
