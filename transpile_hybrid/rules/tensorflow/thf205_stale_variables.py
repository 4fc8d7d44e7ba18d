"""A model's variables are read before its first call in a function that is compiled.

What it does
    Finds ``v = model.trainable_variables`` (``weights``, ``variables``) in a function that calls the model only
    later.

Why is this bad
    Keras makes the variables at the model's first call.  A tf.function is traced twice the first time, and the list
    that was read too early is empty in one trace and full in the other: the optimizer then makes its slots in the
    second one and raises ``ValueError: tf.function only supports singleton tf.Variables created on the first call``.

Fix safety
    None is made: reading the variables behind the call may change what an eager first step does.

References
    https://www.tensorflow.org/guide/function#creating_tfvariables
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._compiled import compiled_nodes
from ._program import AnyFunction, Program, program_of, walk
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
optimizer = tf.keras.optimizers.Adam()


def step(x):
    variables = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x))
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss
""",
    ),
]

VALID = [
    """
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
optimizer = tf.keras.optimizers.Adam()


def step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x))
    variables = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss
""",
]


@rule("THF205", "stale-variables", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Attribute):
        assert isinstance(node, ast.Attribute)
        if node.attr not in tables.VARIABLE_LISTS or not program.kinds.value(node.value).kinds & {"module", "unknown"}:
            continue
        model = ast.unparse(node.value)
        calls = [call.lineno for call in program.calls_in(function) if _runs(program, call, model)]
        if calls and min(calls) > node.lineno:
            yield Finding(
                node,
                f"`{model}.{node.attr}` is read before `{model}` is called: at the first trace it is still empty",
                help="read the variables behind the call, or build the model before the first step",
                unit=unit_name(program, function),
            )


def _runs(program: Program, call: ast.Call, model: str, depth: int = 0) -> bool:
    """Whether ``call`` calls the model written as ``model``, itself or in a function of this file."""
    if ast.unparse(call.func) == model:
        return True
    if depth > 3:
        return False
    callees: list[AnyFunction] = program.kinds.callees(call)
    return any(
        _runs(program, inner, model, depth + 1)
        for callee in callees
        for inner in walk(callee)
        if isinstance(inner, ast.Call)
    )
