"""Keras' implicit masks: they hang on the tensors of eager code, and a graph's arguments are other tensors."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ._defaults import switched_on
from ._program import Program, Unit

LOST = "its tensors would lose their masks"
_USERS = frozenset(
    {"AdditiveAttention", "Attention", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU",
     "GlobalAveragePooling1D", "GroupQueryAttention", "LSTM", "MultiHeadAttention", "RNN", "SimpleRNN",
     "TimeDistributed"}
)  # fmt: skip
"""Keras layers that look for the mask of what they are given."""


def loses_mask(program: Program, unit: Unit) -> bool:
    """Whether ``unit``, the ``call`` of a Keras class, may be given masked tensors, and layers in it mind the mask.

    So it is where the file makes masks outside of the class, and ``call`` doesn't ask for one.
    """
    text = program.module.source.text
    if "mask_zero" not in text and "Masking" not in text:  # most files: nothing to look at
        return False
    function, info = unit.function, unit.info
    if info is None or function.name != "call" or not program.kinds.is_layer(info):
        return False
    arguments = function.args
    if any(arg.arg == "mask" for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)):
        return False
    return _made_outside(program, info.node) and any(
        _minds(program, node) for other in program.reach(function) for node in walk(other) if isinstance(node, ast.Call)
    )


def _minds(program: Program, call: ast.Call) -> bool:
    if any(keyword.arg == "mask" for keyword in call.keywords):
        return False
    value = program.kinds.value(call.func)
    cls = value.cls or ""
    if not value.is_("module") or not cls:
        return False
    if cls.startswith("keras.layers."):
        return cls.rsplit(".", 1)[-1] in _USERS
    return cls == "keras.Model" or program.kinds.info_of(cls) is not None


def _made_outside(program: Program, cls: ast.ClassDef) -> bool:
    """Whether something outside of ``cls`` makes masked tensors."""
    inside = {id(node) for node in walk(cls)}
    return any(
        isinstance(node, ast.Call) and id(node) not in inside and _makes_masks(program, node) for node in program.nodes
    )


def _makes_masks(program: Program, call: ast.Call) -> bool:
    name = program.module.qualified(call.func) or ""
    if name == "keras.layers.Masking":
        return True
    return name == "keras.layers.Embedding" and switched_on(call, "mask_zero")
