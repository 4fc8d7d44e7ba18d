"""A Python number that changes from call to call is an argument of a tf.function.

What it does
    Finds functions that are, or would be, a tf.function and get Python numbers: from the calls in the file, or by
    what they do with a parameter.

Why is this bad
    A tf.function is traced anew for each Python number: six learning rates are six traces, each of which costs as
    much as thousands of calls.  ``1``, ``1.0`` and ``True`` even share a trace, and with it the dtype of the first
    one.

Fix safety
    None is made: give the number as a tensor (``tf.constant(lr)``), keep it in a ``tf.Variable``, or declare an
    ``input_signature``.

References
    https://www.tensorflow.org/guide/function#controlling_retracing
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS
from ._types import varying_numbers

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def decayed(x, rate):
    return tf.nn.relu(x) * rate


for step in range(10):
    decayed(tf.ones((2, 2)), 1.0 / (step + 1))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def decayed(x, rate):
    return tf.nn.relu(x) * rate


for step in range(10):
    decayed(tf.ones((2, 2)), tf.constant(0.5))
""",
]


@rule("THF501", "python-number", targets=TARGETS, consequence=Consequence.SPEED, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if not unit.wanted and unit.hybrid is None:
            continue
        if (
            unit.hybrid is not None
            and isinstance(unit.hybrid, ast.Call)
            and any(keyword.arg == "input_signature" for keyword in unit.hybrid.keywords)
        ):
            continue
        arguments = unit.function.args
        for name in varying_numbers(program, unit):
            arg = next(a for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs if a.arg == name)
            yield Finding(
                arg,
                f"`{name}` gets Python numbers, each of which is traced anew",
                help="give it as a tensor (`tf.constant(...)`), or declare an `input_signature`",
                unit=unit.name,
            )
