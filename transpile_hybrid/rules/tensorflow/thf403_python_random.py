"""Numbers from Python's or NumPy's random generators are drawn once, while the graph is traced.

What it does
    Finds calls of ``random.*`` and ``numpy.random.*`` in functions that are, or should become, a tf.function.

Why is this bad
    The call runs while the function is traced and its result becomes a constant of the graph: the "random" mask is
    the same at each step.  Nothing is raised.

Fix safety
    None is made: ``tf.random`` draws another stream, so the numbers of a seeded program would change.

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
import random

import tensorflow as tf


def jitter(x):
    return tf.nn.relu(x) * random.random()
""",
    ),
]

VALID = [
    """
import random

import tensorflow as tf

SCALE = random.random()


def jitter(x):
    return tf.nn.relu(x) * SCALE + tf.random.normal([2])
""",
]


@rule("THF403", "python-random", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, "python-random", "numpy-random"):
        yield Finding(
            effect.node,
            f"`{effect.name}` draws once, while the graph is traced: each call then gets the same number",
            help="draw with a `tf.random.Generator` made outside (another stream), or pass a tensor in",
            unit=unit_name(program, function),
        )
