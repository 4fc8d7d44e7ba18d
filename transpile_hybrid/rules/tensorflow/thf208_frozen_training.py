"""A compiled ``call`` without a ``training`` parameter keeps the training mode of its first call.

What it does
    Finds ``@tf.function`` on the ``call`` of a Keras layer or model that holds layers such as ``Dropout`` or
    ``BatchNormalization``, and has no parameter ``training``.

Why is this bad
    ``net(x, training=True)`` reaches the layers inside by a context that exists while they are called.  A tf.function
    runs them once, while it traces its first call, and makes another trace for other *arguments* only: with the first
    call ``net(x)``, dropout never drops and batch normalization never learns.  Called in training first, it drops in
    every prediction.  Nothing is raised.

Fix safety
    Unsafe: ``training=None`` is added to the parameters of ``call``, which Keras then fills in; each mode gets a trace
    of its own, and with it other numbers than the frozen one gave.

References
    https://keras.io/guides/making_new_layers_and_models_via_subclassing/
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS
from ._training import add_training, keeps_mode

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Net(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.drop = tf.keras.layers.Dropout(0.5)

    @tf.function
    def call(self, x):
        return self.drop(tf.nn.relu(x))
""",
        after="""
import tensorflow as tf


class Net(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.drop = tf.keras.layers.Dropout(0.5)

    @tf.function
    def call(self, x, training=None):
        return self.drop(tf.nn.relu(x))
""",
        unsafe=True,
    ),
]

VALID = [
    """
import tensorflow as tf


class Net(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.drop = tf.keras.layers.Dropout(0.5)

    @tf.function
    def call(self, x, training=False):
        return self.drop(tf.nn.relu(x), training=training)


class Scale(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.act = tf.keras.layers.ReLU()

    @tf.function
    def call(self, x):
        return self.act(x) * 2.0
""",
]


@rule("THF208", "frozen-training", targets=TARGETS, consequence=Consequence.SILENT, fix="sometimes", scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if unit.hybrid is None or unit.hybrid not in unit.function.decorator_list or not keeps_mode(program, unit):
            continue
        edit = add_training(ctx.source, unit.function)
        yield Finding(
            unit.hybrid,
            "the trace of `call` keeps the training mode of its first call, and layers in it mind the mode",
            help="give `call` a parameter `training=None`: Keras fills it in, and each mode gets its own trace",
            fix=Fix((edit,), safety="unsafe") if edit is not None else None,
            unit=unit.name,
        )
