"""Values for what a call may leave out: flags, numbers, words, and tensors that are ``None`` by default.

What nobody passes is compared by nobody.  A value is one that the original runs on, best one that leads it to lines
where it was not before.
"""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from .adapter import Adapter
from .building import tensor_maker
from .cases import Case
from .choices import described, made, strings_of, tensor_node, with_numbers, words_of
from .inputs import InputFinder
from .load import parameters_of
from .reach import Reach
from .search import Choice, Node, Slot, Stuck, climb

SECONDS = 1.5  # for one argument
_MOST, _WORDS, _KEPT = 6, 16, 3
_MODES = frozenset(["training", "self", "F"])  # what a framework gives by itself
_TENSORFLOW = frozenset(["mask", "name", "scope"])  # Keras hands on the first; the others are labels in a graph


class Options(NamedTuple):
    """The cases in which optional arguments are given, and the names of those for which no value was found."""

    cases: list[Case]
    never: list[str]


def optional_cases(finder: InputFinder, case: Case, others: list[Case], reach: Reach) -> Options:
    """Return variants of ``case`` that give what it leaves out.  ``reach`` knows the lines that ran without them.

    What one of ``others`` gives (another call that was recorded, say) is given.
    """
    adapter = finder.adapter
    found: list[Case] = []
    never: list[str] = []
    before: list[Any] = []
    entry = adapter.entry(finder.net)
    if getattr(inspect.unwrap(entry), "__module__", "") != finder.module.__name__:
        return Options(found, never)  # a container of the framework's: its arguments are nobody's code here
    state = finder.state_names()
    always = [{p.name for p in left_out(entry, other, adapter, state)} for other in others]
    for parameter in left_out(entry, case, adapter, state):
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            never.append(f"{'*' * (1 + (parameter.kind is parameter.VAR_KEYWORD))}{parameter.name}")
            continue
        skipped, before = before, [*before, parameter.default]
        if len(found) + len(never) >= _MOST:
            never.append(parameter.name)
            continue
        trial = _Trial(finder, case, parameter, skipped, reach)
        values = trial.values()
        found += [trial.case(node) for node in values]
        if not values and all(parameter.name in names for names in always):
            never.append(parameter.name)
    return Options(found, never)


def left_out(entry: Any, case: Case, adapter: Adapter, state: frozenset[str]) -> list[inspect.Parameter]:
    """Return the optional parameters that ``case`` does not give."""
    given = len(case.args)
    kept = [p for p in parameters_of(entry) or [] if p.name not in ("self", "F")]
    hidden = _MODES | (_TENSORFLOW if adapter.name == "tensorflow" else frozenset())
    if getattr(entry, "__name__", "") == "hybrid_forward":
        hidden |= state
    return [
        p for p in kept[given:]
        if p.name not in case.kwargs and p.name not in hidden and (p.default is not p.empty or "VAR_" in p.kind.name)
        and not (p.kind is p.VAR_POSITIONAL and given > len(kept))
    ]  # fmt: skip


class _Trial:
    """Finding values for one parameter."""

    def __init__(
        self, finder: InputFinder, case: Case, parameter: inspect.Parameter, skipped: list[Any], reach: Reach
    ) -> None:
        self.finder, self.given, self.parameter, self.skipped = finder, case, parameter, skipped
        self.reach = reach
        self.until = time.monotonic() + SECONDS

    def case(self, node: Node) -> Case:
        """Return the case with the value that ``node`` stands for."""
        name, case = self.parameter.name, self.given
        value = made(
            self.finder.adapter, node, self.finder.module, tensor_maker(self.finder.adapter, itertools.count(7))
        )
        shown = f"{name}={described(node)}"
        if self.finder.adapter.name == "mxnet":  # its blocks take no keywords
            return Case(shown, "option", (*case.args, *self.skipped, value), case.kwargs)
        return Case(shown, "option", case.args, {**case.kwargs, name: value})

    def run(self, node: Node) -> bool:
        """Call the unit with it; return whether lines ran that never did.  Whatever it raises comes through."""
        case, reach = self.case(node), Reach(self.reach.home)
        with reach.watching():
            self.finder.attempt(case.args, case.kwargs)
        return self.reach.take(reach)

    def values(self) -> list[Node]:
        """Return the values to give, at most three."""
        default = self.parameter.default
        if isinstance(default, bool):
            return self.best([{"v": not default}])
        if isinstance(default, int):
            return self.best([{"v": default + 1}])
        if isinstance(default, float):
            return self.best([{"float": (default + 1).hex()}])
        kinds = _kinds(self.parameter)
        if default is not None and not isinstance(default, str):
            return []
        found: list[Node] = []
        if isinstance(default, str) or "str" in kinds:
            found = self.best([{"v": word} for word in self.words() if word != default])
        if not found and default is None and "tensor" in kinds:
            found = self.tensor()
        if not found and default is None:
            plain: dict[str, list[Node]] = {
                "bool": [{"v": True}], "int": [{"v": 1}, {"v": 2}, {"v": 4}], "float": [{"float": (0.5).hex()}],
            }  # fmt: skip
            found = self.best([node for kind, nodes in plain.items() if kind in kinds for node in nodes])
        return found

    def words(self) -> list[str]:
        """Return the words that the unit's own code names."""
        unit = self.finder.unit.value
        cls = unit if isinstance(unit, type) else type(self.finder.adapter.unwrap(self.finder.net))
        return strings_of(words_of(cls, self.finder.module)[0])[:_WORDS]

    def best(self, nodes: list[Node]) -> list[Node]:
        """Return those that lead to new lines, else the first one that runs."""
        first: list[Node] = []
        new: list[Node] = []
        for node in nodes:
            if time.monotonic() > self.until or len(new) == _KEPT:
                break
            try:
                new_lines = self.run(node)
            except Exception:  # it is not made for this value
                continue
            first = first or [node]
            if new_lines:
                new.append(node)
        return new or first

    def tensor(self) -> list[Node]:
        """Return a tensor that the unit takes."""
        shapes = list(self.shapes())
        start = tensor_node(shapes[0], self.dtypes()[0]) if shapes else tensor_node((2,))

        def others(choice: Choice, error: Exception) -> Iterator[Node]:
            for dtype in self.dtypes():
                for shape in shapes:
                    yield tensor_node(shape, dtype)
            yield from with_numbers(choice[0], str(error))

        def attempt(choice: Choice) -> Node:
            self.run(choice[0])
            return choice[0]

        try:
            slot = Slot(self.parameter.name, start, others)
            return [climb([slot], attempt, self.finder.level, self.until)]
        except Stuck:
            return []

    def dtypes(self) -> tuple[str, ...]:
        """Return the dtypes to try, likeliest first."""
        name = self.parameter.name.lower()
        if "mask" in name:
            return ("bool", "float32", "int64")
        whole = any(word in name for word in ("len", "ids", "index", "label", "target", "position"))
        return ("int64", "float32", "bool") if whole else ("float32", "bool", "int64")

    def shapes(self) -> Iterator[tuple[int, ...]]:
        """Yield shapes akin to those of the tensors that are given, likeliest first."""
        seen: set[tuple[int, ...]] = set()
        adapter = self.finder.adapter
        for value in (*self.given.args, *self.given.kwargs.values()):
            host = adapter.host(value)
            if host is None:
                continue
            s = tuple(host.shape)
            a, b, rest = s[:1], s[1:2], s[2:]
            for shape in (
                s, s[:2], s[:-1], a, b, (*s[:-1], 1), a + b + b, b + b, (*a, 1, *b), (*a, 1, 1, *b), (*a, 1, *b, *b),
                s[-1:], (1, *s[1:]), a + s[-1:], a + b + (1,) * len(rest), a + (1,) + rest, (1, 1, *s[1:]),
            ):  # fmt: skip
                if shape not in seen:
                    seen.add(shape)
                    yield shape


def _kinds(parameter: inspect.Parameter) -> set[str]:
    """Return what a parameter's annotation admits, of ``tensor``, ``bool``, ``int``, ``float`` and ``str``."""
    annotation = parameter.annotation
    every = {"tensor", "bool", "int", "float"}
    if annotation is parameter.empty:
        return every
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "") + str(annotation)
    named = {kind for kind in ("bool", "int", "float", "str") if kind in text.replace("Constraint", "")}
    if "Tensor" in text or "ndarray" in text or "NDArray" in text:
        named.add("tensor")
    return named
