"""The result of ``TensorArray.write`` is thrown away.

What it does
    Finds ``a.write(i, t)``, ``unstack``, ``scatter`` and ``split`` of a ``tf.TensorArray`` as a statement by itself.

Why is this bad
    Eagerly the array itself is changed.  In a graph each write gives a new array, and what isn't kept is lost: the
    stacked result holds zeros, or an error tells of elements that were never written.

Fix safety
    The result is kept under the same name.  Safe in eager code, to which it is the same array; unsafe in what is a
    tf.function already, which then gives other numbers than it did.

References
    https://www.tensorflow.org/api_docs/python/tf/TensorArray
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import Scope
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


@tf.function
def doubled(x):
    out = tf.TensorArray(tf.float32, size=4)
    for i in tf.range(4):
        out.write(i, x[i] * 2.0)
    return out.stack()
""",
        after="""
import tensorflow as tf


@tf.function
def doubled(x):
    out = tf.TensorArray(tf.float32, size=4)
    for i in tf.range(4):
        out = out.write(i, x[i] * 2.0)
    return out.stack()
""",
        unsafe=True,
    ),
    Example(
        before="""
import tensorflow as tf


def doubled(x):
    out = tf.TensorArray(tf.float32, size=4)
    for i in tf.range(4):
        out.write(i, x[i] * 2.0)
    return out.stack()


print(doubled(tf.ones(4)))
""",
        after="""
import tensorflow as tf


@tf.function
def doubled(x):
    out = tf.TensorArray(tf.float32, size=4)
    for i in tf.range(4):
        out = out.write(i, x[i] * 2.0)
    return out.stack()


print(doubled(tf.ones(4)))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


@tf.function
def doubled(x):
    out = tf.TensorArray(tf.float32, size=4)
    for i in tf.range(4):
        out = out.write(i, x[i] * 2.0)
    return out.stack()
""",
]

_WRITES = frozenset({"write", "unstack", "scatter", "split"})


@rule(
    "THF207",
    "dropped-write",
    targets=TARGETS,
    consequence=Consequence.SILENT,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Expr):
        assert isinstance(node, ast.Expr)
        func = node.value.func if isinstance(node.value, ast.Call) else None
        if not isinstance(func, ast.Attribute) or func.attr not in _WRITES:
            continue
        if program.kinds.value(func.value).cls != "tensorflow.TensorArray":
            continue
        array = ast.unparse(func.value)
        safety = "unsafe" if id(function) in program.hybrid_reach else "safe"
        local = isinstance(func.value, ast.Name) and _is_local(program.module.scope_at(node), func.value.id, function)
        yield Finding(
            node,
            f"`.{func.attr}` of a `TensorArray` gives a new array in a graph, and this one is lost",
            help=f"keep it: `{array} = {array}.{func.attr}(...)`",
            fix=Fix((replace(ctx.source, node, f"{array} = ", node.value),), safety=safety) if local else None,
            unit=unit_name(program, function),
        )


def _is_local(scope: Scope, name: str, function: ast.AST) -> bool:
    """Whether assigning to ``name`` binds no other variable than the one that was read."""
    found = scope.lookup(name)
    return found is not None and found[0] is scope and scope.node is function
