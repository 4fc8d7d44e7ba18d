"""A function that computes on tensors is run op by op.

What it does
    Finds the outermost functions and Keras ``call`` methods that take tensors and compute on them, and decorates them
    with ``@tf.function`` (``@tf.function(jit_compile=True)`` for the target ``tf.xla``).

Why is this bad
    Run eagerly, each op is a Python call of its own; a graph runs them all in one.  Models and training steps get
    several times faster.

Fix safety
    Safe where nothing in the function, or in what it calls, does something else in a graph: no finding of this
    package is left there, and nothing is called that can't be looked into.  Unsafe in a file that can do without
    TensorFlow (it imports Keras only, or TensorFlow under a condition): it may be run on another backend.  Only the
    outermost function is decorated: a call of a graph costs as much as a dozen additions of small tensors, so a
    helper that is called from compiled code would get slower.  A function that costs less than that, op by op, is
    left where it may be called often: by other functions or in a loop, handed to other code, run by a pipeline of
    ``tf.data``, not called in its file at all, and in notebooks and documents, where each run of its cell makes it anew
    and traces it again.  Where the program itself calls it in passing, or a function returns it, the help says that it
    is small, and ``rewrite --verify --faster-only`` keeps it only where it was measured to be faster.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Edit, insert_line_before
from ..rule import Example, Finding, ModuleContext, rule
from ._plan import Decision, decisions
from ._program import program_of
from ._report import TARGETS, tensorflow_name, with_import
from ._training import add_training, keeps_mode
from ._worth import is_small

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def focal_loss(labels, logits):
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    missed = tf.abs(labels - tf.nn.sigmoid(logits))
    return tf.reduce_mean(tf.square(missed) * entropy)
""",
        after="""
import tensorflow as tf


@tf.function
def focal_loss(labels, logits):
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    missed = tf.abs(labels - tf.nn.sigmoid(logits))
    return tf.reduce_mean(tf.square(missed) * entropy)
""",
    ),
    Example(
        before="""
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)

    def build(self, input_shape):
        self.fc.build(input_shape)

    def call(self, x):
        return tf.nn.relu(self.fc(x))


print(Net()(tf.ones((1, 4))).shape)
""",
        after="""
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(2)

    def build(self, input_shape):
        self.fc.build(input_shape)

    @tf.function(jit_compile=True)
    def call(self, x):
        return tf.nn.relu(self.fc(x))


print(Net()(tf.ones((1, 4))).shape)
""",
        targets=("tf.xla",),
    ),
    Example(
        before="""
from keras import ops


def overlap(boxes, other):
    size = ops.maximum(ops.minimum(boxes[..., 2:], other[..., 2:]) - ops.maximum(boxes[..., :2], other[..., :2]), 0.0)
    return ops.prod(size, axis=-1) / (ops.prod(boxes[..., 2:] - boxes[..., :2], axis=-1) + 1e-8)


print(overlap(ops.ones((4, 4)), ops.ones((4, 4))))
""",
        after="""
from keras import ops
import tensorflow as tf


@tf.function
def overlap(boxes, other):
    size = ops.maximum(ops.minimum(boxes[..., 2:], other[..., 2:]) - ops.maximum(boxes[..., :2], other[..., :2]), 0.0)
    return ops.prod(size, axis=-1) / (ops.prod(boxes[..., 2:] - boxes[..., :2], axis=-1) + 1e-8)


print(overlap(ops.ones((4, 4)), ops.ones((4, 4))))
""",
        unsafe=True,
        title="Keras runs on other backends too: with `--unsafe` only",
    ),
]

VALID = [
    """
import tensorflow as tf


def scale(x):
    return x / 255.0


data = tf.data.Dataset.from_tensor_slices(tf.ones((4, 2))).map(scale)
print(scale(tf.ones(2)))
""",
    """
import tensorflow as tf


def clipped(x):
    return tf.clip_by_value(x, 0.0, 1.0)


@tf.function
def brighter(x):
    return clipped(x * 1.5)


for pixels in tf.random.uniform((100, 8)):
    print(brighter(pixels), clipped(pixels))
""",
    """
import tensorflow as tf


@tf.function
def gelu(x):
    return 0.5 * x * (1.0 + tf.math.erf(x / 1.4142135))


def double(n):
    return n * 2
""",
]


@rule("THF701", "not-compiled", targets=TARGETS, consequence=Consequence.SPEED, fix="always", scope="module", stage=3)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    for decision in decisions(ctx):
        if not decision.decorate:
            continue
        function = decision.unit.function
        tf, add = tensorflow_name(ctx)
        arguments = decision.arguments(ctx, tf)
        line = f"@{tf}.function" + (f"({arguments})" if arguments else "")
        measure = "; it is small, so measure what that brings (`verify`)" if is_small(program_of(ctx), function) else ""
        yield Finding(
            _head(ctx, function),
            f"`{decision.unit.name}` computes on tensors and runs op by op",
            help=f"decorate it with `{line}`{measure}",
            fix=with_import(ctx, [_place(ctx, decision, line), *_mode(ctx, decision)], add),
            unit=decision.unit.name,
        )


def _head(ctx: ModuleContext, function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
    return function.args.args[0] if function.args.args else function


def _mode(ctx: ModuleContext, decision: Decision) -> list[Edit]:
    """Return the edit that gives the ``call`` of a Keras class its training mode, where the trace would keep one."""
    unit = decision.unit
    if not keeps_mode(program_of(ctx), unit):
        return []
    edit = add_training(ctx.source, unit.function)
    return [edit] if edit is not None else []


def _place(ctx: ModuleContext, decision: Decision, line: str) -> Edit:
    """Insert the decorator as the innermost one: below ``staticmethod``, ``property`` and the like.

    Above ``tf.custom_gradient``: what that one decorates returns a function, which a graph can't.
    """
    function = decision.unit.function
    program = program_of(ctx)
    above = [d.lineno for d in function.decorator_list if program.is_custom_gradient(d)]
    if not function.decorator_list:
        return insert_line_before(ctx.source, function, line)
    start = ctx.source.line_starts[(above[0] if above else function.lineno) - 1]
    return Edit(start, start, (ctx.source.indent_of(function) + line + ctx.source.newline,))
