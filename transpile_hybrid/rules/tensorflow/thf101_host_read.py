"""A tensor's numbers are read on the host inside a function that is compiled.

What it does
    Finds ``.numpy()``, ``.item()``, ``.tolist()``, ``keras.ops.convert_to_numpy(t)``, ``bool(t)``, ``complex(t)``,
    ``str(t)`` and f-strings of a tensor in functions that are, or should become, a tf.function.

Why is this bad
    While a tf.function is traced its tensors are symbolic: they have no numbers yet.  ``.numpy()`` then raises
    ``AttributeError: 'SymbolicTensor' object has no attribute 'numpy'`` and ``bool(t)`` an
    ``OperatorNotAllowedInGraphError``.  Text made of a tensor is worse: it holds the symbol's name, without an error.

Fix safety
    Safe: ``if s.numpy() > 0`` of a scalar becomes ``if s > 0``, ``if bool(t)`` becomes ``if t``, and a number that only
    meets tensors of its dtype (``x / s.numpy()``) becomes ``tf.stop_gradient(s)``, through which no gradient flows
    either; where nothing else keeps the function from being compiled.

    Else none is made.  ``float(t)`` and ``int(t)`` are understood by AutoGraph and are left alone here (of their
    gradients tells THF104).

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._convert import unconverted
from ._program import AnyFunction, Program, program_of, walk
from ._reads import fix_of_read, fix_of_truth
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    largest = tf.reduce_max(tf.abs(x))
    if largest.numpy() > 0:
        return tf.tanh(x / largest.numpy())
    return x


print(scaled(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def scaled(x):
    largest = tf.reduce_max(tf.abs(x))
    if largest > 0:
        return tf.tanh(x / tf.stop_gradient(largest))
    return x


print(scaled(tf.ones((2, 3))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def bounded(x):
    if bool(tf.reduce_any(x > 1.0)):
        x = tf.clip_by_value(x, -1.0, 1.0)
    return tf.tanh(x)


print(bounded(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf


@tf.function
def bounded(x):
    if tf.reduce_any(x > 1.0):
        x = tf.clip_by_value(x, -1.0, 1.0)
    return tf.tanh(x)


print(bounded(tf.ones((2, 3))))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def normalize(x):
    scale = tf.reduce_max(tf.abs(x)).numpy()
    return x / scale
""",
    ),
    Example(
        before="""
import keras
import tensorflow as tf


def normalize(x):
    scale = keras.ops.convert_to_numpy(tf.reduce_max(tf.abs(x)))
    return x / scale
""",
    ),
    Example(
        before="""
import numpy as np
import tensorflow as tf


@tf.function
def halved(x):
    return tf.nn.relu(x.astype("float32")) / 2.0


print(halved(np.ones((2, 3))))
""",
    ),
]

VALID = [
    """
import numpy as np
import tensorflow as tf


def resized(x, size):
    out = tf.image.resize(tf.nn.relu(tf.convert_to_tensor(x)), size)
    if isinstance(x, np.ndarray):
        return out.numpy()
    return out
""",
    """
import tensorflow as tf


def normalize(x):
    tf.debugging.assert_non_negative(x, message=f"negative numbers in {x}")
    return x / tf.reduce_max(tf.abs(x))
""",
    """
import tensorflow as tf


def normalize(x):
    return x / tf.reduce_max(tf.abs(x))


print(normalize(tf.ones((2, 2))).numpy())
""",
]

_READS = frozenset({"numpy", "item", "tolist", "__array__"})
_BUILTINS = frozenset(
    f"builtins.{name}" for name in ("bool", "complex", "str", "repr", "format", "round", "divmod", "chr", "hex")
)

_TO_NUMPY = frozenset({"keras.ops.convert_to_numpy", "keras.backend.convert_to_numpy"})

_NEVER = frozenset(
    {"sum", "mean", "max", "min", "std", "var", "prod", "cumsum", "any", "all", "argmax", "argmin", "argsort", "astype",
     "reshape", "flatten", "ravel", "copy", "dot", "transpose", "clip", "fill", "squeeze", "repeat", "is_integer",
     "conjugate", "as_integer_ratio", "bit_length", "tobytes", "round", "nonzero"}
)  # fmt: skip
"""Methods of arrays and of Python numbers that no tensor has."""


@rule(
    "THF101",
    "host-read",
    targets=TARGETS,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
    stage=1,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call, ast.JoinedStr, ast.BinOp):
        name = unit_name(program, function)
        if isinstance(node, ast.BinOp):
            problem = _python_operator(program, node)
            if problem and not _in_message(ctx, node):
                yield Finding(
                    node,
                    problem,
                    help="compute the number outside of the tf.function; `tf.fill` and `tf.repeat` make tensors",
                    consequence=Consequence.SILENT,
                    unit=name,
                )
            continue
        shown = _shown_in_text(program, node)
        if shown is not None:
            if any(program.kinds.value(part).is_tensor for part in shown) and not _in_message(ctx, node):
                yield Finding(
                    node,
                    "a tensor in an f-string: in a graph the text holds the symbol, not the numbers"
                    if isinstance(node, ast.JoinedStr)
                    else "a tensor in a text: in a graph it holds the symbol, not the numbers",
                    help="make the text outside of the tf.function, or use `tf.strings.format`",
                    consequence=Consequence.SILENT,
                    unit=name,
                )
            continue
        assert isinstance(node, ast.Call)
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in _READS and not node.args:
            value = program.kinds.value(func.value)
            if (value.is_tensor or (func.attr == "numpy" and value.may_be_tensor)) and not _for_arrays(
                program, function, node
            ):
                yield Finding(
                    node,
                    f"`.{func.attr}()` reads the tensor's numbers, which a graph doesn't have while it is traced",
                    help=_instead(program, function, node),
                    fix=fix_of_read(ctx, function, node, func.value) if func.attr in ("numpy", "item") else None,
                    unit=name,
                )
        elif isinstance(func, ast.Attribute) and func.attr in _NEVER and program.kinds.value(func.value).is_tensor:
            yield Finding(
                node,
                f"a tensor has no `{func.attr}`: eagerly it is an array or a number, a graph makes a tensor of it",
                help="use the op of `tf.*`, or convert outside of the tf.function",
                unit=name,
            )
        elif ctx.qualified(func) in _TO_NUMPY and node.args and program.kinds.value(node.args[0]).is_tensor:
            yield Finding(
                node,
                f"`{ast.unparse(func)}` reads the tensor's numbers, which a graph doesn't have while it is traced",
                help=_instead(program, function, node),
                unit=name,
            )
        elif ctx.qualified(func) in _BUILTINS and node.args and program.kinds.value(node.args[0]).is_tensor:
            text = isinstance(func, ast.Name) and func.id in ("str", "repr", "format")
            yield Finding(
                node,
                f"`{ast.unparse(func)}` of a tensor has no value while the graph is traced",
                help="use `tf.cast(t, tf.bool)` or a comparison; text is made outside of the tf.function",
                fix=fix_of_truth(ctx, function, node) if ctx.qualified(func) == "builtins.bool" else None,
                consequence=Consequence.SILENT if text else Consequence.ERROR,
                unit=name,
            )


def _instead(program: Program, function: AnyFunction, node: ast.Call) -> str:
    """Return what to write in place of a reading: in a condition, what makes a branch of the graph."""
    inner: ast.AST = node
    parent = program.module.parent(node)
    while isinstance(parent, ast.expr) and not isinstance(parent, ast.IfExp):
        inner, parent = parent, program.module.parent(parent)
    if not (isinstance(parent, ast.If | ast.While | ast.IfExp) and parent.test is inner):
        return "compute with the tensor itself (`tf.*`), and read the numbers outside of the tf.function"
    if any(other is function for other in unconverted(program)):
        return "use `tf.where`, `tf.cond` or `tf.while_loop` on the tensor: AutoGraph doesn't get to what Keras calls"
    return "leave it out: AutoGraph makes a branch or loop of the graph of a condition on the tensor itself"


def _for_arrays(program: Program, function: AnyFunction, node: ast.AST) -> bool:
    """Whether ``node`` runs only for arguments that are arrays: a tf.function gets tensors in their place."""
    unit = program.units.get(id(function))
    if unit is None or program.kinds.sites(unit.function):
        return False  # what calls it in a graph may give it arrays
    names = program.parameters(unit).keys()
    inner: ast.AST = node
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.If) and any(part is inner for part in parent.body):
            asked = _asked_for_array(program, parent.test)
            if asked in names and _never_bound(program, function, asked):
                return True
        if parent is function:
            return False
        inner = parent
    return False


def _asked_for_array(program: Program, test: ast.expr) -> str:
    """Return the name in ``isinstance(name, np.ndarray)``, or ''."""
    if not isinstance(test, ast.Call) or program.module.qualified(test.func) != "builtins.isinstance":
        return ""
    one, kind = test.args[0], test.args[-1]
    return one.id if isinstance(one, ast.Name) and program.module.qualified(kind) == "numpy.ndarray" else ""


def _never_bound(program: Program, function: AnyFunction, name: str) -> bool:
    return not any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in walk(function)
    )


def _shown_in_text(program: Program, node: ast.AST) -> list[ast.expr] | None:
    """Return what an f-string or ``text.format(...)`` puts into a text, ``None`` for other code."""
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"):
        return None
    if not program.kinds.value(node.func.value).is_("str"):
        return None
    return [*node.args, *(keyword.value for keyword in node.keywords)]


_CHECKS = ("tensorflow.debugging.", "tensorflow.assert", "tensorflow.Assert", "tensorflow.compat.v1.assert")


def _in_message(ctx: ModuleContext, node: ast.AST) -> bool:
    """Whether a text goes to where it is no result: into an exception or the message of a check, or a ``print``.

    A ``print`` has a rule of its own.
    """
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Call) and ctx.qualified(parent.func) == "builtins.print":
        return True
    while isinstance(parent, ast.expr | ast.keyword):
        if isinstance(parent, ast.Call) and (ctx.qualified(parent.func) or "").startswith(_CHECKS):
            return True
        parent = ctx.module.parent(parent)
    return isinstance(parent, ast.Raise | ast.Assert)


def _python_operator(program: Program, node: ast.BinOp) -> str:
    """Return what is wrong with an operator of Python's texts and lists on a number out of a tensor, or ''."""
    left, right = program.kinds.value(node.left), program.kinds.value(node.right)
    if isinstance(node.op, ast.Mod) and left.is_("str"):
        parts = right.elements if right.is_("tuple") and right.elements is not None else [right]
        shown = any(part.is_tensor for part in parts)
        return "a tensor in a text: in a graph it holds the symbol, not the numbers" if shown else ""
    if isinstance(node.op, ast.Mult):
        for one, other, number in ((left, right, node.right), (right, left, node.left)):
            if one.is_("list", "tuple", "str") and other.is_tensor and _whole(program, number):
                return "a list is repeated as often as a tensor says: in a graph its elements are multiplied"
    return ""


def _whole(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` is a Python number eagerly, and a tensor in a graph: ``int(t)``, ``len(t)``."""
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        return found is not None and any(b.value is not None and _whole(program, b.value) for b in found[1])
    return isinstance(node, ast.Call) and program.module.qualified(node.func) in ("builtins.int", "builtins.len")
