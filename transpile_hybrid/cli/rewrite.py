"""``transpile-hybrid rewrite``: the codemod."""

from __future__ import annotations

import difflib
import os
import sys
from typing import Any

import click

from ..api import RewriteReport
from ..diagnostics import Diagnostic, stands_in_the_way
from ..report.diagnostics import concise, plural
from ..report.found import FileResult, Found
from ..run.rewrite import Rewritten, rewrite_files
from ..source.source import Source, SourceError
from ..source.write import reason, write_atomic
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
)
from .progress import Progress


@click.command("rewrite")
@click.argument("paths", nargs=-1, type=click.Path())
@target_option
@click.option("--diff", is_flag=True, help="Print a unified diff on standard output; write nothing.")
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit 1 if something would be written.")
@click.option("--unsafe", is_flag=True, help="Also apply fixes that may change results (each says so).")
@click.option(
    "--format/--no-format",
    "format_",
    default=None,
    help="Format changed lines with black. Default: in projects that have a [tool.black] table.",
)
@click.option(
    "--with-compiler",
    is_flag=True,
    help="Run the code and the compilers: types seen become annotations, refusals are told.",
)
@click.option("--verify", is_flag=True, help="Run each unit beside its original; keep only what is proved equal.")
@click.option("--faster-only", is_flag=True, help="With --verify, also keep only what is proved faster (takes longer).")
@click.option("--python", metavar="INTERPRETER", help="For --verify and --with-compiler: run in this interpreter.")
@click.option("--allow-dirty", is_flag=True, help="Write also to files with changes that git doesn't hold yet.")
@selection_options
@click.option("--stdin-filename", metavar="FILE", help="Rewrite standard input, as this file, to standard output.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes (default: as many as it pays).")
@executor_option
@click.option("--no-cache", is_flag=True, help="Neither use nor write the cache.")
@click.option("-q", "--quiet", is_flag=True, help="No table, no list of what is left.")
def command(paths: tuple[str, ...], **opts: Any) -> None:
    """Rewrite the code in PATHS (files and folders; default: here), in place.

    A rewrite is made where it is shown to be right; the rest is reported with what you can do. With --verify the code
    in PATHS is executed, in worker processes; what is not found equal is rolled back unit by unit. --with-compiler
    executes it too.

    Exit code: 0 all done, 1 something could not be made compilable (with --check and --diff also: something would be
    written), 2 a file or the configuration could not be used.
    """
    if opts["stdin_filename"] or paths == ("-",):
        raise SystemExit(_stdin(opts))
    found = find(paths, **opts)
    with options_of(opts) as options, Progress("checking", len(found.files)) as progress:
        done = guarded(
            lambda: rewrite_files(
                found,
                options,
                unsafe=opts["unsafe"],
                format=opts["format_"],
                step=progress.step,
                rewriting=lambda number: progress.begin("rewriting", number),
            )
        )
    errors = found.errors + done.errors
    compiled = None
    if opts["with_compiler"]:
        from .compiler import compile_rewritten

        compiled = compile_rewritten(done, found, opts)
        errors += compiled.errors
    verified = None
    if opts["verify"] or opts["faster_only"]:
        from .verified import verify_rewritten

        verified = verify_rewritten(done, found, opts)
        done.changed = verified.changed
    dry = opts["diff"] or opts["check_only"]
    if not dry and not opts["allow_dirty"]:
        _refuse_dirty(done)
    written: list[str] = []
    for before, after in done.changed:
        if opts["diff"]:
            click.echo(unified_diff(before, after), nl=False)
        elif not opts["check_only"]:
            try:
                write_atomic(before.path, after.to_bytes())
                written.append(before.path)
            except (OSError, UnicodeEncodeError) as exc:
                errors.append(f"{before.path}: not written: {reason(exc)}")
    left = _left(done)
    if not opts["quiet"]:
        for one in left:
            note(concise(one, style))
    for text in errors:
        error(text)
    tell_crashes(done.results)
    if compiled is not None and not opts["quiet"]:
        from .compiler import tell as tell_compiled

        tell_compiled(compiled)
    if verified is not None and not opts["quiet"]:
        from .verified import tell

        tell(verified)
    if not opts["quiet"]:
        back = len(verified.rolled_back) if verified else 0
        _summary(done, len(found.files) + len(found.errors), written, dry, back)
    would = bool(done.changed) and dry
    failed = (verified is not None and verified.rolled_back) or (compiled is not None and compiled.refused)
    raise SystemExit(2 if errors else 1 if left or would or failed else 0)


def _stdin(opts: dict[str, Any]) -> int:
    from ..api import rewrite

    name = opts["stdin_filename"] or "<stdin>.py"
    config = config_of(name, **opts)
    try:
        source = read_stdin(name)
    except SourceError as exc:
        raise ToolError(str(exc)) from exc
    unsafe = opts["unsafe"] or config.unsafe_fixes
    (report,) = rewrite([source], unsafe=unsafe, format=opts["format_"], config=config)
    after = report.result.after if report.result else source
    if opts["diff"]:
        click.echo(unified_diff(source, after), nl=False)
    elif not opts["check_only"]:
        sys.stdout.flush()
        sys.stdout.buffer.write(after.to_bytes())
    if report.error:
        error(report.error)
        return 2
    left = blocking(report)
    if not opts["quiet"]:
        from ..run.judge import found_of

        for diagnostic in left:
            note(concise(found_of(after, diagnostic), style))
    return 1 if left or (report.changed and (opts["diff"] or opts["check_only"])) else 0


def _refuse_dirty(done: Rewritten) -> None:
    from ..run.vcs import dirty

    changed = dirty([before.path for before, _ in done.changed])
    if changed:
        names = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        raise ToolError(
            f"nothing written: {names} would be rewritten and {'has' if len(changed) == 1 else 'have'} changes that "
            "git doesn't hold yet; commit or stash them first, or say --allow-dirty"
        )


def blocking(report: RewriteReport) -> list[Diagnostic]:
    """Return what still stands in the way of a target after the rewriting."""
    if report.result is None:
        return []
    return [d for d in report.result.remaining if stands_in_the_way(d.code, d.consequence.value)]


def unified_diff(before: Source, after: Source) -> str:
    """Return a diff that ``git apply`` and ``patch -p1`` take, with the file's own newlines."""
    name = before.path
    if os.path.isabs(name):  # relative where it is below here, so that `git apply` finds it
        below = os.path.relpath(name)
        name = name.lstrip("/") if below.startswith(os.pardir) else below
    name = name.replace(os.sep, "/")
    lines = difflib.unified_diff(_lines(before), _lines(after), fromfile=f"a/{name}", tofile=f"b/{name}", lineterm="\n")
    return "".join(line if line.endswith(("\n", "\r")) else line + "\n\\ No newline at end of file\n" for line in lines)


def _lines(source: Source) -> list[str]:
    starts = [*source.line_starts, len(source.text)]
    return [source.text[a:b] for a, b in zip(starts, starts[1:], strict=False) if a < b]


def _left(done: Rewritten) -> list[Found]:
    every = (one for result in done.results for one in result.found)
    return [one for one in every if stands_in_the_way(one.code, one.consequence)]


def _left_over(done: Rewritten, left: list[Found]) -> str:
    """Say how many problems are left to the user, and how many ``rewrite`` mends once those are gone."""
    if not left:
        slow = [result for result in done.results if result.found]
        count = sum(len(result.found) for result in slow)
        where = f"check {slow[0].path}" if len(slow) == 1 else "check"
        return f"nothing left in the way, but `{where}` shows {count:,} that cost speed" if slow else "nothing left"
    waiting = sum(one.waits == "safe" for one in left)
    if not waiting:
        return f"{plural(len(left), 'problem')} left to you"
    return f"{plural(len(left) - waiting, 'problem')} left to you, {waiting:,} more that it mends once those are gone"


def _summary(done: Rewritten, files: int, written: list[str], dry: bool, back: int) -> None:
    from ..run.vcs import undo

    if not files:
        note("no Python files found")
        return
    left = _left(done)
    count = f" ({plural(done.applied, 'fix').replace('fixs', 'fixes')})" if not back else ""
    if dry:
        what = f"{plural(len(done.changed), 'file')} of {files:,} would change{count}, nothing written"
    else:
        what = f"{plural(len(written), 'file')} of {files:,} rewritten{count}"
    if back:
        note(f"{what}; {back} rolled back, {plural(len(left), 'problem')} left besides.")
    else:
        note(f"{what}; {_left_over(done, left)}.")
    unsafe = sum(one.fix == "unsafe" for one in left)
    if unsafe:
        note(f"{unsafe:,} of them can be mended with `--unsafe`: results may change, see `explain CODE`.")
    if written and (how := undo(written)):
        note(how)


__all__ = ["FileResult", "blocking", "command", "unified_diff"]
