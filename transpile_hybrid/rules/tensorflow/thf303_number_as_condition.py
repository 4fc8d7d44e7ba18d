"""A tensor of numbers is a condition.

What it does
    Finds ``if t``, ``while t``, ``a if t else b``, ``not t``, ``t and u`` and ``t or u`` where ``t`` is a tensor of
    numbers: a sum, a count, a remainder.

Why is this bad
    Eagerly every number but 0 is true.  A graph takes booleans only: ``condition of if statement expected to be
    `tf.bool` scalar``, ``Input 'pred' passed float expected bool``.

Fix safety
    A condition becomes ``t != 0``, which is the same for every number, in eager code as well.  ``y = t or 1.0`` gives
    one of its operands, and is only reported: ``tf.where(t != 0, t, 1.0)``.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/operators/control_flow.py
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._dtypes import is_number_tensor
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def halves(x):
    y = tf.nn.relu(x)
    if tf.shape(y)[0] % 2:
        y = y[:-1]
    return y


print(halves(tf.ones((3, 2))))
""",
        after="""
import tensorflow as tf


@tf.function
def halves(x):
    y = tf.nn.relu(x)
    if tf.shape(y)[0] % 2 != 0:
        y = y[:-1]
    return y


print(halves(tf.ones((3, 2))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def normalized(x):
    total = tf.reduce_sum(tf.abs(x)) or 1.0
    return x / total


print(normalized(tf.ones((3, 2))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def halves(x):
    y = tf.nn.relu(x)
    if tf.shape(y)[0] % 2 == 1 or tf.reduce_any(y > 0):
        y = y[:-1]
    return tf.reshape(y, [x.shape[1] or tf.shape(x)[1], -1])
""",
]

_PLAIN = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)
"""What binds more tightly than a comparison."""


@rule(
    "THF303",
    "number-as-condition",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.If, ast.While, ast.IfExp, ast.UnaryOp, ast.BoolOp):
        for operand in _asked(ctx, node):
            if not is_number_tensor(program, operand):
                continue
            truth = not isinstance(node, ast.BoolOp) or _is_condition(ctx, node)
            fix = None
            if truth and isinstance(operand, _PLAIN):
                fix = Fix((replace(ctx.source, operand, operand, " != 0"),))
            yield Finding(
                operand,
                f"`{ast.unparse(operand)}` is a tensor of numbers, and a graph takes only booleans for a condition",
                help="compare it (`!= 0`)" if truth else "choose by `tf.where(t != 0, t, ...)`",
                fix=fix,
                unit=unit_name(program, function),
            )


def _asked(ctx: ModuleContext, node: ast.AST) -> list[ast.expr]:
    """Return the expressions whose truth ``node`` asks for, but for those that do it themselves."""
    if isinstance(node, ast.BoolOp):
        return node.values if _is_condition(ctx, node) else node.values[:-1]  # of the last the value counts
    if isinstance(node, ast.UnaryOp):
        return [node.operand] if isinstance(node.op, ast.Not) else []
    return [node.test] if isinstance(node, ast.If | ast.While | ast.IfExp) else []


def _is_condition(ctx: ModuleContext, node: ast.expr) -> bool:
    """Whether only the truth of ``node`` counts."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, ast.BoolOp):
        return _is_condition(ctx, parent)
    return isinstance(parent, ast.If | ast.While | ast.IfExp) and parent.test is node
