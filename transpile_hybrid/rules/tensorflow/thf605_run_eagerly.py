"""A model is told to run eagerly.

What it does
    Finds ``compile(run_eagerly=True)`` and ``tf.config.run_functions_eagerly(True)``.

Why is this bad
    It is a switch for debugging: ``fit`` and ``predict`` then run op by op, many times slower, and every tf.function of
    the program does.

Fix safety
    None is made: it may be there because the model can't be compiled.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])
model.compile("sgd", "mse", run_eagerly=True)
""",
    ),
]

VALID = [
    """
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])
model.compile("sgd", "mse")
""",
]


@rule("THF605", "run-eagerly", targets=TARGETS, consequence=Consequence.SPEED, scope="file", on=(ast.Call,))
def check(node: ast.Call, ctx: ModuleContext) -> Iterator[Finding]:
    for keyword in node.keywords:
        if keyword.arg == "run_eagerly" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True:
            yield Finding(
                keyword.value,
                "`run_eagerly=True` makes `fit` and `predict` run op by op",
                help="leave it out where the model isn't being debugged",
            )
    name = ctx.qualified(node.func) or ""
    first = node.args[0] if node.args else None
    if name.endswith("config.run_functions_eagerly") and isinstance(first, ast.Constant) and first.value is True:
        yield Finding(
            node, "every tf.function of the program runs op by op", help="leave it out where nothing is debugged"
        )
