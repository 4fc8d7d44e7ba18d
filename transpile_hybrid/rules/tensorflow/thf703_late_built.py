"""A Keras model is called op by op, and its layers are built by the first call.

What it does
    Finds Keras classes that hold sub-layers and have no ``build`` of their own, whose instances a program makes and
    hands on, and compiles the call of the whole object: building included.

Why is this bad
    Run eagerly, each op is a Python call of its own.  ``@tf.function`` on ``call`` isn't possible here: Keras would
    build the layers by tracing it, and the trace would keep the initial weights (THF206).

Fix safety
    Safe where every instance that the file makes is a model by itself: the outermost object, called with tensors; and
    where no other file of the run imports the class, which could make it a part of something larger.  A compiled object
    can't be called with Keras's symbolic inputs, so nothing is done where one is, or where an
    instance is part of another Keras object.  Under XLA other initial weights would be drawn, so there it is only
    reported.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import insert
from ..rule import Example, Finding, ModuleContext, rule
from ._models import models
from ._plan import LATE, decisions
from ._report import TARGETS, tensorflow_name, with_import

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(4)
        self.out = tf.keras.layers.Dense(2)

    def call(self, x):
        return self.out(tf.nn.relu(self.hidden(x)))


def get_net():
    return Net()
""",
        after="""
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(4)
        self.out = tf.keras.layers.Dense(2)

    @tf.function
    def __call__(self, *args, **kwargs):
        return super().__call__(*args, **kwargs)

    def call(self, x):
        return self.out(tf.nn.relu(self.hidden(x)))


def get_net():
    return Net()
""",
    ),
]

VALID = [
    """
import tensorflow as tf


class Block(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(4)

    def call(self, x):
        return tf.nn.relu(self.fc(x))


net = tf.keras.Sequential([Block(), Block()])
""",
]


@rule(
    "THF703",
    "late-built-model",
    targets=TARGETS,
    consequence=Consequence.SPEED,
    fix="sometimes",
    scope="module",
    stage=3,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    wrapped = {model.entry for model in models(ctx) if not model.reason}
    for decision in decisions(ctx):
        unit = decision.unit
        if decision.reason != LATE or unit.info is None or id(unit.function) in wrapped:
            continue
        if "__call__" in unit.info.methods:
            continue
        fix = None
        if "tf.xla" not in ctx.targets and not imported_elsewhere(ctx, unit.info.name):
            tf, add = tensorflow_name(ctx)
            source = ctx.source
            indent, newline = source.indent_of(unit.function), source.newline
            first = min([unit.function.lineno, *(d.lineno for d in unit.function.decorator_list)])
            step = indent + (indent if indent.strip(" ") == "" else indent[-1:])
            text = (
                f"{indent}@{tf}.function{newline}"
                f"{indent}def __call__(self, *args, **kwargs):{newline}"
                f"{step}return super().__call__(*args, **kwargs){newline}{newline}"
            )
            fix = with_import(ctx, [insert(source.line_starts[first - 1], text)], add)
        yield Finding(
            unit.function.args.args[-1] if unit.function.args.args else unit.function.body[0],
            f"`{unit.info.name}` runs op by op, and its first call builds its layers",
            help="build the layers in `build(self, input_shape)` and decorate `call`, or compile the object, "
            "which then takes no symbolic inputs of Keras",
            fix=fix,
            unit=unit.name,
        )


def imported_elsewhere(ctx: ModuleContext, name: str) -> bool:
    """Whether another file of the run speaks of ``name``, or there are too many files to know."""
    modules = ctx.project.mentioning(name)
    return modules is None or any(module is not ctx.module for module in modules)
