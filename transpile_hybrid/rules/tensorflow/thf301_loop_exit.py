"""A loop is left in a way that a graph loop can't be.

What it does
    Finds ``return`` inside a ``for`` or ``while`` that runs on a tensor, ``for ... else`` and ``while ... else`` on
    one, and Python loops (``while True``, ``for i in range(n)``) that a condition on a tensor ends.

Why is this bad
    A loop on a tensor becomes a ``tf.while_loop``, which ends by its condition only: AutoGraph understands ``break``
    and ``continue`` in it, and refuses ``return`` and ``else``.  A Python loop runs while the graph is traced, when
    the tensor that ends it has no value yet.

Fix safety
    A ``return`` of what is returned behind the loop too becomes ``break``.  Of something else, it becomes a variable
    and ``break``, where what is returned behind the loop may as well be computed before it: it reads nothing that the
    loop changes, can't raise, has the same dtype and shape by the text, and its gradient can't turn zero into
    ``nan``.

    ``while True`` becomes ``while not (condition)`` where it is left at its head only, else
    ``while tf.constant(True)``; ``range(n)`` becomes ``tf.range(n)`` where ``n`` is no less than zero, and its index
    picks elements of tensors at most.  Both only where nothing in the loop is Python's own affair (lists, counters,
    attributes, layers), and where each tensor that goes from one round to the next keeps its dtype and shape, by the
    text: ``x * 0.5`` does, ``tf.matmul(x, w)`` may not.  Eagerly each is what it was.  In a graph a gradient is zero
    where it would be ``None``.

    None is made for ``tf.xla``, which has no gradient through such a loop, for ``else``, and where something else
    keeps the function from being compiled.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._flow import loops_on_tensor, own_nodes
from ._loops import loop_fix, stops_on_tensor
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def first_large(x):
    for value in x:
        if value > 1.0:
            return value
    return tf.reduce_sum(x)
""",
    ),
    Example(
        before="""
import tensorflow as tf


def first_large(x):
    for row in x:
        if tf.reduce_sum(row) > 1.0:
            return tf.nn.relu(row)
    return tf.zeros_like(x[0])


print(first_large(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def first_large(x):
    result = tf.zeros_like(x[0])
    for row in x:
        if tf.reduce_sum(row) > 1.0:
            result = tf.nn.relu(row)
            break
    return result


print(first_large(tf.ones((2, 3))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def halved(x):
    while True:
        if tf.reduce_max(tf.abs(x)) < 1.0:
            return tf.nn.relu(x)
        x = x / 2.0


print(halved(tf.ones((2, 3)) * 5.0))
""",
        after="""
import tensorflow as tf


@tf.function
def halved(x):
    while not (tf.reduce_max(tf.abs(x)) < 1.0):
        x = x / 2.0
    return tf.nn.relu(x)


print(halved(tf.ones((2, 3)) * 5.0))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def settled(x):
    for _ in range(20):
        change = 0.1 * tf.sin(x)
        x = x + change
        if tf.reduce_max(tf.abs(change)) < 0.01:
            break
    return x


print(settled(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def settled(x):
    for _ in tf.range(20):
        change = 0.1 * tf.sin(x)
        x = x + change
        if tf.reduce_max(tf.abs(change)) < 0.01:
            break
    return x


print(settled(tf.ones((2, 3))))
""",
    ),
    Example(
        title="Python counts along",
        before="""
import tensorflow as tf


def halvings(x):
    count = 0
    while True:
        x = x / 2.0
        count += 1
        if tf.reduce_max(tf.abs(x)) < 1.0:
            break
    return tf.nn.relu(x) * count
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def first_large(x):
    found = tf.reduce_sum(x)
    for value in tf.unstack(x, num=3):
        found = tf.maximum(found, value)
    return found
""",
]


@rule(
    "THF301",
    "loop-exit",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
    stage=1,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.For, ast.While):
        assert isinstance(node, ast.For | ast.While)
        name = unit_name(program, function)
        inner = [n for n in own_nodes(node.body) if isinstance(n, ast.Return)]
        endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
        if endless:
            # ``while True`` stays a Python loop: it has to end by Python alone
            if stops_on_tensor(program, node):
                yield Finding(
                    node,
                    "`while True` is a Python loop, and only a tensor ends it",
                    help="write the tensor condition into the `while`, so that it becomes a graph loop",
                    fix=loop_fix(ctx, program, function, node),
                    unit=name,
                )
            continue
        if not loops_on_tensor(program.kinds, node):
            if stops := stops_on_tensor(program, node):
                yield Finding(
                    stops[0],
                    "a Python loop is left on a tensor condition: AutoGraph refuses it",
                    help="make it a graph loop (`for i in tf.range(n)`) with `break`, and return behind it",
                    fix=loop_fix(ctx, program, function, node),
                    unit=name,
                )
            continue
        if inner:
            yield Finding(
                inner[0],
                "`return` inside a loop on a tensor: AutoGraph refuses it",
                help="give the result a value before the loop, assign and `break` in it, and return behind it",
                fix=loop_fix(ctx, program, function, node),
                unit=name,
            )
        if node.orelse:
            yield Finding(
                node,
                "`else` of a loop on a tensor: AutoGraph refuses it",
                help="set a flag (`tf.constant(False)`) and test it behind the loop",
                unit=name,
            )
