"""A compiled ``call`` without a ``mask`` parameter loses the mask of its inputs.

What it does
    Finds ``@tf.function`` on the ``call`` of a Keras layer or model that has no parameter ``mask`` and holds layers
    that look for one (``LSTM``, ``MultiHeadAttention``), in a file that makes masks outside of that class
    (``Embedding(mask_zero=True)``, ``Masking``).

Why is this bad
    Keras hangs the mask on the tensor itself.  A tf.function computes on tensors of its own, which have none: padding
    counts like data, and nothing is raised.

Fix safety
    None is made.  Give ``call`` a parameter ``mask=None``, which Keras fills in, and hand it on to the layers that need
    it (``self.lstm(x, mask=mask)``); or leave ``call`` plain and compile the model around it.

References
    https://keras.io/guides/understanding_masking_and_padding/
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._masks import loses_mask
from ._program import program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Encoder(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.lstm = tf.keras.layers.LSTM(4)

    def build(self, input_shape):
        self.lstm.build(input_shape)

    @tf.function
    def call(self, x):
        return self.lstm(x)


embedding = tf.keras.layers.Embedding(10, 3, mask_zero=True)
print(Encoder()(embedding(tf.constant([[1, 2, 0, 0]]))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


class Encoder(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(10, 3, mask_zero=True)
        self.lstm = tf.keras.layers.LSTM(4)

    def build(self, input_shape):
        self.embedding.build(input_shape)
        self.lstm.build((*input_shape, 3))

    @tf.function
    def call(self, x):
        return self.lstm(self.embedding(x))
""",
]


@rule("THF209", "lost-mask", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if unit.hybrid is not None and unit.hybrid in unit.function.decorator_list and loses_mask(program, unit):
            yield Finding(
                unit.hybrid,
                "the tf.function's tensors have no mask, and layers in it look for the one of its inputs",
                help="give `call` a parameter `mask=None` and hand it on, or compile the model around this layer",
                unit=unit.name,
            )
