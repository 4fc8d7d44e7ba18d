"""Which functions are decorated: all preconditions in one place, each with its reason in words."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...diagnostics import Consequence, Diagnostic
from ..rule import ModuleContext
from ._blind import unseen_calls
from ._bound import bound_trouble
from ._keras import builds_late, uses_of
from ._program import AnyFunction, Program, Unit, program_of
from ._symbolic import only_symbolic, recursive
from ._types import varying_numbers


LATE = "Keras would build it inside of the trace"


@dataclass(eq=False)
class Decision:
    """What is done about one wanted function: ``decorate`` it, or leave it for ``reason``."""

    unit: Unit
    decorate: bool
    reason: str = ""
    options: list[str] = field(default_factory=list)

    def arguments(self, ctx: ModuleContext) -> str:
        """Return the arguments that the decorator gets."""
        options = (["jit_compile=True"] if "tf.xla" in ctx.targets else []) + self.options
        return ", ".join(options)


def decisions(ctx: ModuleContext) -> list[Decision]:
    """Return the decision about each wanted function, callers before what they call."""
    kept = ctx.module.__dict__.get("_tensorflow_decisions")
    if kept is not None and kept[0] is ctx.findings:
        found: list[Decision] = kept[1]
        return found
    made = _decide(ctx, program_of(ctx))
    ctx.module.__dict__["_tensorflow_decisions"] = (ctx.findings, made)
    return made


def blockers(ctx: ModuleContext, program: Program, unit: Unit) -> list[Diagnostic]:
    """Return the findings in ``unit`` and what it reaches that forbid to compile it."""
    return [d for function in program.reach(unit.function) for d in _findings_in(ctx, function)]


def _findings_in(ctx: ModuleContext, function: AnyFunction) -> list[Diagnostic]:
    span = ctx.source.span(function)
    return [
        d
        for d in ctx.findings
        if d.consequence is not Consequence.SPEED and span.start <= d.span.start and d.span.end <= span.end
    ]


def _decide(ctx: ModuleContext, program: Program) -> list[Decision]:
    wanted = [unit for unit in program.units.values() if unit.wanted]
    reasons = {id(unit.function): _obstacle(ctx, program, unit) for unit in wanted}
    eligible = {id(unit.function): unit for unit in wanted if not reasons[id(unit.function)]}
    for unit in wanted:  # the model that is compiled with its first call runs what it calls in a graph as well
        if reasons[id(unit.function)] == LATE and _compiled_call(program, unit):
            reasons[id(unit.function)] = "its class is compiled"
    covered = _covered(program, eligible)
    out: list[Decision] = []
    for unit in wanted:
        reason = reasons[id(unit.function)]
        if not reason and id(unit.function) in covered:
            reason = "every caller is compiled"
        out.append(Decision(unit, not reason, reason, [] if reason else []))
    return out


def _obstacle(ctx: ModuleContext, program: Program, unit: Unit) -> str:
    """Return why ``unit`` can't be compiled as it stands, or ''."""
    if recursive(program, unit.function):
        return "it calls itself"
    if only_symbolic(program, unit):
        return "it gets Keras's symbolic inputs"
    names = varying_numbers(program, unit)
    if names:
        return f"{', '.join(names)}: a Python number, each value of which is traced anew"
    found = blockers(ctx, program, unit)
    if found:
        return f"{found[0].code} {found[0].name}"
    blind = unseen_calls(program, unit)
    if blind is not None:
        return f"it calls {ast.unparse(blind.func)}, which can't be looked into"
    return _as_a_layer(program, unit) or bound_trouble(program, unit)


def _as_a_layer(program: Program, unit: Unit) -> str:
    """Return why the ``call`` of a Keras class must not be a tf.function by itself, or ''."""
    info = unit.info
    if info is None or unit.function.name not in ("call", "__call__") or not program.kinds.is_layer(info):
        return ""
    uses = uses_of(program, info)
    if uses.nested:
        return "its instances are part of other Keras objects, which are compiled as a whole"
    if not uses.made:
        return "no program in this file makes an instance"
    directly = not uses.called and bool(program.kinds.sites(unit.function))  # ``net.call(x)``: Keras builds nothing
    if unit.function.name == "call" and not directly and builds_late(program, info):
        return LATE
    return ""


def _compiled_call(program: Program, unit: Unit) -> bool:
    method = unit.info.methods.get("__call__") if unit.info is not None else None
    return method is not None and program.units[id(method)].hybrid is not None


def _covered(program: Program, eligible: dict[int, Unit]) -> set[int]:
    """Return the ids of functions that are only ever run inside of another tf.function.

    A function is run eagerly when some call of it stands in code that is not compiled, or when nobody in the file calls
    it (then others do).
    """
    callers: dict[int, set[int]] = {}
    for unit in program.units.values():
        for other in program.direct(unit.function):
            if other is not unit.function:
                callers.setdefault(id(other), set()).add(id(unit.function))
    compiled = {id(unit.function) for unit in program.units.values() if unit.hybrid is not None}
    covered: set[int] = set()
    nested = {
        id(unit.function): outer
        for unit in program.units.values()
        if (outer := program.module.enclosing_function(unit.function)) is not None
    }
    moved = True
    while moved:
        moved = False
        for key, unit in eligible.items():
            if key in covered:
                continue
            outer = nested.get(key)
            if outer is not None and (id(outer) in compiled or id(outer) in eligible or id(outer) in covered):
                covered.add(key)
                moved = True
                continue
            mine = callers.get(key, set())
            if not mine or _called_at_top(program, unit):
                continue
            live = {caller for caller in mine if _live(program, program.units[caller], callers)} or mine
            if all(caller in compiled or caller in eligible or caller in covered for caller in live):
                covered.add(key)
                moved = True
    return covered


def _called_at_top(program: Program, unit: Unit) -> bool:
    return any(caller is None for _, caller in program.kinds.sites(unit.function))


def _live(program: Program, unit: Unit, callers: dict[int, set[int]]) -> bool:
    """Whether something in the file runs ``unit``; what nothing runs is no eager caller."""
    return bool(program.kinds.sites(unit.function)) or bool(callers.get(id(unit.function))) or unit.info is not None
