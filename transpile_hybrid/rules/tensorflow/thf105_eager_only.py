"""A call that only works eagerly stands inside a function that is compiled.

What it does
    Finds ``model.fit``, ``predict``, ``evaluate``, ``save``, ``summary`` and the like, checkpoints that are saved or
    restored, ``tf.constant`` of a tensor and ``tf.unstack`` with a number that is a tensor, in functions that are, or
    should become, a tf.function; and ``tf.py_function``, which works there and takes back what a graph gains.

Why is this bad
    These methods start their own compiled loops or touch files: inside a graph they raise ``RuntimeError``.
    ``tf.constant`` and the number of ``tf.unstack`` take the values of a tensor, which only eager ones have:
    ``TypeError: Expected any non-tensor type, but got a tensor instead``.

Fix safety
    ``tf.constant(t)`` becomes ``tf.convert_to_tensor(t)``, which gives the tensor itself, in eager code as well.  Else
    none is made: the call has to move to the program around the function.  For ``predict``, calling the model serves.

References
    https://www.tensorflow.org/api_docs/python/tf/keras/Model
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._compiled import compiled_nodes
from ._program import Program, program_of
from ._report import TARGETS, tensorflow_name, unit_name, with_import

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])


def score(x):
    return tf.reduce_sum(model.predict(x)) + tf.reduce_sum(x)
""",
    ),
    Example(
        before="""
import tensorflow as tf


def centred(x):
    mean = tf.constant(tf.reduce_mean(x, axis=0))
    return tf.nn.relu(x) - mean


print(centred(tf.ones((3, 2))))
""",
        after="""
import tensorflow as tf


@tf.function
def centred(x):
    mean = tf.convert_to_tensor(tf.reduce_mean(x, axis=0))
    return tf.nn.relu(x) - mean


print(centred(tf.ones((3, 2))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])


def score(x):
    return tf.reduce_sum(model(x))
""",
    """
import tensorflow as tf


def normalized(image, offset=(0.485, 0.456, 0.406)):
    offset = tf.constant(offset)
    offset = tf.expand_dims(offset, axis=0)
    return tf.nn.relu(image) - offset
""",
]


@rule(
    "THF105",
    "eager-only-call",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        func = node.func
        problem = _takes_values(program, node)
        if problem:
            yield Finding(
                node,
                problem,
                help="use `tf.convert_to_tensor(t)`" if _is_constant(program, node) else "give it a Python number",
                fix=_converted(ctx, node),
                unit=unit_name(program, function),
            )
            continue
        if ctx.qualified(func) in tables.RUN_IN_PYTHON:
            yield Finding(
                node,
                f"`{ast.unparse(func)}` leaves the graph for Python at each call, and can't be exported",
                help="compute with `tf.*`; what stays in Python is called outside of the tf.function",
                consequence=Consequence.SPEED,
                unit=unit_name(program, function),
            )
            continue
        if _is_saved(program, node):
            yield Finding(
                node,
                f"`{ast.unparse(func)}` writes or reads a checkpoint in Python, which a graph can't",
                help="do it outside of the tf.function",
                unit=unit_name(program, function),
            )
            continue
        if not isinstance(func, ast.Attribute) or func.attr not in tables.MODEL_SURFACE or program.kinds.callees(node):
            continue
        value = program.kinds.value(func.value)
        if value.kinds & {"module"} and value.kinds <= {"module", "unknown", "none"}:
            yield Finding(
                node,
                f"`.{func.attr}()` of a Keras model cannot run inside a graph",
                help="call the model itself (`model(x)`), or do this outside of the tf.function",
                unit=unit_name(program, function),
            )


_SAVING = frozenset({"tensorflow.saved_model.save", "tensorflow.saved_model.load", "keras.models.load_model",
                     "keras.models.save_model", "keras.saving.load_model", "keras.saving.save_model"})  # fmt: skip


def _is_saved(program: Program, node: ast.Call) -> bool:
    """Whether ``node`` saves or restores a model or checkpoint."""
    if program.module.qualified(node.func) in _SAVING:
        return True
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("save", "restore", "read"):
        return False
    return (program.kinds.value(node.func.value).cls or "").startswith("tensorflow.train.Checkpoint")


def _is_constant(program: Program, node: ast.Call) -> bool:
    return program.module.qualified(node.func) == "tensorflow.constant"


def _takes_values(program: Program, node: ast.Call) -> str:
    """Return in words that ``node`` needs the values of a tensor to make a constant or a list; or ''."""
    value = program.kinds.value
    if _is_constant(program, node) and node.args and value(node.args[0]).is_tensor and not value(node.args[0]).assumed:
        return "`tf.constant` of a tensor: in a graph it has no values to make a constant of"
    if program.module.qualified(node.func) == "tensorflow.unstack":
        numbers = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "num")]
        if any(value(number).is_tensor for number in numbers):
            return "`tf.unstack` makes a list, whose length a tensor can't tell while the function is traced"
    return ""


def _converted(ctx: ModuleContext, node: ast.Call) -> Fix | None:
    """Return the fix that makes ``tf.constant(t)`` ``tf.convert_to_tensor(t)``."""
    if not _is_constant(program_of(ctx), node) or len(node.args) != 1 or node.keywords:
        return None
    tf, add = tensorflow_name(ctx)
    return with_import(ctx, [replace(ctx.source, node.func, f"{tf}.convert_to_tensor")], add)
