"""``transpile-hybrid check``: the linter."""

from __future__ import annotations

import click

from ..api import FileReport, check
from ..report.diagnostics import concise, full, plural
from .common import note, read_inputs, style, target_option


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path())
@target_option
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="How findings are printed (on standard output).",
)
@click.option("--readiness", is_flag=True, help="Print the table units x targets instead of the findings.")
def command(paths: tuple[str, ...], targets: tuple[str, ...], output_format: str, readiness: bool) -> None:
    """Say what stands in the way of compiling the code in PATHS (files and folders; default: here).

    Exit code: 0 nothing found, 1 findings, 2 a file or the configuration could not be used.
    """
    inputs = read_inputs(paths, targets)
    reports = check(inputs.sources, inputs.targets)
    errors = inputs.errors + [report.error for report in reports if report.error]
    if output_format == "json":
        from ..report.json import check_json
        from ..report.readiness import readiness as table

        click.echo(check_json(reports, table(reports, inputs.targets), inputs.targets, inputs.errors))
    elif readiness:
        from ..report.readiness import readiness as table
        from ..report.tables import print_readiness

        print_readiness(table(reports, inputs.targets), inputs.targets)
    else:
        render = full if output_format == "full" else concise
        for report in reports:
            for diagnostic in report.diagnostics:
                click.echo(render(report.source, diagnostic, style))
    for error in errors:
        note(style("error: ", fg="red", bold=True) + error)
    found = [diagnostic for report in reports for diagnostic in report.diagnostics]
    _summary(reports, len(inputs.sources) + len(inputs.errors))
    raise SystemExit(2 if errors else 1 if found else 0)


def _summary(reports: list[FileReport], files: int) -> None:
    found = [diagnostic for report in reports for diagnostic in report.diagnostics]
    with_findings = sum(bool(report.diagnostics) for report in reports)
    if not files:
        note("no Python files found")
        return
    if not found:
        note(f"Nothing found in {plural(files, 'file')}.")
        return
    safe = sum(d.fix is not None and d.fix.safety == "safe" for d in found)
    unsafe = sum(d.fix is not None and d.fix.safety == "unsafe" for d in found)
    text = f"Found {plural(len(found), 'problem')} in {with_findings} of {plural(files, 'file')}"
    if safe or unsafe:
        more = f", {unsafe} more with `--unsafe`" if unsafe else ""
        text += f"; {safe} fixable with `rewrite`{more}"
    note(text + ". `transpile-hybrid explain CODE` tells more.")
