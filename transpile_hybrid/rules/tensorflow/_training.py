"""Keras' training mode: which layers mind it, and how a compiled ``call`` learns of it.

``net(x, training=True)`` tells the layers inside by a context, and by an argument where their ``call`` has a parameter
``training``.  A trace is made in the context of its first call; only arguments make another trace.
"""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert
from ...source.source import Source
from ._defaults import has_parameter, switched_on
from ._keras import is_keras_call
from ._program import AnyFunction, Program, Unit
from ._random import DROPOUTS, RANDOM_LAYERS

_MINDS = RANDOM_LAYERS | {"BatchNormalization", "SpectralNormalization", "SyncBatchNormalization"}
"""Keras layers that do something else in training (and all whose name begins with ``Random``)."""
_MAY = frozenset(
    {"AdditiveAttention", "Attention", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "GRUCell",
     "GroupQueryAttention", "LSTM", "LSTMCell", "MultiHeadAttention", "RNN", "SimpleRNN", "SimpleRNNCell",
     "StackedRNNCells", "TimeDistributed", "Wrapper"}
)  # fmt: skip
"""Keras layers that do so if they were given a dropout, or hold a layer that does."""
_LOADED = ("keras.applications.", "keras.models.load_model", "keras.saving.load_model", "tensorflow_hub.")


def keeps_mode(program: Program, unit: Unit) -> bool:
    """Whether ``unit`` is the ``call`` of a Keras class, and a trace keeps the training mode of its first call."""
    if not is_keras_call(program, unit) or has_parameter(unit.function, "training"):
        return False
    return _calls_one(program, unit.function, frozenset())


def add_training(source: Source, function: AnyFunction) -> Edit | None:
    """Return the edit that gives ``function`` a parameter ``training=None``, which Keras fills in.

    ``None`` where the body has a meaning for that name already.
    """
    if any(isinstance(node, ast.Name) and node.id == "training" for node in walk(function)):
        return None
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *arguments.defaults]
    every += [one for one in (*arguments.kw_defaults, arguments.vararg) if one is not None]
    if not every:
        return None
    return insert(max(source.span(one).end for one in every), ", training=None")


def _calls_one(program: Program, function: AnyFunction, seen: frozenset[str]) -> bool:
    """Whether ``function``, or what it reaches, calls a layer that minds the mode."""
    return any(_minds(program, call, seen) for other in program.reach(function) for call in program.calls_in(other))


def _minds(program: Program, call: ast.Call, seen: frozenset[str]) -> bool:
    """Whether ``call`` calls a layer that minds the mode of whoever calls it."""
    if any(keyword.arg == "training" for keyword in call.keywords):
        return False  # it is told
    value = program.kinds.value(call.func)
    if not value.is_("module"):
        return False
    cls = value.cls or ""
    if cls.startswith("keras.layers."):
        last = cls.rsplit(".", 1)[-1]
        return _named(last) or (last in _MAY and _file_makes_one(program))
    if cls == "keras.Model":
        return _file_makes_one(program)
    info = program.kinds.info_of(cls)
    return info is not None and info.qualified not in seen and _class_minds(program, info, seen | {info.qualified})


def _named(last: str) -> bool:
    return last in _MINDS or last.startswith("Random")


def _class_minds(program: Program, info: ClassInfo, seen: frozenset[str]) -> bool:
    found = program.project.method(info, "call")
    if found is None:
        return _file_makes_one(program)
    owner, function = found
    if has_parameter(function, "training"):
        return True
    if owner.module is not program.module:  # read by its names only
        calls = (call for method in owner.methods.values() for call in program.calls_in(method))
        return any(_named(getattr(node.func, "attr", getattr(node.func, "id", ""))) for node in calls)
    return _calls_one(program, function, seen)


def _file_makes_one(program: Program) -> bool:
    """Whether the file makes a layer that minds the mode, or loads a model that may hold one."""
    kept = program.module.__dict__.get("_tensorflow_minds_training")
    if kept is None:
        kept = any(_makes_one(program, node) for node in program.nodes if isinstance(node, ast.Call))
        program.module.__dict__["_tensorflow_minds_training"] = kept
    return bool(kept)


def _makes_one(program: Program, call: ast.Call) -> bool:
    name = program.module.qualified(call.func) or ""
    if name.startswith(_LOADED):
        return True
    if not name.startswith("keras.layers."):
        return False
    return _named(name.rsplit(".", 1)[-1]) or switched_on(call, *DROPOUTS)
