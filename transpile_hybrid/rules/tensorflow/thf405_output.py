"""A log line or a file is written once, while the graph is traced.

What it does
    Finds logging, ``open``, ``input`` and writes to files in functions that are, or should become, a tf.function; and
    warnings that a tensor decides on.

Why is this bad
    Python runs only while the function is traced: one line is logged instead of one for each call.  (Of warnings
    Python shows the same one once only, whatever runs; but both sides of a branch on a tensor are traced.)

Fix safety
    None is made.  ``tf.print`` and ``tf.summary`` run at each call.

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
import warnings

import tensorflow as tf


def checked(x):
    if tf.reduce_any(x < 0):
        warnings.warn("negative numbers")
    return tf.nn.relu(x) * 2.0
""",
    ),
    Example(
        before="""
import logging

import tensorflow as tf


def step(x):
    logging.info("one step")
    return tf.matmul(x, x)
""",
    ),
]

VALID = [
    """
import warnings

import tensorflow as tf


def checked(x, size=3):
    if size > 2:
        warnings.warn("large sizes are slow")
    return tf.nn.relu(x) * 2.0
""",
    """
import tensorflow as tf


def returns(x):
    out = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
    for i in tf.range(tf.shape(x)[0]):
        out = out.write(i, tf.nn.relu(x[i]) * 2.0)
    out = out.stack()
    return out - tf.reduce_mean(out)
""",
    """
import logging

import tensorflow as tf


def step(x):
    return tf.matmul(x, x)


logging.info("one step")
step(tf.ones((2, 2)))
""",
    """
import tensorflow as tf


def step(i, x, carried):
    total, out = carried
    total = total + tf.nn.relu(x[i])
    out = out.write(i, total * 2.0)
    return total, out
""",
]


@rule("THF405", "host-output", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, "log", "io"):
        yield Finding(
            effect.node,
            f"`{effect.name}` runs once, while the graph is traced",
            help="use `tf.print` or `tf.summary`, or do it in the caller",
            unit=unit_name(program, function),
        )
