"""``transpile-hybrid verify``: original and rewritten side by side."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import click

from ..api import RewriteReport, rewrite
from ..run.cluster import ClusterError, connect
from ..source.source import Source, SourceError
from ..targets import TARGETS, UnknownTarget, parse_targets
from ..verify import AUTO, Pair, Store, VerifyError, VerifyOptions, verify_pairs
from ..verify.auto import keep_fastest
from ..verify.plan import Text, parse, read_text
from ..verify.unrun import left_as_it_is
from ..verify.verdict import Verdict
from .common import ToolError, note, style, target_option, write_result
from .inputs import read_inputs
from .progress import Progress
from .rewrite import blocking

F = TypeVar("F", bound=Callable[..., Any])


def running_options(function: F) -> F:
    """Add the options of verbs that run the user's code."""
    for name, more in reversed(_RUNNING.items()):
        function = click.option(*name.split(), **more)(function)
    return function


_RUNNING: dict[str, dict[str, Any]] = {
    "--unit": {"metavar": "NAME", "multiple": True, "help": "Only this class or function (can be repeated)."},
    "--inputs": {"metavar": "JSON", "help": 'Inputs: a list of shapes or of {"shape": [...], "dtype": "..."}.'},
    "--recorded": {"metavar": "FILE", "help": "What `record` wrote (default: the nearest above the source)."},
    "--python": {"metavar": "INTERPRETER", "help": "Run in this interpreter (default: the active environment's)."},
    "--unsafe": {"is_flag": True, "help": "Rewrite with unsafe fixes first."},
    "--timeout": {
        "type": float, "default": 60.0, "show_default": True, "metavar": "SECONDS", "help": "Per worker process.",
    },
    "--seed": {"type": int, "default": 0, "show_default": True},
    "--store": {"metavar": "FOLDER", "help": "Keep results there as they come; a run that was stopped goes on."},
    "--executor": {"metavar": "dask://HOST:PORT", "help": "Run on a Dask cluster (needs the extra `dask`)."},
    "-j --jobs": {"type": int, "default": None, "help": "Units compared at a time (default: half the cores)."},
}  # fmt: skip


@click.command("verify")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@target_option
@click.option("--json", "json_file", metavar="FILE", help="Write the verdicts as JSON (`-`: standard output).")
@click.option("--html", "html_file", metavar="FILE", help="Write one page with verdicts and plots.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the verdicts as JUnit XML.")
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write the verdicts as Markdown (`-`: print).")
@click.option("--each", is_flag=True, help="Each with its own rewriting, also two files.")
@click.option("--budget", type=float, default=15.0, show_default=True, metavar="SECONDS", help="For timing, per unit.")
@click.option("--training", is_flag=True, help="Time a training step too: forward and backward.")
@click.option("--no-speed", is_flag=True, help="Equality only.")
@click.option("--no-export", is_flag=True, help="Don't serialize and reload what was compiled.")
@click.option("--allow-unverified", is_flag=True, help="Exit 0 although something could not be run.")
@running_options
def command(**opts: Any) -> None:
    """Run two files (BEFORE.py AFTER.py), or each file in PATHS and its own rewriting, side by side.

    Two files are compared unit by unit (classes and functions of the same name): as they stand, or with --target after
    compiling AFTER's unit. Otherwise each file is rewritten in memory and compiled by its targets.

    This executes the code in those files, in worker processes with a time and memory limit: no sandbox.

    Exit code: 0 all equivalent, 1 something is not, could not be run, or (two files as they stand) is proved slower by
    more than a fifth, 2 the tool could not do its work.
    """
    options = make_options(
        opts, speed=not opts["no_speed"], export=not opts["no_export"], budget=opts["budget"],
        training=opts["training"],
    )  # fmt: skip
    paths: tuple[str, ...] = opts["paths"]
    for path in paths:
        if not os.path.exists(path):  # of two files that are to be compared, one would be taken for all
            raise ToolError(f"{path}: no such file or folder")
    pair = len(paths) == 2 and all(os.path.isfile(path) for path in paths) and not opts["each"]
    with Progress("verifying") as progress:
        if pair:
            verdicts, errors = _verify_pair(paths, opts, options, progress)
        else:
            verdicts, errors = verify_each(paths, opts, options, progress)
    _report(verdicts, opts)
    for error in errors:
        note(style("error: ", fg="red", bold=True) + error)
    if errors:
        raise SystemExit(2)
    if not verdicts:
        note("nothing to run: no model, and no function that a file declares inputs for (example_inputs)")
    bad = [v for v in verdicts if v.equivalent is False or (v.equivalent is None and not opts["allow_unverified"])]
    bad += [v for v in verdicts if pair and v.target is None and much_slower(v)]
    raise SystemExit(1 if bad or not verdicts else 0)


def much_slower(verdict: Verdict) -> bool:
    """Whether the rewritten side was proved to take more than a fifth longer."""
    speed = verdict.speed
    return speed is not None and speed.word == "slower" and speed.high is not None and speed.high < 1 / 1.2


def make_options(opts: dict[str, Any], **more: Any) -> VerifyOptions:
    """Return the options of a run.  Raises :class:`ToolError`."""
    inputs = None
    if opts["inputs"] is not None:
        try:
            inputs = json.loads(opts["inputs"])
        except json.JSONDecodeError as exc:
            raise ToolError(f"--inputs is not JSON: {exc}") from exc
        if not isinstance(inputs, list):
            raise ToolError("--inputs must be a JSON list with one entry per argument")
    return VerifyOptions(
        unit=tuple(opts["unit"]) or None,
        inputs=inputs,
        python=opts["python"],
        recorded=opts["recorded"],
        timeout=opts["timeout"],
        seed=opts["seed"],
        jobs=opts["jobs"],
        **more,
    )


def _verify_pair(
    paths: tuple[str, ...], opts: dict[str, Any], options: VerifyOptions, progress: Progress
) -> tuple[list[Verdict], list[str]]:
    try:
        wanted = chosen_targets(opts["targets"])
        for path in paths:
            Source.read(path).tree  # noqa: B018  (an unreadable file is our error, not a verdict)
        sides = read_text(paths[0]), read_text(paths[1])
        with scale(opts) as more:
            (found,) = verify_pairs([Pair(*sides, wanted)], options, progress.say, progress.count, **more)
        if isinstance(found, VerifyError):
            raise found
        return found, []
    except (UnknownTarget, SourceError, VerifyError) as exc:
        raise ToolError(str(exc)) from exc


def chosen_targets(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the targets that were named, ``auto`` first where it is among them.  Raises ``UnknownTarget``."""
    named = [name for name in names if name != AUTO]
    if AUTO in names:
        return (AUTO, *(parse_targets(named) if named else ()))
    return parse_targets(named) if named else None


def verify_each(
    paths: tuple[str, ...], opts: dict[str, Any], options: VerifyOptions, progress: Progress
) -> tuple[list[Verdict], list[str]]:
    """Verify each file of ``paths`` and its own rewriting; return the verdicts, and errors in one line each."""
    auto = AUTO in opts["targets"]
    named = tuple(name for name in opts["targets"] if name != AUTO)
    inputs = read_inputs(paths, ("all",) if auto and not named else named)
    unsafe = opts["unsafe"] or inputs.config.unsafe_fixes
    reports = rewrite(inputs.sources, inputs.targets, unsafe=unsafe)
    errors = inputs.errors + [report.error for report in reports if report.error]
    work = [report for report in reports if report.result is not None and report.units]
    pairs: list[Pair] = []
    stuck: list[list[Verdict]] = []
    for report in work:
        if auto:
            several = by_target(report, parse_targets(named or ("all",)), unsafe)
            pairs += [_pair(one, (AUTO, *targets), frozenset()) for one, targets in several]
            stuck += [[] for _ in several]
            continue
        for target in inputs.targets:
            if TARGETS[target].framework in {unit.framework for unit in report.units}:
                left = stuck_units(report, target, options.units)
                exclude = frozenset(verdict.unit for verdict in left)
                pairs.append(_pair(report, (target,), exclude))
                stuck.append(left)
    verdicts: list[Verdict] = []
    missing: list[str] = []
    with scale(opts) as more:
        answers = verify_pairs(pairs, options, progress.say, progress.count, **more)
    for pair, left, found in zip(pairs, stuck, answers, strict=True):
        verdicts += left
        if isinstance(found, VerifyError):
            missing.append(str(found))
        else:
            verdicts += [_eager(pair, verdict) for verdict in found]
    if auto:
        keep_fastest(verdicts)
    if options.unit and not verdicts:
        raise ToolError(missing[0] if missing else f"no unit is named {' or '.join(map(repr, options.units))}")
    return verdicts, errors + ([] if options.unit else missing)


def _eager(pair: Pair, verdict: Verdict) -> Verdict:
    """Return the verdict on a function that TensorFlow can't compile, and that nobody says should be."""
    if not verdict.cannot_compile or verdict.framework != "tensorflow":
        return verdict
    if not left_as_it_is(parse(pair.before), parse(pair.after), verdict.unit):
        return verdict
    return replace(verdict, equivalent=None, reason=f"not verified: it is left eager, and {verdict.reason}")


def by_target(
    report: RewriteReport, targets: tuple[str, ...], unsafe: bool
) -> list[tuple[RewriteReport, tuple[str, ...]]]:
    """Return rewritings of one source, each with those of ``targets`` that it is to be compiled by.

    One that suits all targets (``report``) is enough unless something stands in the way of one of them: then what is
    right for another (``tf.print``, which XLA has not) may have been left out.
    """
    frameworks = {unit.framework for unit in report.units}
    mine = tuple(target for target in targets if TARGETS[target].framework in frameworks)
    if len(mine) < 2 or not any(set(found.targets) & set(mine) for found in blocking(report)):
        return [(report, targets)]
    by_text: dict[str, tuple[RewriteReport, tuple[str, ...]]] = {}
    for target in mine:
        (alone,) = rewrite([report.source], [target], unsafe=unsafe)
        if alone.result is not None:
            first, others = by_text.get(alone.result.after.text, (alone, ()))
            by_text[alone.result.after.text] = (first, (*others, target))
    return list(by_text.values()) or [(report, targets)]


@contextlib.contextmanager
def scale(opts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the store and the executor that were asked for.  Raises :class:`ToolError`."""
    more: dict[str, Any] = {}
    close: Callable[[], None] = lambda: None  # noqa: E731
    try:
        if opts.get("store"):
            more["store"] = Store(opts["store"])
        if opts.get("executor"):
            more["executor"], close = connect(opts["executor"])
        try:
            yield more
        finally:
            close()
    except (VerifyError, ClusterError) as exc:
        raise ToolError(str(exc)) from exc


def _pair(report: RewriteReport, targets: tuple[str, ...], exclude: frozenset[str]) -> Pair:
    assert report.result is not None
    path = report.source.path
    return Pair(Text(path, report.source.text), Text(path, report.result.after.text), targets, exclude)


def stuck_units(report: RewriteReport, target: str, only: tuple[str, ...]) -> list[Verdict]:
    """Return "not verified", with the reason, for each unit that still has something in the way of ``target``.

    ``only``: the names of the units that were asked for (empty: all).
    """
    assert report.result is not None
    path = report.source.path
    stuck: dict[str, Verdict] = {}
    # what is in the way is a better reason than the structure that is left because of it
    for diagnostic in sorted(blocking(report), key=lambda found: found.code[3] == "6"):
        unit = diagnostic.unit.partition(".")[0]  # what is verified is the class, not its method
        if target in diagnostic.targets and unit and unit not in stuck and (not only or unit in only):
            line, _ = report.result.after.position(diagnostic.span.start)
            reason = f"not compilable: {diagnostic.code} line {line}: {diagnostic.message}"
            stuck[unit] = Verdict(unit, target, path, path, None, reason, framework=TARGETS[target].framework)
    return list(stuck.values())


def _report(verdicts: list[Verdict], opts: dict[str, Any]) -> None:
    from ..report.tables import console, print_advice, print_verdicts

    auto = AUTO in opts["targets"]
    if "-" not in (opts["json_file"], opts["markdown_file"]):
        print_verdicts(verdicts, console())
        if auto:
            print_advice(verdicts, console())
    if opts["json_file"]:
        write_json(verdicts, opts["json_file"], auto)
    if opts["markdown_file"]:
        from ..report.verdicts_markdown import verify_markdown

        _write(opts["markdown_file"], verify_markdown(verdicts, auto))
    if opts["junit_file"]:
        from ..report.verdicts_junit import verify_junit

        _write(opts["junit_file"], verify_junit(verdicts))
    if opts["html_file"]:
        from ..report.html import verify_page

        _write(opts["html_file"], verify_page(verdicts, auto))
        note(f"report: {opts['html_file']}")


def write_json(verdicts: list[Verdict], file: str, auto: bool = False) -> None:
    """Write verdicts as JSON to a file, or to standard output for ``-``.  Raises :class:`ToolError`."""
    from ..report.verdicts import verify_json

    _write(file, verify_json(verdicts, auto) + "\n")


def _write(file: str, text: str) -> None:
    if file == "-":
        click.echo(text, nl=False)
        return
    write_result(file, text, folders=True)
