"""A NumPy array is an argument that is combined with something whose dtype isn't known.

What it does
    Finds functions that would be a tf.function, get NumPy arrays from calls in the file, and combine them with
    tensors.  Where no call in the file tells what an argument is, nor any op that it is given to, it is taken for an
    array if the file makes arrays in double precision.

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
from ...meaning.nodes import walk
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
    Example(
        before="""
import numpy as np
import tensorflow as tf

weight = tf.Variable([1.0, 2.0])


def scaled(x):
    return tf.nn.relu(weight) * x


def batches():
    return [np.array([1.0, 2.0]), np.array([0.5, 3.0])]
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
            given = value.is_("array") or (value.assumed and _may_be_double(program, unit, name))
            node = _combined(program, unit, name) if given else None
            if node is not None:
                yield Finding(
                    node,
                    f"`{name}` {'gets' if value.is_('array') else 'may get'} NumPy arrays, which take the dtype of "
                    "what they meet only eagerly",
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


def _may_be_double(program: Program, unit: Unit, name: str) -> bool:
    """Whether ``name``, of which the text tells only that it meets tensors, may be one of the file's float64 arrays."""
    if program.kinds.sites(unit.function):
        return False
    uses = [node for node in own_nodes(unit.function.body) if isinstance(node, ast.Name) and node.id == name]
    if not all(isinstance(program.module.parent(use), ast.BinOp) for use in uses):
        return False
    return any(_is_double(program, node) for node in program.nodes)


_DOUBLES = frozenset({"array", "asarray", "linspace", "zeros", "ones", "random.rand", "random.randn", "random.normal",
                      "random.uniform", "random.random", "random.standard_normal"})  # fmt: skip


def _is_double(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` makes an array in double precision that goes on as an array."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return False
    made = program.module.qualified(node.func) or ""
    if made.removeprefix("numpy.") not in _DOUBLES:
        return False
    if made in ("numpy.array", "numpy.asarray") and not any(
        isinstance(inner, ast.Constant) and isinstance(inner.value, float) for inner in walk(node.args[0])
    ):
        return False
    # what is given to a call at once (`tf.constant(np.ones(3), tf.float32)`), or has a method called, is something else
    return isinstance(program.module.parent(node), ast.Tuple | ast.List | ast.Return | ast.Assign)
