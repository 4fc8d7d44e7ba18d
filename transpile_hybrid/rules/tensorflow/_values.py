"""Values of TensorFlow's own kinds, and what operators, loops and annotations make of values."""

from __future__ import annotations

import ast
from dataclasses import replace

from ...meaning.names import Scope
from ...meaning.values import (
    ARRAY,
    BOOL,
    DTYPE,
    FLOAT,
    INT,
    NONE,
    NOTHING,
    OPAQUE,
    STR,
    UNKNOWN,
    Value,
    element_of,
    join,
    join_all,
    of,
    sequence,
    sequence_of,
)

TENSOR = of("tensor", framework="tensorflow")
VARIABLE = of("variable", framework="tensorflow")
SYMBOLIC = of("tensor", cls="keras.KerasTensor", framework="tensorflow")
SHAPE = of("shape")
DATASET = replace(of("object", cls="tensorflow.data.Dataset"), element=TENSOR)

DTYPES = frozenset(
    {"float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
     "uint64",
     "bool", "string", "complex64", "complex128", "half", "double", "resource", "variant"}
)  # fmt: skip


def tensor_attribute(base: Value, name: str) -> Value:
    """Return what ``tensor.name`` is."""
    if name == "shape":
        return SHAPE
    if name == "dtype":
        return DTYPE
    if name == "ndim":
        return INT
    if name in ("name", "device"):
        return STR
    return of("function", cls=f"tensor.{name}")


def iterate(value: Value) -> Value:
    """Return what iterating over ``value`` gives."""
    if value.is_tensor:
        return replace(value, kinds=TENSOR.kinds, rank=None, dims=None)
    if value.is_("array"):
        return ARRAY
    if value.is_("shape"):
        return INT
    if value.is_("dict"):
        return UNKNOWN
    if holds(value):
        return element_of(value)
    if not value.kinds:
        return NOTHING
    return UNKNOWN


def holds(value: Value) -> bool:
    return value.element is not None or value.elements is not None


def arithmetic(left: Value, right: Value) -> Value:
    for value in (left, right):
        if value.is_tensor and value.cls == "keras.KerasTensor":
            return SYMBOLIC
    if left.is_tensor or right.is_tensor:
        return replace(TENSOR, assumed=left.assumed or right.assumed)
    if not left.kinds or not right.kinds:
        return NOTHING
    if left.kinds & {"tensor", "variable"} or right.kinds & {"tensor", "variable"}:
        return join(TENSOR, UNKNOWN)
    if not left.known or not right.known:
        return UNKNOWN
    if "array" in left.kinds | right.kinds:
        return ARRAY
    if left.is_number and right.is_number:
        return FLOAT if "float" in left.kinds | right.kinds else INT
    if left.is_("list", "tuple", "str") and not right.is_("int"):
        return (
            join(replace(left, const=STR.const), replace(right, const=STR.const))
            if right.kinds == left.kinds
            else UNKNOWN
        )
    if left.is_("list", "tuple") and right.is_("int"):
        return sequence_of(left.kind, element_of(left))
    if left.is_("shape") or right.is_("shape"):
        return SHAPE
    return UNKNOWN


def annotated(annotation: ast.expr | None, scope: Scope) -> Value | None:
    """Return the value that an annotation promises, or ``None``."""
    if annotation is None:
        return None
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    if isinstance(annotation, ast.BinOp):
        sides = [annotated(annotation.left, scope), annotated(annotation.right, scope)]
        return join_all([side for side in sides if side is not None]) if None not in sides else None
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return NONE
    if isinstance(annotation, ast.Subscript):
        outer = (scope.qualified(annotation.value) or "").rsplit(".", 1)[-1].lower()
        inner = annotation.slice
        items = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        parts = [annotated(item, scope) or UNKNOWN for item in items]
        if outer == "optional":
            return join(parts[0], NONE)
        if outer == "union":
            return join_all(parts)
        if outer == "tuple":
            if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is ...:
                return sequence_of("tuple", parts[0])
            return sequence("tuple", parts)
        if outer in ("list", "sequence", "iterable"):
            return sequence_of("list", parts[0])
        if outer in ("dict", "mapping"):
            return Value(frozenset({"dict"}), element=parts[-1])
        return None
    name = scope.qualified(annotation)
    if name is None:
        return None
    if name in ("tensorflow.Tensor", "keras.KerasTensor", "tensorflow.types.experimental.TensorLike"):
        return TENSOR
    if name == "tensorflow.Variable":
        return VARIABLE
    simple = {"builtins.int": INT, "builtins.float": FLOAT, "builtins.bool": BOOL, "builtins.str": STR,
              "numpy.ndarray": ARRAY, "builtins.list": of("list"), "builtins.dict": of("dict"),
              "builtins.tuple": of("tuple"), "tensorflow.DType": DTYPE}  # fmt: skip
    if name in simple:
        return simple[name]
    if name.startswith("keras."):
        return of("module", cls=name)
    return OPAQUE if name.startswith(("typing.Callable", "collections.abc.Callable")) else None
