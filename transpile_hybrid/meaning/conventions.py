"""What frameworks hand to functions by their names: facts about frameworks, not about the code at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .values import Depends, Value, join, of, sequence_of, tensor

if TYPE_CHECKING:
    from .classes import ClassInfo
    from .evidence import Uses
    from .names import FunctionNode

_CONFIG = Depends.CONFIG
_F = of("namespace", cls="mxnet.nd", framework="mxnet", depends=_CONFIG)
_DIMENSION = of("int", "none", "tuple", depends=Depends.SHAPE)  # of several inputs: a shape
_SHAPE = replace(of("shape", "tuple", "list", depends=Depends.SHAPE), element=_DIMENSION)
_GLUON_INIT = {
    "prefix": of("str", "none", depends=_CONFIG),
    "params": of("object", "none", cls="mxnet.gluon.ParameterDict", depends=_CONFIG),
    "ctx": of("device", "list", "none", depends=_CONFIG),
}
_INITIALIZER = of("str", "object", "none", depends=_CONFIG)
_SERIALIZED = of("str", "object", "function", "dict", "none", depends=_CONFIG)  # Keras: all that `get` understands
_ACTIVATION = of("str", "function", "object", "module", "none", depends=_CONFIG)
_SIZES = of("int", "tuple", "list", "none", depends=_CONFIG)
_KERAS_INIT = {
    "name": of("str", "none", depends=_CONFIG),
    "dtype": of("str", "dtype", "object", "dict", "none", depends=_CONFIG),
    "seed": of("int", "object", "none", depends=_CONFIG),
    "data_format": of("str", "none", depends=_CONFIG),
    "strides": _SIZES, "dilation_rate": _SIZES, "kernel_size": _SIZES, "pool_size": _SIZES, "axis": _SIZES,
    "axes": _SIZES, "cropping": _SIZES,
}  # fmt: skip
_LOSSES = frozenset({"keras.losses.Loss", "keras.Loss"})
_KERAS_SHAPES = frozenset({"build", "compute_output_shape", "build_from_config"})


def only_arrays(node: FunctionNode, framework: str) -> bool:
    """Whether it is a Gluon function that gets arrays or symbols alone: Gluon calls it, or ``F`` is handed to it."""
    first = [argument.arg for argument in node.args.args[:2]]
    return framework == "mxnet" and (node.name in ("hybrid_forward", "forward", "__call__") or "F" in first)


def is_loss(node: FunctionNode, info: ClassInfo | None) -> bool:
    """Whether Keras calls it with what is true and what was predicted."""
    return info is not None and node.name == "call" and not _LOSSES.isdisjoint(info.bases)


def conventional(
    node: FunctionNode, name: str, index: int, role: str, framework: str, doubt: bool, several: bool, flat: bool
) -> Value | None:
    """Return what the parameter ``name`` of ``node`` is by convention, ``None`` where none tells.

    ``index`` counts from the first parameter after ``self``; ``doubt``: its uses suit lists as well as tensors;
    ``several``: the layer may be called with a list of inputs; ``flat``: each of the class's states is one tensor.
    """
    if framework == "mxnet":
        if index == 0 and (node.name == "hybrid_forward" or name == "F"):
            return _F
        if role == "init":
            return _INITIALIZER if name.endswith("initializer") else _GLUON_INIT.get(name)
    if framework == "tensorflow":
        return _keras(node, name, index, role, doubt, several, flat)
    return None


def returned(node: FunctionNode, framework: str) -> Value | None:
    """What a function with such a name returns by convention, ``None`` where none tells."""
    return _SHAPE if framework == "tensorflow" and node.name == "compute_output_shape" else None


def inputs(use: Uses) -> Value:
    """What Keras hands to ``call`` first: a tensor, or a list, tuple or dict of tensors."""
    if use.keyed:
        return replace(_INPUTS, kinds=frozenset({"dict"}))
    return _INPUTS if use.doubt else replace(tensor("tensorflow"), assumed=True)


def _keras(
    node: FunctionNode, name: str, index: int, role: str, doubt: bool, several: bool, flat: bool
) -> Value | None:
    if node.name in _KERAS_SHAPES and (index == 0 or name.endswith("_shape")):
        return _SHAPE
    if role == "init":
        if name.endswith(("initializer", "regularizer", "constraint")):
            return _SERIALIZED
        if name.endswith("_shape"):
            return _SIZES
        return _ACTIVATION if name.endswith("activation") else _KERAS_INIT.get(name)
    if role not in ("entry", "method"):
        return None
    if name == "training":
        return of("bool", "none", depends=Depends.PARAM)
    if name.endswith("_shape") or name.startswith("shape") and name[5:].isdigit():
        return _SHAPE
    if name.startswith(("use_", "return_")):
        return of("bool", "none", depends=Depends.PARAM)
    if node.name == "from_config" and name == "config":
        return of("dict", depends=Depends.PARAM)
    if name == "mask" or name == "previous_mask":  # of a layer with several inputs: a list of masks
        return _MASKS if doubt or several else join(tensor("tensorflow"), _NONE)
    if name == "inputs" and node.name != "call" or node.name == "compute_mask" and index == 0:
        return _INPUTS if doubt or several else tensor("tensorflow")
    if node.name == "get_initial_state" and name == "batch_size":
        return _BATCH
    if name.endswith("_mask") and not doubt:
        return join(tensor("tensorflow"), _NONE)
    if node.name == "call" and name in ("states", "initial_state"):
        states = _FLAT if flat and name == "states" else _STATES
        return states if name == "states" else join(states, _NONE)
    return None


_NONE = of("none", depends=Depends.PARAM)
_T = tensor("tensorflow")
_FLAT = replace(sequence_of("list", _T), kinds=frozenset({"list", "tuple"}))
_INPUTS = replace(join(_FLAT, _T), assumed=True)
_STATES = replace(join(_T, _FLAT), element=None)  # of stacked cells: a list of lists
_MASKS = join(join(_T, replace(_FLAT, element=join(_T, _NONE))), _NONE)
_BATCH = of("int", "tensor", "none", depends=Depends.PARAM | Depends.SHAPE)
