"""``assert``, ``raise`` or ``try`` hangs on a tensor's value.

What it does
    Finds ``assert`` on a tensor, ``raise`` inside of a branch or loop on a tensor, and ``try`` around ops whose
    errors are TensorFlow's own.

Why is this bad
    Both sides of a branch on a tensor are traced, so a ``raise`` in it raises always.  ``assert`` needs a Python
    bool.  And an op's error comes when the graph runs, long after the ``try`` was left.

Fix safety
    None is made, in no case: ``tf.debugging.Assert`` raises another exception (``InvalidArgumentError`` for
    ``AssertionError``), ``python -O`` leaves it in, and XLA drops it.  In a graph nothing but the order of stateful ops
    puts it before what follows: an optimizer's update may have been made when it raises.  Where
    that matters, use the value that ``tf.debugging.check_numerics`` returns, or ``tf.control_dependencies``.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._branches import tensor_regions
from ._compiled import compiled_nodes
from ._flow import on_tensor, own_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def checked(x):
    assert tf.reduce_all(x > 0)
    return tf.math.log(x)
""",
    ),
    Example(
        before="""
import tensorflow as tf


def checked(x):
    if tf.reduce_min(x) < 0:
        raise ValueError("negative")
    return tf.math.log(x)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


@tf.function(experimental_autograph_options=tf.autograph.experimental.Feature.ASSERT_STATEMENTS)
def inverse(x):
    assert x != 0.0, "no inverse"
    return 1.0 / x


print(inverse(tf.constant(2.0)))
""",
    """
import tensorflow as tf


def joined(parts):
    assert parts, "there must be something to join"
    out = tf.nn.relu(parts[0])
    for part in parts[1:]:
        out = tf.concat([out, tf.nn.relu(part)], axis=0)
    return out
""",
    """
import tensorflow as tf


def checked(x):
    assert x.shape[0] == 3
    if x.shape[1] < 2:
        raise ValueError("too narrow")
    return tf.math.log(x)
""",
    """
import tensorflow as tf


def focal(y, p, gamma=2.0):
    if gamma and gamma < 0:
        raise ValueError("gamma must not be negative")
    gamma = tf.cast(gamma, p.dtype)
    return tf.reduce_sum(y * tf.pow(1.0 - p, gamma) * tf.math.log(p))
""",
    """
from typing import Union

import tensorflow as tf


def pattern(x, size: Union[int, tf.Tensor]):
    if isinstance(size, int):
        if size % 2 != 1:
            raise ValueError("size must be odd")
    return tf.nn.relu(tf.pad(x, [[0, size]]))
""",
]


@rule("THF306", "exceptions", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Assert, ast.Try):
        name = unit_name(program, function)
        if isinstance(node, ast.Assert):
            if on_tensor(program.kinds, node.test) and not program.converts(function, "ASSERT_STATEMENTS"):
                yield Finding(
                    node,
                    "`assert` on a tensor needs its value, which a graph doesn't have while it is traced",
                    help="use `tf.debugging.Assert` or `assert_*` (another exception, and no order: see the rule)",
                    unit=name,
                )
        elif isinstance(node, ast.Try) and node.handlers:
            caught = " ".join(ast.unparse(handler.type) for handler in node.handlers if handler.type is not None)
            broad = any(handler.type is None for handler in node.handlers) or "Exception" in caught
            ops = any(
                isinstance(inner, ast.Call) and (ctx.qualified(inner.func) or "").startswith("tensorflow.")
                for inner in own_nodes(node.body)
            )
            if ("errors." in caught or broad) and ops:
                yield Finding(
                    node,
                    "`try` around tensor ops: their errors come when the graph runs, not where it is traced",
                    help="test the condition with tensor ops (`tf.where`, `tf.cond`), or catch outside",
                    consequence=Consequence.SILENT,
                    unit=name,
                )
    seen: set[int] = set()
    for function in program.compiled:
        for region in tensor_regions(program, function):
            for node in own_nodes([*getattr(region, "body", []), *getattr(region, "orelse", [])]):
                if isinstance(node, ast.Raise) and id(node) not in seen:
                    seen.add(id(node))
                    yield Finding(
                        node,
                        "`raise` under a condition on a tensor raises whenever the function is traced",
                        help="use `tf.debugging.Assert`, or test before the tf.function is called",
                        unit=unit_name(program, function),
                    )
