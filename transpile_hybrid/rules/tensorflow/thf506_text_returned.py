"""A function that is compiled returns text.

What it does
    Finds strings among the results of functions that would become a tf.function.

Why is this bad
    A tf.function makes a tensor of every result.  A number stays equal; of ``"relu"`` it makes a string tensor that
    holds ``b"relu"``, and a comparison with the text is false.

Fix safety
    None is made: return the text from the caller.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._flow import own_nodes
from ._program import program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def activate(x):
    return {"value": tf.nn.relu(x), "kind": "relu"}
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def activate(x):
    return {"value": tf.nn.relu(x)}
""",
]


@rule("THF506", "text-returned", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if not unit.wanted:
            continue
        for node in own_nodes(unit.function.body):
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            for part in _parts(node.value):
                if program.kinds.value(part).is_("str"):
                    yield Finding(
                        part,
                        "text is returned, of which a tf.function makes a string tensor",
                        help="return the text from the function around it",
                        unit=unit.name,
                    )


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Tuple | ast.List):
        return [part for item in node.elts for part in _parts(item)]
    if isinstance(node, ast.Dict):
        return [part for item in node.values for part in _parts(item)]
    return [node]
