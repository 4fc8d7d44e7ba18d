"""What is given as the ``name`` of an op is no string.

What it does
    Finds ``tf.sqrt(x, 2)`` and ``tf.sqrt(x, name=True)``: the second parameter of such an op is its name.

Why is this bad
    An eager op ignores its name, whatever it is.  In a graph the name is used, and something that is no string raises
    ``TypeError``.  More often than not the argument was meant for another function.

Fix safety
    None is made: what was meant isn't known.

References
    https://www.tensorflow.org/api_docs/python/tf/math/sqrt
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._compiled import compiled_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def norm(x):
    return tf.sqrt(tf.reduce_sum(tf.square(x)), tf.float32)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def norm(x):
    return tf.sqrt(tf.reduce_sum(tf.square(x)), name="norm")
""",
]


@rule("THF505", "name-argument", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        name = ctx.qualified(node.func) or ""
        if not name.startswith("tensorflow."):
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == "name"]
        if tables.leaf(name) in tables.UNARY and len(node.args) > 1:
            given.append(node.args[1])
        for value in given:
            kind = program.kinds.value(value)
            if kind.known and not kind.may_be("str", "none"):
                yield Finding(
                    value,
                    f"`{ast.unparse(value)}` is taken for the name of the op, which must be a string in a graph",
                    help="leave it out, or give it to the parameter that was meant",
                    unit=unit_name(program, function),
                )
