"""A NumPy array is an argument that is combined with something whose dtype isn't known.

What it does
    Finds functions that would be a tf.function, get NumPy arrays from calls in the file, and combine them with
    tensors.

Why is this bad
    Eagerly an array takes the dtype of the tensor that it meets (float64 numbers become float32).  A tf.function
    makes a tensor of it first, with the array's own dtype: ``TypeError: Input 'y' of 'Mul' Op has type float32 that
    does not match type float64 of argument 'x'``.

Fix safety
    None is made: convert at the call (``tf.constant(x, tf.float32)``), or declare an ``input_signature``.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._flow import own_nodes
from ._pins import pinned
from ._program import Program, Unit, program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import numpy as np
import tensorflow as tf


def loss(target, prediction):
    return tf.reduce_mean(tf.square(target - prediction))


loss(np.array([1.0, 2.0]), tf.ones(2))
""",
    ),
]

VALID = [
    """
import numpy as np
import tensorflow as tf


def loss(target, prediction):
    return tf.reduce_mean(tf.square(target - prediction))


loss(tf.constant([1.0, 2.0]), tf.ones(2))
""",
]


@rule("THF503", "array-argument", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if not unit.wanted or pinned(program, unit):
            continue
        for name, value in program.parameters(unit).items():
            node = _combined(program, unit, name) if value.is_("array") else None
            if node is not None:
                yield Finding(
                    node,
                    f"`{name}` gets NumPy arrays, which take the dtype of what they meet only eagerly",
                    help="give it as a tensor of the right dtype: `tf.constant(x, tf.float32)`",
                    unit=unit.name,
                )


def _combined(program: Program, unit: Unit, name: str) -> ast.AST | None:
    for node in own_nodes(unit.function.body):
        if isinstance(node, ast.BinOp):
            sides = (node.left, node.right)
            meets = any(isinstance(side, ast.Name) and side.id == name for side in sides)
            if meets and not any(isinstance(side, ast.Constant) for side in sides):
                return node
    return None
