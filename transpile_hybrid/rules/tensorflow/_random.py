"""Calls that draw the same random numbers in a graph as eagerly, and others under XLA."""

from __future__ import annotations

import ast

from ._defaults import switched_on
from ._program import AnyFunction, Program

_GENERATOR = frozenset({"normal", "truncated_normal", "uniform", "uniform_full_int", "binomial"})
RANDOM_LAYERS = frozenset(
    {"AlphaDropout", "AugMix", "CutMix", "Dropout", "GaussianDropout", "GaussianNoise", "MixUp", "RandAugment",
     "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"}
)  # fmt: skip
"""Keras layers that draw whenever they are called in training (and all whose name begins with ``Random``)."""
DROPOUTS = ("dropout", "recurrent_dropout")  # keywords of other layers


def draws(program: Program, function: AnyFunction, node: ast.Call) -> bool:
    """Whether ``node`` draws, or may draw, from a ``tf.random.Generator`` or one of Keras's seed generators."""
    name = program.module.qualified(node.func) or ""
    if name.startswith("keras.random."):
        return name.rsplit(".", 1)[-1][:1].islower()
    value = program.kinds.value(node.func)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _GENERATOR:
        owner = program.kinds.value(node.func.value)
        if owner.is_("object") and (owner.cls or "").startswith("tensorflow.random."):
            return True
    if not value.is_("module") or not _in_training(program, function, node):
        return False
    cls = value.cls or ""
    if _is_random(cls):
        return True
    # a recurrent or attention layer drops only if it was made to; a model may hold any layer that the file makes
    holds = cls == "keras.Model" or _last(cls) in ("LSTM", "GRU", "SimpleRNN", "MultiHeadAttention", "Attention")
    return holds and _makes_random(program)


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _is_random(cls: str) -> bool:
    return cls.startswith("keras.layers.") and (_last(cls) in RANDOM_LAYERS or _last(cls).startswith("Random"))


def _in_training(program: Program, function: AnyFunction, node: ast.Call) -> bool:
    """Whether the layer that ``node`` calls may be in training: it is told so, or whoever calls the outer layer is."""
    for keyword in node.keywords:
        if keyword.arg == "training":
            off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
            return not off
    return program.kinds.owner.get(id(function)) is not None


def _makes_random(program: Program) -> bool:
    """Whether the file makes a layer that draws in training."""
    for node in program.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = program.module.qualified(node.func) or ""
        if _is_random(name):
            return True
        if name.startswith("keras.layers.") and switched_on(node, *DROPOUTS):
            return True
    return False
