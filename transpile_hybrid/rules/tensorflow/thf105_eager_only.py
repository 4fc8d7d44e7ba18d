"""A call that only works eagerly stands inside a function that is compiled.

What it does
    Finds ``model.fit``, ``predict``, ``evaluate``, ``save``, ``summary`` and the like in functions that are, or
    should become, a tf.function.

Why is this bad
    These methods start their own compiled loops or touch files: inside a graph they raise ``RuntimeError``.

Fix safety
    None is made: the call has to move to the program around the function.  For ``predict``, calling the model serves.

References
    https://www.tensorflow.org/api_docs/python/tf/keras/Model
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._program import compiled_nodes, program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])


def score(x):
    return tf.reduce_sum(model.predict(x)) + tf.reduce_sum(x)
""",
    ),
]

VALID = [
    """
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])


def score(x):
    return tf.reduce_sum(model(x))
""",
]


@rule("THF105", "eager-only-call", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        func = node.func
        if not isinstance(func, ast.Attribute) or func.attr not in tables.MODEL_SURFACE or program.kinds.callees(node):
            continue
        value = program.kinds.value(func.value)
        if value.kinds & {"module"} and value.kinds <= {"module", "unknown", "none"}:
            yield Finding(
                node,
                f"`.{func.attr}()` of a Keras model cannot run inside a graph",
                help="call the model itself (`model(x)`), or do this outside of the tf.function",
                unit=unit_name(program, function),
            )
