"""What a call costs when it is run op by op, in ops: a call of a graph costs as much as six to eight of them.

In a program the benefit of the doubt is given from six on.  In a notebook it takes more than eight: each run of its
cell makes the function anew and traces it again.
"""

from __future__ import annotations

import ast

from ._program import AnyFunction, Program, walk

_SMALL, _SMALL_IN_CELLS = 6, 9
_MANY = 100
_SLICE = 3
"""What ``x[..., 0]`` costs: it is written in Python around an op with four arguments."""
_IMAGE = {
    f"tensorflow.image.{name}": cost
    for name, cost in (
        ("adjust_brightness", 4), ("adjust_contrast", 2), ("adjust_hue", 2), ("adjust_saturation", 4),
        ("central_crop", 3), ("convert_image_dtype", 3), ("flip_left_right", 3), ("flip_up_down", 3), ("resize", 6),
    )
}  # fmt: skip
"""What functions for images cost that are few ops."""
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
    ops = program.computes(function)
    for other in program.reach(function):
        for node in walk(other):
            ops += _more(program, node)
            if ops >= bound:
                return False
    return True


def _more(program: Program, node: ast.AST) -> int:
    """Return what ``node`` costs beyond the op as which it is counted, if it is.

    Many ops are a loop, gradients, a layer or model (whose call is much Python), a composite.
    """
    if isinstance(node, ast.For | ast.While | ast.comprehension):
        return _MANY
    if isinstance(node, ast.Subscript):
        return _SLICE if isinstance(node.ctx, ast.Load) and program.kinds.value(node.value).is_tensor else 0
    if not isinstance(node, ast.Call):
        return 0
    called = program.kinds.value(node.func)
    if called.is_("module"):
        return 0 if called.cls in _LIGHT else _MANY
    name = program.module.qualified(node.func) or ""
    if name in _IMAGE:
        return _IMAGE[name] - 1
    return _MANY if name.endswith(_GRADIENTS) or name.startswith(_COMPOSITE) else 0
