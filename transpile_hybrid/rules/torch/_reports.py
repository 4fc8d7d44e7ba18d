"""What TorchScript makes of each function of the repository: one report a function, kept with the project."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ._classes import takes_no_self
from ._typer import Problem, Typer, parameter_env
from ._types import UNKNOWN, T, vary

_MAX_DEPTH = 12
_MAX_WORLDS = 16


@dataclass(eq=False)
class Report:
    """The types in one function as TorchScript reads it, its problems, and what was not known (``gaps``)."""

    function: FunctionNode
    module: Module
    info: ClassInfo | None
    parameters: dict[str, T] = field(default_factory=dict)
    returns: T = UNKNOWN
    types: dict[int, T] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    gaps: list[tuple[str, ast.AST]] = field(default_factory=list)
    returned: list[tuple[ast.Return, T]] = field(default_factory=list)
    callees: list[Report] = field(default_factory=list)
    modules: list[T] = field(default_factory=list)
    done: bool = False

    def type(self, node: ast.expr) -> T:
        return self.types.get(id(node), UNKNOWN)


_REPORTS: WeakKeyDictionary[Project, dict[tuple[int, int], Report]] = WeakKeyDictionary()


def report_of(
    function: FunctionNode, module: Module, project: Project, info: ClassInfo | None, depth: int = 0
) -> Report | None:
    """Return the report of ``function`` as a method of ``info`` (or a plain function); ``None`` inside a recursion."""
    table = _REPORTS.setdefault(project, {})
    key = (id(function), id(info))
    known = table.get(key)
    if known is not None:
        return known if known.done else None
    if depth > _MAX_DEPTH:
        return None
    report = table[key] = Report(function, module, info)
    method = info is not None and not takes_no_self(function)
    worlds: list[dict[str, bool]] = [{}]
    results: list[T] = []
    tried = 0
    while worlds and tried < _MAX_WORLDS:
        tried += 1
        typer = Typer(module, project, info, depth=depth, world=dict(worlds.pop()))
        report.parameters = parameter_env(typer, function, method)
        results.append(typer.run(function, report.parameters))
        _take(report, typer)
        for index, split in enumerate(typer.splits):  # each split key: the world in which it is decided otherwise
            earlier = {k: typer.world[k] for k in typer.splits[:index]}
            fixed = {k: v for k, v in typer.world.items() if k not in typer.splits}
            worlds.append({**fixed, **earlier, split: not typer.world[split]})
    report.returns = vary(one.bare for one in results)
    if worlds:
        report.gaps.append(("too many variants", function))
    report.done = True
    return report


def _take(report: Report, typer: Typer) -> None:
    """Add what one variant of the function showed."""
    for node, kind in typer.types.items():
        known = report.types.get(node)
        report.types[node] = kind if known is None or known == kind else vary([known, kind])
    seen = {(p.kind, id(p.node)) for p in report.problems}
    report.problems += [p for p in typer.problems if (p.kind, id(p.node)) not in seen]
    report.gaps += typer.gaps
    report.returned += typer.returned
    report.callees += [one for one in typer.callees if one not in report.callees]
    report.modules += [one for one in typer.modules if one not in report.modules]


def function_named(name: str, module: Module, project: Project) -> tuple[FunctionNode, Module] | None:
    """Return the module-level function of the repository with that qualified name."""
    found = project.function_named(name)
    if found is None:
        return None
    other, function = found
    if not other.name and other is not module:  # a file without a module name: no other file can mean it
        return None
    bound = other.scopes.top.bindings.get(function.name)
    if not bound or len(bound) != 1 or not isinstance(function, ast.FunctionDef):
        return None
    return function, other


def is_replaced(function: FunctionNode, module: Module) -> bool:
    """Whether what a decorator gives may take other parameters than the function, and give something else.

    PyTorch's own decorators, and those that only keep results, give what takes the same.
    """
    for decorator in function.decorator_list:
        name = module.qualified(decorator.func if isinstance(decorator, ast.Call) else decorator) or "?"
        if not name.startswith(("torch.", "functools.")):
            return True
    return False


_MODULES: WeakKeyDictionary[Module, dict[int, T]] = WeakKeyDictionary()


def module_types(module: Module, project: Project) -> dict[int, T]:
    """Return the types in the code at module level, as Python runs it."""
    if module not in _MODULES:
        typer = Typer(module, project, None, script=False)
        _MODULES[module] = typer.types
        typer.block(module.tree.body, {})
    return _MODULES[module]


_PROGRAMS: WeakKeyDictionary[Project, dict[int, dict[int, T]]] = WeakKeyDictionary()


def program_types(function: FunctionNode | None, module: Module, project: Project) -> dict[int, T]:
    """Return the types in a function that Python runs, of whose parameters nothing is known (else at module level)."""
    if function is None:
        return module_types(module, project)
    table = _PROGRAMS.setdefault(project, {})
    if id(function) not in table:
        typer = Typer(module, project, None, script=False)
        table[id(function)] = typer.types
        typer.block(function.body, {})
    return table[id(function)]
