"""The clock is read once, while the graph is traced.

What it does
    Finds ``time.*`` and ``datetime.now()`` in functions that are, or should become, a tf.function.

Why is this bad
    The time at which the graph was traced becomes a constant, and what was to be measured is the tracing.

Fix safety
    None is made: what is measured has to move to the caller.

References
    https://www.tensorflow.org/guide/function#executing_python_side_effects
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS, compiled_effects, unit_name

EXAMPLES = [
    Example(
        before="""
import time

import tensorflow as tf


def timed(x):
    start = time.time()
    y = tf.matmul(x, x)
    return y * (time.time() - start)
""",
    ),
]

VALID = [
    """
import time

import tensorflow as tf


def product(x):
    return tf.matmul(x, x)


start = time.time()
product(tf.ones((2, 2)))
print(time.time() - start)
""",
]


@rule("THF404", "clock", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, "time"):
        yield Finding(
            effect.node,
            f"`{effect.name}` is read once, while the graph is traced",
            help="measure in the caller, or use `tf.timestamp()`",
            unit=unit_name(program, function),
        )
