"""NumPy or ``math`` is given a tensor inside a function that is compiled.

What it does
    Finds ``np.f(t)`` and ``math.f(t)`` where ``t`` is a tensor, and writes the op of the same meaning where there is
    one.

Why is this bad
    NumPy and ``math`` need numbers.  A symbolic tensor has none: ``NotImplementedError: Cannot convert a symbolic
    tf.Tensor to a numpy array``.

Fix safety
    Safe for element-wise functions of one or two arguments whose op has the same meaning (``np.exp`` -> ``tf.exp``)
    and whose tensor is known to be floating point by how it was made; the result is a tensor of the same dtype.  No
    gradient flows through NumPy: ``tf.stop_gradient`` keeps that (leave it out if you want the gradient).  Everything
    else is only reported.

References
    https://www.tensorflow.org/guide/tf_numpy
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.values import Value, element_of
from ...rewrite.edit import insert, insert_after, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._dtypes import dtype_family
from ._program import Program, program_of
from ._report import TARGETS, tensorflow_name, unit_name, with_import
from ._static import mended_by_fixes

EXAMPLES = [
    Example(
        before="""
import numpy as np
import tensorflow as tf


def softplus(x):
    return np.log(1.0 + np.exp(tf.nn.relu(x)))


softplus(tf.ones(3))
""",
        after="""
import numpy as np
import tensorflow as tf


@tf.function
def softplus(x):
    return tf.stop_gradient(tf.math.log(1.0 + tf.exp(tf.nn.relu(x))))


softplus(tf.ones(3))
""",
    ),
    Example(
        before="""
import numpy as np
import tensorflow as tf


def clip(x):
    limit = np.percentile(tf.abs(x), 95)
    return tf.minimum(x, limit)
""",
    ),
    Example(
        before="""
import numpy as np
import tensorflow as tf


@tf.function
def centred(x):
    return tf.nn.relu(x[:, 1:]) - np.mean(x, axis=0)[1:]
""",
    ),
]

VALID = [
    """
import numpy as np
import tensorflow as tf


def positions(x):
    table = np.zeros((4, 2))
    return x + tf.cast(table, tf.float32)
""",
    """
import math

import tensorflow as tf


def padded(size, stride):
    if isinstance(size, list) or isinstance(size, tuple):
        return [int(math.ceil(d / stride) * stride) for d in size]
    return tf.cast(tf.math.ceil(tf.cast(size, tf.float32) / stride) * stride, tf.int32)
""",
]


_SAME = {
    "exp": "exp", "log": "math.log", "sqrt": "sqrt", "abs": "abs", "absolute": "abs", "sin": "sin", "cos": "cos",
    "tanh": "tanh", "square": "square", "maximum": "maximum", "minimum": "minimum", "log1p": "math.log1p",
    "expm1": "math.expm1", "sign": "sign", "floor": "floor", "ceil": "math.ceil", "sinh": "sinh", "cosh": "cosh",
    "tan": "tan", "fabs": "abs", "negative": "negative", "sum": "reduce_sum", "mean": "reduce_mean",
    "max": "reduce_max", "amax": "reduce_max", "min": "reduce_min", "amin": "reduce_min", "prod": "reduce_prod",
    "std": "math.reduce_std", "var": "math.reduce_variance",
}  # fmt: skip
_PYTHON_ONLY = frozenset({"numpy.shape", "numpy.ndim", "numpy.float32", "numpy.dtype"})


@rule(
    "THF102",
    "numpy-on-tensor",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
    stage=2,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call):
        assert isinstance(node, ast.Call)
        name = ctx.qualified(node.func) or ""
        root = name.split(".")[0]
        if root not in ("numpy", "math", "scipy", "cv2", "PIL", "sklearn", "cmath") or name in _PYTHON_ONLY:
            continue
        if name.startswith("numpy.random."):
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        tensors = [arg for arg in given if _holds_tensor(program.kinds.value(arg))]
        if not tensors:
            continue
        same = _SAME.get(name.partition(".")[2])  # a module that is called itself gives nothing
        fix = None
        # a function of ``math`` gives a Python number, in double precision; one of NumPy keeps the tensor's dtype
        if same and root == "numpy" and _same_arguments(name, node) and _floating(program, tensors):
            tf, add = tensorflow_name(ctx)
            if not _is_operand_of_host(ctx, node) and mended_by_fixes(ctx, function):
                edits = [replace(ctx.source, node.func, f"{tf}.{same}")]
                if not _inside_another(ctx, node):
                    edits.append(insert(ctx.source.span(node).start, f"{tf}.stop_gradient("))
                    edits.append(insert_after(ctx.source, node, ")"))
                fix = with_import(ctx, edits, add)
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` is given a tensor, which has no numbers while the graph is traced",
            help=_instead(ctx, node, same),
            fix=fix,
            unit=unit_name(program, function),
        )


def _inside_another(ctx: ModuleContext, node: ast.expr) -> bool:
    """Whether what ``node`` gives goes into nothing but another function of NumPy, which cuts the gradient as well."""
    parent = ctx.module.parent(node)
    while isinstance(parent, ast.BinOp | ast.UnaryOp):
        parent = ctx.module.parent(parent)
    return isinstance(parent, ast.Call) and (ctx.qualified(parent.func) or "").startswith("numpy.")


def _holds_tensor(value: Value) -> bool:
    if value.kinds & {"tensor", "variable"}:
        return True
    if value.is_("list", "tuple", "iterator") and value.kinds:
        return bool(element_of(value).kinds & {"tensor", "variable"})
    return False


def _same_arguments(name: str, node: ast.Call) -> bool:
    """Whether the op of TensorFlow takes the arguments of ``node`` as they are: those that reduce, an axis as well."""
    reduces = _SAME[name.split(".", 1)[1]].rsplit(".", 1)[-1].startswith("reduce_")
    return all(reduces and keyword.arg in ("axis", "keepdims") for keyword in node.keywords) and (
        len(node.args) <= 2 or not reduces
    )


def _floating(program: Program, tensors: list[ast.expr]) -> bool:
    """Whether the tensors come out of ops that give floating point only (NumPy makes float64 of integers)."""
    for node in tensors:
        value = program.kinds.value(node)
        if not value.is_tensor:
            return False
        if dtype_family(program, node) == "float":
            continue
        if isinstance(node, ast.Call):
            name = (program.module.qualified(node.func) or "").rsplit(".", 1)[-1]
            if name in _SAME.values() or name in ("relu", "softmax", "sigmoid", "reduce_mean", "matmul", "exp", "log"):
                continue
        elif isinstance(node, ast.BinOp):
            sides = [node.left, node.right]
            if any(isinstance(s, ast.Constant) and isinstance(s.value, float) for s in sides) or isinstance(
                node.op, ast.Div
            ):
                continue
            if any(_floating(program, [s]) for s in sides if program.kinds.value(s).is_tensor):
                continue
        elif isinstance(node, ast.UnaryOp):
            if _floating(program, [node.operand]):
                continue
        elif isinstance(node, ast.Name) and _made_floating(program, node):
            continue
        return False
    return True


def _made_floating(program: Program, node: ast.Name) -> bool:
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1 or found[1][0].value is None:
        return False
    return _floating(program, [found[1][0].value])


def _is_operand_of_host(ctx: ModuleContext, node: ast.Call) -> bool:
    """Whether the array that comes out is used as an array (``np.exp(t).astype(...)``)."""
    return isinstance(ctx.module.parent(node), ast.Attribute | ast.Subscript)


def _instead(ctx: ModuleContext, node: ast.Call, same: str | None) -> str:
    """Say what to write instead."""
    if any(isinstance(parent, ast.Assert) for parent in ctx.module.ancestors(node)):
        return "check it with `tf.debugging.*`"
    return f"use `tf.{same}`" if same else "use the op of `tf.*` (or `tf.experimental.numpy`) that does the same"
