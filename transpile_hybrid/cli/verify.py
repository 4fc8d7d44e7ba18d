"""``transpile-hybrid verify``: original and rewritten side by side."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from ..api import RewriteReport, rewrite
from ..source.source import Source, SourceError
from ..targets import TARGETS, UnknownTarget, parse_targets
from ..verify import Pair, VerifyError, VerifyOptions, verify_files, verify_pairs
from ..verify.plan import Text
from ..verify.verdict import Verdict
from .common import ToolError, note, read_inputs, style, target_option
from .progress import Progress
from .rewrite import blocking


@click.command("verify")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@target_option
@click.option("--unit", metavar="NAME", help="Only this class or function.")
@click.option("--inputs", metavar="JSON", help='Inputs: a list of shapes or of {"shape": [...], "dtype": "..."}.')
@click.option("--python", metavar="INTERPRETER", help="Run in this interpreter (default: the active environment's).")
@click.option("--json", "json_file", metavar="FILE", help="Write the verdicts as JSON (`-`: standard output).")
@click.option("--html", "html_file", metavar="FILE", help="Write one self-contained page with the verdicts and plots.")
@click.option("--each", is_flag=True, help="Compare each file with its own rewriting, also when two are given.")
@click.option("--unsafe", is_flag=True, help="Rewrite with unsafe fixes before comparing.")
@click.option("--budget", type=float, default=15.0, show_default=True, metavar="SECONDS", help="For timing, per unit.")
@click.option("--timeout", type=float, default=60.0, show_default=True, metavar="SECONDS", help="Per worker process.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-j", "--jobs", type=int, default=None, help="Units compared at a time (default: half the cores).")
@click.option("--no-speed", is_flag=True, help="Equality only.")
@click.option("--no-export", is_flag=True, help="Don't serialize and reload what was compiled.")
@click.option("--allow-unverified", is_flag=True, help="Exit 0 although something could not be run.")
def command(**opts: Any) -> None:
    """Run two files (BEFORE.py AFTER.py), or each file in PATHS and its own rewriting, side by side.

    Two files are compared unit by unit (classes and functions of the same name): as they stand, or with --target after
    compiling AFTER's unit. Otherwise each file is rewritten in memory and compiled by its targets.

    This executes the code in those files, in worker processes with a time and memory limit: no sandbox.

    Exit code: 0 all equivalent, 1 something is not (or could not be run), 2 the tool could not do its work.
    """
    options = _options(opts)
    paths: tuple[str, ...] = opts["paths"]
    pair = len(paths) == 2 and all(os.path.isfile(path) for path in paths) and not opts["each"]
    with Progress("verifying") as progress:
        if pair:
            verdicts, errors = _verify_pair(paths, opts["targets"], options, progress)
        else:
            verdicts, errors = _verify_each(paths, opts, options, progress)
    _report(verdicts, opts)
    for error in errors:
        note(style("error: ", fg="red", bold=True) + error)
    if errors:
        raise SystemExit(2)
    bad = [v for v in verdicts if v.equivalent is False or (v.equivalent is None and not opts["allow_unverified"])]
    raise SystemExit(1 if bad or not verdicts else 0)


def _options(opts: dict[str, Any]) -> VerifyOptions:
    inputs = None
    if opts["inputs"] is not None:
        try:
            inputs = json.loads(opts["inputs"])
        except json.JSONDecodeError as exc:
            raise ToolError(f"--inputs is not JSON: {exc}") from exc
        if not isinstance(inputs, list):
            raise ToolError("--inputs must be a JSON list with one entry per argument")
    return VerifyOptions(
        unit=opts["unit"],
        inputs=inputs,
        python=opts["python"],
        timeout=opts["timeout"],
        budget=opts["budget"],
        speed=not opts["no_speed"],
        export=not opts["no_export"],
        seed=opts["seed"],
        jobs=opts["jobs"],
    )


def _verify_pair(
    paths: tuple[str, ...], targets: tuple[str, ...], options: VerifyOptions, progress: Progress
) -> tuple[list[Verdict], list[str]]:
    try:
        wanted = parse_targets(list(targets)) if targets else None
        for path in paths:
            Source.read(path).tree  # noqa: B018  (an unreadable file is our error, not a verdict)
        progress.total(1)
        return verify_files(paths[0], paths[1], targets=wanted, options=options, progress=progress.say), []
    except (UnknownTarget, SourceError, VerifyError) as exc:
        raise ToolError(str(exc)) from exc


def _verify_each(
    paths: tuple[str, ...], opts: dict[str, Any], options: VerifyOptions, progress: Progress
) -> tuple[list[Verdict], list[str]]:
    inputs = read_inputs(paths, opts["targets"])
    reports = rewrite(inputs.sources, inputs.targets, unsafe=opts["unsafe"] or inputs.config.unsafe_fixes)
    errors = inputs.errors + [report.error for report in reports if report.error]
    work = [report for report in reports if report.result is not None and report.units]
    pairs: list[Pair] = []
    stuck: list[list[Verdict]] = []
    for report in work:
        for target in inputs.targets:
            if TARGETS[target].framework in {unit.framework for unit in report.units}:
                left = stuck_units(report, target, options.unit)
                exclude = frozenset(verdict.unit for verdict in left)
                pairs.append(_pair(report, target, exclude))
                stuck.append(left)
    progress.total(len(pairs))
    verdicts: list[Verdict] = []
    missing: list[str] = []
    for left, found in zip(stuck, verify_pairs(pairs, options, progress.say, progress.advance), strict=True):
        verdicts += left
        if isinstance(found, VerifyError):
            missing.append(str(found))
        else:
            verdicts += found
    if options.unit and not verdicts:
        raise ToolError(missing[0] if missing else f"no unit is named {options.unit!r}")
    return verdicts, errors + ([] if options.unit else missing)


def _pair(report: RewriteReport, target: str, exclude: frozenset[str]) -> Pair:
    assert report.result is not None
    path = report.source.path
    return Pair(Text(path, report.source.text), Text(path, report.result.after.text), (target,), exclude)


def stuck_units(report: RewriteReport, target: str, only: str | None) -> list[Verdict]:
    """Return "not verified", with the reason, for each unit that still has something in the way of ``target``."""
    assert report.result is not None
    path = report.source.path
    stuck: dict[str, Verdict] = {}
    # what is in the way is a better reason than the structure that is left because of it
    for diagnostic in sorted(blocking(report), key=lambda found: found.code[3] == "6"):
        unit = diagnostic.unit.partition(".")[0]  # what is verified is the class, not its method
        if target in diagnostic.targets and unit and unit not in stuck and only in (None, unit):
            line, _ = report.result.after.position(diagnostic.span.start)
            reason = f"not compilable: {diagnostic.code} line {line}: {diagnostic.message}"
            stuck[unit] = Verdict(unit, target, path, path, None, reason, framework=TARGETS[target].framework)
    return list(stuck.values())


def _report(verdicts: list[Verdict], opts: dict[str, Any]) -> None:
    from ..report.tables import console, print_verdicts

    if opts["json_file"] != "-":
        print_verdicts(verdicts, console())
    if opts["json_file"]:
        from ..report.verdicts import verify_json

        text = verify_json(verdicts) + "\n"
        if opts["json_file"] == "-":
            click.echo(text, nl=False)
        else:
            _write(opts["json_file"], text)
    if opts["html_file"]:
        from ..report.html import verify_page

        _write(opts["html_file"], verify_page(verdicts))
        note(f"report: {opts['html_file']}")


def _write(file: str, text: str) -> None:
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(text, encoding="utf-8")
    except OSError as exc:
        raise ToolError(f"{file}: not written: {exc.strerror or exc}") from exc
