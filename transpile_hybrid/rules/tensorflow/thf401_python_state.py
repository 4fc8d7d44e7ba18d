"""Python state is written inside a function that is compiled.

What it does
    Finds writes that outlive the call: ``global`` and ``nonlocal`` names, attributes, elements of lists and dicts
    that were not made by this very call, and methods such as ``append`` on them.

Why is this bad
    Python runs only while the function is traced, once per signature.  A counter stays at 1, a list gets one entry,
    and what was stored is a symbolic tensor that nobody can read.  Nothing is raised at the call: the program goes on
    with other numbers.

Fix safety
    None is made, counters included: what the state is for isn't known.  A ``tf.Variable`` (``assign``, ``assign_add``)
    is state that a graph keeps, but whoever reads the attribute would find a variable for a number (in ``range``, text,
    a checkpoint or a comparison by ``is``), and a Keras object would save it with its weights.  A value that the caller
    needs can be returned.

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
import tensorflow as tf

history = []


def loss(x, y):
    value = tf.reduce_mean(tf.square(x - y))
    history.append(value)
    return value
""",
    ),
    Example(
        before="""
import tensorflow as tf


class Counter(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.calls = 0
        self.fc = tf.keras.layers.Dense(2)

    def call(self, x):
        self.calls += 1
        return self.fc(x)
""",
    ),
]

VALID = [
    """
import tensorflow as tf

steps = tf.Variable(0)


def loss(x, y):
    steps.assign_add(1)
    parts = []
    parts.append(tf.reduce_mean(tf.square(x - y)))
    return parts[0]
""",
    """
import tensorflow as tf


def batched_sum(x, axes=None):
    if axes is None:
        axes = [1, 2]
    axes = list(axes)
    if axes[0] < 0:
        axes[0] += len(x.shape)
    axes.append(0)
    return tf.reduce_sum(tf.nn.relu(x), axis=axes)
""",
    """
import tensorflow as tf


class Residual(tf.keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = tf.keras.layers.Dense(3)
        self.add = tf.keras.layers.Add()

    def call(self, x, **kwargs):
        scale = kwargs.pop("scale", 1.0)
        kept = [] if scale > 1.0 else None
        if kept is not None:
            kept.append(x)
        sizes = x.shape.as_list()
        flat = sizes[:]
        flat[0] = -1
        x = self.add([x, self.dense(x)])
        return tf.reshape(x * scale, flat)


class Pair:
    def __init__(self, low, high):
        self.low = low
        self.high = high


def spread(x):
    pair = Pair(tf.nn.relu(-x), tf.nn.relu(x))
    return pair.high - pair.low
""",
]

_SAY = {
    "global-write": "the global `{name}` is written",
    "nonlocal-write": "`{name}` of the enclosing function is written",
    "attribute-write": "the attribute `{name}` is written",
    "container-write": "`{name}` is changed, and it outlives the call",
}


@rule("THF401", "python-state", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, *_SAY):
        yield Finding(
            effect.node,
            _SAY[effect.kind].format(name=effect.name) + ": a graph does this once, while it is traced",
            help="keep the state in a `tf.Variable` (`assign`, `assign_add`), or return the value to the caller",
            unit=unit_name(program, function),
        )
