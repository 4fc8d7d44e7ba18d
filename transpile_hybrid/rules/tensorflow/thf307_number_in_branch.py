"""A Python integer that is changed under a tensor condition meets a tensor of another type.

What it does
    Finds integers that are counted up inside of a branch or loop on a tensor, and are then combined with a tensor.

Why is this bad
    The number becomes an int32 tensor in the graph.  A Python integer takes the type of a float tensor that it is
    multiplied by; an int32 tensor doesn't: ``TypeError: Input 'y' of 'Mul' Op has type int32 that does not match type
    float32 of argument 'x'``.

Fix safety
    None is made: ``tf.cast(count, x.dtype)`` where it meets the tensor.

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._branches import tensor_regions
from ._flow import assigned, own_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    count = 0
    if tf.reduce_sum(x) > 0:
        count += 1
    return tf.nn.relu(x) * count
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def scaled(x):
    count = 0
    if tf.reduce_sum(x) > 0:
        count += 1
    return tf.nn.relu(x) * tf.cast(count, x.dtype)
""",
]


@rule("THF307", "number-in-branch", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function in program.compiled:
        changed: set[str] = set()
        for region in tensor_regions(program, function):
            changed |= assigned([*getattr(region, "body", []), *getattr(region, "orelse", [])])
        if not changed or isinstance(function, ast.Lambda):
            continue
        whole = {
            target.id
            for node in own_nodes(function.body)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and type(node.value.value) is int
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in own_nodes(function.body):
            if not isinstance(node, ast.BinOp):
                continue
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(one, ast.Name) and one.id in changed & whole and program.kinds.value(other).is_tensor:
                    yield Finding(
                        node,
                        f"`{one.id}` is an int32 tensor in the graph, and meets a tensor of another type",
                        help=f"write `tf.cast({one.id}, ...)`",
                        unit=unit_name(program, function),
                    )
                    break
