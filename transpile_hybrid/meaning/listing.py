"""A listing of a source with the kinds of its values: what people who write rules look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .classes import Project
from .infer import Facts, UnitFacts, function_facts, module_facts, unit_facts
from .module import Module
from .nodes import children
from .units import collect_units
from .values import UNKNOWN, Value, describe

_COLUMN = 64
_MAX_TEXT = 90
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def listing(module: Module, project: Project) -> str:
    """Return the lines of ``module`` with, beside each, the kinds of what the line binds, reads of ``self`` or returns.

    ``~`` marks what rests on a convention, ``?`` what is not known.
    """
    notes: dict[int, list[str]] = {}
    for line, name, value in _facts(module, project):
        note = f"{name}: {_text(value)}"
        held = notes.setdefault(line, [])
        if note not in held:
            held.append(note)
    width = len(str(module.source.text.count("\n") + 1))
    out: list[str] = []
    for number, text in enumerate(module.source.text.splitlines(), 1):
        shown = f"{number:>{width}}  {text}"
        beside = "; ".join(notes.get(number, ()))
        out.append(f"{shown:<{_COLUMN}}  # {beside}" if beside else shown.rstrip())
    return "\n".join(out) + "\n"


def _text(value: Value) -> str:
    if value.kinds == UNKNOWN.kinds:
        return "?"
    text = describe(value)
    text = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
    return f"~{text}" if value.assumed else text


def _facts(module: Module, project: Project) -> Iterator[tuple[int, str, Value]]:
    """Yield (line, what, value) of every place that is shown."""
    by_function: dict[int, UnitFacts] = {}
    for unit in collect_units(module, project):
        if unit.kind == "class":
            facts = unit_facts(unit, project)
            for function in (*unit.region, *(unit.cls.methods.values() if unit.cls is not None else ())):
                if id(function) in facts.results:
                    by_function.setdefault(id(function), facts)
    for function in module.scopes.functions:
        facts = by_function.get(id(function)) or function_facts(function, module, project)
        parameters = facts.parameters(function)
        names = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        for argument in names:
            if argument.arg in parameters and argument.arg != "self":
                yield argument.lineno, argument.arg, parameters[argument.arg]
        yield from _places(function.body, facts)
    yield from _places(module.tree.body, module_facts(module, project))


def _places(body: list[ast.stmt], facts: Facts) -> Iterator[tuple[int, str, Value]]:
    work: list[ast.AST] = list(body)
    while work:
        node = work.pop()
        if not isinstance(node, _INNER):
            work += children(node)
            if isinstance(node, ast.Return) and node.value is not None:
                yield node.lineno, "return", facts.value(node.value)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.lineno, node.id, facts.value(node)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                yield node.lineno, f"self.{node.attr}", facts.value(node)


__all__ = ["listing"]
