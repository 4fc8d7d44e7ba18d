"""A Python iterator is advanced once, while the graph is traced.

What it does
    Finds ``next(iterator)`` on an iterator that is not one over a ``tf.data.Dataset``, and loops over a generator or
    iterator that was made outside of the function.

Why is this bad
    The first element becomes a constant of the graph, and each later call computes with it again.

Fix safety
    None is made: pass the element in, or iterate over a ``tf.data.Dataset``.

References
    https://www.tensorflow.org/guide/function#executing_python_side_effects
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS, compiled_effects, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

rates = iter([0.1, 0.2, 0.3])


def step(x):
    return tf.matmul(x, x) * next(rates)
""",
    ),
]

VALID = [
    """
import tensorflow as tf

data = iter(tf.data.Dataset.range(10))


def step(x):
    return tf.matmul(x, x) * tf.cast(next(data), tf.float32)
""",
]


@rule("THF407", "python-iterator", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, "iterator-next"):
        if effect.detail == "unknown" and id(function) in program.hybrid_reach:
            continue  # an iterator over a dataset, most likely: that is right in a graph
        looped = effect.detail == "loop"
        yield Finding(
            effect.node,
            f"`{effect.name}` is iterated over once, while the graph is traced, and then used up"
            if looped
            else f"`next({effect.name})` is taken once, while the graph is traced",
            help="pass the element in as an argument, or iterate over a `tf.data.Dataset`",
            unit=unit_name(program, function),
        )
