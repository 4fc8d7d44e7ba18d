"""What a parameter without an annotation is where nothing but its use tells: a flag, a size, a mode, a list, a dict."""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import UnitContext
from ._classes import bind, self_name, takes_no_self
from ._common import is_condition, is_method
from ._parameters import Uses, given_to, is_supposed, type_at, uses_of, uses_of_items, wanted_type
from ._reports import Report, function_named
from ._types import BOOL, FLOAT, INT, STR, TENSOR, T, list_of

_MAX_DEPTH = 4


def kind_of_entry(function: FunctionNode, name: str, report: Report, ctx: UnitContext) -> T | None:
    """Return ``bool`` for a parameter of ``forward`` that is used as a flag, ``int`` for a size, ``str`` for a mode.

    And ``float`` for what goes to functions that take one, a list of tensors for what is joined, a dict of them for
    what is only asked for keys.

    A scripted module takes for a ``bool`` whatever has one truth value, a Tensor of one element too.
    """
    uses = uses_of(function, name, report, ctx)
    nodes = _reads_of(function, name)
    if not nodes:  # it gets another value somewhere
        return _exactly(uses) if not given_to(function, name, ctx) else None
    if any(ctx.module.enclosing_function(node) is not function for node in nodes):
        return None
    for node, module in given_to(function, name, ctx):
        kind = type_at(node, module, ctx)
        if kind.known and kind.kind not in ("int", "bool", "str") and not is_supposed(node, module, ctx):
            return None
    if all(is_condition(node, ctx) or _goes_to_flag(node, report, ctx) for node in nodes):
        return BOOL
    if uses.exact:
        return _exactly(uses)
    items = uses_of_items(function, name, report, ctx)
    if items is not None:
        others = items.integer or items.text or items.other or items.exact or items.row
        return T("dict", (STR, TENSOR)) if items.tensor and not others else None
    if uses.tensor or uses.weak > uses.supposed or uses.many:
        return None
    numbers = uses.integer or uses.size
    if uses.row:
        return list_of(TENSOR) if not numbers and not uses.text and uses.other == uses.looped else None
    if uses.real and uses.other == uses.real:
        return FLOAT if not numbers and not uses.text else None
    if uses.other:
        return None
    if uses.text:
        return STR if not numbers else None
    return INT if uses.size or uses.bound else None


def kind_by_use(function: FunctionNode, name: str, report: Report, ctx: UnitContext) -> T | None:
    """Return ``int``, ``bool`` or ``str`` for a parameter that is used as nothing else is."""
    nodes = _reads_of(function, name)
    if not nodes:
        return None
    given = given_to(function, name, ctx)
    types = [type_at(node, module, ctx) for node, module in given]
    if not given or not all(not kind.known or kind.kind in ("int", "bool", "str") for kind in types):
        return None
    setting = any(
        kind == BOOL or not kind.known and isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
        for (node, _), kind in zip(given, types, strict=True)
    )
    flags = [_goes_to_flag(node, report, ctx) for node in nodes]
    if (setting or any(flags)) and all(one or is_condition(node, ctx) for node, one in zip(nodes, flags, strict=True)):
        return BOOL
    uses = uses_of(function, name, report, ctx)
    if uses.tensor or uses.weak or uses.other or uses.exact:
        return None
    if uses.text or any(kind == STR for kind in types):
        return STR if uses.text and not uses.integer and all(kind == STR or not kind.known for kind in types) else None
    if uses.many and INT not in types:
        return None
    return INT if uses.size or setting and uses.integer else None


def _exactly(uses: Uses) -> T | None:
    """Return what a parameter is that only goes where just that is taken: a device, a dtype, the state of an LSTM."""
    others = uses.tensor or uses.weak or uses.integer or uses.text or uses.other or uses.row
    return next(iter(uses.exact)) if len(uses.exact) == 1 and not others else None


def _goes_to_flag(node: ast.expr, report: Report, ctx: UnitContext, depth: int = 0) -> bool:
    """Whether a name is given to a parameter that is declared to be a bool, or of which only the truth is asked."""
    parent = ctx.module.parent(node)
    call = ctx.module.parent(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call) or node is call.func:
        return False
    if wanted_type(node, call, report, ctx) == {BOOL}:
        return True
    callee = _callee(call, report, ctx) if depth < _MAX_DEPTH else None
    if callee is None or callee.module is not ctx.module:
        return False
    own = is_method(callee.function, ctx) and not takes_no_self(callee.function)
    bound = bind(call, callee.function, skip_self=own) or {}
    spec = callee.function.args
    plain = {arg.arg for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs) if arg.annotation is None}
    name = next((name for name, value in bound.items() if value is node and name in plain), "")
    reads = _reads_of(callee.function, name)
    return bool(reads) and all(is_condition(one, ctx) or _goes_to_flag(one, callee, ctx, depth + 1) for one in reads)


def _callee(call: ast.Call, report: Report, ctx: UnitContext) -> Report | None:
    """Return the report of the repository's function that a call runs."""
    func = call.func
    function: FunctionNode | None = None
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and report.info is not None:
        if func.value.id == self_name(report.function):
            found = ctx.project.method(report.info, func.attr)
            function = found[1] if found is not None else None
    elif isinstance(func, ast.Name) and (name := ctx.qualified(func)) is not None:
        named = function_named(name, report.module, ctx.project)
        function = named[0] if named is not None else None
    return next((one for one in report.callees if one.function is function), None)


def _reads_of(function: FunctionNode, name: str) -> list[ast.Name]:
    """Return where a parameter is read; nothing if the function gives it another value somewhere."""
    nodes = [n for one in function.body for n in walk(one) if isinstance(n, ast.Name) and n.id == name]
    return nodes if all(isinstance(node.ctx, ast.Load) for node in nodes) else []
