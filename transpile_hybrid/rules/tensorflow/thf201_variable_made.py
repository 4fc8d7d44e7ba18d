"""A variable, layer or optimizer is made inside a function that is compiled.

What it does
    Finds ``tf.Variable(...)``, Keras layers, models, optimizers and metrics made in the body of a function that is,
    or should become, a tf.function.

Why is this bad
    A tf.function may make variables only at its first call: ``ValueError: tf.function only supports singleton
    tf.Variables created on the first call``.  Eagerly each call makes new ones, with new initial values.

Fix safety
    None is made: moving the variable out of the function changes when it is made, and so what it holds.

References
    https://www.tensorflow.org/guide/function#creating_tfvariables
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._flow import first_call_only
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def scale(x):
    factor = tf.Variable(2.0)
    return tf.nn.relu(x) * factor
""",
    ),
]

VALID = [
    """
import tensorflow as tf

factor = tf.Variable(2.0)


def scale(x):
    return tf.nn.relu(x) * factor
""",
    """
import tensorflow as tf


class Scale(tf.Module):
    def __init__(self):
        self.built = False

    @tf.function
    def __call__(self, x):
        if not self.built:
            self.factor = tf.Variable(tf.ones(x.shape[-1]))
            self.built = True
        return tf.nn.relu(x) * self.factor


print(Scale()(tf.ones((2, 3))))
""",
]


_MAKERS = ("keras.layers.", "keras.optimizers.", "keras.metrics.", "keras.models.")


@rule("THF201", "variable-made", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        name = ctx.qualified(node.func) or ""
        last = name.rsplit(".", 1)[-1]
        made = name == "tensorflow.Variable" or (name.startswith(_MAKERS) and last[:1].isupper() and last != "Input")
        made = made or name in ("keras.Sequential", "keras.Model")
        func = program.kinds.value(node.func)
        info = program.kinds.info_of(func.cls) if func.is_("class") else None
        if info is None and name and (func.is_("namespace") or not func.known):
            info = program.project.class_named(name)  # of another file
        if info is not None and program.kinds.is_layer(info):
            made = True
        if made and not _once(ctx, node) and not first_call_only(ctx.module, node):
            yield Finding(
                node,
                f"`{ast.unparse(node.func)}` makes variables, which a tf.function may do at its first call only",
                help="make it outside of the function, once",
                unit=unit_name(program, function),
            )


def _once(ctx: ModuleContext, node: ast.AST) -> bool:
    """Whether it stands under ``if self.v is None``: made at the first call only."""
    for parent in ctx.module.ancestors(node):
        test = parent.test if isinstance(parent, ast.If) else None
        if isinstance(test, ast.Compare) and any(isinstance(op, ast.Is) for op in test.ops):
            return True
        if isinstance(parent, ast.FunctionDef):
            return parent.name in ("__init__", "build")
    return False
