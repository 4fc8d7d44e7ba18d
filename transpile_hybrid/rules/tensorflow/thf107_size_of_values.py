"""A static size is asked for that hangs on the values of a tensor.

What it does
    Finds ``.shape`` and ``len`` of what ``tf.boolean_mask``, ``tf.where(t)``, ``tf.unique``, a mask in brackets, or a
    range or slice with a bound out of a tensor gives, in functions that are, or should become, a tf.function.

Why is this bad
    Eagerly the size is a number.  While a graph is traced nobody knows it: ``.shape[0]`` is ``None``, which raises
    where something is computed with it, and answers every comparison with "no" without an error.  ``len`` gives a
    tensor of integers, which raises in arithmetic with floating point.

Fix safety
    None is made: ``tf.shape(t)[0]`` and ``tf.size(t)`` give the size as a tensor, in eager code as well.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import Program, program_of
from ._report import TARGETS, unit_name
from ._sizes import unknown_sizes

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def mean_of_positive(x):
    kept = tf.boolean_mask(x, x > 0.0)
    return tf.reduce_sum(kept) / float(kept.shape[0])
""",
    ),
    Example(
        before="""
import tensorflow as tf


@tf.function
def first_or_zero(x):
    found = tf.where(x > 0.0)
    if found.shape[0] == 0:
        return tf.constant(0, tf.int64)
    return found[0, 0]
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def mean_of_positive(x):
    kept = tf.boolean_mask(x, x > 0.0)
    if len(kept.shape) != 1 or len(kept.shape.as_list()) != 1:
        raise ValueError(kept.shape)
    return tf.reduce_sum(kept) / tf.cast(tf.shape(kept)[0], tf.float32)


def places(x):
    found = tf.where(x > 0.0)
    return tf.reduce_sum(found) * found.shape[1]


def grid(x):
    rows = tf.range(tf.shape(x)[0])
    return tf.reshape(rows, [rows.shape[0], 1])
""",
]


_NO_SIZE = ("builtins.len", "builtins.print", "builtins.str", "tensorflow.TensorSpec", "tensorflow.TensorShape")


@rule("THF107", "size-of-values", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Attribute, ast.Call):
        asked = _asked(program, node)
        if asked is None or not program.kinds.value(asked).is_tensor:
            continue
        unknown = unknown_sizes(program, asked)
        if not unknown or not _matters(ctx, node, unknown):
            continue
        assert isinstance(node, ast.expr)
        yield Finding(
            node,
            f"the size of `{ast.unparse(asked)}` hangs on values, and a trace doesn't know it",
            help="use `tf.shape(t)[0]` or `tf.size(t)`, which are tensors, and compute with them",
            consequence=Consequence.SILENT if _compared(ctx, node) else Consequence.ERROR,
            unit=unit_name(program, function),
        )


def _asked(program: Program, node: ast.AST) -> ast.expr | None:
    """Return the tensor whose static size ``node`` asks for."""
    if isinstance(node, ast.Attribute):
        return node.value if node.attr == "shape" else None
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get_shape" and not node.args:
        return node.func.value
    return node.args[0] if program.module.qualified(node.func) == "builtins.len" and node.args else None


def _matters(ctx: ModuleContext, node: ast.AST, unknown: frozenset[int]) -> bool:
    """Whether one of the sizes that nobody knows is used, and not only the number of dimensions."""
    if any(isinstance(around, ast.Raise) for around in ctx.module.ancestors(node)):
        return False
    parent = ctx.module.parent(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):  # ``len(t)`` is a tensor in a graph
        if 0 not in unknown:
            return False
        counts = isinstance(parent, ast.Call) and ctx.qualified(parent.func) == "builtins.range"
        return counts or isinstance(parent, ast.BinOp | ast.List | ast.Tuple)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        index = parent.slice
        return not isinstance(index, ast.Constant) or index.value in unknown
    if isinstance(parent, ast.Attribute):
        asked = ctx.module.parent(parent)
        counted = ctx.module.parent(asked) if asked is not None else None
        if isinstance(counted, ast.Call) and ctx.qualified(counted.func) == "builtins.len":
            return False  # of the list of sizes, the number
        return parent.attr in ("as_list", "num_elements")
    if isinstance(parent, ast.Call):
        return ctx.qualified(parent.func) not in _NO_SIZE
    if isinstance(parent, ast.Compare):
        return all(isinstance(op, ast.Eq | ast.NotEq) for op in parent.ops)
    return not isinstance(parent, ast.FormattedValue | ast.Assign | ast.keyword)


def _compared(ctx: ModuleContext, node: ast.AST) -> bool:
    parent = ctx.module.parent(node)
    while isinstance(parent, ast.Subscript):
        parent = ctx.module.parent(parent)
    if not isinstance(parent, ast.Compare):
        return False
    return all(isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) for op in parent.ops)
