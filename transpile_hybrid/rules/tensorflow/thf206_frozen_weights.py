"""A compiled ``call`` of a Keras class whose layers are built by its first call computes with frozen weights.

What it does
    Finds ``@tf.function`` on the ``call`` of a Keras 3 layer or model that holds sub-layers and has no ``build`` of
    its own.

Why is this bad
    Keras builds such an object by tracing its ``call`` inside of a scope in which every variable is a constant.  The
    tf.function keeps that trace, and the first signature uses it for ever: its output doesn't change when the weights
    do, and all its gradients are ``None``.  Nothing is raised by the call.

Fix safety
    None is made.  Build the sub-layers in ``build(self, input_shape)``, or leave ``call`` plain and compile the
    object: ``net = tf.function(net)``.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._keras import builds_late
from ._program import program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)

    @tf.function
    def call(self, x):
        return self.fc(x)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)

    def build(self, input_shape):
        self.fc.build(input_shape)

    @tf.function
    def call(self, x):
        return self.fc(x)
""",
]


@rule("THF206", "frozen-weights", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if unit.info is None or unit.hybrid is None or unit.function.name != "call":
            continue
        wrapped = (
            isinstance(unit.hybrid, ast.Call) and unit.hybrid.args and unit.hybrid not in unit.function.decorator_list
        )
        if wrapped and not (isinstance(unit.hybrid, ast.Call) and isinstance(unit.hybrid.args[0], ast.Attribute)):
            continue  # the object is compiled, building included
        if builds_late(program, unit.info):
            yield Finding(
                unit.hybrid,
                "Keras builds the layers by tracing `call`, and the tf.function keeps that trace with frozen weights",
                help="build the layers in `build(self, input_shape)`, or compile the object: `net = tf.function(net)`",
                unit=unit.name,
            )
