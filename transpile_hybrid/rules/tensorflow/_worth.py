"""What a call costs when it is run op by op, in ops: a call of a graph costs as much as six to eight of them.

In a program the benefit of the doubt is given from six on.  In a notebook it takes more than eight: each run of its
cell makes the function anew and traces it again.
"""

from __future__ import annotations

import ast

from ._program import AnyFunction, Program, walk

_SMALL, _SMALL_IN_CELLS = 6, 9
_COMPOSITE = ("tensorflow.signal.", "tensorflow.image.", "tensorflow.boolean_mask", "keras.losses.", "keras.metrics.",
              "keras.applications.")  # fmt: skip
"""Functions that are many ops each (measured: one of them alone is faster in a graph)."""
_LIGHT = frozenset(
    f"keras.layers.{name}"
    for name in ("Activation", "Dropout", "ELU", "Flatten", "GaussianNoise", "Identity", "LeakyReLU", "Permute", "ReLU")
    + ("RepeatVector", "Reshape", "Softmax", "SpatialDropout1D", "SpatialDropout2D")
)
"""Layers that are one op or none (measured: an addition and dropout are slower in a graph)."""
_GRADIENTS = (".GradientTape", ".gradients")


def is_small(program: Program, function: AnyFunction) -> bool:
    """Whether an eager call of ``function`` costs less than a call of a graph would."""
    bound = _SMALL_IN_CELLS if program.module.source.is_of_cells else _SMALL
    if program.computes(function) >= bound:
        return False
    return not any(_costly(program, node) for other in program.reach(function) for node in walk(other))


def _costly(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` is many ops: a loop, gradients, a layer or model (whose call is much Python), a composite."""
    if isinstance(node, ast.For | ast.While | ast.comprehension):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = program.module.qualified(node.func) or ""
    called = program.kinds.value(node.func)
    if called.is_("module"):
        return called.cls not in _LIGHT
    return name.endswith(_GRADIENTS) or name.startswith(_COMPOSITE)
