"""Ops that XLA drops, refuses, or answers otherwise.

What it does
    For the target ``tf.xla`` it finds, in what is or would be compiled: a ``TensorArray`` that grows, ``tf.debugging``
    assertions, ``tf.print``, strings, ``tf.py_function``, loops over datasets, random ops, what draws from a
    ``tf.random.Generator``, Keras layers such as ``Dropout`` in training, loops over a range that an outer loop
    changes, and calls of models whose layers are built by their first call.

    For every target, it finds these in what has ``jit_compile=True``, and there also what raises eagerly and doesn't
    under XLA: an index out of range, an integer divided by zero, a matrix that can't be inverted.

Why is this bad
    A ``TensorArray`` of size 0 comes back empty, assertions are dropped, random ops draw other numbers, and layers that
    are built inside of the compiled function get other initial weights: all without an error.  The rest is refused.

Fix safety
    None is made.  Give the ``TensorArray`` its size, check before the call, build models before they are compiled.

References
    https://www.tensorflow.org/xla/known_issues
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._compiled import compiled_nodes
from ._defaults import switched_on
from ._dtypes import dtype_family
from ._flow import assigned, loops_on_tensor
from ._keras import is_built
from ._program import Program, program_of
from ._random import draws
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def cumulative(x):
    out = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in tf.range(tf.shape(x)[0]):
        out = out.write(i, tf.nn.relu(x[i]))
    return out.stack()
""",
        targets=("tf.xla",),
    ),
    Example(
        before="""
import tensorflow as tf

drop = tf.keras.layers.Dropout(0.5)


def thinned(x):
    return tf.nn.relu(drop(x, training=True)) * 2.0
""",
        targets=("tf.xla",),
    ),
]

EXAMPLES += [
    Example(
        before="""
import tensorflow as tf


@tf.function(jit_compile=True)
def cumulative(x):
    tf.debugging.assert_all_finite(x, "not finite")
    out = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    for i in tf.range(tf.shape(x)[0]):
        out = out.write(i, tf.nn.relu(x[i]))
    return out.stack()
""",
    ),
    Example(
        before="""
import tensorflow as tf


@tf.function(jit_compile=True)
def following(x, i):
    return tf.gather(x, i + 1) * 2.0
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def cumulative(x):
    out = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
    for i in tf.range(tf.shape(x)[0]):
        out = out.write(i, tf.nn.relu(x[i]))
    return out.stack()
""",
    """
import tensorflow as tf

drop = tf.keras.layers.Dropout(0.5)


def thinned(x):
    return tf.nn.relu(drop(x, training=False)) * 2.0
""",
]


_REFUSED = ("strings.", "io.", "data.", "sparse.", "ragged.", "py_function", "numpy_function", "print", "summary.")


@rule("THF602", "xla-differs", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    building: set[int] = set()
    already = _by_xla(program)
    for function, node in compiled_nodes(ctx, ast.Call, ast.BinOp):
        if "tf.xla" not in ctx.targets and id(function) not in already:
            continue
        if id(function) in already and (checked := _unchecked(program, node)):
            yield Finding(
                node,
                f"{checked}: XLA goes on with other numbers",
                help="check the arguments before the function is called",
                consequence=Consequence.SILENT,
                unit=unit_name(program, function),
            )
            continue
        if not isinstance(node, ast.Call):
            continue
        name = ctx.qualified(node.func) or ""
        small = tables.short(name) if name.startswith("tensorflow.") else ""
        message, help, silent = "", "", True
        if small == "TensorArray" and _grows(node):
            message, help = "a `TensorArray` of size 0 comes back empty from XLA", "give it its size"
        elif small.startswith("debugging.") or small == "Assert":
            message, help = f"`{ast.unparse(node.func)}` is dropped by XLA", "check before the function is called"
        elif small.startswith(("random.", "nn.dropout")) and name.rsplit(".", 1)[-1][:1].islower():
            message, help = (
                f"`{ast.unparse(node.func)}` draws other numbers under XLA",
                "draw outside and pass a tensor in",
            )
        elif draws(program, function, node):
            message = f"`{ast.unparse(node.func)}` draws other numbers under XLA"
            help = "draw outside and pass a tensor in, or compile without XLA"
        elif _ranges_anew(program, node):
            message, silent = "XLA has no loop over a range that another loop changes", False
            help = "loop up to a fixed length and use `tf.where`, or compile without XLA"
        elif small.startswith(_REFUSED):
            message, help, silent = f"XLA has no `{ast.unparse(node.func)}`", "do it outside of the function", False
        elif program.kinds.value(node.func).is_("module") and not is_built(program, node.func):
            if id(function) in building:
                continue  # one build mends them all
            building.add(id(function))
            message = "a model or layer that is built by this call would get other initial weights under XLA"
            help = "build it before it is compiled (`model.build(...)`, or an `Input`)"
        if message:
            yield Finding(
                node,
                message,
                help=help,
                targets=None if id(function) in already else ("tf.xla",),
                consequence=Consequence.SILENT if silent else Consequence.ERROR,
                unit=unit_name(program, function),
            )


def _by_xla(program: Program) -> set[int]:
    """Return the ids of the functions that XLA compiles as the file stands: ``jit_compile=True``."""
    return {
        id(function)
        for unit in program.units.values()
        if isinstance(unit.hybrid, ast.Call) and switched_on(unit.hybrid, "jit_compile")
        for function in program.reach(unit.function)
    }


def _unchecked(program: Program, node: ast.AST) -> str:
    """Return in words for what ``node`` raises an error eagerly which XLA doesn't look for, or ''."""
    if isinstance(node, ast.BinOp):
        whole = isinstance(node.op, ast.FloorDiv | ast.Mod) and program.kinds.value(node.right).is_tensor
        return (
            "an integer divided by zero raises eagerly" if whole and dtype_family(program, node.right) == "int" else ""
        )
    if not isinstance(node, ast.Call):
        return ""
    name = program.module.qualified(node.func) or ""
    small = tables.short(name) if name.startswith("tensorflow.") else ""
    if small in ("gather", "gather_nd", "nn.embedding_lookup") and len(node.args) > 1:
        index = node.args[1]
        found = program.module.scope_at(index).lookup(index.id) if isinstance(index, ast.Name) else None
        given = found is not None and any(binding.kind == "param" for binding in found[1])
        if given or isinstance(index, ast.BinOp):
            return "an index out of range raises eagerly"
    if small in ("linalg.inv", "linalg.solve", "linalg.cholesky", "linalg.logdet"):
        return "a matrix that can't be inverted raises eagerly"
    return ""


def _grows(node: ast.Call) -> bool:
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    size = named.get("size", node.args[1] if len(node.args) > 1 else None)
    grows = named.get("dynamic_size")
    if isinstance(grows, ast.Constant) and grows.value:
        return True
    return isinstance(size, ast.Constant) and size.value == 0


def _ranges_anew(program: Program, node: ast.Call) -> bool:
    """Whether ``node`` is the range of a loop in another graph loop, and hangs on what that one changes."""
    loop = program.module.parent(node)
    if not isinstance(loop, ast.For) or loop.iter is not node or not loops_on_tensor(program.kinds, loop):
        return False
    if (program.module.qualified(node.func) or "") not in ("tensorflow.range", "builtins.range"):
        return False
    used = {inner.id for arg in node.args for inner in walk(arg) if isinstance(inner, ast.Name)}
    for outer in program.module.ancestors(loop):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        if (
            isinstance(outer, ast.For | ast.While)
            and loops_on_tensor(program.kinds, outer)
            and used & assigned([outer])
        ):
            return True
    return False
