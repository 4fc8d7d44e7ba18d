"""When a Keras object gets its weights, and how a file uses the objects that it makes.

Keras 3 builds a layer or model that has no ``build`` of its own by tracing its ``call`` inside of a scope in which
variables are constants.  A ``call`` that is a tf.function keeps that trace: the first signature then computes with
the initial weights for ever, and has no gradients.  So it matters whether anything is built late.
"""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.values import Value, element_of
from ._program import Program, Unit

_STATELESS = frozenset(
    {"Dropout", "Flatten", "Activation", "ReLU", "LeakyReLU", "Softmax", "Reshape", "Permute", "Add", "Concatenate",
     "Multiply", "Lambda", "InputLayer", "Rescaling", "GaussianNoise", "ELU", "RepeatVector", "Dot", "Average",
     "Maximum",
     "Minimum", "Subtract", "Masking", "ZeroPadding1D", "ZeroPadding2D", "UpSampling1D", "UpSampling2D", "Cropping2D",
     "MaxPooling1D", "MaxPooling2D", "MaxPool1D", "MaxPool2D", "AveragePooling1D", "AveragePooling2D", "AvgPool2D",
     "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalAvgPool2D",
     "GlobalMaxPool2D", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout", "GaussianDropout"}
)  # fmt: skip


def is_keras_call(program: Program, unit: Unit) -> bool:
    """Whether ``unit`` is the ``call`` of a Keras layer or model."""
    return unit.info is not None and unit.function.name == "call" and program.kinds.is_layer(unit.info)


def builds_late(program: Program, info: ClassInfo) -> bool:
    """Whether the first call of an instance builds sub-layers by tracing ``call`` (the class has no ``build``)."""
    if not program.kinds.is_layer(info):
        return False
    if program.project.method(info, "build") is not None:
        return False
    if program.project.unresolved_bases(info):
        return True
    layers, weights = _parts(program, info)
    return layers and weights


def _parts(program: Program, info: ClassInfo) -> tuple[bool, bool]:
    """Return whether instances hold sub-layers that aren't built, and whether they hold weights at all."""
    layers = weights = False
    for owner in program.project.mro(info):
        key = f"cls:{owner.qualified}"
        built = _built_in_init(owner)
        for (cls, name), value in program.kinds.attrs.items():
            if cls != key:
                continue
            inner = element_of(value) if value.is_("list", "tuple", "dict") and value.kinds else value
            if inner.kinds & {"variable"}:
                weights = True
            if inner.kinds & {"module"} and not (inner.cls or "").startswith(
                ("keras.losses", "keras.metric", "keras.layer:")
            ):
                if name not in built and not built_at_once(program, inner):
                    layers = True
                last = (inner.cls or "").rsplit(".", 1)[-1]
                weights = weights or last not in _STATELESS
            elif not inner.known and inner.kinds and _called(owner, name):
                layers = weights = True  # something unknown that is called: a layer, most likely
    return layers, weights


def built_at_once(program: Program, value: Value) -> bool:
    """Whether every object that ``value`` can be has its weights before its first call.  Not known here: no."""
    return False


def _built_in_init(info: ClassInfo) -> set[str]:
    """Return the attributes on which ``__init__`` calls ``build``."""
    init = info.methods.get("__init__")
    names: set[str] = set()
    for node in walk(init) if init is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "build":
            owner = node.func.value
            if isinstance(owner, ast.Attribute):
                names.add(owner.attr)
    return names


def _called(info: ClassInfo, name: str) -> bool:
    for method in info.methods.values():
        for node in walk(method):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                return True
    return False


def is_built(program: Program, node: ast.expr) -> bool:
    """Whether the layer or model that ``node`` names surely has its weights before it is called where it stands.

    That is so for the sub-layers of a class with a ``build`` of its own, for functional models, for ``Sequential`` with
    an ``Input``, for losses and metrics, and for what has no weights.
    """
    value = program.kinds.value(node)
    if (value.cls or "").startswith(("keras.losses", "keras.metric", "keras.layer:")) or value.cls == "keras.layer":
        return True
    if (value.cls or "").rsplit(".", 1)[-1] in _STATELESS:
        return True
    if isinstance(node, ast.Attribute):
        info = program.kinds.info_of(program.kinds.value(node.value).cls)
        return info is not None and program.project.method(info, "build") is not None
    info = program.kinds.info_of(value.cls)
    if info is not None:
        return not builds_late(program, info) and program.project.method(info, "build") is None
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        for other in walk(found[0].node) if found is not None else ():
            if isinstance(other, ast.Call):
                name = program.module.qualified(other.func) or ""
                if name in ("keras.Input", "keras.layers.Input"):
                    return True
                if isinstance(other.func, ast.Attribute) and other.func.attr == "build":
                    return isinstance(other.func.value, ast.Name) and other.func.value.id == node.id
        for binding in found[1] if found is not None else ():
            if isinstance(binding.value, ast.Call):
                for callee in program.kinds.callees(binding.value):
                    if any("Input" in (program.module.qualified(n.func) or "").rsplit(".", 1)[-1:]
                           for n in program.calls_in(callee)):  # fmt: skip
                        return True
    return False


_FEEDS = frozenset({"compile", "fit", "predict", "evaluate", "train_on_batch", "test_on_batch", "predict_on_batch"})


class Uses:
    """What the file does with the instances of one class."""

    def __init__(self) -> None:
        self.made: list[ast.Call] = []  # in eager code
        self.nested = False  # in another Keras object, or called on symbolic inputs
        self.called = False  # by ``instance(...)``, which is what builds it
        self.fed = False  # by ``fit`` and the like, which compile what they run


def uses_of(program: Program, info: ClassInfo) -> Uses:
    """Return how instances of ``info`` are made and used in this file."""
    kept = program.uses_of_classes.get(info.qualified)
    if isinstance(kept, Uses):
        return kept
    found = Uses()
    program.uses_of_classes[info.qualified] = found
    keys = {
        f"cls:{other.qualified}"
        for other in program.project.classes_of(program.module)
        if info in program.project.mro(other)
    }
    for (owner, _), held in program.kinds.attrs.items():
        other = program.kinds.info_of(owner)
        if other is None or not program.kinds.is_layer(other):
            continue
        inner = element_of(held) if held.is_("list", "tuple") and held.kinds else held
        if "module" in inner.kinds and (inner.cls in keys or inner.cls is None):
            found.nested = True  # a part of another Keras object, or it may be
    for node in program.nodes:
        if not isinstance(node, ast.Call):
            continue
        func = program.kinds.value(node.func)
        if func.is_("class") and func.cls in keys:
            if _in_keras_class(program, node) or _inside_keras_call(program, node):
                found.nested = True
            else:
                found.made.append(node)
        elif func.is_("module") and func.cls in keys:
            found.called = found.called or not _in_keras_class(program, node)
            first = program.kinds.value(node.args[0]) if node.args else None
            if first is not None and first.is_tensor and first.cls == "keras.KerasTensor":
                found.nested = True
        else:
            if isinstance(node.func, ast.Attribute) and node.func.attr in _FEEDS:
                found.fed = found.fed or _may_be(program, node.func.value, keys)
            name = program.module.qualified(node.func) or ""
            other = program.kinds.info_of(func.cls) if func.is_("class") else None
            keras = name.startswith("keras.") or (other is not None and program.kinds.is_layer(other))
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            adds = isinstance(node.func, ast.Attribute) and program.kinds.value(node.func.value).is_("module")
            if keras or (method == "add" and adds):
                for arg in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    value = program.kinds.value(arg)
                    inner = element_of(value) if value.is_("list", "tuple") and value.kinds else value
                    if inner.cls in keys:
                        found.nested = True
    return found


def _may_be(program: Program, node: ast.expr, keys: set[str]) -> bool:
    """Whether ``node`` is, or is a name that is bound somewhere to, an instance of one of the classes ``keys``."""
    if program.kinds.value(node).cls in keys:
        return True
    found = program.module.scope_at(node).lookup(node.id) if isinstance(node, ast.Name) else None
    made = [binding.value for binding in found[1] if isinstance(binding.value, ast.Call)] if found is not None else []
    return any(program.kinds.value(value).cls in keys for value in made)


def _in_keras_class(program: Program, node: ast.AST) -> bool:
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef):
            info = program.kinds.owner.get(id(parent))
            if info is not None and (program.project.framework_base(info) or program.project.unresolved_bases(info)):
                return True
    return False


def _inside_keras_call(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` is an argument (in a list, maybe) of ``Sequential`` or another layer."""
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.stmt):
            return False
        if isinstance(parent, ast.Call) and parent.func is not node:
            name = program.module.qualified(parent.func) or ""
            if name.startswith("keras."):
                return True
    return False
