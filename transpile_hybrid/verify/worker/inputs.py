"""Finding the inputs of a unit: given, declared by the file, recorded, or inferred."""

from __future__ import annotations

import functools
import inspect
import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import infer
from .adapter import Adapter, Args, Kwargs
from .building import Recipe, constructor_slots, make_tensor, rebuilt_recipe, seeded_build, tensor_maker
from .cases import EMPTY, Case, Floats, as_arguments, common_batch
from .choices import DEFAULT, described, holds_tensor, input_options, made, mended, tensor_node
from .failing import innermost, says_raise
from .load import NotRunnable, Unit, accepts, call_with_known, fits, required, takes_more
from .odd import odd_cases
from .recorded import rebuilt
from .search import Choice, Level, Node, Slot, Stuck, climb, reached
from .tree import Encoder

IMPORT_SEED, INPUT_SEED = 7_000, 20_000
MAX_SHAPES = 8
INPUT_SECONDS = 10.0  # for inputs that nobody told
QUICK = 0.5  # of the time for inputs, for those that need no search
MENDINGS = 4  # of one guess, by what the error messages ask for
MANY = 65  # rows: more than blocks and thresholds usually have


class Found(NamedTuple):
    """The inputs found: the cases, where they came from, and what was left out and why."""

    cases: list[Case]
    source: str
    notes: list[str]


class InputFinder:
    """Finds the inputs of one unit, from the original's side; the rewritten side is given the same values."""

    def __init__(
        self, adapter: Adapter, module: Any, unit: Unit, recipe: Recipe, net: Any, seed: int, variants: bool = True
    ) -> None:
        self.adapter, self.module, self.unit, self.net, self.seed = adapter, module, unit, net, seed
        self.variants = variants
        self.recipe, self.state = recipe, self._names()
        self.floats = Floats(adapter)
        self.notes: list[str] = []

    def copies(self, case: Case) -> tuple[Args, Kwargs]:
        """Return fresh arguments of a case."""
        copies: tuple[Args, Kwargs] = self.floats.copies((case.args, case.kwargs))
        return copies

    def try_call(self, args: Args, kwargs: Kwargs) -> Any:
        """Call the unit once, on copies.  Whatever it raises comes through."""
        adapter = self.adapter
        args, kwargs = self.floats.copies((args, kwargs))
        adapter.seed(self.seed)
        adapter.prepare(self.net, args, kwargs)
        args, kwargs = self.floats.copies((args, kwargs))
        result = adapter.forward(self.net, args, kwargs, False)
        adapter.sync()
        return result

    def attempt(self, args: Args, kwargs: Kwargs) -> Any:
        """:meth:`try_call`, with inputs that the unit may not be made for; what fails leaves nothing behind."""
        try:
            return self.try_call(args, kwargs)
        except Exception:
            # layers that were built for these inputs would refuse all others
            if self.state is None or self._names() != self.state:
                self.net = seeded_build(self.adapter, self.unit, self.recipe, self.seed)
            raise

    def state_names(self) -> frozenset[str]:
        """Return the last part of each parameter's and buffer's name."""
        return frozenset(name.rpartition(".")[2] for name in self.adapter.state(self.net))

    def _names(self) -> list[str] | None:
        """Return the names of the state, ``None`` where a part of it is made by the first call."""
        state = self.adapter.state(self.net)
        return None if any(entry.value is None for entry in state.values()) else list(state)

    def find(self, given: list[Any] | None, seconds: float, recorded: dict[str, Any] | None = None) -> Found:
        """Return the cases.  Raises :class:`NotRunnable`, or what the original raises on declared inputs."""
        if given is not None:
            main = [Case(f"given, seed {s}", "shape 0", self._given(given, s), {}) for s in range(3)]
            self.try_call(main[0].args, {})
            return Found(self._with_variants(main), "given", self.notes)
        declared = getattr(self.module, "example_inputs", None)
        if callable(declared) and (cases := self._declared(declared)):
            several = not accepts(declared, "unit") and self._is_one_of_several()
            try:
                if several and not self._suits(cases[0]):
                    raise TypeError("the declared inputs are not for this unit")
                self.attempt(cases[0].args, cases[0].kwargs)
                return Found(self._with_variants(cases), "declared", self.notes)
            except Exception as exc:
                # example_inputs() of a file with several units may well be meant for another one
                if not several:
                    raise
                self.notes.append(f"example_inputs() does not fit this unit ({type(exc).__name__})")
        if self.unit.kind == "factory" and not self.adapter.is_model(self.adapter.unwrap(self.net)):
            raise NotRunnable("it takes no inputs and returns no model")
        if recorded and recorded["inputs"]:
            try:
                cases = self._recorded(recorded["inputs"])
                self.attempt(cases[0].args, cases[0].kwargs)
                return Found(self._with_variants(cases), "recorded", self.notes)
            except Exception as exc:  # the class has changed since
                self.notes.append(f"the recorded inputs no longer fit ({type(exc).__name__})")
        nodes = self._inferred(time.monotonic(), min(seconds, INPUT_SECONDS))
        named = ", ".join(described(node) for node in nodes)
        guessed = {name: node for name, node in (self.recipe.nodes or {}).items() if node != DEFAULT}
        if guessed:
            shown = ", ".join(f"{name}={described(node)}" for name, node in guessed.items())
            self.notes.append(f"built with guessed arguments: {shown}")
        main = [Case(f"{named}, seed {s}", "shape 0", self._made(nodes, s), {}) for s in range(3)]
        return Found(self._with_variants(main), "inferred", self.notes)

    def _inferred(self, begun: float, seconds: float) -> list[Node]:
        """Return inputs that it runs on, found without being told; the constructor's arguments may change with them."""
        parameters = self._parameters()
        try:
            specs = infer.find_inputs(
                self.adapter, self.net, len(parameters), self._tensor, lambda args: self.attempt(args, {}),
                self.level, QUICK * seconds,
            )  # fmt: skip
        except infer.NothingRuns as exc:
            if not exc.furthest or self.unit.kind == "model":
                raise
            names, furthest = parameters, [tensor_node(*spec) for spec in exc.furthest]
            try:
                return self._searched(names, furthest, begun + seconds)
            except Stuck as stuck:
                raise NotRunnable(infer.nothing_runs(stuck.error)) from None
        return [tensor_node(*spec) for spec in specs]

    def level(self, error: Exception) -> Level:
        """Return how far into the user's file a call got that raised ``error``."""
        return reached(error, self.module.__name__)

    def _searched(self, names: list[str], furthest: list[Node], until: float) -> list[Node]:
        adapter, count = self.adapter, len(furthest)
        built: list[Any] = []  # what the model at hand was made from, empty where making it failed

        def options(place: int, choice: Choice, error: Exception) -> Iterator[Node]:
            guesses = [guess[0] for guess in adapter.first_inputs(self.net) if guess] + list(infer.SHAPES)
            return input_options(guesses, place, choice[:count], error)

        slots = [
            Slot(names[i] if i < len(names) else "", node, functools.partial(options, i))
            for i, node in enumerate(furthest)
        ]
        if self.recipe.nodes is not None:
            slots += constructor_slots(adapter, self.module, self.unit, self.recipe.nodes)

        def attempt(choice: Choice) -> list[Node]:
            inputs = choice[:count]
            chosen = {slot.name: node for slot, node in zip(slots[count:], choice[count:], strict=True)}
            if self.recipe.nodes is not None and built != [chosen]:
                built.clear()
                recipe = rebuilt_recipe(adapter, self.module, chosen)
                self.net = seeded_build(adapter, self.unit, recipe, self.seed)
                self.recipe, self.state = recipe, self._names()
                built.append(chosen)
            if not any(holds_tensor(node) for node in inputs):
                raise NotRunnable("no input is a tensor")
            return self._mending(inputs)

        return climb(slots, attempt, lambda exc: (len(built), *self.level(exc)), until)

    def _recorded(self, kinds: list[dict[str, Any]]) -> list[Case]:
        cases = []
        for number, inputs in enumerate(kinds):
            for seed in range(3 if number == 0 else 2):
                tensor = tensor_maker(self.adapter, itertools.count(100 * seed))
                args = tuple(rebuilt(node, self.module, tensor) for node in inputs["args"])
                kwargs = {name: rebuilt(node, self.module, tensor) for name, node in inputs["kwargs"].items()}
                cases.append(Case(f"recorded inputs {number + 1}, seed {seed}", f"shape {number}", args, kwargs))
        return cases

    def _is_one_of_several(self) -> bool:
        mine = [
            v for k, v in vars(self.module).items()
            if not k.startswith("_") and k not in ("example_inputs", "example_init")
            and (inspect.isfunction(v) or isinstance(v, type)) and getattr(v, "__module__", "") == self.module.__name__
        ]  # fmt: skip
        return len(mine) > 1

    def _suits(self, case: Case) -> bool:
        target = self.unit.value if self.unit.kind == "function" else getattr(self.net, "forward", None)
        return target is None or self.unit.kind != "function" or fits(target, case.args, case.kwargs)

    def _mending(self, inputs: Choice) -> list[Node]:
        """Call the unit, changing the inputs as the messages ask for; return those that ran.  Raises the error of those
        that got furthest."""
        best: Exception | None = None
        for _ in range(MENDINGS):
            try:
                self.attempt(self._made(list(inputs), 0), {})
                return list(inputs)
            except Exception as exc:
                if best is not None and self.level(exc) < self.level(best):
                    break
                best, better = exc, mended(inputs, exc)
                if better == inputs:
                    break
                inputs = better
        assert best is not None
        raise best

    def _parameters(self) -> list[str]:
        """Return the names of the arguments that a call must give."""
        net = self.adapter.unwrap(self.net)
        given = ("self", "F", "training") if self.adapter.name == "torch" else ("self", "F", "training", "mask")
        for name in ("hybrid_forward", "forward", "call"):
            method = getattr(type(net), name, None)
            if name == "forward" and "__call__" in vars(type(net)):
                method = type(net).__call__
            if (
                self.unit.kind != "function"
                and method is not None
                and getattr(method, "__qualname__", "")[:6] != "Module"
            ):
                parameters = [p for p in required(method) or [] if p.name not in given]
                known = self.state_names()
                names = [p.name for p in parameters if name != "hybrid_forward" or p.name not in known]
                return names or [""] * takes_more(method)
        return [p.name for p in required(self.net) or []]

    def _spec(self, entry: Any) -> infer.Spec:
        if isinstance(entry, dict):
            return tuple(int(n) for n in entry["shape"]), str(entry.get("dtype", "float32"))
        return tuple(int(n) for n in entry), "float32"

    def _tensor(self, spec: infer.Spec, seed: int) -> Any:
        return make_tensor(self.adapter, spec, seed)

    def _made(self, nodes: list[Node], seed: int) -> Args:
        tensor = tensor_maker(self.adapter, itertools.count(100 * seed))
        return tuple(made(self.adapter, node, self.module, tensor) for node in nodes)

    def _given(self, entries: list[Any], seed: int) -> Args:
        shapes = [isinstance(entry, (list, dict)) for entry in entries]
        return tuple(
            self._tensor(self._spec(entry), 100 * seed + i) if shape else entry
            for i, (entry, shape) in enumerate(zip(entries, shapes, strict=True))
        )

    def _declared(self, declared: Any) -> list[Case]:
        shapes = getattr(self.module, "INPUT_SHAPES", None)
        by_shape = list(shapes)[:MAX_SHAPES] if shapes and accepts(declared, "shape") else [None]
        cases: list[Case] = []
        for number, shape in enumerate(by_shape):
            base: Any = None
            for seed in range(3 if number == 0 else 2):
                offered: dict[str, Any] = {"seed": seed, "unit": self.unit.name}
                if shape is not None:
                    offered["shape"] = shape
                self.adapter.seed(INPUT_SEED + seed)
                value = call_with_known(declared, offered)
                if value is None and not cases:  # it has none for this unit
                    return []
                if seed == 0:
                    base = value
                elif self._same(base, value):
                    value = self.floats.varied(base, seed)
                args, kwargs = as_arguments(value)
                shown = list(shape) if isinstance(shape, tuple) else shape
                name = f"seed {seed}" + ("" if shape is None else f", shape {shown}")
                cases.append(Case(name, f"shape {number}", args, kwargs))
        return cases

    def _takes_nothing(self, args: Args, kwargs: Kwargs) -> bool:
        """Whether the original runs on an empty batch, or says itself that it doesn't."""
        if self.adapter.name == "mxnet":  # its engine may end the process over an array without elements
            return False
        try:
            self.attempt(args, kwargs)
        except Exception as exc:
            trace = innermost(exc)
            own = trace is not None and trace.tb_frame.f_globals.get("__name__") == self.module.__name__
            return own and says_raise(exc)
        return True

    def _same(self, first: Any, second: Any) -> bool:
        one, two = Encoder(self.adapter.host, True), Encoder(self.adapter.host, True)
        return one.encode(first) == two.encode(second) and one.buffers == two.buffers

    def _with_variants(self, cases: list[Case]) -> list[Case]:
        """Add other batch sizes, edge values and an empty batch, made from the first case, where that is asked for."""
        if not self.variants:
            return cases
        first = cases[0]
        arguments = (first.args, first.kwargs)
        found, number = list(cases), len({case.group for case in cases})
        size = common_batch(self.adapter, arguments)
        started = time.monotonic()
        if size:
            for other in (size + 1, 2 * size + 3, 1, MANY):
                quick = other < MANY or time.monotonic() - started < 0.2
                if other != size and quick and time.monotonic() - started < 5:
                    args, kwargs = self.floats.batch([arguments], other)
                    try:
                        self.try_call(args, kwargs)
                    except Exception:  # the original does not take this batch size: nothing to compare
                        continue
                    found.append(Case(f"first dimension {other}", f"shape {number}", args, kwargs))
                    number += 1
            args, kwargs = self.floats.batch([arguments], 0)
            if self._takes_nothing(args, kwargs):
                found.append(Case(EMPTY, "edge", args, kwargs))
        for name, (args, kwargs) in self.floats.edges(arguments):
            found.append(Case(name, "edge", args, kwargs))
        return found + odd_cases(self.adapter, first)
