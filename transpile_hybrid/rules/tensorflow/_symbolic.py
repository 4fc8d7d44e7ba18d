"""Functions that cannot be traced whatever is in them: recursive ones, and builders of Keras's symbolic models."""

from __future__ import annotations

import ast

from ._program import AnyFunction, Program, Unit


def recursive(program: Program, function: AnyFunction) -> bool:
    """Whether a trace of ``function`` comes to a function that calls itself, at any distance."""
    for current in program.reach(function):
        seen: list[AnyFunction] = []
        work = list(program.direct(current))
        while work:
            other = work.pop()
            if other is current:
                return True
            if any(other is known for known in seen):
                continue
            seen.append(other)
            work += program.direct(other)
        if any(_calls_own_name(program, current, call) for call in program.calls_in(current)):
            return True
    return False


def _calls_own_name(program: Program, function: AnyFunction, call: ast.Call) -> bool:
    return any(callee is function for callee in program.kinds.callees(call))


def only_symbolic(program: Program, unit: Unit) -> bool:
    """Whether every tensor that ``unit`` is given is a Keras ``Input`` or made of one."""
    tensors = [value for value in program.parameters(unit).values() if value.has_tensor]
    return bool(tensors) and any(value.is_tensor and value.cls == "keras.KerasTensor" for value in tensors)


def maybe_symbolic(program: Program, unit: Unit) -> bool:
    """Whether some call may give ``unit`` a Keras ``Input`` or what is made of one."""
    for call, _ in program.kinds.sites(unit.function):
        for arg in [*call.args, *(keyword.value for keyword in call.keywords)]:
            if any(_symbolic(program, source) for source in _sources(program, arg)):
                return True
    return False


def _symbolic(program: Program, node: ast.expr) -> bool:
    value = program.kinds.value(node)
    return value.is_tensor and value.cls == "keras.KerasTensor"


def _sources(program: Program, node: ast.expr, depth: int = 0) -> list[ast.expr]:
    """Return the expressions that ``node`` may stand for: both sides of a choice, each binding of a name."""
    if isinstance(node, ast.IfExp):
        return _sources(program, node.body, depth) + _sources(program, node.orelse, depth)
    if isinstance(node, ast.Name) and depth < 4:
        found = program.module.scope_at(node).lookup(node.id)
        values = [binding.value for binding in found[1] if binding.value is not None] if found is not None else []
        return [source for value in values for source in _sources(program, value, depth + 1)] or [node]
    return [node]
