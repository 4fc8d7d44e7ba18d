"""A number in place of a shape: eager operations take it, those of a graph don't.

What it does
    Finds ``tf.reshape(x, -1)`` and ``tf.fill(n, value)`` with a number where a list is meant, in functions that are, or
    should become, a tf.function.

Why is this bad
    The kernels take a scalar for a shape of one dimension.  A graph checks the rank of the shape while it is traced:
    ``ValueError: Shape must be rank 1 but is rank 0``.

Fix safety
    Safe: ``tf.reshape(x, [-1])`` is the same in eager code.

References
    https://www.tensorflow.org/api_docs/python/tf/reshape
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.values import Value
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def flat(x):
    return tf.reshape(tf.nn.relu(x), -1) + tf.fill(6, 0.5)


print(flat(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def flat(x):
    return tf.reshape(tf.nn.relu(x), [-1]) + tf.fill([6], 0.5)


print(flat(tf.ones((2, 3))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


@tf.function
def flat(x, shape):
    return tf.reshape(x, [-1]) + tf.zeros(6) + tf.reshape(x, tf.shape(x)[:1])
""",
]

_SHAPES = {"tensorflow.reshape": (1, "shape"), "tensorflow.fill": (0, "dims")}


@rule("THF106", "scalar-shape", targets=TARGETS, consequence=Consequence.ERROR, fix="always", scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        if isinstance(node.func, ast.Attribute) and node.func.attr not in ("reshape", "fill"):
            continue  # told apart before names are looked up, which takes its time
        place = _SHAPES.get(ctx.qualified(node.func) or "")
        if place is None:
            continue
        index, name = place
        given = [*node.args[index : index + 1], *(k.value for k in node.keywords if k.arg == name)]
        if len(given) == 1 and (_counts(ctx, given[0]) or _is_number(program.kinds.value(given[0]))):
            yield Finding(
                given[0],
                f"`{ast.unparse(given[0])}` is a number, and the shape of a graph's operation has to be a list",
                help=f"write `[{ast.unparse(given[0])}]`",
                fix=Fix((replace(ctx.source, given[0], "[", given[0], "]"),)),
                unit=unit_name(program, function),
            )


def _counts(ctx: ModuleContext, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ctx.qualified(node.func) in ("tensorflow.size", "tensorflow.rank")


def _is_number(value: Value) -> bool:
    return value.is_("int") or (value.is_tensor and value.rank == 0 and not value.assumed)
