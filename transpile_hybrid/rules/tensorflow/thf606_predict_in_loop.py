"""``model.predict`` is called in a loop.

What it does
    Finds ``predict`` and ``predict_on_batch`` of a Keras model inside of a ``for`` or ``while``.

Why is this bad
    ``predict`` is made for large arrays: each call sets up a dataset and callbacks, milliseconds for a single sample.
    A compiled call of the model takes a fraction of that.

Fix safety
    None is made: ``predict`` gives an array and a call gives a tensor.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])
for i in range(10):
    print(model.predict(tf.ones((1, 3))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])
print(model.predict(tf.ones((100, 3))))
""",
]


@rule("THF606", "predict-in-loop", targets=TARGETS, consequence=Consequence.SPEED, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for node in program.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or program.kinds.callees(node):
            continue
        if node.func.attr not in ("predict", "predict_on_batch") or not program.kinds.value(node.func.value).is_(
            "module"
        ):
            continue
        for parent in ctx.module.ancestors(node):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                break
            if isinstance(parent, ast.For | ast.While):
                yield Finding(
                    node,
                    f"`{node.func.attr}` in a loop sets up its machinery for each round",
                    help="compile the call once (`run = tf.function(model)`), or predict one large batch",
                )
                break
