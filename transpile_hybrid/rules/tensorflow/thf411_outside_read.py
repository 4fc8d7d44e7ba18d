"""The environment, a file or another process is asked once, while the graph is traced.

What it does
    Finds ``os.environ``, ``os.getenv``, ``os.path.exists``, ``np.load``, ``pickle.load`` and the like in functions that
    are, or should become, a tf.function.

Why is this bad
    The answer at the time of tracing becomes a constant of the graph.  What is set or written between two calls has no
    effect, and nothing is raised.

Fix safety
    None is made: read it before the function is called, and pass what was read as a tensor.

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
import os

import tensorflow as tf


def scaled(x):
    if os.environ.get("DOUBLE"):
        return tf.nn.relu(x) * 2.0
    return tf.nn.relu(x)
""",
    ),
]

VALID = [
    """
import os

import tensorflow as tf

SCALE = float(os.environ.get("SCALE", "1"))


def scaled(x):
    return tf.nn.relu(x) * SCALE
""",
    """
import tensorflow as tf


def image(path):
    return tf.cast(tf.io.decode_png(tf.io.read_file(path)), tf.float32) / 255.0
""",
]


@rule("THF411", "outside-read", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, "outside-read"):
        yield Finding(
            effect.node,
            f"`{effect.name}` is asked once, while the graph is traced",
            help="read it outside of the tf.function, and pass what was read as a tensor",
            unit=unit_name(program, function),
        )
