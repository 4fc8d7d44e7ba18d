"""The interpreter's bookkeeping: which function was interpreted with what, what came of it, and when to stop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .classes import ClassInfo, Project
from .module import Module
from .names import FunctionNode
from .values import UNKNOWN, Depends, Value, join

if TYPE_CHECKING:
    from .attributes import ClassAttrs
    from .frame import Frame

MAX_DEPTH = 6
MAX_CONTEXTS = 8
FUNCTION_BUDGET = 60_000
"""Expressions evaluated for one question (a unit, a module) before everything further is ``UNKNOWN``."""

OUTSIDE_BUDGET = 100
"""Statements of functions of other files interpreted for one call that leads there; further calls in them are taken at
their annotations.  A base class's constructor can lead to half of a library, of which hardly anything comes back."""

Callable_ = FunctionNode | ast.Lambda


class OutOfBudget(Exception):
    """Interpreting took too long: what isn't known by now stays unknown."""


@dataclass(eq=False, slots=True)
class Summary:
    """What interpreting one function once gave."""

    function: Callable_ | ast.Module
    values: dict[int, Value] = field(default_factory=dict)
    params: dict[str, Value] = field(default_factory=dict)
    result: Value = UNKNOWN
    end: dict[str, Value] = field(default_factory=dict)
    stores: dict[str, Value] = field(default_factory=dict)
    calls: list[Summary] = field(default_factory=list)


@dataclass(eq=False)
class Engine:
    """What is known about one project so far.

    ``outside``: at how many steps the call was that led out of the judged file (``None``: inside), ``cuts``: how many
    calls were not followed for lack of budget so far.
    """

    project: Project
    memo: dict[tuple[object, ...], Summary] = field(default_factory=dict)
    contexts: dict[int, int] = field(default_factory=dict)
    active: list[int] = field(default_factory=list)
    attrs: dict[str, ClassAttrs] = field(default_factory=dict)
    module_frames: dict[int, Frame | None] = field(default_factory=dict)
    entry_calls: dict[int, dict[str, Value]] = field(default_factory=dict)
    lambdas: dict[int, tuple[ast.Lambda, Frame]] = field(default_factory=dict)
    definitions: dict[int, tuple[FunctionNode, Module, Frame | None]] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    answers: dict[object, object] = field(default_factory=dict)
    steps: int = 0
    outside: int | None = None
    cuts: int = 0

    def spend(self, steps: int = 1) -> None:
        """Count work; raises :class:`OutOfBudget` when there was too much for one question."""
        self.steps += steps
        if self.steps > FUNCTION_BUDGET:
            raise OutOfBudget

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """For a question whose answer is kept, whoever asks it: what is around it doesn't count."""
        saved, self.outside = self.outside, None
        try:
            yield
        finally:
            self.outside = saved

    def follows(self, module: Module) -> bool:
        """Whether a call of a function of ``module`` is followed; counts those that are not for lack of budget."""
        if self.outside is None or self.steps - self.outside <= OUTSIDE_BUDGET or not self.project.is_outside(module):
            return True
        self.cuts += 1
        return False

    def site_of(self, resolved: str) -> int:
        """Return what stands for a module-level function of the repository in values: nothing is parsed for it."""
        return self.named.setdefault(resolved, -1 - len(self.named))

    def function_value(self, node: FunctionNode, module: Module, name: str) -> Value:
        """Return the value of a function of ``module`` that stands in no other one, and know its definition."""
        self.definitions.setdefault(id(node), (node, module, None))
        return Value(frozenset({"function"}), cls=name, site=id(node), depends=Depends.CONFIG)

    def definition(self, value: Value) -> tuple[FunctionNode, Module, Frame | None] | None:
        """Return the definition of a function's value, with its module and the frame around it."""
        if value.site < 0 and value.cls is not None:
            found = self.project.function_named(value.cls)
            return None if found is None else self.definitions.setdefault(id(found[1]), (found[1], found[0], None))
        return self.definitions.get(value.site)

    def note_entry_call(self, function: Callable_, arguments: dict[str, Value]) -> None:
        """Remember with what a function of the repository was called."""
        seen = self.entry_calls.setdefault(id(function), {})
        for name, value in arguments.items():
            seen[name] = join(seen[name], value) if name in seen else value


def engine_of(project: Project) -> Engine:
    """Return the engine that belongs to ``project``."""
    if not isinstance(project.engine, Engine):
        project.engine = Engine(project)
    return project.engine


def class_of_value(engine: Engine, value: Value) -> ClassInfo | None:
    """Return the repository's class of a module or object."""
    return engine.project.class_named(value.cls)
