"""Is a tf.function worth being one?  Judged by the calls in the file, of which there must be some."""

from __future__ import annotations

import ast

from ...diagnostics import Consequence
from ..rule import ModuleContext
from ._blind import unseen_calls
from ._effects import effects_in
from ._flow import loops_on_tensor
from ._program import Program, Unit, walk
from ._types import varying_numbers


def needless(ctx: ModuleContext, program: Program, unit: Unit) -> str:
    """Return in words why ``unit``, a tf.function, gains nothing, or ''."""
    function = unit.function
    if isinstance(unit.hybrid, ast.Call):
        options = {keyword.arg for keyword in unit.hybrid.keywords}
        if options - {"reduce_retracing", "experimental_relax_shapes", "autograph", "experimental_follow_type_hints"}:
            return ""
    if not program.kinds.sites(function) or len(function.decorator_list) > 1 or _used_as_value(program, unit):
        return ""
    for other in program.reach(function):
        if any(True for _ in effects_in(program, other) if _.kind != "iterator-next"):
            return ""
    if any(d.consequence is not Consequence.SPEED and d.unit == unit.name for d in ctx.findings):
        return ""
    if function.args.vararg or function.args.kwarg or unseen_calls(program, unit) is not None:
        return ""
    if any(_graph_loop(program, node) for other in program.reach(function) for node in walk(other)):
        return ""
    values = program.parameters(unit)
    if any(not value.known or not value.kinds for value in values.values()):
        return ""
    if varying_numbers(program, unit) and any(value.has_tensor for value in values.values()):
        return "Python numbers are among its arguments, and each is traced anew"
    if not any(value.has_tensor or _holds_arrays(value) for value in values.values()):
        if values and all(value.is_("module", "function", "object") for value in values.values()):
            return "" if program.computes(function) > 1 else "none of its arguments is a tensor"
        return "" if program.computes(function) > 4 else "none of its arguments is a tensor"
    if program.computes(function) == 0 and any(
        isinstance(n, ast.Return) and n.value is not None for n in walk(function)
    ):
        if any(isinstance(n, ast.Call | ast.BinOp | ast.Compare) for n in walk(function)):
            return ""
        return "it computes nothing on tensors"
    return ""


def _graph_loop(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` is a loop that a graph runs, which pays whatever the function is given."""
    return isinstance(node, ast.For | ast.While) and loops_on_tensor(program.kinds, node)


def _holds_arrays(value: object) -> bool:
    return "array" in getattr(value, "kinds", ())


def _used_as_value(program: Program, unit: Unit) -> bool:
    """Whether the function is used other than by a call: its methods (``get_concrete_function``) would be missed."""
    for node in program.nodes:
        if isinstance(node, ast.Attribute) and node.attr in ("get_concrete_function", "experimental_get_tracing_count",
                                                             "python_function",
                                                             "experimental_get_compiler_ir"):  # fmt: skip
            value = program.kinds.value(node.value)
            if value.cls == f"fn:{id(unit.function)}" or not value.known:
                return True
    return False
