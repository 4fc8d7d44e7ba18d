"""An integer comes before a tensor of another type in an op.

What it does
    Finds ``tf.maximum(0, x)``, ``tf.equal(1, x)``, ``tf.where(c, 0, x)`` and the like, with a Python integer before a
    tensor that the text says to be of floating point or ``int64``.

Why is this bad
    Eagerly the number takes the type of the tensor, wherever it stands.  In a graph each operand is made a tensor by
    itself, in order: the integer becomes ``int32``, and the tensor doesn't fit any more: ``TypeError: Input 'y' of
    'Maximum' Op has type float32 that does not match type int32 of argument 'x'``.

Fix safety
    None is made: write ``0.0`` before a ``float32`` tensor, the operator (``1 - x`` works), or the tensor first.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._compiled import compiled_nodes
from ._dtypes import dtype_family
from ._program import Program, program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def clipped(x):
    return tf.maximum(0, tf.tanh(x))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def hits(x):
    found = tf.argmax(tf.nn.relu(x), axis=1)
    return tf.reduce_mean(tf.cast(tf.equal(1, found), tf.float32))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def positive(x):
    y = tf.exp(x)
    return tf.where(y > 1.0, 0, y)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def clipped(x):
    y = tf.tanh(x)
    low = tf.maximum(y, 0) + tf.maximum(0.0, y) + (1 - y)
    size = tf.maximum(1, tf.shape(x)[0])
    return low * tf.cast(size, tf.float32) + tf.divide(1, y)
""",
]

_OPS = frozenset(
    {"maximum", "minimum", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "pow", "multiply",
     "subtract", "floordiv", "squared_difference", "atan2", "floormod", "mod"}
)  # fmt: skip
"""Ops of two operands of one type that eagerly take a number as either (``divide`` does so in a graph as well)."""
_LONG = frozenset({"argmax", "argmin"})


@rule("THF507", "integer-first", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        name = ctx.qualified(node.func) or ""
        if not name.startswith("tensorflow.") or node.keywords and tables.leaf(name) != "where":
            continue
        pair = node.args[:2] if tables.leaf(name) in _OPS else node.args[1:3] if tables.leaf(name) == "where" else []
        if len(pair) == 2 and _is_integer(pair[0]) and (found := _other_type(program, pair[1])):
            yield Finding(
                node,
                f"`{ast.unparse(pair[0])}` becomes an int32 tensor in a graph, and meets one of {found}",
                help="write a number of that type, or the tensor first",
                unit=unit_name(program, function),
            )


def _is_integer(node: ast.expr) -> bool:
    while isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


def _other_type(program: Program, node: ast.expr) -> str:
    """Return the type of ``node`` where the text says that it is another than int32, or ''."""
    if not program.kinds.value(node).is_tensor:
        return ""
    if dtype_family(program, node) == "float":
        return "floating point"
    made: ast.expr | None = node
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        made = found[1][0].value if found is not None and len(found[1]) == 1 else None
    if not isinstance(made, ast.Call) or any(keyword.arg in ("output_type", "dtype") for keyword in made.keywords):
        return ""
    name = tables.leaf(program.module.qualified(made.func) or "")
    if name in _LONG and len(made.args) < 3:
        return "int64"
    wide = name == "cast" and len(made.args) == 2 and ast.unparse(made.args[1]).endswith(("int64", "int64'"))
    return "int64" if wide else ""
