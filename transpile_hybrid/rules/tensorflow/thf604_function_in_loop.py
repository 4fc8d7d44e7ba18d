"""A tf.function is made again and again.

What it does
    Finds ``tf.function(...)`` and decorated functions inside of loops, and ``tf.function(f)(x)``, which is made for one
    call.

Why is this bad
    Each tf.function is traced anew: about 50 ms each, against the 0.5 ms of a call.

Fix safety
    None is made: make it once, outside of the loop, and keep it.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def step(x):
    return tf.nn.relu(x) * 2.0


for i in range(10):
    compiled = tf.function(step)
    compiled(tf.ones(3))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def step(x):
    return tf.nn.relu(x) * 2.0


compiled = tf.function(step)
for i in range(10):
    compiled(tf.ones(3))
""",
]


@rule("THF604", "function-in-loop", targets=TARGETS, consequence=Consequence.SPEED, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    made: list[ast.expr] = [call for call, _ in program.wraps]
    made += [u.hybrid for u in program.units.values() if u.hybrid is not None and u.hybrid in u.function.decorator_list]
    for node in made:
        parent = ctx.module.parent(node)
        once = isinstance(parent, ast.Call) and parent.func is node
        if once or _in_loop(ctx, node):
            yield Finding(
                node,
                "a tf.function is made here for each round, and traced each time"
                if not once
                else "a tf.function is made here for a single call",
                help="make it once and keep it",
            )


def _in_loop(ctx: ModuleContext, node: ast.AST) -> bool:
    """Whether ``node`` runs in each round of a loop of the function (or module) that it stands in."""
    child = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.Lambda):
            return False
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and child not in parent.decorator_list:
            return False
        if isinstance(parent, ast.For | ast.While) and child in parent.body:
            return True
        child = parent
    return False
