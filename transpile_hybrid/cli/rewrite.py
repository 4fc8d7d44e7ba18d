"""``transpile-hybrid rewrite``: the codemod."""

from __future__ import annotations

import difflib
import os

import click

from ..api import RewriteReport, rewrite
from ..diagnostics import Consequence, Diagnostic
from ..report.diagnostics import concise, plural
from ..source.source import Source
from ..source.write import write_atomic
from .common import note, read_inputs, style, target_option


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
@click.option("-q", "--quiet", is_flag=True, help="No table, no list of what is left.")
def command(
    paths: tuple[str, ...],
    targets: tuple[str, ...],
    diff: bool,
    check_only: bool,
    unsafe: bool,
    format_: bool | None,
    quiet: bool,
) -> None:
    """Rewrite the code in PATHS (files and folders; default: here), in place.

    A rewrite is made where it is shown to be right; the rest is reported with what you can do.

    Exit code: 0 all done, 1 something could not be made compilable (with --check and --diff also: something would be
    written), 2 a file or the configuration could not be used.
    """
    inputs = read_inputs(paths, targets)
    unsafe = unsafe or inputs.config.unsafe_fixes
    reports = rewrite(inputs.sources, inputs.targets, unsafe=unsafe, format=format_)
    errors = inputs.errors + [report.error for report in reports if report.error]
    changed = [report for report in reports if report.changed]
    written = 0
    for report in changed:
        assert report.result is not None
        if diff:
            click.echo(unified_diff(report.source, report.result.after), nl=False)
        elif not check_only:
            try:
                write_atomic(report.source.path, report.result.after.to_bytes())
                written += 1
            except (OSError, UnicodeEncodeError) as exc:
                errors.append(f"{report.source.path}: not written: {exc}")
    left = [(report, d) for report in reports for d in blocking(report)]
    if not quiet:
        for report, diagnostic in left:
            assert report.result is not None
            note(concise(report.result.after, diagnostic, style))
    for error in errors:
        note(style("error: ", fg="red", bold=True) + error)
    if not quiet:
        _summary(reports, len(inputs.sources) + len(inputs.errors), written, diff, check_only)
    would = bool(changed) and (check_only or diff)
    raise SystemExit(2 if errors else 1 if left or would else 0)


def blocking(report: RewriteReport) -> list[Diagnostic]:
    """Return what still stands in the way of a target after the rewriting."""
    if report.result is None:
        return []
    return [d for d in report.result.remaining if d.consequence is not Consequence.SPEED]


def unified_diff(before: Source, after: Source) -> str:
    """Return a diff that ``git apply`` and ``patch -p1`` take, with the file's own newlines."""
    name = before.path
    if os.path.isabs(name):  # relative where it is below here, so that `git apply` finds it
        below = os.path.relpath(name)
        name = name.lstrip("/") if below.startswith(os.pardir) else below
    name = name.replace(os.sep, "/")
    lines = difflib.unified_diff(
        _lines(before), _lines(after), fromfile=f"a/{name}", tofile=f"b/{name}", lineterm="\n"
    )
    return "".join(
        line if line.endswith(("\n", "\r")) else line + "\n\\ No newline at end of file\n" for line in lines
    )


def _lines(source: Source) -> list[str]:
    starts = [*source.line_starts, len(source.text)]
    return [source.text[a:b] for a, b in zip(starts, starts[1:], strict=False) if a < b]


def _summary(reports: list[RewriteReport], files: int, written: int, diff: bool, check_only: bool) -> None:
    changed = sum(report.changed for report in reports)
    fixes = sum(len(report.result.applied) for report in reports if report.result)
    left = sum(len(blocking(report)) for report in reports)
    if not files:
        note("no Python files found")
        return
    count = "1 fix" if fixes == 1 else f"{fixes} fixes"
    if diff or check_only:
        what = f"{plural(changed, 'file')} of {files} would change ({count}), nothing written"
    else:
        what = f"{plural(written, 'file')} of {files} rewritten ({count})"
    note(f"{what}; {plural(left, 'problem')} left to you." if left else f"{what}; nothing left.")
    unsafe = sum(1 for report in reports for d in blocking(report) if d.fix is not None and d.fix.safety == "unsafe")
    if unsafe:
        note(f"{unsafe} of them can be mended with `--unsafe`: results may change, see `explain CODE`.")
