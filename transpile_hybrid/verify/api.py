"""``verify`` as functions: two files, or two texts of one file."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .options import VerifyError, VerifyOptions
from .plan import Text, candidates, declares_inputs, framework_of, parse, read_text, targets_for
from .process import find_python
from .session import Legs, Unit, compare_legs, failure, time_leg, wait
from .verdict import Verdict

Say = Callable[[str], None]


def verify_files(
    before: Path | str,
    after: Path | str,
    *,
    targets: Sequence[str] | None = None,
    options: VerifyOptions | None = None,
    progress: Say | None = None,
) -> list[Verdict]:
    """Compare two files unit by unit and return a verdict for each unit (and each target).

    ``targets`` ``None``: as they stand; else AFTER's unit is compiled by each target of its framework (targets of other
    frameworks are left out).  ``progress`` is told in a few words what is being done.  Runs the code of both files, in
    processes of their own.  Raises :class:`VerifyError` for files, units or inputs that can't be worked with.
    """
    return _verify(read_text(before), read_text(after), targets, options or VerifyOptions(), progress)


def verify_texts(
    before_text: str,
    after_text: str,
    *,
    path: Path | str,
    targets: Sequence[str] | None = None,
    options: VerifyOptions | None = None,
    progress: Say | None = None,
) -> list[Verdict]:
    """Compare two texts of the file at ``path``, each run as if it stood there; otherwise as :func:`verify_files`."""
    sides = Text(str(path), before_text), Text(str(path), after_text)
    return _verify(*sides, targets, options or VerifyOptions(), progress)


def _verify(
    before: Text, after: Text, targets: Sequence[str] | None, options: VerifyOptions, progress: Say | None
) -> list[Verdict]:
    options.check_inputs()
    say = progress or (lambda _: None)
    tree = parse(before)
    framework = framework_of(tree, before.path)
    try:
        after_tree: ast.Module | None = parse(after)
    except VerifyError as exc:
        after_tree, broken = None, str(exc)
    framework = framework or (framework_of(after_tree, after.path) if after_tree else "")
    names = candidates(tree)
    if options.unit is not None and options.unit not in names:
        defined = _module_names(tree) | (_module_names(after_tree) if after_tree else set())
        if options.unit not in defined or (after_tree and options.unit not in _module_names(tree)):
            known = ", ".join(names) or "none"
            raise VerifyError(f"{before.path}: has no unit {options.unit!r} (its units: {known})")
        names[options.unit] = "named"
    if not framework:
        raise VerifyError(f"{before.path}: imports none of torch, tensorflow, mxnet: nothing to verify")
    wanted = [None] if targets is None else targets_for(framework, list(targets))
    if not wanted:
        return []
    if options.unit is not None:
        names = {options.unit: names[options.unit]}
    names = {name: kind for name, kind in names.items() if name not in options.exclude}
    python = find_python(options, Path(before.path))
    with tempfile.TemporaryDirectory(prefix="transpile-hybrid-", ignore_cleanup_errors=True) as folder:
        make = _maker(before, after, framework, python, Path(folder), options)
        if after_tree is None:
            return [make(n).verdict(t, False, f"failed: {broken}") for n in names for t in wanted]
        try:
            units = [make(name) for name in _units(make, names, declares_inputs(tree), say)]
            return _run(units, [t for t in wanted if t is not None], say)
        except OSError as exc:
            raise VerifyError(f"{python}: cannot be run: {exc.strerror or exc}") from exc


def _module_names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def _maker(
    before: Text, after: Text, framework: str, python: str, folder: Path, options: VerifyOptions
) -> Callable[[str], Unit]:
    def make(name: str) -> Unit:
        return Unit(name, before, after, framework, python, folder / f"unit-{name}", options)

    return make


def _units(make: Callable[[str], Unit], names: dict[str, str], declared: bool, say: Say) -> list[str]:
    """Return the names that are units once the file has run; with one candidate, that candidate, without asking."""
    if len(names) <= 1:
        return list(names)
    unit = make("")
    say(f"{unit.before.path}: finding units")
    outcome = wait(unit.start({**unit.job(unit.before), "job": "collect", "names": list(names)}))
    frame = outcome.frame("units")
    if failure(outcome)[0] or frame is None:
        return list(names)  # each will say what is wrong
    kinds = frame.body["kinds"]
    # a helper function that no inputs are declared for is no unit
    return [name for name in names if name in kinds and (declared or kinds[name] != "function")]


def _run(units: list[Unit], targets: list[str], say: Say) -> list[Verdict]:
    if not units:
        return []
    options = units[0].options
    with ThreadPoolExecutor(options.workers()) as pool:
        legs = list(pool.map(lambda unit: compare_legs(unit, targets, say), units))
    # the clock runs when nothing else of ours does
    for unit, leg in zip(units, legs, strict=True):
        _measure(unit, leg, say)
    return [verdict for leg in legs for verdict in leg.verdicts]


def _measure(unit: Unit, leg: Legs, say: Say) -> None:
    for verdict in leg.verdicts:
        if verdict.equivalent is True and unit.options.speed and leg.values is not None:
            verdict.speed = time_leg(unit, verdict, leg.values, say)
