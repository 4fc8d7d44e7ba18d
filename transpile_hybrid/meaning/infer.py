"""Kinds of values inside functions: the questions that rules ask.

``unit_facts`` for what a target compiles, ``function_facts`` for any other function, ``module_facts`` for the code at
module level.  Each answer is computed once and kept with the project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from . import seeds
from .attributes import ClassAttrs, attr_value, instance
from .attributes import class_attrs as _class_attrs
from .classes import ClassInfo, Project
from .engine import Engine, OutOfBudget, Summary, engine_of
from .frame import Frame
from .interpret import is_static, module_frame, run
from .module import Module
from .names import FunctionNode
from .units import ENTRY_METHODS, Unit, reached
from .values import UNKNOWN, Value, constant, join, of


@dataclass(eq=False)
class Facts:
    """What is known about the values in a region of code."""

    module: Module
    project: Project
    values: dict[int, Value] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """The bookkeeping of the project."""
        return engine_of(self.project)

    @property
    def module_framework(self) -> str:
        """The only framework that the module uses, or an empty text."""
        found = sorted(self.module.frameworks)
        return found[0] if len(found) == 1 else ""

    def value(self, node: ast.expr) -> Value:
        """Return what ``node`` is at run time wherever it is evaluated; ``UNKNOWN`` where nothing is known."""
        found = self.values.get(id(node))
        if found is not None and found.kinds:
            return found
        return constant(node.value) if isinstance(node, ast.Constant) else UNKNOWN


@dataclass(eq=False)
class UnitFacts(Facts):
    """What is known about one unit: its functions' values, parameters and results, and the attributes of its class.

    ``attrs`` holds what ``self`` has after construction, ``setters`` the methods that assign each attribute.
    """

    unit: Unit | None = None
    function: FunctionNode | None = None
    attrs: Mapping[str, Value] = field(default_factory=dict)
    setters: dict[str, frozenset[str]] = field(default_factory=dict)
    results: dict[int, Value] = field(default_factory=dict)
    seeds: dict[int, dict[str, Value]] = field(default_factory=dict)
    ends: dict[int, dict[str, Value]] = field(default_factory=dict)
    complete: bool = True

    def returns(self, function: FunctionNode) -> Value:
        """Return what a call of ``function`` gives (``NONE`` for one without ``return``)."""
        return self.results.get(id(function), UNKNOWN)

    def parameters(self, function: FunctionNode) -> dict[str, Value]:
        """Return the parameters of ``function`` as they are on entry (``self`` included)."""
        return self.seeds.get(id(function), {})

    def env_at_end(self, function: FunctionNode) -> dict[str, Value]:
        """Return the locals of ``function`` as they are when it returns."""
        return self.ends.get(id(function), {})

    def add(self, summary: Summary) -> None:
        """Take over what one interpretation found."""
        _merge(self.values, summary.values)
        if isinstance(summary.function, ast.FunctionDef | ast.AsyncFunctionDef):
            key = id(summary.function)
            _merge(self.seeds.setdefault(key, {}), summary.params)
            _merge(self.ends.setdefault(key, {}), {n: v for n, v in summary.end.items() if "." not in n})
            self.results[key] = join(self.results[key], summary.result) if key in self.results else summary.result


def _merge(into: dict[int, Value] | dict[str, Value], more: dict[int, Value] | dict[str, Value]) -> None:
    target: dict[object, Value] = into  # type: ignore[assignment]
    for key, value in more.items():
        held = target.get(key)
        target[key] = value if held is None else join(held, value)


def _collect(facts: UnitFacts, summary: Summary, wanted: set[int], seen: set[int]) -> None:
    """Take over a summary and those of the calls in it, as far as they belong to the region."""
    work = [summary]
    while work:
        current = work.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if id(current.function) in wanted or isinstance(current.function, ast.Lambda):
            facts.add(current)
        work += current.calls


def unit_facts(unit: Unit, project: Project) -> UnitFacts:
    """Return the facts of a unit (kept with the project)."""
    engine = engine_of(project)
    key = ("unit", id(unit.node), unit.framework)
    found = engine.answers.get(key)
    if isinstance(found, UnitFacts):
        return found
    if unit.kind == "class" and unit.cls is not None:
        _warm(engine, unit.module)
        facts = class_facts(engine, unit.cls, unit.entry, unit.region)
    else:
        assert isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef)
        facts = _function_facts(engine, unit.node, unit.module, unit.framework, unit.region)
    facts.unit = unit
    engine.answers[key] = facts
    return facts


def _warm(engine: Engine, module: Module) -> None:
    """Look at a module's classes from the last to the first, so that users of a class come before it."""
    key = ("warm", id(module))
    if key in engine.answers:
        return
    engine.answers[key] = True
    project = engine.project
    module_frame(engine, module)
    infos = [info for info in project.classes_of(module) if project.framework_base(info) is not None]
    for info in reversed(infos):
        engine.steps = 0
        try:
            _class_attrs(engine, info)
        except (OutOfBudget, RecursionError):
            continue
    for info in reversed(infos):
        base = project.framework_base(info)
        assert base is not None
        for name in ("__call__", *ENTRY_METHODS.get(base.framework, ())):
            if name in info.methods:
                class_facts(engine, info, info.methods[name], None)
                if name != "__call__":
                    break


def class_facts(
    engine: Engine, info: ClassInfo, entry: FunctionNode | None, region: list[FunctionNode] | None
) -> UnitFacts:
    """Return the facts of a class: its constructor, its entry and what that reaches in the file."""
    key = ("class", info.qualified, id(entry))
    found = engine.answers.get(key)
    if isinstance(found, UnitFacts):
        return found
    project, module = engine.project, info.module
    engine.steps = 0
    facts = UnitFacts(module, project)
    base = project.framework_base(info)
    framework = base.framework if base is not None else ""
    functions = list(
        region if region is not None else reached(entry, module, project, info) if entry is not None else []
    )
    wanted = {id(function) for function in functions}
    seen: set[int] = set()
    try:
        attrs = _class_attrs(engine, info)
        facts.attrs, facts.setters = _Held(engine, attrs), dict(attrs.setters)
        for summary in attrs.summaries:
            _collect(facts, summary, wanted | {id(method) for method in info.methods.values()}, seen)
        if entry is not None:
            parameters = seeds.seed(engine, entry, module, info, "entry", framework)
            summary = run(engine, entry, module, info, instance(engine, info), parameters, framework, None)
            _collect(facts, summary, wanted, seen)
        for function in functions:
            if id(function) not in facts.results:
                _alone(engine, facts, function, info, framework, wanted, seen)
    except (OutOfBudget, RecursionError):
        facts.complete = False
    engine.answers[key] = facts
    return facts


def _alone(
    engine: Engine,
    facts: UnitFacts,
    function: FunctionNode,
    info: ClassInfo | None,
    framework: str,
    wanted: set[int],
    seen: set[int],
) -> None:
    """A function of the region to which no call was followed."""
    owner = info if info is not None and any(function is method for method in info.methods.values()) else None
    parameters = seeds.seed(engine, function, facts.module, owner, "method" if owner else "helper", framework)
    self_value = instance(engine, owner) if owner is not None else None
    if owner is not None and _of_class(function, facts.module):
        self_value = of("class", cls=owner.qualified)
    _collect(facts, run(engine, function, facts.module, owner, self_value, parameters, framework, None), wanted, seen)


def _of_class(function: FunctionNode, module: Module) -> bool:
    """Whether its first parameter is the class."""
    names = {module.qualified(decorator) for decorator in function.decorator_list}
    return "builtins.classmethod" in names or function.name == "__new__"


class _Held(Mapping[str, Value]):
    """What instances of a class hold, each attribute worked out when it is asked for."""

    def __init__(self, engine: Engine, attrs: ClassAttrs) -> None:
        self._engine, self._attrs = engine, attrs
        names = {name for held in (attrs.values, attrs.class_level, attrs.setters) for name in held}
        self._names = sorted(name for name in names if not name.startswith("<"))

    def __getitem__(self, name: str) -> Value:
        attrs = self._attrs
        if name not in self._names:
            raise KeyError(name)
        self._engine.steps = 0
        try:
            value = attrs.values.get(name) or attrs.class_level.get(name) or attr_value(self._engine, attrs, name)
        except (OutOfBudget, RecursionError):
            value = UNKNOWN
        return value if value is not None else UNKNOWN

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def function_facts(function: FunctionNode, module: Module, project: Project) -> UnitFacts:
    """Return the facts of any function, as if it were a unit of its own."""
    engine = engine_of(project)
    frameworks = sorted(module.frameworks)
    owner = owner_of(function, module, project)
    if owner is not None:
        base = project.framework_base(owner)
        _warm(engine, module)
        key = ("method", id(function))
        found = engine.answers.get(key)
        if isinstance(found, UnitFacts):
            return found
        entries = ENTRY_METHODS.get(base.framework, ()) if base is not None else ()
        facts = class_facts(
            engine, owner, owner.methods.get(next((n for n in entries if n in owner.methods), "")), None
        )
        if id(function) not in facts.results and base is not None:
            facts = _inherited(engine, facts, function, owner, base.framework)
        if id(function) not in facts.results:
            try:
                engine.steps = 0
                _alone(engine, facts, function, owner, base.framework if base else "", {id(function)}, set())
            except (OutOfBudget, RecursionError):
                facts.complete = False
        engine.answers[key] = facts
        return facts
    outer = module.scopes.of(function).outer
    if outer is not None and isinstance(outer.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return _in_closure(engine, function, module, outer.node)
    return _function_facts(engine, function, module, frameworks[0] if len(frameworks) == 1 else "", None)


def _inherited(engine: Engine, facts: UnitFacts, function: FunctionNode, owner: ClassInfo, framework: str) -> UnitFacts:
    """A method that an entry of a base class calls, as in templates: what that hands to it in this class."""
    for name in ENTRY_METHODS.get(framework, ()):
        found = engine.project.method(owner, name)
        if found is None or found[0] is owner:
            continue
        base, entry = found
        more = UnitFacts(owner.module, engine.project)
        more.attrs, more.setters, more.complete = facts.attrs, facts.setters, facts.complete
        try:
            engine.steps = 0
            parameters = seeds.seed(engine, entry, base.module, base, "entry", framework)
            summary = run(engine, entry, base.module, base, instance(engine, owner), parameters, framework, None)
            _collect(more, summary, {id(function)}, set())
        except (OutOfBudget, RecursionError):
            continue
        if id(function) in more.results:
            return more
    return facts


def _in_closure(engine: Engine, function: FunctionNode, module: Module, outer: FunctionNode) -> UnitFacts:
    """A function inside another one that no call was followed to: it sees what the outer one had in the end."""
    around = function_facts(outer, module, engine.project)
    if id(function) in around.results:
        return around
    key = ("nested", id(function))
    found = engine.answers.get(key)
    if isinstance(found, UnitFacts):
        return found
    facts = engine.answers[key] = UnitFacts(module, engine.project, function=function)
    scope = module.scopes.of(outer)
    owner = owner_of(outer, module, engine.project)
    base = engine.project.framework_base(owner) if owner is not None else None
    closure = Frame(engine, module, outer, dict(around.env_at_end(outer)), owner, 0)
    frameworks = sorted(module.frameworks)
    framework = base.framework if base is not None else frameworks[0] if len(frameworks) == 1 else ""
    closure.framework = framework
    if owner is not None and scope.outer is not None and outer.args.args and not is_static(module, outer):
        closure.self_name, closure.self_value = outer.args.args[0].arg, instance(engine, owner)
    try:
        engine.steps = 0
        parameters = seeds.seed(engine, function, module, None, "helper", framework)
        summary = run(engine, function, module, None, None, parameters, framework, closure)
        _collect(facts, summary, {id(function)}, set())
    except (OutOfBudget, RecursionError):
        facts.complete = False
    return facts


def owner_of(function: FunctionNode, module: Module, project: Project) -> ClassInfo | None:
    """Return the class in whose body ``function`` stands."""
    for info in project.classes_of(module):
        if any(function is method for method in info.methods.values()):
            return info
    return None


def _function_facts(
    engine: Engine, function: FunctionNode, module: Module, framework: str, region: list[FunctionNode] | None
) -> UnitFacts:
    key = ("function", id(function), framework)
    found = engine.answers.get(key)
    if isinstance(found, UnitFacts):
        return found
    facts = UnitFacts(module, engine.project, function=function)
    engine.answers[key] = facts
    functions = region if region is not None else reached(function, module, engine.project, None)
    try:
        module_frame(engine, module)
        engine.steps = 0
        parameters = seeds.seed(engine, function, module, None, "helper", framework)
        summary = run(engine, function, module, None, None, parameters, framework, None)
        _collect(facts, summary, {id(each) for each in functions}, set())
    except (OutOfBudget, RecursionError):
        facts.complete = False
    return facts


def module_facts(module: Module, project: Project) -> Facts:
    """Return the facts of the code at module level (``env`` values through :func:`module_value`)."""
    engine = engine_of(project)
    frame = module_frame(engine, module)
    return Facts(module, project, frame.summary.values)


def module_value(name: str, module: Module, project: Project) -> Value:
    """Return what a module-level name holds after the module ran."""
    from .members import module_variable

    return module_variable(engine_of(project), module, name)


def class_attrs(info: ClassInfo, project: Project) -> Mapping[str, Value]:
    """Return the attributes that instances of a class of the repository have after construction."""
    engine = engine_of(project)
    engine.steps = 0
    try:
        return _Held(engine, _class_attrs(engine, info))
    except (OutOfBudget, RecursionError):
        return {}


__all__ = ["Facts", "UnitFacts", "class_attrs", "function_facts", "module_facts", "module_value", "unit_facts"]
