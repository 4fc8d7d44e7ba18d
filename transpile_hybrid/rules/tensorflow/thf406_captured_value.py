"""A Python value that a compiled function reads is changed elsewhere.

What it does
    Finds reads of globals, variables of an enclosing function and attributes, in functions that are or should become
    a tf.function, where other code writes to them between calls.

Why is this bad
    The value at the time of tracing becomes a constant of the graph.  Changing the number, list, array or tensor
    later has no effect, and nothing tells.

Fix safety
    None is made.  A ``tf.Variable`` is read at each call, and an argument is given at each call.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._captured import captured
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

scale = 1.0


def scaled(x):
    return tf.nn.relu(x) * scale


def faster():
    global scale
    scale = scale * 2.0
""",
    ),
    Example(
        before="""
import tensorflow as tf


class Net(tf.Module):
    def __init__(self):
        self.factor = 1.0

    def __call__(self, x):
        return tf.nn.relu(x) * self.factor

    def grow(self):
        self.factor = self.factor * 2.0
""",
    ),
    Example(
        before="""
import tensorflow as tf

scale = 1.0


def scaled(x):
    return tf.nn.relu(x) * scale


def configure(**settings):
    globals()["scale"] = settings["scale"]
""",
    ),
]

VALID = [
    """
import tensorflow as tf

scale = tf.Variable(1.0)
offset = 2.0


def scaled(x):
    return tf.nn.relu(x) * scale + offset


def faster():
    scale.assign(scale * 2.0)
""",
    """
import tensorflow as tf


class Scale(tf.keras.layers.Layer):
    def __init__(self, groups=2):
        super().__init__()
        self.groups = groups
        self.gamma = None

    def build(self, shape):
        self._fit(shape)
        self._make_weight(shape)

    def _fit(self, shape):
        if self.groups < 0:
            self.groups = shape[-1]

    def _make_weight(self, shape):
        self.gamma = self.add_weight(shape=(shape[-1],))

    def call(self, x):
        return tf.nn.relu(x) * self.gamma / self.groups


layer = Scale()
print(layer(tf.ones((2, 4))))
""",
]


@rule("THF406", "captured-value", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node, name, line in captured(program):
        yield Finding(
            node,
            f"`{name}` is read when the graph is traced and never again, and line {line} changes it",
            help="make it a `tf.Variable` (changed by `assign`), or pass it as a tensor (`tf.constant(...)`)",
            unit=unit_name(program, function),
        )
