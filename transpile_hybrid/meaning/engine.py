"""The interpreter's bookkeeping: which function was interpreted with what, what came of it, and when to stop."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .classes import ClassInfo, Project
from .module import Module
from .names import FunctionNode
from .values import UNKNOWN, Value, join

if TYPE_CHECKING:
    from .attributes import ClassAttrs
    from .frame import Frame

MAX_DEPTH = 6
MAX_CONTEXTS = 8
FUNCTION_BUDGET = 60_000
"""Expressions evaluated for one question (a unit, a module) before everything further is ``UNKNOWN``."""

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
    """What is known about one project so far."""

    project: Project
    memo: dict[tuple[object, ...], Summary] = field(default_factory=dict)
    contexts: dict[int, int] = field(default_factory=dict)
    active: list[int] = field(default_factory=list)
    attrs: dict[str, ClassAttrs] = field(default_factory=dict)
    module_frames: dict[int, Frame | None] = field(default_factory=dict)
    entry_calls: dict[int, dict[str, Value]] = field(default_factory=dict)
    lambdas: dict[int, tuple[ast.Lambda, Frame]] = field(default_factory=dict)
    definitions: dict[int, tuple[FunctionNode, Module, Frame | None]] = field(default_factory=dict)
    answers: dict[object, object] = field(default_factory=dict)
    steps: int = 0
    unit_steps: int = 0

    def spend(self, steps: int = 1) -> None:
        """Count work; raises :class:`OutOfBudget` when there was too much for one question."""
        self.steps += steps
        if self.steps > FUNCTION_BUDGET:
            raise OutOfBudget

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
