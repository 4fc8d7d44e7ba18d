"""A branch asks whether the code runs eagerly.

What it does
    Finds ``tf.executing_eagerly()``, ``hasattr(t, "numpy")`` and ``isinstance(t, EagerTensor)`` in functions that
    are, or should become, a tf.function.

Why is this bad
    The answer is another one while the function is traced: the compiled function takes the other branch, and computes
    something else without an error.

Fix safety
    None is made.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import compiled_nodes, program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    if tf.executing_eagerly():
        return tf.nn.relu(x) * 2.0
    return tf.nn.relu(x)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def scaled(x):
    if tf.is_tensor(x):
        return tf.nn.relu(x) * 2.0
    return tf.nn.relu(x)
""",
]


_TESTS = frozenset(
    {"tensorflow.executing_eagerly", "tensorflow.inside_function", "tensorflow.compat.v1.executing_eagerly",
     "tensorflow.executing_eagerly_outside_functions", "tensorflow.compat.v1.executing_eagerly_outside_functions"}
)  # fmt: skip


@rule("THF408", "eager-test", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        name = ctx.qualified(node.func) or ""
        text = ast.unparse(node)
        asks = name in _TESTS
        if name == "builtins.hasattr" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            asks = node.args[1].value in ("numpy", "_numpy")
        if name == "builtins.isinstance" and "EagerTensor" in text:
            asks = True
        if name == "builtins.type" and program.kinds.value(node.args[0]).is_tensor if node.args else False:
            asks = True
        if asks:
            yield Finding(
                node,
                f"`{text}` has another answer while the function is traced",
                help="let the caller decide, by an argument",
                unit=unit_name(program, function),
            )
