"""Building the unit: its constructor's arguments declared, recorded or guessed."""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import infer
from .adapter import Adapter
from .cases import as_arguments
from .choices import DEFAULT, constructor_options, made, words_of
from .load import NotRunnable, Unit, accepts, call_with_known, fits, keyword_parameters, required
from .recorded import MakeTensor, rebuilt
from .search import Choice, Node, Slot, Stuck, climb, reached

BUILD_SEED = 7_001
OPTIONAL = 8  # parameters with a default that are given something else
CONSTRUCTOR_SECONDS = 4.0  # for other arguments than the likeliest
Nodes = dict[str, Node]  # what the constructor's parameters are given


class Recipe(NamedTuple):
    """How to build the unit: the constructor's arguments, and the choices that they were made from if guessed."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    nodes: Nodes | None = None


def build(unit: Unit, recipe: Recipe) -> Any:
    """Make the model of a class or factory; a function or model is itself."""
    if unit.kind == "class":
        return unit.value(*recipe.args, **recipe.kwargs)
    return unit.value() if unit.kind == "factory" else unit.value


def seeded_build(adapter: Adapter, unit: Unit, recipe: Recipe, seed: int) -> Any:
    """:func:`build` under the seed that both sides use."""
    adapter.seed(seed + BUILD_SEED)
    return build(unit, recipe)


def constructor(adapter: Adapter, module: Any, unit: Unit, seed: int, recorded: dict[str, Any] | None = None) -> Recipe:
    """Find constructor arguments that work: declared, recorded or guessed.

    Raises :class:`NotRunnable`, or what the constructor itself raises.
    """
    if unit.kind != "class":
        return Recipe((), {})

    declared = getattr(module, "example_init", None)
    if callable(declared):
        given = call_with_known(declared, {"unit": unit.name})
        if given is not None:
            args, kwargs = given if _is_pair(given) else as_arguments(given)
            if accepts(declared, "unit") or fits(unit.value, args, kwargs):
                return Recipe(tuple(args), dict(kwargs))
    if recorded and recorded.get("init"):
        try:
            init = recorded["init"]
            tensor = tensor_maker(adapter)
            args = tuple(rebuilt(node, module, tensor) for node in init["args"])
            kwargs = {name: rebuilt(node, module, tensor) for name, node in init["kwargs"].items()}
            if fits(unit.value, args, kwargs):  # else the class has changed since
                return Recipe(args, kwargs)
        except (NotRunnable, ImportError, AttributeError, TypeError):  # not kept, or no longer there: guess
            pass
    return _guessed(adapter, module, unit, seed)


def _guessed(adapter: Adapter, module: Any, unit: Unit, seed: int) -> Recipe:
    """Guess what the constructor must be given, the plainest first.  Raises :class:`NotRunnable`."""
    parameters = required(unit.value)
    if not parameters:
        adapter.seed(seed)
        unit.value()  # what it raises is the reason
        return Recipe((), {}, {})

    def attempt(choice: Choice) -> Recipe:
        recipe = rebuilt_recipe(adapter, module, dict(zip(names, choice, strict=True)))
        adapter.seed(seed)
        unit.value(*recipe.args, **recipe.kwargs)
        return recipe

    names, error = [p.name for p in parameters], None
    for width in infer.WIDTHS:
        try:
            return attempt(tuple(infer.first_choice(adapter, p, width) for p in parameters))
        except Exception as exc:  # user code on guessed arguments
            error = error or exc
    likeliest = {p.name: infer.first_choice(adapter, p, infer.WIDTHS[0]) for p in parameters}
    slots = constructor_slots(adapter, module, unit, likeliest)
    names, until = [slot.name for slot in slots], time.monotonic() + CONSTRUCTOR_SECONDS
    try:
        return climb(slots, attempt, lambda exc: reached(exc, module.__name__), until)
    except Stuck:
        raise NotRunnable(
            f"its constructor can't be called with guessed arguments: {error}; declare example_init()"
        ) from error


def constructor_slots(adapter: Adapter, module: Any, unit: Unit, chosen: Nodes) -> list[Slot]:
    """Return what to try for each of the constructor's parameters, those with a default too.

    ``chosen`` is what they are given now.
    """

    words = words_of(unit.value, module)

    def slot(p: inspect.Parameter) -> Slot:
        options = constructor_options(adapter, words, module, p.name, infer.WIDTHS[0])
        if p.default is not p.empty:
            return Slot(p.name, chosen.get(p.name, DEFAULT), lambda *_: [*options, DEFAULT])
        return Slot(p.name, chosen[p.name], lambda *_: options)

    optional = [p for p in keyword_parameters(unit.value) if p.default is not p.empty]
    return [slot(p) for p in [*(required(unit.value) or []), *optional[:OPTIONAL]]]


def rebuilt_recipe(adapter: Adapter, module: Any, nodes: Nodes) -> Recipe:
    """Return the constructor's arguments that were chosen, of the classes of ``module``."""
    tensor = tensor_maker(adapter)
    given = {name: made(adapter, node, module, tensor) for name, node in nodes.items() if node != DEFAULT}
    return Recipe((), given, nodes)


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[0], (tuple, list))
        and isinstance(value[1], dict)
    )


def tensor_maker(adapter: Adapter, seeds: Iterator[int] | None = None) -> MakeTensor:
    """Return :func:`make_tensor` for recorded and chosen nodes, each of the next seed; of seed 0 without ``seeds``."""
    numbers = itertools.repeat(0) if seeds is None else seeds
    return lambda shape, dtype, kind: make_tensor(adapter, (shape, dtype), next(numbers), kind)


def make_tensor(adapter: Adapter, spec: infer.Spec, seed: int, kind: str = "tensor") -> Any:
    """Return a tensor (or numpy array) of a shape and dtype with random values."""
    shape, dtype = spec
    low = dtype == "bfloat16" or dtype.startswith("float8")
    array = infer.sample(adapter, (shape, "float32" if low else dtype), seed)
    kind = "numpy" if kind == "numpy" else adapter.argument_kind()
    tensor = adapter.device(kind, tuple(array.shape), str(array.dtype), array.tobytes())
    return adapter.cast(tensor, dtype) if low else tensor
