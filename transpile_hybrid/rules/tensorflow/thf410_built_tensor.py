"""A Keras layer keeps a tensor that its ``build`` computes.

What it does
    Finds attributes that are read where a layer is called, and that its ``build`` sets to what an op gives
    (``self.positions = ops.arange(n)``).

Why is this bad
    Keras builds a layer at its first call.  Where that is in a graph (``fit`` of a model that was never called, a
    tf.function around it), the op becomes part of that graph, and the attribute is a symbol of it: the next trace, and
    eager code, raise ``InaccessibleTensorError: ... is out of scope and cannot be used here``.  Built eagerly, the same
    layer works.

Fix safety
    None is made.  Keep a NumPy array (``np.arange(n)``) or a weight that isn't trained (``self.add_weight``), compute
    it where it is used, or put the line into ``with tf.init_scope():``.

References
    https://www.tensorflow.org/api_docs/python/tf/init_scope
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import Program, program_of, walk
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf
from keras import layers, ops


class Positions(layers.Layer):
    def build(self, shape):
        self.positions = ops.arange(shape[-1], dtype="float32")

    def call(self, x):
        return tf.nn.relu(x) + self.positions


layer = Positions()
print(layer(tf.ones((2, 3))))
""",
    ),
]

VALID = [
    """
import numpy as np
import tensorflow as tf


class Positions(tf.keras.layers.Layer):
    def build(self, shape):
        self.positions = np.arange(shape[-1], dtype="float32")
        self.scale = self.add_weight(shape=(shape[-1],))
        self.activation = tf.keras.activations.get("relu")
        with tf.init_scope():
            self.shift = tf.zeros(shape[-1])

    def call(self, x):
        return self.activation(x) * self.scale + self.positions + self.shift


layer = Positions()
print(layer(tf.ones((2, 3))))
""",
]


@rule("THF410", "built-tensor", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    seen: set[tuple[int, str]] = set()
    built: dict[str, dict[str, int]] = {}
    for function, node in compiled_nodes(ctx, ast.Attribute):
        assert isinstance(node, ast.Attribute)
        info = program.kinds.info_of(program.kinds.value(node.value).cls)
        if not isinstance(node.ctx, ast.Load) or info is None or not program.kinds.is_layer(info):
            continue
        if info.qualified not in built:
            built[info.qualified] = _built(program, info)
        line = built[info.qualified].get(node.attr)
        if line is None or (id(function), node.attr) in seen:
            continue
        seen.add((id(function), node.attr))
        yield Finding(
            node,
            f"`{ast.unparse(node)}` is a tensor that line {line} computes in `build`: built in a graph, it is a symbol"
            " of that graph",
            help="keep a NumPy array or a weight, or compute it where it is used",
            unit=unit_name(program, function),
        )


def _built(program: Program, info: ClassInfo) -> dict[str, int]:
    """Return the attributes that ``build`` sets to tensors, with the lines where it does."""
    found: dict[str, int] = {}
    method = program.project.method(info, "build")
    if method is None or method[0].module is not program.module:
        return found
    own = {f"cls:{owner.qualified}" for owner in program.project.mro(info)}
    for function in program.reach(method[1]):
        for node in walk(function):
            if not isinstance(node, ast.Assign) or not _is_symbol(program, node):
                continue
            for target in node.targets:
                if isinstance(target, ast.Attribute) and program.kinds.value(target.value).cls in own:
                    found.setdefault(target.attr, node.lineno)
    return found


def _is_symbol(program: Program, node: ast.Assign) -> bool:
    """Whether ``node`` assigns what an op gives, in the graph that is traced then."""
    value = program.kinds.value(node.value)
    if not value.is_("tensor") or value.assumed:
        return False
    return not any(
        isinstance(item.context_expr, ast.Call)
        and program.module.qualified(item.context_expr.func) == "tensorflow.init_scope"
        for parent in program.module.ancestors(node)
        if isinstance(parent, ast.With)
        for item in parent.items
    )
