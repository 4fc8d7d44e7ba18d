"""What compilers say of a text's units, and the types that were seen while they ran."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .api import unit_maker
from .options import VerifyError, VerifyOptions, never
from .plan import Text, candidates, framework_of, parse, targets_for
from .process import find_python
from .session import Unit, failure, wait

Seen = dict[str, dict[str, list[Any]]]


@dataclass(frozen=True)
class Refusal:
    """Why a target does not take a unit: in one line, and where.

    ``line`` is 0 and ``text`` empty where the compiler names no place in the file.  ``different``: it took the unit,
    and the result is another one.
    """

    unit: str
    target: str
    what: str
    line: int = 0
    text: str = ""
    different: bool = False


@dataclass
class Attempt:
    """One unit: ``why`` it could not be run (empty: it ran), what targets have against it, and the types seen.

    ``functions`` are the types of parameters by ``line:name`` of a function, ``built`` those that the constructor gave,
    ``attributes`` those by class and name; types are written as :mod:`.worker.types_seen` does.
    """

    unit: str
    why: str = ""
    refused: dict[str, Refusal] = field(default_factory=dict)
    functions: Seen = field(default_factory=dict)
    built: Seen = field(default_factory=dict)
    attributes: Seen = field(default_factory=dict)


def attempt_units(
    text: Text,
    targets: Sequence[str],
    options: VerifyOptions | None = None,
    *,
    names: Iterable[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
    stop: Callable[[], bool] = never,
) -> list[Attempt]:
    """Run the units of a text (those of ``names``, or all) and let each of ``targets`` compile them.

    Targets of other frameworks than the file's are left out.  Runs the code, in processes of its own.  Raises
    :class:`VerifyError` for a file or an interpreter that can't be worked with.
    """
    options = options or VerifyOptions()
    tree = parse(text)
    framework = framework_of(tree, text.path)
    wanted = targets_for(framework, [*targets]) if framework else []
    found = [name for name in candidates(tree) if names is None or name in names]
    if not wanted or not found:
        return []
    python = find_python(options, Path(text.path))
    with tempfile.TemporaryDirectory(prefix="transpile-hybrid-", ignore_cleanup_errors=True) as folder:
        make = unit_maker(text, text, framework, python, Path(folder), options, stop)
        units = [make(name) for name in found]
        parts = min(options.workers(), len(units))  # each loads the file once
        with ThreadPoolExecutor(parts) as pool:
            try:
                every = pool.map(lambda part: _attempts(part, wanted, say), [units[n::parts] for n in range(parts)])
                answers = {one.unit: one for part in every for one in part}
            except OSError as exc:
                raise VerifyError(f"{python}: cannot be run: {exc.strerror or exc}") from exc
    return [answers[name] for name in found]


def _attempts(units: list[Unit], targets: list[str], say: Callable[[str], None]) -> list[Attempt]:
    first = units[0]
    say(f"{first.before.path}: compiling {len(units)} units")
    seconds = first.options.timeout + len(targets) * first.options.compile_timeout
    given = {unit.name: {"inputs": unit.inputs, "recorded": unit.recorded} for unit in units}
    job = first.job(first.before, job="attempt", targets=targets, units=given, seconds=seconds)
    outcome = wait(first.start(job, first.options.timeout + len(units) * seconds))
    why = failure(outcome)[1]
    found = {frame.body["unit"]: frame.body for frame in outcome.frames if frame.kind in ("attempt", "unrun")}
    return [_answer(unit.name, found.get(unit.name), why) for unit in units]


def _answer(name: str, body: dict[str, Any] | None, why: str) -> Attempt:
    if body is None or "why" in body:
        return Attempt(name, (body or {}).get("why") or why or "it gave no answer")
    refused = {target: Refusal(name, target, **found) for target, found in body["refused"].items()}
    return Attempt(name, "", refused, body["functions"], body["built"], body["attributes"])
