"""What a rule is, and what it is given to judge with.

A rule is one file.  Its module docstring is its documentation, ``EXAMPLES`` its before/after pairs (tests and the docs
page are made from them), and one function decorated with :func:`rule` finds the problem::

    @rule("THM101", "host-read", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, on=(ast.Call,))
    def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
        ...

``scope`` says when the function is called:

* ``region``: for each node of the types ``on`` inside the functions of a unit that the compiler will read;
* ``unit``: once a unit, after its region rules; ``ctx.findings`` holds what they found;
* ``file``: for each node of the types ``on`` anywhere in the file;
* ``module``: once a file, last, in the order of their ``stage`` (those of a later stage see what all earlier found);
* ``comments``: by no traversal; found where suppression comments are applied.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..diagnostics import Consequence, Diagnostic, Span
from ..meaning.classes import Project
from ..meaning.module import Module
from ..meaning.names import FunctionNode, Scope
from ..meaning.units import Unit
from ..rewrite.edit import Fix
from ..source.source import Source
from ..targets import TARGETS

if TYPE_CHECKING:
    from ..meaning.infer import Facts, UnitFacts
    from ..meaning.values import Value


@dataclass(frozen=True)
class Example:
    """A before/after pair.

    ``after`` is what ``rewrite`` makes of ``before`` (with ``--unsafe`` where ``unsafe``); ``None`` means that the rule
    reports and leaves the text alone.  ``targets`` are the targets to judge for (default: the rule's first).
    """

    before: str
    after: str | None = None
    unsafe: bool = False
    targets: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Finding:
    """What a rule found; the engine completes it to a :class:`~transpile_hybrid.diagnostics.Diagnostic`.

    ``at`` is the node (or span) to point at.  ``targets`` and ``consequence`` override those of the rule, and ``unit``
    names the unit where a ``module`` rule knows it.  ``waits`` is the safety of a fix that is given once nothing else
    stands in the way of the unit.
    """

    at: ast.AST | Span
    message: str
    help: str = ""
    why: str = ""
    fix: Fix | None = None
    targets: tuple[str, ...] | None = None
    consequence: Consequence | None = None
    unit: str | None = None
    waits: str = ""


@dataclass(frozen=True)
class Rule:
    """A registered rule; the fields are those of :func:`rule`, ``check`` its function."""

    code: str
    name: str
    targets: tuple[str, ...]
    consequence: Consequence
    fix: str
    scope: str
    on: tuple[type[ast.AST], ...]
    check: Callable[..., Iterator[Finding]]
    stage: int = 0

    @property
    def framework(self) -> str:
        """The framework that the code's letter (of a plugin's rule: its targets) names, or ``common``."""
        if self.code.startswith("TH"):
            return {"T": "torch", "F": "tensorflow", "M": "mxnet", "C": "common"}[self.code[2]]
        frameworks = {TARGETS[target].framework for target in self.targets}
        return frameworks.pop() if len(frameworks) == 1 else "common"

    @property
    def doc(self) -> str:
        """The rule's documentation: the docstring of its file."""
        return (sys.modules[self.check.__module__].__doc__ or "").strip()

    @property
    def examples(self) -> tuple[Example, ...]:
        """The before/after pairs that the rule's file gives."""
        return tuple(getattr(sys.modules[self.check.__module__], "EXAMPLES", ()))

    @property
    def valid(self) -> tuple[str, ...]:
        """Programs in which the rule must find nothing."""
        return tuple(getattr(sys.modules[self.check.__module__], "VALID", ()))


REGISTRY: dict[str, Rule] = {}


def rule(
    code: str,
    name: str,
    *,
    targets: tuple[str, ...],
    consequence: Consequence,
    fix: str = "none",
    scope: str = "region",
    on: tuple[type[ast.AST], ...] = (),
    stage: int = 0,
) -> Callable[[Callable[..., Iterator[Finding]]], Callable[..., Iterator[Finding]]]:
    """Register a rule.

    ``fix`` tells readers of the docs whether the rule mends what it finds: ``always``, ``sometimes``, ``none``.  Raises
    ``ValueError`` for a code that is taken or of the wrong form: ``THT123`` for ours, letters of their own and three
    digits (``ACME101``) for a plugin's.
    """
    if code in REGISTRY:
        raise ValueError(f"rule code {code} is used twice")
    own = len(code) == 6 and code[:2] == "TH" and code[2] in "CTFM" and code[3:].isdigit()
    letters = code[:-3]
    foreign = letters.isalpha() and letters.isupper() and not letters.startswith("TH") and code[-3:].isdigit()
    if not (own or foreign):
        raise ValueError(f"rule code {code!r} is not of the form THx123 (a plugin's: ABC123)")

    def register(function: Callable[..., Iterator[Finding]]) -> Callable[..., Iterator[Finding]]:
        REGISTRY[code] = Rule(code, name, targets, consequence, fix, scope, on, function, stage)
        return function

    return register


@dataclass
class ModuleContext:
    """What ``file`` and ``module`` rules judge with.

    ``targets`` are the targets asked for (of this framework), ``unsafe`` whether unsafe fixes are admitted, ``units``
    the file's units, ``findings`` the diagnostics so far.
    """

    source: Source
    module: Module
    project: Project
    framework: str
    targets: tuple[str, ...]
    unsafe: bool
    units: list[Unit]
    findings: list[Diagnostic] = field(default_factory=list)

    def qualified(self, node: ast.expr) -> str | None:
        """Return the canonical qualified name that ``node`` stands for, or ``None``."""
        return self.module.qualified(node)

    @cached_property
    def module_facts(self) -> Facts:
        """Kinds of values of the module-level code."""
        from ..meaning.infer import module_facts

        return module_facts(self.module, self.project)

    def findings_of(self, unit: Unit) -> list[Diagnostic]:
        """Return what was found in ``unit``."""
        return [finding for finding in self.findings if finding.unit == unit.name]


@dataclass
class UnitContext(ModuleContext):
    """What ``region`` and ``unit`` rules judge with.  ``function`` is the function of the region being read."""

    unit: Unit = None  # type: ignore[assignment]  # always given; a default only because the base class has some
    function: FunctionNode | None = None
    scope: Scope | None = None

    def qualified(self, node: ast.expr) -> str | None:
        """Return the canonical qualified name that ``node`` stands for, or ``None``."""
        return self.module.qualified(node)

    @cached_property
    def facts(self) -> UnitFacts:
        """Kinds of values in the unit's region."""
        from ..meaning.infer import unit_facts

        return unit_facts(self.unit, self.project)

    def value(self, node: ast.expr) -> Value:
        """Return what is known about the value of ``node``."""
        return self.facts.value(node)

    def is_self(self, node: ast.expr) -> bool:
        """Whether ``node`` is the instance (``self``) of the class whose method is being read."""
        if not isinstance(node, ast.Name) or self.unit.kind != "class" or self.function is None:
            return False
        arguments = self.function.args
        first = (arguments.posonlyargs + arguments.args)[:1]
        return bool(first) and first[0].arg == node.id

    def self_attribute(self, node: ast.expr) -> str | None:
        """Return ``name`` for ``self.name``, else ``None``."""
        return node.attr if isinstance(node, ast.Attribute) and self.is_self(node.value) else None


Context = ModuleContext | UnitContext
AnyNode = Any
