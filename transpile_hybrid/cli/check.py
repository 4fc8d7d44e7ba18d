"""``transpile-hybrid check``: the linter."""

from __future__ import annotations

import os
from typing import Any

import click

from ..report.found import FileResult
from ..run.check import Found, check_files
from .common import (
    ToolError,
    config_of,
    error,
    executor_option,
    find,
    guarded,
    note,
    options_of,
    read_stdin,
    selection_options,
    style,
    target_option,
    tell_crashes,
    write_result,
)
from .progress import Progress

FORMATS = ["full", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html"]


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path())
@target_option
@click.option(
    "--output-format",
    type=click.Choice(FORMATS),
    default="full",
    metavar="FORMAT",
    help=f"{', '.join(FORMATS)}. The last two are the readiness table.",
)
@click.option("-o", "--output-file", metavar="FILE", help="Write the result there instead of on standard output.")
@click.option("--readiness", is_flag=True, help="Print the table units x targets instead of the findings.")
@click.option("--statistics", is_flag=True, help="Print how often each code is found instead of the findings.")
@selection_options
@click.option("--baseline", metavar="FILE", help="Tell only findings that this file doesn't list.")
@click.option("--write-baseline", metavar="FILE", help="Write the findings as a baseline.")
@click.option("--diff-base", metavar="REV", help="Tell only what was added since this git revision.")
@click.option("--add-ignores", is_flag=True, help="Write a `# hybrid: ignore[CODE]` at every finding.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--show-kinds", metavar="FILE", help="Print FILE with the kinds of its values, for authors of rules.")
@click.option("--stdin-filename", metavar="FILE", help="Check standard input as if it were this file.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes (default: as many as it pays).")
@executor_option
@click.option("--no-cache", is_flag=True, help="Neither use nor write the cache.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 although something was found.")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
def command(paths: tuple[str, ...], **opts: Any) -> None:
    """Say what stands in the way of compiling the code in PATHS (files and folders; default: here).

    Exit code: 0 nothing found, 1 findings, 2 a file or the configuration could not be used.
    """
    if opts["show_kinds"]:
        raise SystemExit(_show_kinds(opts["show_kinds"]))
    if opts["watch"]:
        from .watch import watch

        watch(lambda: run(paths, opts), lambda: _find(paths, opts).files)
    raise SystemExit(run(paths, opts))


def _show_kinds(name: str) -> int:
    from ..meaning.listing import listing
    from ..run.repository import Repository
    from ..run.view import View
    from ..source.source import SourceError

    repository = Repository([name])
    try:
        module = repository.module(os.path.abspath(name))
    except SourceError as exc:
        error(str(exc))
        return 2
    click.echo(listing(module, View(repository, module)), nl=False)
    return 0


def _find(paths: tuple[str, ...], opts: dict[str, Any]) -> Found:
    if opts["stdin_filename"]:
        paths = ()
    return find(paths, **opts)


def run(paths: tuple[str, ...], opts: dict[str, Any]) -> int:
    """Check once and print; return the exit code."""
    if opts["stdin_filename"] or paths == ("-",):
        found, results = _check_stdin(opts)
    else:
        found = _find(paths, opts)
        with options_of(opts) as options, Progress("checking", len(found.files)) as progress:
            results = guarded(lambda: check_files(found, options, progress.step))
    if opts["diff_base"]:
        from ..run.diffbase import GitError, only_added

        try:
            results = only_added(found, results, opts["diff_base"])
        except GitError as exc:
            raise ToolError(str(exc)) from exc
    results = _baseline(found, results, opts)
    if opts["add_ignores"]:
        from ..run.add_ignores import add_ignores

        return _added(add_ignores(found, results), opts)
    _print(results, found, opts)
    errors = found.errors + [result.error for result in results if result.error]
    for text in errors:
        error(text)
    tell_crashes(results)
    if not opts["quiet"]:
        summary(results, len(results) + len(found.errors))
    some = any(result.found for result in results) and not opts["exit_zero"]
    return 2 if errors else 1 if some else 0


def _check_stdin(opts: dict[str, Any]) -> tuple[Found, list[FileResult]]:
    from ..run.judge import Judge
    from ..run.repository import Repository
    from ..source.source import SourceError

    name = opts["stdin_filename"] or "<stdin>.py"
    config = config_of(name, **opts)
    found = Found([name], {name: config}, frozenset({os.path.abspath(name)}))
    try:
        source = read_stdin(name)
    except SourceError as exc:
        return found, [FileResult(name, error=str(exc), error_line=exc.line, targets=config.targets)]
    judge = Judge(Repository([name], {name: source}), explicit=found.explicit)
    return found, [judge.file(name, config, source)]


def _baseline(found: Found, results: list[FileResult], opts: dict[str, Any]) -> list[FileResult]:
    configured = next((config.baseline for config in found.configs.values() if config.baseline), "")
    file = opts["baseline"] or (configured if not opts["write_baseline"] else "")
    if opts["write_baseline"]:
        from ..run.baseline import baseline

        text, number = baseline(results)
        write_result(opts["write_baseline"], text)
        note(f"{opts['write_baseline']}: {number:,} findings written")
    if file:
        from ..run.baseline import BaselineError, without_known

        try:
            results, gone = without_known(file, results)
        except BaselineError as exc:
            raise ToolError(str(exc)) from exc
        if gone:
            note(f"{file}: {gone:,} of its findings are gone; `--write-baseline {file}` drops them")
    return results


def _print(results: list[FileResult], found: Found, opts: dict[str, Any]) -> None:
    from ..report.output import render

    text = render(results, found.errors, opts, style)
    if opts["output_file"]:
        write_result(opts["output_file"], click.unstyle(text) + "\n")
    elif text:
        click.echo(text)


def _added(counts: tuple[int, int, list[str]], opts: dict[str, Any]) -> int:
    comments, files, errors = counts
    for text in errors:
        error(text)
    note(f"{comments:,} comments added in {files:,} {'file' if files == 1 else 'files'}")
    return 2 if errors else 0


def summary(results: list[FileResult], files: int) -> None:
    """Print what was found, in a line."""
    from ..report.diagnostics import plural

    found = [one for result in results for one in result.found]
    suppressed = sum(result.suppressed for result in results)
    if not files:
        note("no Python files found")
        return
    more = f" ({plural(suppressed, 'finding')} suppressed)" if suppressed else ""
    if not found:
        note(f"Nothing found in {plural(files, 'file')}{more}.")
        return
    safe = sum(one.fix == "safe" for one in found)
    unsafe = sum(one.fix == "unsafe" for one in found)
    with_findings = sum(bool(result.found) for result in results)
    text = f"Found {plural(len(found), 'problem')} in {with_findings:,} of {plural(files, 'file')}{more}"
    waiting = sum(one.waits == "safe" for one in found)
    if safe or unsafe or waiting:
        also = f", {unsafe:,} more with `--unsafe`" if unsafe else ""
        also += f", {waiting:,} more ([~]) once nothing else is in their way" if waiting else ""
        text += f"; {safe:,} fixable with `rewrite`{also}"
    note(text + ". `transpile-hybrid explain CODE` tells more.")
