"""A variable of a graph loop may change its shape or dtype from one round to the next.

What it does
    Finds loops on a tensor in which a scalar (``0.0``, ``tf.zeros(())``, ``tf.constant(0.0)``) is added to elements
    whose shape isn't known, or a tensor is made longer with ``tf.concat``, and numbers that change their type (``0``
    becomes a float).

Why is this bad
    A ``tf.while_loop`` keeps the shape and dtype of its variables: ``ValueError: 'total' has shape () before the
    loop, but shape (3,) after one iteration``.  Eagerly the sum simply broadcasts.

Fix safety
    A loop over a tensor whose length the trace knows becomes a loop over ``tf.unstack(t)``, which stays a Python loop
    (over the same elements as before; the graph grows with it), where nothing else keeps the function from being
    compiled.  A plain sum isn't unrolled: ``tf.reduce_sum(t, axis=0)`` does it at once.  Else none is made: start
    with a value of the right shape (``tf.zeros_like(x[0])``).

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
from ._compiled import compiled_nodes
from ._flow import loops_on_tensor, own_nodes
from ._program import Program, program_of
from ._report import TARGETS, unit_name
from ._static import left_on_tensor, unstacked

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def total(x):
    result = tf.zeros(())
    for row in x:
        result = result + row
    return tf.nn.relu(result)


total(tf.ones((2, 3)))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def total(x):
    result = tf.zeros(())
    for row in x:
        result = result + tf.nn.softmax(row)
    return result


total(tf.ones((2, 3)))
""",
        after="""
import tensorflow as tf


@tf.function
def total(x):
    result = tf.zeros(())
    for row in tf.unstack(x):
        result = result + tf.nn.softmax(row)
    return result


total(tf.ones((2, 3)))
""",
    ),
    Example(
        title="a size that the loop declares to vary",
        before="""
import tensorflow as tf


@tf.function
def longer(out):
    for _ in tf.range(3):
        tf.autograph.experimental.set_loop_options(shape_invariants=[(out, tf.TensorShape([None, None]))])
        out = tf.concat([out, tf.ones((out.shape[0], 1))], axis=1)
    return out
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def total(x):
    result = tf.zeros_like(x[0])
    for row in x:
        result = result + row
    return tf.nn.relu(result)
""",
    """
import tensorflow as tf


def total(x):
    result = 0.0
    for row in x:
        result = result + tf.reduce_sum(row)
    return tf.nn.relu(result)
""",
]


_SCALAR = frozenset({"reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "norm", "cast", "size"})


@rule(
    "THF305",
    "loop-shape",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
    stage=2,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.For, ast.While):
        assert isinstance(node, ast.For | ast.While)
        if isinstance(function, ast.Lambda) or not loops_on_tensor(program.kinds, node):
            continue
        rows = _rows(program, node)
        starts = {name: value for name, value in _starts(program, function.body, node).items()}
        for inner in own_nodes(node.body):
            name, added = _update(inner)
            if added is None:
                continue
            if _longer(program, added, name) and not _set_invariants(program, node):
                yield Finding(
                    inner,
                    f"`{name}` gets longer with each round: a graph loop keeps its shape",
                    help="collect in a `tf.TensorArray`, or declare `shape_invariants` "
                    "(`tf.autograph.experimental.set_loop_options`)",
                    unit=unit_name(program, function),
                )
                break
            if _longer(program, added, name) and (read := _size_read(program, function, node, name)) is not None:
                yield Finding(
                    read,
                    f"`{ast.unparse(read)}` isn't known while the graph is traced: the loop declares another shape"
                    " each round",
                    help=f"ask `tf.shape({name})`, which is known when the graph runs",
                    unit=unit_name(program, function),
                )
                break
            if name in starts and _grows(program, added, rows, name):
                yield Finding(
                    inner,
                    f"`{name}` starts as a scalar and gets the shape of what is added: a graph loop keeps its shape",
                    help=f"start with `{name} = tf.zeros_like(...)` of the right shape, or use `tf.reduce_sum`",
                    fix=None if _plain_sum(added) else _unrolled(ctx, program, function, node),
                    unit=unit_name(program, function),
                )
                break
            if starts.get(name) == "int" and any(
                isinstance(n, ast.Constant) and isinstance(n.value, float) for n in walk(added)
            ):
                yield Finding(
                    inner,
                    f"`{name}` starts as an integer and becomes a float: a graph loop keeps its dtype",
                    help=f"start with a float (`{name} = 0.0`)",
                    unit=unit_name(program, function),
                )
                break


def _size_read(
    program: Program, function: ast.FunctionDef | ast.AsyncFunctionDef, loop: ast.For | ast.While, name: str
) -> ast.expr | None:
    """Return where a number is made of the static shape of ``name``, in the loop that declares it to vary or later."""
    for node in own_nodes(function.body):
        if not (isinstance(node, ast.Attribute) and node.attr == "shape" and node.lineno >= loop.lineno):
            continue
        parent = program.module.parent(node)
        if isinstance(node.value, ast.Name) and node.value.id == name and isinstance(parent, ast.Subscript):
            return parent
    return None


def _rows(program: Program, node: ast.For | ast.While) -> set[str]:
    """Return the names of elements whose shape isn't known: those of a loop over a tensor of unknown rank."""
    if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and program.kinds.value(node.iter).is_tensor:
        if isinstance(node.iter, ast.Call) and (program.module.qualified(node.iter.func) or "").endswith(".range"):
            return set()
        return set() if _is_condition(node, node.target.id) else {node.target.id}
    return set()


def _is_condition(loop: ast.For, name: str) -> bool:
    """Whether a condition compares the element ``name`` itself with a number: then it is a scalar.

    Of any other shape, neither Python nor a graph could tell whether it holds.
    """
    return any(
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == name
        and all(isinstance(side, ast.Constant) for side in node.test.comparators)
        for node in loop.body
    )


def _plain_sum(added: ast.expr) -> bool:
    """Whether nothing but the element is added: ``tf.reduce_sum`` does that at once, better than a long graph."""
    return isinstance(added, ast.Name) or (
        isinstance(added, ast.BinOp) and isinstance(added.left, ast.Name) and isinstance(added.right, ast.Name)
    )


def _unrolled(
    ctx: ModuleContext, program: Program, function: ast.FunctionDef | ast.AsyncFunctionDef, loop: ast.For | ast.While
) -> Fix | None:
    """Return the fix that makes a Python loop of ``loop``, over elements whose number the trace knows."""
    if not isinstance(loop, ast.For) or left_on_tensor(program, loop):
        return None
    if any(
        other is not loop and any(loop is inner for inner in walk(other)) for other in tensor_regions(program, function)
    ):
        return None
    return unstacked(ctx, function, [loop.iter])


def _starts(program: Program, body: list[ast.stmt], loop: ast.stmt) -> dict[str, str]:
    """Return the scalars that variables start with before ``loop``: ``scalar``, or ``int`` for a whole number."""
    found: dict[str, str] = {}
    for node in own_nodes(body):
        if not isinstance(node, ast.Assign) or node.lineno >= loop.lineno:
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                kind = _scalar(program, node.value)
                if kind:
                    found[target.id] = kind
                else:
                    found.pop(target.id, None)
    return found


def _scalar(program: Program, node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return "int" if isinstance(node.value, int) else "scalar"
    if isinstance(node, ast.Call) and node.args:
        name = (program.module.qualified(node.func) or "").rsplit(".", 1)[-1]
        first = node.args[0]
        if name in ("zeros", "ones") and isinstance(first, ast.Tuple | ast.List) and not first.elts:
            return "scalar"
        if name == "constant" and isinstance(first, ast.Constant) and isinstance(first.value, int | float):
            return "scalar"
    return ""


def _update(node: ast.AST) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return "", None


def _grows(program: Program, added: ast.expr, rows: set[str], name: str) -> bool:
    """Whether an element of unknown shape gets into the sum without being reduced to a scalar."""
    if isinstance(added, ast.Name):
        return added.id in rows
    if isinstance(added, ast.BinOp):
        return _grows(program, added.left, rows, name) or _grows(program, added.right, rows, name)
    if isinstance(added, ast.UnaryOp):
        return _grows(program, added.operand, rows, name)
    if isinstance(added, ast.Call):
        last = (program.module.qualified(added.func) or "").rsplit(".", 1)[-1]
        if last in _SCALAR and last != "cast" and not added.keywords and len(added.args) == 1:
            return False
        return any(_grows(program, arg, rows, name) for arg in added.args)
    return False


def _longer(program: Program, added: ast.expr, name: str) -> bool:
    """Whether ``added`` joins ``name`` itself to something more."""
    if not isinstance(added, ast.Call) or not added.args or not isinstance(added.args[0], ast.List | ast.Tuple):
        return False
    joins = (program.module.qualified(added.func) or "") == "tensorflow.concat"
    return joins and any(isinstance(item, ast.Name) and item.id == name for item in added.args[0].elts)


def _set_invariants(program: Program, loop: ast.For | ast.While) -> bool:
    return any(
        isinstance(node, ast.Call) and (program.module.qualified(node.func) or "").endswith(".set_loop_options")
        for node in own_nodes(loop.body)
    )
