"""``@tf.function`` stands above a decorator that isn't for functions.

What it does
    Finds ``@tf.function`` above ``@staticmethod``, ``@classmethod`` or ``@property``, and swaps them.

Why is this bad
    ``tf.function`` then gets a descriptor and no function: ``TypeError: ... is not a callable object`` at the call, or
    at once.

Fix safety
    Safe: in this order the program can't run.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._program import program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


class Ops:
    @tf.function
    @staticmethod
    def double(x):
        return tf.nn.relu(x) * 2.0
""",
        after="""
import tensorflow as tf


class Ops:
    @staticmethod
    @tf.function
    def double(x):
        return tf.nn.relu(x) * 2.0
""",
    ),
]

VALID = [
    """
import tensorflow as tf


class Ops:
    @staticmethod
    @tf.function
    def double(x):
        return tf.nn.relu(x) * 2.0
""",
]


@rule("THF603", "decorator-order", targets=TARGETS, consequence=Consequence.ERROR, fix="always", scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        decorators = unit.function.decorator_list
        if unit.hybrid is None or unit.hybrid not in decorators:
            continue
        below = decorators[decorators.index(unit.hybrid) + 1 :]
        wrong = [
            d
            for d in below
            if ctx.qualified(d) in ("builtins.staticmethod", "builtins.classmethod", "builtins.property")
        ]
        if wrong:
            edits = (replace(ctx.source, unit.hybrid, wrong[0]), replace(ctx.source, wrong[0], unit.hybrid))
            yield Finding(
                unit.hybrid,
                f"`tf.function` stands above `{ast.unparse(wrong[0])}`, and gets no function",
                help="put it below: the innermost decorator",
                fix=Fix(edits),
                unit=unit.name,
            )
