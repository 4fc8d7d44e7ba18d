"""What AutoGraph doesn't rewrite: functions that a trace reaches through Keras's own code."""

from __future__ import annotations

import ast

from ._keras import builds_late
from ._program import AnyFunction, Program


def unconverted(program: Program) -> list[AnyFunction]:
    """Return the functions that would be traced without AutoGraph, each once."""
    found: dict[int, AnyFunction] = {}
    work: list[AnyFunction] = []
    for unit in program.units.values():
        keras = unit.info is not None and program.kinds.is_layer(unit.info)
        entry = keras and unit.function.name == "call"
        if unit.hybrid is None and not unit.wanted:
            continue
        wrapped = unit.hybrid is not None and unit.hybrid not in unit.function.decorator_list
        late = unit.hybrid is None and unit.info is not None and builds_late(program, unit.info)
        if entry and (wrapped or late):  # ``tf.function(net)`` runs ``call`` through Keras
            work.append(unit.function)
        for function in program.reach(unit.function):
            work += _through_keras(program, function)
    while work:
        function = work.pop()
        known = program.units.get(id(function))
        if id(function) in found or (known is not None and known.hybrid in getattr(function, "decorator_list", [])):
            continue
        found[id(function)] = function
        work += program.direct(function)
    return list(found.values())


def _through_keras(program: Program, function: AnyFunction) -> list[AnyFunction]:
    out: list[AnyFunction] = []
    for call in program.calls_in(function):
        value = program.kinds.value(call.func)
        inherited = isinstance(call.func, ast.Attribute) and call.func.attr == "__call__"
        for callee in program.kinds.callees(call):
            if getattr(callee, "name", "") == "call" and (value.is_("module") or inherited):
                out.append(callee)
    return out
