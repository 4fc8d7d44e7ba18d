"""``verify`` as functions: two files, or two texts of one file."""

from __future__ import annotations

import ast
import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ..targets import TARGETS
from .auto import choose
from .configured import configured_inputs, settings_of
from .options import VerifyError, VerifyOptions, never
from .pair import Pair
from .plan import Text, candidates, declares_inputs, framework_of, parse, read_text, targets_for
from .process import find_python
from .recorded import recorded_of
from .scale import Answer, Store, run_on
from .session import Legs, Unit, compare_legs, export_leg, failure, time_leg, trains, wait
from .unrun import left_as_it_is, unrun
from .verdict import ALONE, Verdict

Say = Callable[[str], None]
AUTO = "auto"


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
    return _only(Pair(read_text(before), read_text(after), _tuple(targets)), options, progress)


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
    return _only(Pair(*sides, _tuple(targets)), options, progress)


def verify_pairs(
    pairs: Sequence[Pair],
    options: VerifyOptions | None = None,
    progress: Say | None = None,
    done: Callable[[int, int], None] | None = None,
    *,
    store: Store | None = None,
    executor: Executor | None = None,
    stop: Callable[[], bool] = never,
) -> list[Answer]:
    """Verify many pairs of texts; the answer for each is its verdicts, or why it can't be worked with.

    Units are compared in parallel first; then the clock runs, for one unit at a time, when nothing else of ours does.
    ``done`` is told how many steps are made and how many there are: a comparison and a measurement for each unit, and
    one for a pair whose units aren't known yet.  With a ``store`` verdicts are kept as they come, a few units at a
    time, and those that it holds already are not worked out again.  With an ``executor`` each pair is one task of it,
    run on whatever machine it chooses; such a machine needs the package, the interpreter and the files at the same
    paths.  ``stop`` is asked all the time (without an executor): once it says true, what runs is ended and
    :class:`Stopped` raised.
    """
    options = options or VerifyOptions()
    options.check_inputs()
    say = progress or (lambda _: None)
    steps = Steps(len(pairs), done or (lambda _made, _all: None))
    answers: dict[int, Answer] = {}
    for number, pair in enumerate(pairs):
        kept = store.get(pair, options) if store is not None else None
        if kept is not None:
            answers[number] = kept
            steps.make()
    left = [number for number in range(len(pairs)) if number not in answers]
    if executor is not None:
        for number, answer in run_on(executor, {number: pairs[number] for number in left}, options):
            say(f"{pairs[number].before.path}: done")
            _keep(store, pairs[number], options, answer)
            answers[number] = answer
            steps.make()
        return [answers[number] for number in range(len(pairs))]
    some = _few(options, store, len(left))
    for start in range(0, len(left), some):
        chunk = left[start : start + some]
        answered = _local([pairs[n] for n in chunk], options, say, steps, store, stop)
        for number, answer in zip(chunk, answered, strict=True):
            _keep(store, pairs[number], options, answer)
            answers[number] = answer
    return [answers[number] for number in range(len(pairs))]


@dataclass
class Steps:
    """How much of a run is made; whoever wants to know is told at each change."""

    total: int
    tell: Callable[[int, int], None]
    made: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)  # units are compared by several threads

    def make(self, number: int = 1) -> None:
        """Count steps as made."""
        with self.lock:
            self.made += number
            self.tell(self.made, self.total)

    def open(self, number: int) -> None:
        """Count the ``number`` steps of a pair in place of the one that stood for it while they were unknown."""
        with self.lock:
            self.total += number - 1
            self.tell(self.made, self.total)


def _few(options: VerifyOptions, store: Store | None, number: int) -> int:
    """Return how many of ``number`` are worked out before their verdicts are kept: all, if they are kept nowhere."""
    return 2 * options.workers() if store is not None else max(1, number)


def _keep(store: Store | None, pair: Pair, options: VerifyOptions, answer: Answer) -> None:
    if store is not None and not isinstance(answer, VerifyError):
        store.put(pair, options, answer)


def _local(
    pairs: Sequence[Pair], options: VerifyOptions, say: Say, steps: Steps, store: Store | None,
    stop: Callable[[], bool],
) -> list[Answer]:  # fmt: skip
    """Work pairs out on this machine."""
    given_up = threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix="transpile-hybrid-", ignore_cleanup_errors=True) as folder,
        ThreadPoolExecutor(options.workers()) as pool,
        _setting_on_error(given_up),
    ):

        def prepare(numbered: tuple[int, Pair]) -> _Prepared | VerifyError:
            number, pair = numbered
            try:
                return _prepare(pair, Path(folder) / str(number), options, say, lambda: given_up.is_set() or stop())
            except VerifyError as exc:
                return exc

        prepared = list(pool.map(prepare, enumerate(pairs)))
        each = 1 + options.speed  # a comparison, and a measurement
        work: list[tuple[Pair, _Prepared, Unit]] = []
        for pair, item in zip(pairs, prepared, strict=True):
            if isinstance(item, VerifyError):
                steps.make()
                continue
            item.of_unit = store.part(pair, options) if store is not None else {}
            steps.open(each * len(item.units))
            for unit in item.units:
                if unit.name in item.of_unit:
                    steps.make(each)
                else:
                    work.append((pair, item, unit))

        def compare(pair: Pair, item: _Prepared, unit: Unit) -> Legs:
            legs = compare_legs(unit, item.targets, say)
            steps.make()
            return legs

        some = _few(options, store, len(work))
        for start in range(0, len(work), some):
            chunk = work[start : start + some]
            futures = [pool.submit(compare, *one) for one in chunk]
            # nothing else of ours runs beside the clock
            for (pair, item, unit), leg in zip(chunk, [future.result() for future in futures], strict=True):
                if item.auto:
                    choose(unit, leg, say)
                _measure(unit, leg, say)
                if options.speed:
                    steps.make()
                item.of_unit[unit.name] = leg.verdicts
                if store is not None:
                    store.put(pair, options, item.answer(), whole=False)
        return [item.answer() if isinstance(item, _Prepared) else item for item in prepared]


@contextlib.contextmanager
def _setting_on_error(event: threading.Event) -> Iterator[None]:
    """Set ``event`` when the block is left by an exception (Ctrl-C too): other threads needn't finish then."""
    try:
        yield
    except BaseException:
        event.set()
        raise


@dataclass
class _Prepared:
    """A pair whose units are known; ``verdicts`` are those that need no run, ``of_unit`` those that were found.

    ``as_they_were`` are functions that were not changed; ``unseen`` tells of changes that no unit of those it is given
    is or uses.
    """

    units: list[Unit]
    targets: list[str]
    verdicts: list[Verdict]
    auto: bool = False
    as_they_were: set[str] = field(default_factory=set)
    unseen: Callable[[list[str]], list[Verdict]] = lambda units: []
    of_unit: dict[str, list[Verdict]] = field(default_factory=dict)

    def answer(self) -> list[Verdict]:
        """Return what was found so far, in the order of the units.

        A function that was not changed and can't be run, for nobody knows what it takes, is no unit; it is noted.
        """
        found = {unit.name: self.of_unit[unit.name] for unit in self.units if unit.name in self.of_unit}
        alone = [n for n in found if n in self.as_they_were and all(v.equivalent is None for v in found[n])]
        if len(alone) == len(found):
            alone = []
        kept = {name: verdicts for name, verdicts in found.items() if name not in alone}
        answer = [verdict for verdicts in kept.values() for verdict in verdicts]
        if alone:
            answer[0].checks[ALONE] = f"ok: {', '.join(alone)}"
        return [*answer, *self.unseen([*kept]), *self.verdicts]


def _tuple(targets: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if targets is None else tuple(targets)


def _only(pair: Pair, options: VerifyOptions | None, progress: Say | None) -> list[Verdict]:
    (found,) = verify_pairs([pair], options, progress)
    if isinstance(found, VerifyError):
        raise found
    return found


def _prepare(pair: Pair, folder: Path, options: VerifyOptions, say: Say, stop: Callable[[], bool]) -> _Prepared:
    """Find the units of a pair.  Raises :class:`VerifyError`."""
    before, after = pair.before, pair.after
    tree = parse(before)
    framework = framework_of(tree, before.path)
    broken = ""
    try:
        after_tree: ast.Module | None = parse(after)
    except VerifyError as exc:
        after_tree, broken = None, str(exc)
    framework = framework or (framework_of(after_tree, after.path) if after_tree else "")
    names = candidates(tree)
    for wanted_unit in (unit for unit in options.units if unit not in names):
        defined = _module_names(tree) | (_module_names(after_tree) if after_tree else set())
        if wanted_unit not in defined or (after_tree and wanted_unit not in _module_names(tree)):
            known = ", ".join(names) or "none"
            raise VerifyError(f"{before.path}: has no unit {wanted_unit!r} (its units: {known})")
        names[wanted_unit] = "named"
    if not framework:
        raise VerifyError(f"{before.path}: imports none of torch, tensorflow, mxnet: nothing to verify")
    auto = AUTO in (pair.targets or ())
    named = [name for name in pair.targets or () if name != AUTO] or (list(TARGETS) if auto else [])
    wanted: list[str | None] = [None] if pair.targets is None else list(targets_for(framework, named))
    if not wanted:
        return _Prepared([], [], [])
    if options.units:
        names = {unit: names[unit] for unit in options.units}
    names = {name: kind for name, kind in names.items() if name not in pair.exclude}
    python = find_python(options, Path(before.path))
    folder.mkdir()
    make = unit_maker(before, after, framework, python, folder, options, stop)
    targets = [target for target in wanted if target is not None]
    if after_tree is None:
        return _Prepared([], targets, [make(n).verdict(t, False, f"failed: {broken}") for n in names for t in wanted])
    try:
        if options.units:
            return _Prepared([make(name) for name in names], targets, [], auto)
        found = _units(make, names, declares_inputs(tree), say)
        trees = tree, after_tree
        as_they_were = {n for n in found if names[n] != "class" and left_as_it_is(*trees, n)}

        def unseen(units: list[str]) -> list[Verdict]:
            left = {n: why for n, why in unrun(*trees, units).items() if n not in pair.exclude}
            return [make(n).verdict(t, None, f"not verified: {why}") for n, why in left.items() for t in wanted]

        return _Prepared([make(name) for name in found], targets, [], auto, as_they_were, unseen)
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


def unit_maker(
    before: Text,
    after: Text,
    framework: str,
    python: str,
    folder: Path,
    options: VerifyOptions,
    stop: Callable[[], bool],
) -> Callable[[str], Unit]:
    recorded = {  # the original may be a copy under another name; then the recording is of the other file
        **recorded_of(after.path, options.recorded),
        **recorded_of(before.path, options.recorded),
    }
    settings = settings_of(before.path)

    def make(name: str) -> Unit:
        inputs = options.inputs if options.inputs is not None else configured_inputs(settings, name, before.path)
        home = folder / f"unit-{name}"
        return Unit(name, before, after, framework, python, home, options, inputs, recorded.get(name), stop)

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


def _measure(unit: Unit, leg: Legs, say: Say) -> None:
    for verdict in leg.verdicts:
        if verdict.equivalent is not True or leg.values is None:
            continue
        if unit.options.speed and verdict.speed is None:
            verdict.speed = time_leg(unit, verdict, leg.values, say)
        if unit.options.speed and unit.options.training and trains(verdict):
            verdict.training = time_leg(unit, verdict, leg.values, say, train=True)
        if unit.options.export and verdict.target and not verdict.setting:
            verdict.export = export_leg(unit, verdict, leg.values, say)
