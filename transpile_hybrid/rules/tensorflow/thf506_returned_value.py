"""A function that is compiled returns what no tensor can hold.

What it does
    Finds strings, static shapes, a ``TensorArray``, operations and objects of plain classes among the results of
    functions that are, or would become, a tf.function, and functions, sets and generators among those of functions
    that are one.

Why is this bad
    A tf.function makes a tensor of every result.  A number stays equal; of ``"relu"`` it makes a string tensor that
    holds ``b"relu"``, and a comparison with the text is false; a ``TensorShape`` becomes a tensor of numbers, without
    ``as_list`` and ``rank``, and a ``TensorArray`` one that nothing can be read from: ``'EagerTensor' object has no
    attribute 'stack'``.  Of functions, sets, generators and objects no tensor can be made, nor of what ``tf.group``,
    ``tf.print`` and ``tf.debugging.assert_equal`` give in a graph, which is an operation, and ``None`` elsewhere:
    ``TypeError: To be compatible with tf.function, Python functions must return zero or more Tensors``.

Fix safety
    None is made: return it from the function around it.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.values import Value, element_of
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._flow import own_nodes
from ._program import Program, program_of
from ._report import TARGETS

_OPERATIONS = frozenset({"group", "no_op", "print", "Assert", "io.write_file"})
_ASSERTIONS_OF_VALUES = frozenset({"assert_scalar", "assert_same_float_dtype"})
"""They give the tensor or dtype back."""

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def activate(x):
    return {"value": tf.nn.relu(x), "kind": "relu"}
""",
    ),
    Example(
        before="""
import tensorflow as tf


class Moments:
    def __init__(self, mean, variance):
        self.mean = mean
        self.variance = variance


def moments(x):
    mean = tf.reduce_mean(tf.nn.relu(x))
    return Moments(mean, tf.reduce_mean(tf.square(x - mean)))


print(moments(tf.ones((2, 3))).mean)
""",
    ),
    Example(
        before="""
import tensorflow as tf


@tf.function
def scale(factor):
    def scaled(x):
        return tf.nn.relu(x) * factor

    return scaled
""",
    ),
    Example(
        before="""
import tensorflow as tf


def rows(x):
    out = tf.TensorArray(tf.float32, size=2)
    out = out.write(0, tf.nn.relu(x))
    return out.write(1, x * 2.0)


print(rows(tf.ones(3)).stack())
""",
    ),
    Example(
        before="""
import dataclasses

import tensorflow as tf


@dataclasses.dataclass
class Parts:
    low: tf.Tensor
    high: tf.Tensor


@tf.function
def split(x):
    return Parts(tf.nn.relu(-x), tf.nn.relu(x))
""",
    ),
    Example(
        before="""
import tensorflow as tf


@tf.function
def update(weights, gradients):
    done = [w.assign_sub(0.1 * g) for w, g in zip(weights, gradients)]
    return tf.group(*done)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def activate(x):
    return {"value": tf.nn.relu(x)}
""",
    """
import tensorflow as tf


def sizes(x):
    shape = x.get_shape().as_list()
    dynamic = tf.shape(tf.nn.relu(x))
    return [dynamic[i] if size is None else size for i, size in enumerate(shape)]
""",
]


@rule("THF506", "returned-value", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for unit in program.units.values():
        if not unit.wanted and unit.hybrid is None:
            continue
        if unit.hybrid is not None and (node := _generates(unit.function)) is not None:
            yield Finding(
                node,
                "a tf.function can't be a generator",
                help="collect the results, and return them together",
                consequence=Consequence.ERROR,
                unit=unit.name,
            )
        for node in own_nodes(unit.function.body):
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            for part in _parts(node.value):
                value = program.kinds.value(part)
                if unit.hybrid is not None and (value.is_("set") or program.makes_function(unit.function, part)):
                    yield Finding(
                        part,
                        f"a {'set' if value.is_('set') else 'function'} is returned, of which no tensor can be made",
                        help="return it from the function around it",
                        consequence=Consequence.ERROR,
                        unit=unit.name,
                    )
                elif _plain_object(program, value):
                    yield Finding(
                        part,
                        "an object is returned that TensorFlow knows no parts of: no tensor can be made of it",
                        help="return its tensors, or make its class a `tf.experimental.ExtensionType`",
                        consequence=Consequence.ERROR,
                        unit=unit.name,
                    )
                elif _is_operation(program, part):
                    yield Finding(
                        part,
                        "an operation is returned, of which no tensor can be made",
                        help="return nothing: what has an effect is run all the same",
                        consequence=Consequence.ERROR,
                        unit=unit.name,
                    )
                elif value.cls == "tensorflow.TensorArray":
                    yield Finding(
                        part,
                        "a `TensorArray` is returned, of which a tf.function makes a tensor that can't be read",
                        help="return what `stack`, `concat` or `read` give",
                        consequence=Consequence.ERROR,
                        unit=unit.name,
                    )
                elif _is_shape(program, part):
                    yield Finding(
                        part,
                        "a static shape is returned, of which a tf.function makes a tensor",
                        help="return `tf.shape(t)`, or ask the result for its shape",
                        unit=unit.name,
                    )
                elif value.is_("str") or (value.is_("dict", "list") and element_of(value).kinds & {"str"}):
                    yield Finding(
                        part,
                        "text is returned, of which a tf.function makes a string tensor",
                        help="return the text from the function around it",
                        unit=unit.name,
                    )


def _plain_object(program: Program, value: Value) -> bool:
    """Whether ``value`` is an instance of a class of the repository that stands for itself."""
    info = program.kinds.info_of(value.cls) if value.is_("object") else None
    if (
        info is None
        or "__tf_flatten__" in info.methods
        or any("attr" in ast.unparse(d) for d in info.node.decorator_list)
    ):
        return False
    known = ("builtins.object", "abc.ABC", "typing.Generic")
    return not program.project.unresolved_bases(info) and all(
        base in known or program.project.class_named(base or "") is not None for base in info.bases
    )


def _is_shape(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` gives a ``TensorShape``, and no list or number out of one."""
    if isinstance(node, ast.Attribute):
        return node.attr == "shape" and program.kinds.value(node.value).is_tensor
    return isinstance(node, ast.Call) and program.module.qualified(node.func) == "tensorflow.TensorShape"


def _is_operation(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` is what a graph knows as an operation, and ``None`` elsewhere, or a name for that."""
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        values = [one.value for one in found[1]] if found is not None else []
        return any(isinstance(one, ast.Call) and _is_operation(program, one) for one in values)
    name = program.module.qualified(node.func) or "" if isinstance(node, ast.Call) else ""
    short = tables.short(name).removeprefix("debugging.") if name.startswith("tensorflow.") else ""
    return short in _OPERATIONS or (short.startswith("assert_") and short not in _ASSERTIONS_OF_VALUES)


def _generates(function: FunctionNode) -> ast.AST | None:
    """Return the first ``yield`` of ``function``."""
    return next((node for node in own_nodes(function.body) if isinstance(node, ast.Yield | ast.YieldFrom)), None)


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Tuple | ast.List):
        return [part for item in node.elts for part in _parts(item)]
    if isinstance(node, ast.Dict):
        return [part for item in node.values for part in _parts(item)]
    return [node]
