"""A Python list, dict or counter is changed inside of a loop or branch on a tensor.

What it does
    Finds ``append``, ``d[k] = v`` and the like on Python containers inside of loops and branches that become graph
    ops.

Why is this bad
    The body of such a loop is traced once, and both sides of such a branch are: a list gets one element however often
    the loop runs, which ``len`` then shows without an error, and stacking it raises ``InaccessibleTensorError``.

Fix safety
    A loop over a tensor whose length the trace knows becomes a loop over ``tf.unstack(t)``, which stays a Python loop
    (over the same elements as before; the graph grows with it), where nothing else keeps the function from being
    compiled; an argument that may as well be a list is asked for what it is (``tf.is_tensor``). Else none is made:
    ``tf.TensorArray(dtype, size=n)`` with ``write`` and ``stack`` does the same in a graph (under XLA give it its
    size: one of size 0 comes back empty).

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...rewrite.edit import Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._branches import tensor_regions
from ._effects import root_name
from ._flow import own_nodes
from ._program import AnyFunction, Program, program_of
from ._report import TARGETS, unit_name
from ._static import left_on_tensor, unstacked

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def doubled(x):
    out = []
    for row in x:
        out.append(tf.nn.relu(row) * 2.0)
    return tf.stack(out)


print(doubled(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def doubled(x):
    out = []
    for row in tf.unstack(x):
        out.append(tf.nn.relu(row) * 2.0)
    return tf.stack(out)


print(doubled(tf.ones((2, 3))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def large(x):
    out = []
    for row in x:
        if tf.reduce_sum(row) > 0.0:
            out.append(tf.nn.relu(row) * 2.0)
    return tf.stack(out)


print(large(tf.ones((2, 3))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def doubled(x):
    out = []
    for row in tf.unstack(x, num=4):
        out.append(tf.nn.relu(row) * 2.0)
    return tf.stack(out)
""",
]


_CHANGES = frozenset({"append", "extend", "insert", "pop", "remove", "clear", "update", "add", "setdefault", "popitem"})


@rule(
    "THF304",
    "python-in-graph-loop",
    targets=TARGETS,
    consequence=Consequence.SILENT,
    fix="sometimes",
    scope="module",
    stage=1,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    seen: set[int] = set()
    for function in program.compiled:
        regions = tensor_regions(program, function)
        for region in regions:
            body = [*getattr(region, "body", []), *getattr(region, "orelse", [])]
            for node in own_nodes(body):
                name = ""
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
                    value = program.kinds.value(node.func.value)
                    if value.kinds & {"list", "dict", "set"}:
                        name = ast.unparse(node.func.value)
                elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                    python = program.kinds.value(node.value).kinds & {"list", "dict", "array"}
                    name = ast.unparse(node.value) if python else ""
                if not name or id(node) in seen or _made_inside(body, root_name(node)):  # type: ignore[arg-type]
                    continue
                seen.add(id(node))
                yield Finding(
                    node,
                    f"`{name}` is changed inside of a graph loop or branch, whose body is traced once",
                    help="collect in a `tf.TensorArray(dtype, size=n)`, or use `tf.map_fn` or `tf.where`",
                    fix=_fix(ctx, program, function, node, region, regions),
                    unit=unit_name(program, function),
                )


def _fix(
    ctx: ModuleContext,
    program: Program,
    function: AnyFunction,
    node: ast.AST,
    region: ast.stmt,
    regions: list[ast.stmt],
) -> Fix | None:
    """Unroll the loop ``region``, if nothing inside of it would still be a graph op around ``node``."""
    if not isinstance(region, ast.For) or left_on_tensor(program, region):
        return None
    if any(other is not region and any(node is inner for inner in walk(other)) for other in regions):
        return None
    return unstacked(ctx, function, [region.iter])


def _made_inside(body: list[ast.stmt], root: str | None) -> bool:
    for node in own_nodes(body):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == root for t in node.targets):
            return True
    return False
