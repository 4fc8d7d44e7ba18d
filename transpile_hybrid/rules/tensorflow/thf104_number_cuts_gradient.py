"""``float`` of a tensor gives a number eagerly, and a cast in a graph: the gradient goes through it.

What it does
    Finds ``float(t)`` in functions that should become a tf.function, where ``t`` may be differentiated and the number
    is used for more than a comparison or a text.

Why is this bad
    Eagerly ``float(t)`` reads a number, through which no gradient flows.  AutoGraph makes ``tf.cast(t, tf.float32)``
    of it: the values stay the same, and gradients change without an error.  What takes it for a number, a list that
    another library writes down, say, gets a symbolic tensor.

Fix safety
    Safe: ``tf.stop_gradient(tf.cast(t, tf.float32))`` keeps the gradients of the eager code.  Made where the number
    goes into nothing but tensor operations (a list of numbers, a result or another library would get tensors), and
    nothing else keeps the function from being compiled.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/operators/py_builtins.py
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import replace
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._dtypes import dtype_family
from ._flow import reads_of_assigned
from ._program import AnyFunction, Program, program_of
from ._report import TARGETS, tensorflow_name, unit_name, with_import
from ._static import mended_by_fixes

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    scale = float(tf.reduce_max(tf.abs(x)))
    return tf.nn.relu(x) / scale


print(scaled(tf.ones((3, 2))))
""",
        after="""
import tensorflow as tf


@tf.function
def scaled(x):
    scale = tf.stop_gradient(tf.cast(tf.reduce_max(tf.abs(x)), tf.float32))
    return tf.nn.relu(x) / scale


print(scaled(tf.ones((3, 2))))
""",
    ),
    Example(
        title="numbers that are written down",
        before="""
import json

import tensorflow as tf


def report(x):
    means = [float(tf.reduce_mean(row)) for row in tf.unstack(tf.nn.relu(x))]
    return json.dumps(means)


print(report(tf.ones((3, 2))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def scaled(x):
    y = tf.nn.relu(x) / float(tf.shape(x)[0])
    if float(tf.reduce_max(y)) > 1.0:
        y = y * 0.5
    return y


print(scaled(tf.ones((3, 2))))
""",
]


@rule(
    "THF104",
    "number-cuts-gradient",
    targets=TARGETS,
    consequence=Consequence.SILENT,
    fix="sometimes",
    scope="module",
    stage=2,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        if id(function) in program.hybrid_reach or ctx.qualified(node.func) != "builtins.float":
            continue
        if len(node.args) != 1 or node.keywords or not program.kinds.value(node.args[0]).is_tensor:
            continue
        if dtype_family(program, node.args[0]) in ("int", "bool") or _only_compared(ctx, node):
            continue
        if not _goes_into_ops(ctx, program, function, node):
            yield Finding(
                node,
                "`float` of a tensor stays a tensor in a graph, and what takes the number gets a symbolic one",
                help="return the tensor, and read its number where the function is called",
                unit=unit_name(program, function),
            )
            continue
        fix = None
        if mended_by_fixes(ctx, function):
            tf, add = tensorflow_name(ctx)
            text = replace(ctx.source, node, f"{tf}.stop_gradient({tf}.cast(", node.args[0], f", {tf}.float32))")
            fix = with_import(ctx, [text], add)
        yield Finding(
            node,
            "`float` of a tensor is a number that cuts the gradient; in a graph it is a tensor that lets it through",
            help="write `tf.stop_gradient(tf.cast(t, tf.float32))`, or the tensor itself if gradients are wanted",
            fix=fix,
            unit=unit_name(program, function),
        )


def _goes_into_ops(ctx: ModuleContext, program: Program, function: AnyFunction, node: ast.expr) -> bool:
    """Whether nothing but tensor operations takes the number that ``node`` gives, by whatever name."""
    names: set[str] = set()
    waiting: list[ast.expr] = [node]
    while waiting:
        at: ast.AST = waiting.pop()
        parent = ctx.module.parent(at)
        while isinstance(parent, ast.BinOp | ast.UnaryOp) and not program.kinds.value(parent).is_tensor:
            at, parent = parent, ctx.module.parent(parent)
        if isinstance(parent, ast.BinOp):
            continue
        if isinstance(parent, ast.Call) and at is not parent.func:
            if (ctx.qualified(parent.func) or "").startswith("tensorflow."):
                continue
            return False
        reads = reads_of_assigned(function, parent, names)
        if reads is None:
            return False
        waiting += reads
    return True


def _only_compared(ctx: ModuleContext, node: ast.expr) -> bool:
    """Whether the number goes into nothing but a comparison, a text or a message."""
    parent = ctx.module.parent(node)
    while isinstance(parent, ast.BinOp | ast.UnaryOp):
        parent = ctx.module.parent(parent)
    if isinstance(parent, ast.Call):
        return ctx.qualified(parent.func) == "builtins.print"
    return isinstance(parent, ast.Compare | ast.FormattedValue | ast.Expr)
