"""Kinds of values inside functions: the questions that rules ask.

``unit_facts`` for what a target compiles, ``function_facts`` for any other function, ``module_facts`` for the code at
module level.  Each answer is computed once and kept with the project.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .classes import ClassInfo, Project
from .module import Module
from .names import FunctionNode
from .units import Unit
from .values import NONE, UNKNOWN, Value, constant


@dataclass(eq=False)
class Facts:
    """What is known about the values in a region of code."""

    module: Module
    project: Project
    values: dict[int, Value] = field(default_factory=dict)

    def value(self, node: ast.expr) -> Value:
        """Return what ``node`` is at run time wherever it is evaluated; ``UNKNOWN`` where nothing is known."""
        found = self.values.get(id(node))
        if found is not None:
            return found
        return constant(node.value) if isinstance(node, ast.Constant) else UNKNOWN


@dataclass(eq=False)
class AttrFact:
    """An attribute of ``self``: its :class:`Value` after construction and the methods that assign it."""

    value: Value
    setters: frozenset[str] = frozenset()


@dataclass(eq=False)
class UnitFacts(Facts):
    """What is known about one unit: its functions' values, parameters and results, and the attributes of its class."""

    unit: Unit | None = None
    attrs: dict[str, Value] = field(default_factory=dict)
    setters: dict[str, frozenset[str]] = field(default_factory=dict)
    results: dict[int, Value] = field(default_factory=dict)
    seeds: dict[int, dict[str, Value]] = field(default_factory=dict)
    ends: dict[int, dict[str, Value]] = field(default_factory=dict)

    def returns(self, function: FunctionNode) -> Value:
        """Return what a call of ``function`` gives (``NONE`` for one without ``return``)."""
        return self.results.get(id(function), UNKNOWN)

    def parameters(self, function: FunctionNode) -> dict[str, Value]:
        """Return the parameters of ``function`` as they are on entry (``self`` included)."""
        return self.seeds.get(id(function), {})

    def env_at_end(self, function: FunctionNode) -> dict[str, Value]:
        """Return the locals of ``function`` as they are when it returns."""
        return self.ends.get(id(function), {})


def unit_facts(unit: Unit, project: Project) -> UnitFacts:
    """Return the facts of a unit (kept with it)."""
    return UnitFacts(unit.module, project, unit=unit)


def function_facts(function: FunctionNode, module: Module, project: Project) -> UnitFacts:
    """Return the facts of any function, as if it were a unit of its own."""
    return UnitFacts(module, project)


def module_facts(module: Module, project: Project) -> Facts:
    """Return the facts of the code at module level."""
    return Facts(module, project)


def class_attrs(info: ClassInfo, project: Project) -> dict[str, Value]:
    """Return the attributes that instances of a class of the repository have after construction."""
    return {}


__all__ = ["NONE", "Facts", "UnitFacts", "class_attrs", "function_facts", "module_facts", "unit_facts"]
