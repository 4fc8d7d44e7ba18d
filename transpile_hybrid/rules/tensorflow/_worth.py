"""What a call costs when it is run op by op, in ops: a call of a graph costs as much as six to eight of them."""

from __future__ import annotations

import ast

from ._program import AnyFunction, Program, walk

_SMALL = 6
_COMPOSITE = ("tensorflow.signal.", "tensorflow.image.", "tensorflow.boolean_mask", "keras.losses.", "keras.metrics.",
              "keras.applications.")  # fmt: skip
"""Functions that are many ops each (measured: one of them alone is faster in a graph)."""
_GRADIENTS = (".GradientTape", ".gradients")


def is_small(program: Program, function: AnyFunction) -> bool:
    """Whether an eager call of ``function`` costs less than a call of a graph would."""
    ops = program.computes(function)
    if ops >= _SMALL:
        return False
    return not any(_costly(program, node) for other in program.reach(function) for node in walk(other))


def _costly(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` is many ops: a loop, gradients, a layer or model (whose call is much Python), a composite."""
    if isinstance(node, ast.For | ast.While | ast.comprehension):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = program.module.qualified(node.func) or ""
    return name.endswith(_GRADIENTS) or name.startswith(_COMPOSITE) or program.kinds.value(node.func).is_("module")
