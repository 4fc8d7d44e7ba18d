"""A method that computes on tensors is handed on as a function.

What it does
    Finds ``return model.step`` and the like, where the method takes tensors and computes on them, and hands on a
    compiled one: ``tf.function(model.step)``.

Why is this bad
    Run eagerly, each op is a Python call of its own.  Decorating the method isn't possible here: a decorated method
    doesn't keep its object alive, and the function that was handed on would fail once the object is gone.

Fix safety
    Safe where the method is used in no other way, under the conditions of THF701: ``tf.function(model.step)`` keeps
    the object.

References
    https://www.tensorflow.org/api_docs/python/tf/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import replace
from ..rule import Example, Finding, ModuleContext, rule
from ._bound import ESCAPES, bound_uses
from ._plan import decisions
from ._program import program_of
from ._report import TARGETS, tensorflow_name, with_import

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Regression:
    def __init__(self):
        self.w = tf.Variable([[0.5], [1.5]])

    def predict(self, x):
        return tf.sigmoid(tf.matmul(x, self.w))


def make():
    return Regression().predict
""",
        after="""
import tensorflow as tf


class Regression:
    def __init__(self):
        self.w = tf.Variable([[0.5], [1.5]])

    def predict(self, x):
        return tf.sigmoid(tf.matmul(x, self.w))


def make():
    return tf.function(Regression().predict)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


class Regression:
    def __init__(self):
        self.w = tf.Variable([[0.5], [1.5]])

    @tf.function
    def predict(self, x):
        return tf.sigmoid(tf.matmul(x, self.w))


model = Regression()
print(model.predict(tf.ones((1, 2))))
""",
]


@rule(
    "THF705", "bound-method", targets=TARGETS, consequence=Consequence.SPEED, fix="sometimes", scope="module", stage=3
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for decision in decisions(ctx):
        if decision.reason != ESCAPES:
            continue
        escapes, calls, _ = bound_uses(program, decision.unit)
        tf, add = tensorflow_name(ctx)
        options = ", jit_compile=True" if "tf.xla" in ctx.targets else ""
        for node in escapes:
            parent = ctx.module.parent(node)
            fix = None
            if not calls and isinstance(parent, ast.Return | ast.Assign):
                edit = replace(ctx.source, node, f"{tf}.function(", node, f"{options})")
                fix = with_import(ctx, [edit], add)
            yield Finding(
                node,
                f"`{decision.unit.name}` computes on tensors and runs op by op",
                help=f"hand on `{tf}.function({ast.unparse(node)})`",
                fix=fix,
                unit=decision.unit.name,
            )
