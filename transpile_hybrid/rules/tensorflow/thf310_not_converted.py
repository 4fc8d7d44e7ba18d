"""Control flow on a tensor in a Keras ``call`` that is reached through Keras.

What it does
    Finds ``if``, ``while`` and ``for`` on a tensor in the ``call`` of a Keras layer or model (and in what it calls)
    where the compiled function is another one: a training step, ``tf.function(net)``, an outer model.

Why is this bad
    AutoGraph rewrites the compiled function and what that calls, but not what Keras calls in between: a condition on
    a tensor then raises ``OperatorNotAllowedInGraphError``.

Fix safety
    None is made.  Decorate that ``call`` itself (its layers have to be built in ``build``), or write ``tf.cond``,
    ``tf.where`` or ``tf.while_loop``.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/limitations.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._branches import tensor_regions
from ._convert import unconverted
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Gate(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)

    def call(self, x):
        if tf.reduce_sum(x) > 0:
            return self.fc(x)
        return -self.fc(x)


net = Gate()


def score(x):
    return tf.nn.softmax(net(x))


score(tf.ones((1, 3)))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


class Gate(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)

    def call(self, x):
        y = self.fc(x)
        return tf.where(tf.reduce_sum(x) > 0, y, -y)


net = Gate()


def score(x):
    return tf.nn.softmax(net(x))


score(tf.ones((1, 3)))
""",
    """
import tensorflow as tf
from keras import ops


class Masked(tf.keras.layers.Layer):
    def call(self, x, mask=None):
        if mask is not None and ops.ndim(mask) == 2:
            mask = mask[..., None]
        for part in ops.split(x, 2):
            x = x + ops.mean(part)
        return x if mask is None else x * mask


layer = Masked()


def score(x):
    return tf.nn.softmax(layer(x))


score(tf.ones((4, 3)))
""",
]


@rule("THF310", "not-converted", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function in unconverted(program):
        for region in tensor_regions(program, function):
            at = region.iter if isinstance(region, ast.For) else getattr(region, "test", region)
            yield Finding(
                at,
                "a condition or loop on a tensor, in code that Keras calls: AutoGraph doesn't get to it",
                help="use `tf.where`, `tf.cond` or `tf.while_loop`, or decorate this `call` (built in `build`)",
                unit=unit_name(program, function),
            )
