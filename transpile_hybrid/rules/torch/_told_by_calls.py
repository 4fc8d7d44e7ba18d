"""What a parameter without an annotation is, by what the calls of the repository give it."""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import UnitContext
from ._instances import class_around
from ._parameters import given_to, is_supposed, passed_to, taken_types, type_at
from ._reports import report_of
from ._types import FLOAT, INT, TENSOR, UNKNOWN, T, list_of, unify


def kind_by_calls(function: FunctionNode, name: str, ctx: UnitContext) -> T:
    """Return the type that all calls give.

    What is a tensor only for want of a type doesn't speak against sizes that the function only hands on as such.
    """
    result = _joined(passed_to(function, name, ctx))
    if result is None:
        given = given_to(function, name, ctx)
        result = _joined([type_at(*one, ctx) for one in given if not is_supposed(*one, ctx)])
        if result != list_of(INT) or not _takes_no_tensor(function, name, ctx):
            return UNKNOWN
    return result if result is not None else UNKNOWN


def _takes_no_tensor(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether the function hands its parameter on to what is declared to take something else, and nothing more."""
    node = class_around(function.body[0], ctx.module)
    info = next((one for one in ctx.project.classes_of(ctx.module) if one.node is node), None)
    report = report_of(function, ctx.module, ctx.project, info)
    found = [n for one in function.body for n in walk(one) if isinstance(n, ast.Name) and n.id == name]
    for one in found:
        parent = ctx.module.parent(one)
        call = ctx.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        taken = taken_types(one, call, report, ctx) if isinstance(call, ast.Call) and report is not None else None
        if not taken or TENSOR in taken or UNKNOWN in taken:
            return False
    return bool(found)


def _joined(kinds: list[T]) -> T | None:
    result: T | None = None
    for one in kinds:
        if one.kind == "vary":
            known = {kind.bare for kind in one.args if kind.known}
            one = known.pop() if len(known) == 1 else UNKNOWN
        if not one.known:
            continue
        if result is None:
            result = one.bare
        elif {result.kind, one.kind} == {"int", "float"}:
            result = FLOAT
        else:
            result = unify(result, one.bare)
            if result is None:
                return None
    return result if result is not None else UNKNOWN
