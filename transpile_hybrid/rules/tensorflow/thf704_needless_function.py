"""A tf.function gains nothing from being one.

What it does
    Finds tf.functions without a parameter that is a tensor, with Python numbers among their arguments, or without any
    computation on tensors, judged by the calls in the file, and removes the decorator.

Why is this bad
    Each call costs as much as six to eight eager ops, each new Python number a trace, and Python side effects in it
    are lost.

Fix safety
    Safe where the function has no side effects and gives a tensor (or nothing), which it then gives eagerly too, or
    where nobody uses what it gives; unsafe where it gives a Python value, of which a tf.function makes a tensor.  A
    decorator with a signature or ``jit_compile`` stays.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._needless import needless
from ._program import Program, Unit, program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


@tf.function
def absolute(x):
    return tf.abs(x)


print(absolute(1))
print(absolute(2))
""",
        after="""
import tensorflow as tf


def absolute(x):
    return tf.abs(x)


print(absolute(1))
print(absolute(2))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


@tf.function
def absolute(x):
    return tf.abs(x)


print(absolute(tf.constant(1)))
""",
]


@rule(
    "THF704",
    "needless-function",
    targets=TARGETS,
    consequence=Consequence.SPEED,
    fix="sometimes",
    scope="module",
    stage=3,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if unit.hybrid is None or unit.hybrid not in unit.function.decorator_list:
            continue
        reason = needless(ctx, program, unit)
        if not reason:
            continue
        value = program.kinds.returns.get(id(unit.function))
        same = (
            _unused(program, unit)
            or value is not None
            and (value.is_tensor or value.is_none or (value.is_("tuple", "list") and value.has_tensor))
        )
        yield Finding(
            unit.hybrid,
            f"`{unit.name}` gains nothing from being a tf.function: {reason}",
            help="remove the decorator",
            fix=Fix((_removal(ctx, unit),), safety="safe" if same else "unsafe"),
            unit=unit.name,
        )


def _unused(program: Program, unit: Unit) -> bool:
    """Whether nobody looks at what the function gives."""
    for call, _ in program.kinds.sites(unit.function):
        parent = program.module.parent(call)
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
            name = parent.targets[0].id
            if any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
                   for n in program.nodes):  # fmt: skip
                return False
        elif not isinstance(parent, ast.Expr) and program.module.enclosing_function(call) is not unit.function:
            return False
    return True


def _removal(ctx: ModuleContext, unit: Unit) -> Edit:
    """Remove the decorator with its line."""
    assert unit.hybrid is not None
    source = ctx.source
    start = source.line_starts[unit.hybrid.lineno - 1]
    end_line = unit.hybrid.end_lineno or unit.hybrid.lineno
    return Edit(start, source.line_starts[end_line], ())
