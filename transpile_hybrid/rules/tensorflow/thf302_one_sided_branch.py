"""A branch on a tensor binds a variable, returns, or gives ``None``, and the other one doesn't.

What it does
    Finds ``if`` on a tensor, and ``a if t else b``, where a variable that is used later is bound on one side only,
    where one side returns and the rest of the function doesn't, or where the sides give values of another kind
    (``None``, text, numbers of another type); and ``tf.cond`` whose functions give numbers of different types.

Why is this bad
    Both sides become part of the graph and have to give the same variables with the same dtypes: ``ValueError: 'y'
    must also be initialized in the else branch``.

    A ``return`` on one side is fine where the rest of the same block returns: AutoGraph makes it the other side.  It
    doesn't look behind that block: ``the else branch must also have a return statement``.

Fix safety
    The ``return`` that comes next is written out (or moved) to where AutoGraph sees it, and behind branches that have
    returned an ``elif`` becomes an ``if``: for Python that changes nothing.  It is done where nothing else keeps the
    function from being compiled.  Else none is made: the value that the other side should have isn't known.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._branches import one_sided, unlike_functions, unlike_sides
from ._compiled import compiled_nodes
from ._program import AnyFunction, program_of
from ._report import TARGETS, unit_name
from ._returns import half_returning, repeated_return
from ._static import mended_by_fixes

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def pick(x):
    if tf.reduce_sum(x) > 0:
        y = x * 2.0
    return tf.nn.relu(y)
""",
    ),
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    scale = 1 if tf.reduce_sum(x) > 0 else 0.5
    return tf.nn.relu(x) * scale
""",
    ),
    Example(
        before="""
import tensorflow as tf


def total(x):
    found = 0
    if tf.reduce_sum(x) > 0:
        found = tf.reduce_max(x)
    return found + tf.reduce_sum(tf.nn.relu(x))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def rows(x):
    return tf.cond(tf.size(x) > 0, lambda: tf.argmax(tf.nn.relu(x)), lambda: tf.zeros([1]))
""",
    ),
    Example(
        title="a return that AutoGraph doesn't see",
        before="""
import tensorflow as tf


def scaled(x):
    size = tf.reduce_max(tf.abs(x))
    if size > 10.0:
        return x / size
    elif size > 1.0:
        if tf.reduce_min(x) < 0.0:
            return tf.nn.relu(x)
        x = x * 0.5
    return tf.tanh(x)


print(scaled(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def scaled(x):
    size = tf.reduce_max(tf.abs(x))
    if size > 10.0:
        return x / size
    if size > 1.0:
        if tf.reduce_min(x) < 0.0:
            return tf.nn.relu(x)
        x = x * 0.5
        return tf.tanh(x)
    return tf.tanh(x)


print(scaled(tf.ones((2, 3))))
""",
    ),
    Example(
        title="a gradient that may be sparse",
        before="""
import tensorflow as tf


def step(table, ids):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)))
    grad = tape.gradient(loss, table)
    norm = tf.linalg.global_norm([grad])
    if norm > 1.0:
        grad = grad / norm
    table.assign_sub(0.1 * grad)
    return loss
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def rows(x, k):
    empty = tf.cond(tf.size(x) > 0, lambda: tf.reduce_sum(x), lambda: tf.zeros([]))
    return empty + tf.cond(k > 1, lambda: tf.nn.relu(x), lambda: x)
""",
    """
import tensorflow as tf


class Masked(tf.experimental.ExtensionType):
    values: tf.Tensor
    mask: tf.Tensor


@tf.function
def masked(x, low):
    if low:
        y = Masked(x, tf.less(x, 0.0))
    else:
        y = Masked(x, tf.greater(x, 0.0))
    return y.values


print(masked(tf.ones((3,)), tf.constant(True)))
""",
    """
import tensorflow as tf


def shifted(x):
    if tf.reduce_sum(x) > 0:
        part = tf.nn.relu(x)
        x = x + part
    part = x * 2.0
    return part
""",
    """
import tensorflow as tf

weights = tf.Variable(tf.ones((4, 4)))


@tf.function
def step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(tf.matmul(x, weights)))
    grads = tape.gradient(loss, [weights])
    norm = tf.linalg.global_norm(grads)
    if norm > 1.0:
        grads = [g * (1.0 / norm) for g in grads]
    for g, v in zip(grads, [weights]):
        v.assign_sub(0.1 * g)
    return loss
""",
    """
import tensorflow as tf


def pick(x):
    y = x
    if tf.reduce_sum(x) > 0:
        y = x * 2.0
    return tf.nn.relu(y)
""",
    """
import tensorflow as tf


def pick(x, training=False):
    if training:
        scale = 2.0
        x = x * scale
    return tf.nn.relu(x)
""",
]


@rule(
    "THF302",
    "one-sided-branch",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
    stage=1,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    found: dict[int, list[tuple[AnyFunction, ast.expr, str, Fix | None]]] = {}
    for function, node in compiled_nodes(ctx, ast.If, ast.IfExp, ast.Call):
        assert isinstance(node, ast.If | ast.IfExp | ast.Call)
        fix = None
        if isinstance(node, ast.Call):
            if reason := unlike_functions(program, node):
                found.setdefault(id(function), []).append((function, node, reason, None))
            continue
        if isinstance(node, ast.If):
            reason = one_sided(program, function, node)
            if reason and any(node is other for other in half_returning(program, function)):
                fix = repeated_return(program, node)
        else:
            reason = unlike_sides(program, function, node)
        if reason:
            found.setdefault(id(function), []).append((function, node.test, reason, fix))
    for group in found.values():
        mended = all(fix is not None for *_, fix in group) and mended_by_fixes(ctx, group[0][0])
        for function, test, reason, fix in group:
            yield Finding(
                test,
                f"{reason}, and the condition is a tensor: both sides become part of the graph",
                help="give it a value of the same shape and dtype on both sides (or before the `if`)",
                fix=fix if mended else None,
                unit=unit_name(program, function),
            )
