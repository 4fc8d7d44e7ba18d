"""A Keras model is called op by op.

What it does
    Finds a model that program-level code makes and calls, and wraps it: ``net = tf.function(net)``.

Why is this bad
    ``net(x)`` outside of ``fit`` and ``predict`` runs eagerly, one Python call for each op of each layer.

Fix safety
    Safe where the name is bound once and does nothing else than be called: a tf.function has no ``save``, no
    ``summary`` and no ``trainable_variables``.  Where the program needs those, it is only reported: keep the model
    under its own name and call ``step = tf.function(net)``.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import insert_line_after
from ..rule import Example, Finding, ModuleContext, rule
from ._models import models
from ._report import TARGETS, tensorflow_name, with_import

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def get_net():
    net = tf.keras.Sequential()
    net.add(tf.keras.Input(shape=(512,)))
    net.add(tf.keras.layers.Dense(256, activation="relu"))
    net.add(tf.keras.layers.Dense(2))
    return net


net = get_net()
print(net(tf.ones((1, 512))).shape)
""",
        after="""
import tensorflow as tf


def get_net():
    net = tf.keras.Sequential()
    net.add(tf.keras.Input(shape=(512,)))
    net.add(tf.keras.layers.Dense(256, activation="relu"))
    net.add(tf.keras.layers.Dense(2))
    return net


net = get_net()
net = tf.function(net)
print(net(tf.ones((1, 512))).shape)
""",
    ),
    Example(
        before="""
import tensorflow as tf

net = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(2)])
net.summary()
print(net(tf.ones((1, 4))).shape)
""",
    ),
]

VALID = [
    """
import tensorflow as tf

net = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(2)])
net.compile("sgd", "mse")
net.fit(tf.ones((8, 4)), tf.ones((8, 2)))
""",
    """
import tensorflow as tf

net = tf.keras.Sequential([tf.keras.Input(shape=(4,)), tf.keras.layers.Dense(2)])
net = tf.function(net)
print(net(tf.ones((1, 4))).shape)
""",
]


@rule(
    "THF702",
    "model-not-compiled",
    targets=TARGETS,
    consequence=Consequence.SPEED,
    fix="sometimes",
    scope="module",
    stage=3,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    for model in models(ctx):
        tf, add = tensorflow_name(ctx)
        options = ", jit_compile=True" if "tf.xla" in ctx.targets else ""
        line = f"{model.name} = {tf}.function({model.name}{options})"
        fix = None
        if not model.reason:
            fix = with_import(ctx, [insert_line_after(ctx.source, model.statement, line)], add)
        yield Finding(
            model.statement if fix is not None else model.call,
            f"the model `{model.name}` runs op by op" + (f"; {model.reason}" if model.reason else ""),
            help=f"add `{line}` where it is only called, or call `run = {tf}.function({model.name})`",
            fix=fix,
            unit="",
        )
