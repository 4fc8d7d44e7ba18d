"""Which functions are decorated: all preconditions in one place, each with its reason in words."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...diagnostics import Consequence, Diagnostic
from ...meaning.classes import ClassInfo
from ..rule import ModuleContext
from ._blind import unseen_calls
from ._bound import ESCAPES, bound_trouble
from ._captured import captured
from ._defaults import default_of
from ._effects import MUTATORS, effects_in
from ._keras import builds_late, uses_of
from ._masks import LOST, loses_mask
from ._pins import pinned
from ._program import AnyFunction, Program, Unit, program_of, walk
from ._shapes import shapes_vary
from ._static import unstacks
from ._symbolic import only_symbolic, recursive
from ._training import add_training, keeps_mode
from ._types import varying_numbers
from ._wanted import ENTRY_METHODS, keras_hook
from ._worth import is_small

TRACED = "`call` runs it, and Keras builds layers by tracing that: it would keep the initial weights"
LATE = "Keras would build it inside of the trace"
MODE = "its trace would keep the training mode of its first call"


@dataclass(eq=False)
class Decision:
    """What is done about one wanted function: ``decorate`` it, or leave it for ``reason``."""

    unit: Unit
    decorate: bool
    reason: str = ""
    pinned: bool = False

    def arguments(self, ctx: ModuleContext, tf: str) -> str:
        """Return the arguments that the decorator gets; ``tf`` is how the file writes ``tensorflow``."""
        options = ["jit_compile=True"] if "tf.xla" in ctx.targets else []
        program = program_of(ctx)
        varies = not self.pinned and shapes_vary(program, self.unit) and not unstacks(program, self.unit)
        if varies:
            options.append("reduce_retracing=True")
        if self.pinned:
            options.append(f"input_signature=[{tf}.TensorSpec(shape=None, dtype={tf}.float32)]")
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


_OF_RESULTS = "THF506"
"""It is about what a tf.function returns; what it runs may return anything to it."""


def blockers(ctx: ModuleContext, program: Program, unit: Unit) -> list[Diagnostic]:
    """Return the findings in ``unit`` and what it reaches that forbid to compile it."""
    return [
        d
        for function in program.reach(unit.function)
        for d in _findings_in(ctx, function)
        if function is unit.function or d.code != _OF_RESULTS
    ]


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
        out.append(Decision(unit, not reason, reason, pinned(program, unit)))
    return out


def compilable_but_for(ctx: ModuleContext, program: Program, unit: Unit, kind: str) -> bool:
    """Whether nothing but effects of ``kind`` stands in the way of ``unit`` (asked before all rules have run)."""
    for function in program.reach(unit.function):
        if any(effect.kind != kind for effect in effects_in(program, function)):
            return False
    if any(function is other for function, *_ in captured(program) for other in program.reach(unit.function)):
        return False
    return _obstacle(ctx, program, unit) in ("", LATE, ESCAPES)


def compilable_but_for_findings(ctx: ModuleContext, program: Program, unit: Unit, codes: frozenset[str]) -> bool:
    """Whether nothing but findings of ``codes`` stands in the way of ``unit``, as far as rules have run."""
    if unit.hybrid is not None:
        return all(_ignored(found, codes) for found in blockers(ctx, program, unit))
    return _obstacle(ctx, program, unit, codes) in ("", LATE, ESCAPES)


def findings_forbid(ctx: ModuleContext, program: Program, unit: Unit) -> bool:
    """Whether something in ``unit``, or about what it calls or is given, forbids to compile it, its uses apart."""
    return _own_obstacle(ctx, program, unit) != ""


def _obstacle(ctx: ModuleContext, program: Program, unit: Unit, ignored: frozenset[str] = frozenset()) -> str:
    """Return why ``unit`` can't be compiled as it stands, findings of the codes ``ignored`` apart, or ''."""
    if own := _own_obstacle(ctx, program, unit, ignored):
        return own
    asked = _asked_for_truth(program, unit)
    if asked:
        return f"the truth of `{asked}` is asked, and what it is isn't known"
    return _as_a_layer(program, unit) or bound_trouble(program, unit) or _no_caller(program, unit)


def _own_obstacle(ctx: ModuleContext, program: Program, unit: Unit, ignored: frozenset[str] = frozenset()) -> str:
    """Return what forbids to compile ``unit``: in it, or about what it calls or is given; or ''."""
    if recursive(program, unit.function):
        return "it calls itself"
    if only_symbolic(program, unit):
        return "it gets Keras's symbolic inputs"
    names = varying_numbers(program, unit)
    if names:
        return f"{', '.join(names)}: a Python number, each value of which is traced anew"
    found = [one for one in blockers(ctx, program, unit) if not _ignored(one, ignored)]
    if found:
        return f"{found[0].code} {found[0].name}"
    blind = unseen_calls(program, unit)
    if blind is not None:
        return f"it calls `{ast.unparse(blind.func)}`, which can't be looked into"
    hosted = _for_numpy(program, unit)
    return f"`{hosted}` is given to NumPy, and what it is isn't known" if hosted else ""


_MOSTLY_FLAGGED = frozenset({"THF101", "THF301", "THF302"})


def _ignored(found: Diagnostic, codes: frozenset[str]) -> bool:
    """Whether ``found`` is of ``codes``, whose findings are about to be mended (of some codes: this very one)."""
    return found.code in codes and (found.fix is not None or found.code not in _MOSTLY_FLAGGED)


def _for_numpy(program: Program, unit: Unit) -> str:
    """Return the parameter of unknown kind that NumPy or ``math`` is given, or ''.

    A tf.function makes a tensor of an array, which they can't take.
    """
    unknown = {name for name, value in program.parameters(unit).items() if not value.known}
    for call in program.calls_in(unit.function):
        name = program.module.qualified(call.func) or ""
        if name.startswith(("numpy.", "math.", "scipy.")) and name not in ("numpy.shape", "numpy.ndim"):
            for arg in call.args:
                if isinstance(arg, ast.Name) and arg.id in unknown and not program.kinds.value(arg).known:
                    return arg.id
    return ""


def _asked_for_truth(program: Program, unit: Unit) -> str:
    """Return the parameter of unknown kind, without a default, of which ``name or value`` asks the truth; or ''.

    Eagerly a number in a tensor has one.
    """
    unknown = {
        name
        for name, value in program.parameters(unit).items()
        if not value.known and default_of(unit.function, name) is None
    }
    for node in walk(unit.function) if unknown else ():
        if isinstance(node, ast.BoolOp):
            parent = program.module.parent(node)
            tested = isinstance(parent, ast.If | ast.While | ast.IfExp | ast.UnaryOp | ast.BoolOp)
            first = node.values[0]
            if not tested and isinstance(first, ast.Name) and first.id in unknown:
                return first.id
    return ""


def _no_caller(program: Program, unit: Unit) -> str:
    """Return why ``unit`` isn't known to be run eagerly, or ''.

    What only the methods of Keras objects call is compiled with them.  What nobody in the file uses is compiled where
    it is public and large enough to pay whoever calls it.  A small function gets slower: it is left wherever it may be
    called often, and compiled only where the program calls it in passing (what compiled code calls costs nothing).
    """
    function = unit.function
    sites = program.kinds.sites(function)
    outer = program.module.enclosing_function(function)
    small = is_small(program, function)
    if small and program.module.source.is_of_cells:
        return "it is small, and its cell makes it anew each time it is run"
    if outer is not None:
        return _nested(program, unit, outer) or ("it is small, and inside of another function" if small else "")
    if small and program.in_pipelines(function):
        return "it is small, and a tf.data pipeline or Keras runs it in a graph"
    if small and not all(_in_passing(program, site) for site, _ in sites):
        return "it is small, and a part of other functions or of a loop"
    inner = bool(sites) and all(not program.module_level(site) for site, _ in sites)
    if unit.info is not None and inner and not uses_of(program, unit.info).made and not program.values_of(function):
        return "no program in this file makes an instance"
    if sites:
        return "" if any(not _in_keras(program, site) for site, _ in sites) else "only Keras objects call it"
    uses = program.values_of(function)
    if not uses and program.in_pipelines(function):
        return "a tf.data pipeline or Keras runs it in a graph"
    if uses:
        if small and not all(isinstance(program.module.parent(node), ast.Return) for node in uses):
            return "it is small, and handed to other code"
        return "" if any(not _in_keras(program, node) for node in uses) else "only Keras objects use it"
    if unit.info is not None:
        made = uses_of(program, unit.info).made
        if not made and (small or function.name != "call"):
            return "no program in this file makes an instance"
        return "nothing in the file calls it, and it is small" if small and function.name not in ENTRY_METHODS else ""
    if function.name.startswith("_") and function.name != "__call__":
        return "it is private, and nothing in the file calls it"
    unknown = [
        name
        for name, value in program.parameters(unit).items()
        if not value.known and default_of(function, name) is None
    ]
    if unknown:
        return f"nothing in the file calls it, and what `{unknown[0]}` is isn't known"
    return "nothing in the file calls it, and it is small" if small else ""


def _in_passing(program: Program, site: ast.AST) -> bool:
    """Whether a call runs once with the program, at module level or in ``main``, or stands in a tf.function."""
    for around in program.module.ancestors(site):
        if isinstance(around, ast.For | ast.While | ast.comprehension):
            return False
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            unit = program.units.get(id(around))
            compiled = unit is not None and unit.hybrid is not None
            return compiled or isinstance(around, ast.FunctionDef) and around.name == "main"
    return True


def _nested(program: Program, unit: Unit, outer: ast.AST) -> str:
    """A function inside of another is made anew at each call of that one, and would be traced anew each time.

    It pays where it is handed on (``return step``) or called in a loop.
    """
    if _in_keras(program, unit.function):
        return "it is part of a Keras object"
    if isinstance(outer, ast.FunctionDef) and any(program.is_custom_gradient(one) for one in outer.decorator_list):
        return "TensorFlow calls a gradient once for each call that made it"
    if (changed := _changes_outer(program, unit, outer)) is not None:
        return f"it changes `{changed}`, which is the function's around it"
    for node in program.values_of(unit.function):
        parent = program.module.parent(node)
        if isinstance(parent, ast.Return | ast.Tuple | ast.Assign | ast.Dict | ast.Yield):
            return "" if program.computes(unit.function) > 1 else "it is a single op"
    for site, _ in program.kinds.sites(unit.function):
        for parent in program.module.ancestors(site):
            if parent is outer:
                break
            if isinstance(parent, ast.For | ast.While):
                return ""
    return "it is made anew at each call of the function around it"


def _changes_outer(program: Program, unit: Unit, outer: ast.AST) -> str | None:
    """Return a name of ``outer`` that ``unit`` binds anew, or whose object it changes.

    No rule tells of it where ``outer`` may be compiled as well: its variables are then those of one trace.
    """
    for node in walk(unit.function):
        if isinstance(node, ast.Nonlocal):
            return node.names[0]
        target: ast.expr | None = None
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            target = node.func.value
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            found = program.module.scope_at(target).lookup(target.id)
            if found is not None and found[0].node is outer:
                return target.id
    return None


def _in_keras(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` stands in a method of a class that is, or may be, a Keras object."""
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef) and (info := program.kinds.owner.get(id(parent))) is not None:
            base = program.project.framework_base(info)
            keras = base is not None and base.root != "tensorflow.Module"
            return keras or bool(program.project.unresolved_bases(info)) or keras_hook(info)
    return False


def _as_a_layer(program: Program, unit: Unit) -> str:
    """Return why a method of a Keras class must not be a tf.function by itself, or ''."""
    info = unit.info
    if info is None or not program.kinds.is_layer(info):
        return ""
    if unit.function.name not in ("call", "__call__"):
        return TRACED if builds_late(program, info) and _run_by_call(program, unit.function, info) else ""
    uses = uses_of(program, info)
    if uses.nested:
        return "its instances are part of other Keras objects, which are compiled as a whole"
    if not any(_used(program, node) for node in uses.made):
        return "no program in this file makes an instance and uses it"
    if uses.fed and not uses.called and not program.kinds.sites(unit.function):
        return "Keras compiles what `fit` and `predict` run"
    if loses_mask(program, unit):
        return LOST
    directly = not uses.called and bool(program.kinds.sites(unit.function))  # ``net.call(x)``: Keras builds nothing
    if unit.function.name == "call" and not directly and builds_late(program, info):
        return LATE
    if not directly and keeps_mode(program, unit) and add_training(program.module.source, unit.function) is None:
        return MODE
    return ""


def _run_by_call(program: Program, function: AnyFunction, info: ClassInfo) -> bool:
    """Whether ``call`` runs the method, at any distance: what Keras traces to build layers goes through it too."""
    call = program.project.method(info, "call")
    work: list[AnyFunction] = [call[1]] if call is not None else []
    seen: set[int] = set()
    while work:
        current = work.pop()
        if current is function:
            return True
        if id(current) not in seen:
            seen.add(id(current))
            work += program.direct(current)
    return False


def _compiled_call(program: Program, unit: Unit) -> bool:
    method = unit.info.methods.get("__call__") if unit.info is not None else None
    return method is not None and program.units[id(method)].hybrid is not None


def _used(program: Program, node: ast.Call) -> bool:
    """Whether something is done with the object that ``node`` makes."""
    parent = program.module.parent(node)
    if isinstance(parent, ast.Expr):
        return False
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        name = parent.targets[0].id
        return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in program.nodes)
    return True


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
