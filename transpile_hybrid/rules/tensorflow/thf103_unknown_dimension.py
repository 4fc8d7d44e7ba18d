"""NumPy computes with dimensions that aren't known while the function is traced.

What it does
    Finds ``np.f(x.shape[...])`` in functions that may get a Keras ``Input``, whose first dimension is ``None``.

Why is this bad
    With tensors a static shape holds numbers, and NumPy may compute with them.  A symbolic input has ``None`` in it:
    ``TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'``.

Fix safety
    None is made: ``tf.reduce_prod(tf.shape(x)[...])`` works for both.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS, compiled_calls, unit_name
from ._symbolic import maybe_symbolic

EXAMPLES = [
    Example(
        before="""
import numpy as np
import tensorflow as tf


def flat(x):
    return tf.reshape(x, [np.prod(x.shape[:2]), -1])


inputs = tf.keras.Input(shape=(4,))
pick = tf.ones((2, 4)) if tf.executing_eagerly() else inputs
flat(pick)
""",
    ),
]

VALID = [
    """
import numpy as np
import tensorflow as tf


def flat(x):
    return tf.reshape(x, [np.prod(x.shape[:2]), -1])


flat(tf.ones((2, 4)))
""",
]


@rule("THF103", "unknown-dimension", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if not unit.wanted or not maybe_symbolic(program, unit):
            continue
        for function, node in compiled_calls(program, unit):
            name = ctx.qualified(node.func) or ""
            shapes = [arg for arg in node.args if program.kinds.value(arg).is_("shape") and not _empty(arg)]
            if name.startswith("numpy.") and shapes:
                yield Finding(
                    node,
                    f"`{ast.unparse(node.func)}` of dimensions, which a symbolic input doesn't know",
                    help="use `tf.shape(x)` and `tf.reduce_prod`",
                    unit=unit_name(program, function),
                )


def _empty(node: ast.expr) -> bool:
    """Whether ``node`` is ``shape[:0]``."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return False
    upper = node.slice.upper
    return node.slice.lower is None and isinstance(upper, ast.Constant) and upper.value == 0
