"""A function that is compiled calls itself.

What it does
    Finds functions on tensors that call themselves, at any distance.

Why is this bad
    A condition on a tensor doesn't stop the recursion while the function is traced: both sides are traced, for ever
    (``RecursionError``).  Recursion on a Python number ends, with a trace for each number.

Fix safety
    None is made: write a loop.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import AnyFunction, Program, program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def halve(x):
    if tf.reduce_max(x) > 1.0:
        return halve(x / 2.0)
    return x
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def halve(x):
    while tf.reduce_max(x) > 1.0:
        x = x / 2.0
    return x
""",
]


@rule("THF309", "recursion", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function in program.compiled:
        if isinstance(function, ast.Lambda):
            continue
        if not any(
            value.has_tensor or not value.known for value in program.parameters(program.units[id(function)]).values()
        ):
            continue  # on Python numbers it ends
        if any(o is function for o in _below(program, function)):
            yield Finding(
                function.args.args[0] if function.args.args else function.body[0],
                f"`{function.name}` calls itself: while it is traced, a condition on a tensor doesn't stop that",
                help="write a loop (`while` on a tensor is understood)",
                unit=program.units[id(function)].name,
            )


def _below(program: Program, function: AnyFunction) -> list[AnyFunction]:
    """Return what ``function`` calls, at any distance."""
    seen: list[AnyFunction] = []
    work = list(program.direct(function))
    for call in program.calls_in(function):
        work += program.kinds.callees(call)
    while work:
        other = work.pop()
        if any(other is known for known in seen):
            continue
        seen.append(other)
        work += program.direct(other)
    return seen
