"""An element of a tensor is assigned.

What it does
    Finds ``t[i] = v`` on a tensor, and tensors that are stored in a NumPy array (``a[i] = t``), in functions that are,
    or should become, a tf.function.

Why is this bad
    A tensor can't be written to: ``TypeError: 'SymbolicTensor' object does not support item assignment``, eagerly
    too. What is left of it in working code is an array that becomes a tensor when the function is compiled.  An array
    takes numbers, which a symbolic tensor doesn't have: ``ValueError: setting an array element with a sequence``.

Fix safety
    None is made.  On a tensor or variable ``t[i] = v`` raises eagerly too, so that there is nothing to keep
    (``variable[i].assign(v)`` works in both).  An array cuts the gradient and rounds to its own dtype, and other names
    may stand for it; ``tf.tensor_scatter_nd_update(t, [[i]], [v])``, which gives the changed tensor, does neither.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.values import Value
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def first_to_zero(x):
    y = tf.nn.relu(x)
    y[0] = 0.0
    return y
""",
    ),
    Example(
        before="""
import numpy as np
import tensorflow as tf


def marked(x):
    y = np.zeros(3, np.float32)
    y[0] = tf.reduce_sum(x)
    return tf.nn.relu(x) + y
""",
    ),
]

VALID = [
    """
import tensorflow as tf

FEATURES = {"ids": tf.io.FixedLenFeature([4], tf.int64), "label": tf.io.FixedLenFeature([], tf.int64)}


def decode(record):
    example = tf.io.parse_single_example(record, FEATURES)
    for name in list(example.keys()):
        example[name] = tf.cast(example[name], tf.int32)
    return example
""",
    """
import tensorflow as tf


def first_to_zero(x):
    y = tf.nn.relu(x)
    return tf.tensor_scatter_nd_update(y, [[0]], [0.0])
""",
    """
import tensorflow as tf


@tf.function
def named(x):
    features = {}
    features["dense"] = tf.nn.relu(x)
    features["sparse"] = {}
    for index in range(3):
        features["sparse"][str(index)] = x[index]
    return features
""",
]


@rule("THF202", "item-assignment", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Subscript):
        assert isinstance(node, ast.Subscript)
        if isinstance(node.ctx, ast.Store) and program.kinds.value(node.value).is_("array"):
            stored = _stored(ctx, node)
            if stored is not None and program.kinds.value(stored).has_tensor:
                yield Finding(
                    node,
                    f"`{ast.unparse(node.value)}` is an array, and a tensor has no numbers for it while it is traced",
                    help="collect the tensors in a list and `tf.stack` them, or use `tf.tensor_scatter_nd_update`",
                    unit=unit_name(program, function),
                )
        elif isinstance(node.ctx, ast.Store) and _may_be_tensor(program.kinds.value(node.value)):
            yield Finding(
                node,
                f"`{ast.unparse(node.value)}` is a tensor, whose elements can't be assigned",
                help="use `tf.tensor_scatter_nd_update(t, indices, updates)`",
                unit=unit_name(program, function),
            )


def _may_be_tensor(value: Value) -> bool:
    """Whether ``value`` is a tensor at times, and no container whose elements can be assigned."""
    return "tensor" in value.kinds and not value.kinds & {"dict", "list"}


def _stored(ctx: ModuleContext, node: ast.Subscript) -> ast.expr | None:
    """Return what is assigned to ``node``."""
    parent = ctx.module.parent(node)
    return parent.value if isinstance(parent, ast.Assign | ast.AugAssign | ast.AnnAssign) else None
