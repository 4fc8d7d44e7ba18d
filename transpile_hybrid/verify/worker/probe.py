"""The original only: finding what both sides will be given, inputs, weights and the sequence of calls."""

from __future__ import annotations

import ast
import time
import types
from collections.abc import Callable
from typing import Any, NamedTuple

from .adapter import Adapter
from .building import Recipe, constructor, seeded_build
from .cases import EMPTY, Case, steps
from .failing import IN_PLACE, Failed, stage
from .inputs import IMPORT_SEED, Found, InputFinder
from .load import Loader, Unit, find_unit
from .optional import optional_cases
from .reach import Lines, Reach
from .tree import Encoder, leaves, objects

FOLLOWED_SECONDS = 2.0  # for the calls that only show which lines run
_FEW = 8  # inputs that are tried one by one
_FLOATING = ("float", "bfloat", "complex")
CALLS_SHARE = 0.2  # of the time limit, for the calls; those with gradients take longer than the one that is timed


class Ready(NamedTuple):
    """A unit that can be called: the loaded file, what was found to build it with (``finder`` holds the model) and its
    inputs."""

    loader: Loader
    module: types.ModuleType
    unit: Unit
    finder: InputFinder
    found: Found
    model: bool


def loaded(adapter: Adapter, job: dict[str, Any]) -> tuple[Loader, types.ModuleType]:
    """Execute the text.  Raises :class:`Failed`."""
    loader = Loader(job["text"], job["path"], neighbours=job.get("neighbours"))
    adapter.fresh()
    adapter.seed(int(job["seed"]) + IMPORT_SEED)
    return loader, stage("import", loader.load)


def prepared(
    adapter: Adapter, job: dict[str, Any], loader: Loader, module: types.ModuleType, variants: bool = True
) -> Ready:
    """Build the unit of a loaded text and find its inputs, with ``variants`` of them.  Raises :class:`Failed`."""
    seed = int(job["seed"])
    unit: Unit = stage("unit", lambda: find_unit(adapter, module, job["unit"]))
    recipe: Recipe = stage("constructor", lambda: constructor(adapter, module, unit, seed, job.get("recorded")))
    net = stage("constructor", lambda: seeded_build(adapter, unit, recipe, seed))
    model = adapter.is_model(adapter.unwrap(net))
    finder = InputFinder(adapter, module, unit, recipe, net, seed, variants)
    found: Found = stage("inputs", lambda: finder.find(job.get("inputs"), job["timeout"] / 3.0, job.get("recorded")))
    return Ready(loader, module, unit, finder, found, model)


def probe(adapter: Adapter, job: dict[str, Any], emit: Callable[..., None]) -> None:
    """Find constructor arguments, inputs and initial state, and emit them as the frame ``values``."""
    _, module, unit, finder, found, model = prepared(adapter, job, *loaded(adapter, job))
    net, recipe = finder.net, finder.recipe  # made anew where it took other ones for the inputs
    first = found.cases[0]
    started = time.monotonic()
    stage("first call", lambda: finder.try_call(first.args, first.kwargs))
    seconds = time.monotonic() - started
    calls = max(8, int(CALLS_SHARE * job["timeout"] / max(seconds, 1e-6)))
    resets = model and adapter.name != "torch" and _random_in_training(adapter, net, finder, first)
    backward, constant = _backward(adapter, net, finder, first, model)
    predicting = not (backward and model and adapter.keeps_training_only)
    predicting = predicting or _steady(adapter, net, finder, first, constant)
    reach = Reach(module.__name__)
    _follow(adapter, finder, found.cases[:1], reach, model)
    optional = optional_cases(finder, first, found.cases[1:], reach)
    every = [*found.cases, *optional.cases]
    net = finder.net
    encoder = Encoder(adapter.host, exact=True)
    cases = [
        {"name": c.name, "group": c.group, "args": encoder.encode(list(c.args)), "kwargs": encoder.encode(c.kwargs)}
        for c in every
    ]
    made = objects([[case["args"], case["kwargs"]] for case in cases])
    if made:
        raise Failed("inputs", f"an input is a {made}, which can't be handed to a worker", "not runnable")
    body = {
        "cases": cases,
        "steps": steps(every, model, calls, resets, backward, predicting),
        "state": {name: encoder.encode(entry.value) for name, entry in adapter.state(net).items()},
        "source": found.source,
        "notes": [*found.notes, *(f"no gradient of floating input {n}: the original has none" for n in constant)],
        "recipe": None if recipe.nodes is not None else _recipe(adapter, recipe, encoder),
        "choices": recipe.nodes,
        "kind": unit.kind,
        "model": model,
        "never given": optional.never,
        "constant": constant,
    }
    _follow(adapter, finder, found.cases[1:], reach, model)
    body["never reached"] = _missed(job["text"], reach)
    emit("values", body, encoder.buffers)


def _follow(adapter: Adapter, finder: InputFinder, cases: list[Case], reach: Reach, model: bool) -> None:
    """Call the unit once more with each case, as long as that is quick, and watch what runs."""
    until = time.monotonic() + FOLLOWED_SECONDS
    for case in cases:
        # MXNet's engine may end the process over an empty batch: the calls in earnest come to it late
        if case.group == "odd" or case.name == EMPTY or time.monotonic() > until:
            continue
        with reach.watching():
            for train in (False, True) if model else (False,):
                args, kwargs = finder.copies(case)
                try:
                    adapter.forward(finder.net, args, kwargs, train)
                except Exception:  # shown when it is called in earnest
                    break


def _missed(text: str, reach: Reach) -> Lines:
    try:
        return reach.missed(ast.parse(text))
    except SyntaxError:  # it was read by a loader of its own
        return []


def _recipe(adapter: Adapter, recipe: Recipe, encoder: Encoder) -> list[Any] | None:
    """Return constructor arguments as data; ``None`` for objects, which each side makes anew by the same rules."""
    trial = Encoder(adapter.host, exact=True)
    if objects([trial.encode(list(recipe.args)), trial.encode(recipe.kwargs)]):
        return None
    return [encoder.encode(list(recipe.args)), encoder.encode(recipe.kwargs)]


def _random_in_training(adapter: Adapter, net: Any, finder: InputFinder, case: Case) -> bool:
    args, kwargs = finder.copies(case)
    try:
        return adapter.draws(net, lambda: adapter.forward(net, args, kwargs, True))[0]
    except Exception:  # shown when it is called in earnest
        return False


def _steady(adapter: Adapter, net: Any, finder: InputFinder, case: Case, constant: list[int]) -> bool:
    """Whether going backward outside of training gives the same gradients each time."""
    seen = []
    for _ in range(3):
        args, kwargs = finder.copies(case)
        adapter.seed(0)
        try:
            found = adapter.gradients(net, args, kwargs, False, constant)
        except Exception:  # shown when it is called in earnest
            return True
        encoder = Encoder(adapter.host, exact=True)
        seen.append((encoder.encode([found.parameters, found.inputs]), encoder.buffers))
    return all(one == seen[0] for one in seen)


def _backward(adapter: Adapter, net: Any, finder: InputFinder, case: Case, train: bool) -> tuple[bool, list[int]]:
    """Whether the original can go backward, and of which floating inputs it has no gradient although it can.

    As with indices that are floating numbers, which MXNet's ``Embedding`` raises for, and with an input that is written
    into.  Only what changes values in place counts as "can't": anything else is shown when it is called in earnest.
    """

    def failure(constant: list[int]) -> str:
        args, kwargs = finder.copies(case)
        try:
            adapter.gradients(net, args, kwargs, train, constant)
            adapter.sync()
        except Exception as exc:
            return str(exc) or type(exc).__name__
        return ""

    why = failure([])
    if not why:
        return True, []
    number = sum(str(host.dtype).startswith(_FLOATING) for host in _hosts(adapter, case))
    every = list(range(number))
    if not every or failure(every):
        return not IN_PLACE.search(why), []
    if number > _FEW:
        return True, every
    some = [one for one in every if failure([other for other in every if other != one])]
    return True, every if failure(some) else some


def _hosts(adapter: Adapter, case: Case) -> list[Any]:
    found = [adapter.host(leaf) for _, leaf in leaves([list(case.args), case.kwargs])]
    return [host for host in found if host is not None]
