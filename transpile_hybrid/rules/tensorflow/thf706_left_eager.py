"""A function that computes on tensors can't be made a tf.function as it is built.

What it does
    Finds functions that compute on tensors and are left eager for what they are: generators and coroutines,
    properties, functions under a decorator of this file's or of ``functools``, and functions that call something that
    they are handed.

Why is this bad
    They run op by op.  Nothing is wrong with that; it is told so that nobody looks for a reason in vain.

Fix safety
    None is made: what the decorator, the caller of the generator or the callback relies on isn't known.  Move the
    computation on tensors into a function of its own.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._blind import unseen_calls
from ._plan import blockers, decisions
from ._program import Program, Unit, program_of
from ._report import TARGETS
from ._wanted import NO_GRAPH_FORM, OTHER_DECORATOR

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def rows(x):
    for row in tf.unstack(x):
        yield tf.nn.softmax(row) * 2.0
""",
    ),
    Example(
        before="""
import tensorflow as tf


def normalized(x, hook):
    y = tf.nn.softmax(x) * 2.0
    hook(y)
    return y
""",
    ),
]

VALID = [
    """
import functools

import tensorflow as tf


def names(path):
    with open(path) as file:
        yield from file


@functools.lru_cache
def size(n):
    return n * 2


def normalized(x):
    return tf.nn.softmax(x) * 2.0
""",
]

_HELP = "move what is computed on tensors into a function of its own, and decorate that one"


@rule("THF706", "left-eager", targets=TARGETS, consequence=Consequence.SPEED, scope="module", stage=4)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    decided = {id(decision.unit.function): decision for decision in decisions(ctx)}
    compiled = set(program.hybrid_reach)
    for decision in decided.values():
        if decision.decorate:
            compiled |= {id(function) for function in program.reach(decision.unit.function)}
    for unit in program.units.values():
        function = unit.function
        if id(function) in compiled or function.name.startswith("test"):
            continue
        known = id(function) in decided
        reason = _callback(ctx, program, unit) if known else _form(program, unit)
        if reason:
            yield Finding(
                function.args.args[0] if function.args.args else function.body[0],
                f"`{unit.name}` computes on tensors and stays eager: {reason}",
                help=_HELP,
                unit=unit.name,
            )


def _form(program: Program, unit: Unit) -> str:
    """Return what about the kind of function that ``unit`` is has no graph form, or ''."""
    reason = unit.why_not
    if reason not in (NO_GRAPH_FORM, OTHER_DECORATOR) or program.computes(unit.function) == 0:
        return ""
    if unit.info is not None and program.project.framework_base(unit.info) is not None:
        return ""  # Keras decides what it compiles
    seeds = program.kinds.seeds  # what the function itself tells, where its callers don't
    tensors = any(
        value.has_tensor or (not value.known and (seed := seeds.get((id(unit.function), name))) and seed.has_tensor)
        for name, value in program.parameters(unit).items()
    )
    if reason == NO_GRAPH_FORM:
        return reason if tensors else ""
    names = [program.module.qualified(d.func if isinstance(d, ast.Call) else d) for d in unit.function.decorator_list]
    if "builtins.property" in names:
        return "a property is read, not called" if _given_tensors(program, unit) else ""
    own = any(name is not None and _is_own(program, name) for name in names)
    return reason if tensors and own else ""


def _given_tensors(program: Program, unit: Unit) -> bool:
    """Whether some op in ``unit``, which has no parameters to tell, is given a tensor."""
    calls = program.calls_in(unit.function)
    return any("tensor" in program.kinds.value(arg).kinds for call in calls for arg in call.args)


def _is_own(program: Program, name: str) -> bool:
    """Whether ``name`` is a decorator that does something of its own around each call: this file's, or a cache."""
    return name.startswith("functools.") or name.rsplit(".", 1)[-1] in {f.name for f in program.module.scopes.functions}


def _callback(ctx: ModuleContext, program: Program, unit: Unit) -> str:
    """Return which function that it is handed ``unit`` calls, if nothing else has been told about it."""
    blind = unseen_calls(program, unit)
    if blind is None or not isinstance(blind.func, ast.Name) or blockers(ctx, program, unit):
        return ""
    if blind.func.id not in program.parameters(unit):
        return ""
    return f"it calls `{ast.unparse(blind.func)}`, which it is handed"
