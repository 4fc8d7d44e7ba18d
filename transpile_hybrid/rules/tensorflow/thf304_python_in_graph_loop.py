"""A Python list, dict or counter is changed inside of a loop or branch on a tensor.

What it does
    Finds ``append``, ``d[k] = v`` and the like on Python containers inside of loops and branches that become graph
    ops, and in functions that are given to ``tf.map_fn``, ``tf.cond`` and their like.

Why is this bad
    The body of such a loop is traced once, and both sides of such a branch are: a list gets one element however often
    the loop runs, which ``len`` then shows without an error, and stacking it raises ``InaccessibleTensorError``.

Fix safety
    A loop over a tensor whose length the trace knows becomes a loop over ``tf.unstack(t)``, which stays a Python loop
    (over the same elements as before; the graph grows with it), where nothing else keeps the function from being
    compiled; an argument that may as well be a list is asked for what it is (``tf.is_tensor``).

    A list that starts empty, gets one tensor each round and is stacked once becomes a ``tf.TensorArray`` with
    ``write`` and ``stack``, where the text tells the dtype of what is appended, and that there is a first round
    (``t[0]`` is read before the loop over ``t``): ``tf.stack([])`` raises, and an array without elements doesn't.
    None for ``tf.xla``, which has no gradient through the loop.

    Both are unsafe in what is a tf.function already and doesn't raise as it is: it would give something else then.

    Else none is made: ``tf.TensorArray(dtype, size=n)`` with ``write`` and ``stack`` does the same in a graph (under
    XLA give it its size: one of size 0 comes back empty; run eagerly, an empty one stacks to shape ``[0]``, in a
    graph to ``[0, ...]``).

References
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...rewrite.edit import Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._branches import is_state, tensor_regions
from ._collected import array_fix
from ._compiled import compiled_nodes
from ._effects import root_name
from ._flow import own_nodes
from ._program import AnyFunction, Program, program_of
from ._report import TARGETS, unit_name
from ._static import left_on_tensor, unstacked
from ._tables import short

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
        title="a number of rounds that only a run can tell",
        before="""
import tensorflow as tf


def smoothed(x, keep):
    rows = tf.boolean_mask(x, keep)
    state = tf.zeros_like(rows[0])
    out = []
    for row in rows:
        state = 0.9 * state + row
        out.append(state)
    return tf.stack(out)


print(smoothed(tf.ones((2, 3)), tf.constant([True, True])))
""",
        after="""
import tensorflow as tf


@tf.function
def smoothed(x, keep):
    rows = tf.boolean_mask(x, keep)
    state = tf.zeros_like(rows[0])
    out = tf.TensorArray(x.dtype, size=tf.shape(rows)[0])
    for index in tf.range(tf.shape(rows)[0]):
        row = rows[index]
        state = 0.9 * state + row
        out = out.write(index, state)
    return out.stack()


print(smoothed(tf.ones((2, 3)), tf.constant([True, True])))
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
    Example(
        before="""
import tensorflow as tf


def numbered(x):
    seen = []

    def number(row):
        seen.append(1)
        return row * len(seen)

    return tf.map_fn(number, x)


print(numbered(tf.ones((2, 3))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def counted(i, n):
    while i < n:
        text = ""
        if i % 3 == 0:
            text += "three"
        tf.print(text)
        i += 1
    return i


counted(tf.constant(1), tf.constant(4))
""",
    """
import keras
import tensorflow as tf


def doubled(x):
    out = []
    for index in range(keras.ops.shape(x)[0]):
        out.append(tf.nn.relu(x[index]) * 2.0)
    return tf.stack(out)
""",
    """
import tensorflow as tf


def doubled(x):
    out = []
    for row in tf.unstack(x, num=4):
        out.append(tf.nn.relu(row) * 2.0)
    return tf.stack(out)
""",
    """
import tensorflow as tf


def larger(x):
    rows = [tf.nn.relu(x), x]
    out = {"mean": tf.reduce_mean(x)}
    if tf.reduce_sum(x) > 0:
        rows[0] = rows[0] * 2.0
        out["mean"] = out["mean"] * 2.0
    return rows[0] + rows[1] + out["mean"]
""",
]


_RUN_IN_GRAPH = frozenset({"case", "cond", "foldl", "foldr", "map_fn", "scan", "switch_case", "while_loop"})
"""Ops that call the functions they are given for each element or choice eagerly, and trace them once in a graph."""
_CHANGES = frozenset({"append", "extend", "insert", "pop", "remove", "clear", "update", "add", "setdefault", "popitem"})


@rule(
    "THF304",
    "python-in-graph-loop",
    targets=TARGETS,
    consequence=Consequence.SILENT,
    fix="sometimes",
    scope="module",
    stage=2,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    seen: set[int] = set()
    for function in program.compiled:
        regions = tensor_regions(program, function)
        found: list[tuple[ast.AST, str, ast.stmt, Fix | None, Fix | None]] = []
        for region in regions:
            body = [*getattr(region, "body", []), *getattr(region, "orelse", [])]
            for node in own_nodes(body):
                name = _changed(program, node)
                if not name or id(node) in seen or _made_inside(body, root_name(node) or name):  # type: ignore[arg-type]
                    continue
                if isinstance(node, ast.AugAssign) and isinstance(region, ast.If):
                    continue  # a text of one side: a string tensor, and THF302 tells of what doesn't fit
                stored = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
                if stored and is_state(program, region, node):  # type: ignore[arg-type]
                    continue
                seen.add(id(node))
                unrolled = _fix(ctx, program, function, node, region, regions)
                array = array_fix(ctx, program, function, node, region) if unrolled is None else None
                found.append((node, name, region, unrolled, array))
        mended = all(unrolled is not None or array is not None for *_, unrolled, array in found)
        for node, name, region, unrolled, array in found:
            raises = _taken_out(program, function, region, node)
            fix = unrolled if unrolled is not None or not mended else array
            if fix is not None and not raises and id(function) in program.hybrid_reach:
                fix = dataclasses.replace(fix, safety="unsafe")  # it runs as it is, and would give something else
            yield Finding(
                node,
                f"`{name}` is changed inside of a graph loop or branch, whose body is traced once",
                help="collect in a `tf.TensorArray(dtype, size=n)`, or use `tf.map_fn` or `tf.where`",
                fix=fix,
                consequence=Consequence.ERROR if raises else None,
                unit=unit_name(program, function),
            )
        for region in regions:
            for call in own_nodes([*getattr(region, "body", []), *getattr(region, "orelse", [])]):
                changed = _changed_by(program, call)
                if changed and id(call) not in seen:
                    seen.add(id(call))
                    yield Finding(
                        call,
                        f"`{changed}` is changed by what a graph loop or branch calls, whose body is traced once",
                        help="return the new value, and assign it in the loop",
                        unit=unit_name(program, function),
                    )
    for call, inner in _handed(ctx):
        for node in walk(inner):
            name = _changed(program, node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                name = node.id  # of an enclosing function, if it comes from outside
            if name and id(node) not in seen and _from_outside(program, inner, node):
                seen.add(id(node))
                yield Finding(
                    node,
                    f"`{name}` is changed in a function that `{ast.unparse(call.func)}` traces once",
                    help="return what it should add up to, and let the op carry it",
                    unit=unit_name(program, inner),
                )


def _changed(program: Program, node: ast.AST) -> str:
    """Return the name of the Python container that ``node`` changes, or ''."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        known = program.kinds.value(node.func.value).kinds & {"list", "dict", "set"}
        return ast.unparse(node.func.value) if known else ""
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return node.target.id if program.kinds.value(node.value).is_("str") else ""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        known = program.kinds.value(node.value).kinds & {"list", "dict", "array"}
        return ast.unparse(node.value) if known else ""
    return ""


def _changed_by(program: Program, call: ast.AST) -> str:
    """Return the variable of an enclosing function that what ``call`` calls assigns to, or ''."""
    for callee in program.kinds.callees(call) if isinstance(call, ast.Call) else []:
        for node in walk(callee):
            if isinstance(node, ast.Nonlocal):
                return node.names[0]
    return ""


def _taken_out(program: Program, function: AnyFunction, region: ast.stmt, node: ast.AST) -> bool:
    """Whether a tensor is put into the container and taken out of it behind the loop or branch: that raises."""
    if not (isinstance(node, ast.Call) and node.args and program.kinds.value(node.args[-1]).is_("tensor")):
        return False
    root, end = root_name(node), region.end_lineno or region.lineno
    for used in walk(function):
        if isinstance(used, ast.Name) and used.id == root and isinstance(used.ctx, ast.Load) and used.lineno > end:
            parent = program.module.parent(used)
            if not (isinstance(parent, ast.Call) and program.module.qualified(parent.func) == "builtins.len"):
                return True
    return False


def _handed(ctx: ModuleContext) -> Iterator[tuple[ast.Call, AnyFunction]]:
    """Yield (call, function) for the functions that are handed to an op which runs them eagerly as often as needed."""
    program = program_of(ctx)
    for _, call in compiled_nodes(ctx, ast.Call):
        assert isinstance(call, ast.Call)
        name = ctx.qualified(call.func) or ""
        if not name.startswith("tensorflow.") or short(name) not in _RUN_IN_GRAPH:
            continue
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            value = program.kinds.value(argument)
            if value.is_("function") and value.cls in program.kinds.functions:
                yield call, program.kinds.functions[value.cls]


def _from_outside(program: Program, inner: AnyFunction, node: ast.AST) -> bool:
    """Whether what ``node`` changes was made outside of ``inner``."""
    root = root_name(node)  # type: ignore[arg-type]
    found = program.module.scope_at(node).lookup(root) if root else None
    return found is not None and not any(found[0].node is other for other in [inner, *walk(inner)])


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
