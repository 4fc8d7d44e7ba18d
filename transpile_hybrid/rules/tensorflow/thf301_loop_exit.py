"""A loop over a tensor has a ``return`` or an ``else`` in it.

What it does
    Finds ``return`` inside a ``for`` or ``while`` that runs on a tensor, and ``for ... else`` / ``while ... else``.

Why is this bad
    The loop becomes a ``tf.while_loop``, which ends by its condition only: AutoGraph understands ``break`` and
    ``continue`` in it, and refuses ``return`` and ``else``.

Fix safety
    None is made.  Assign the result to a variable that has a value of the same shape and dtype before the loop,
    ``break``, and return behind the loop.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._flow import loops_on_tensor, own_nodes
from ._loops import loop_fix, stops_on_tensor
from ._program import compiled_nodes, program_of
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
