"""Tests: what is known about a name in the branch where a condition holds, or doesn't."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from .assign import path_of
from .values import NONE, TENSOR, UNKNOWN, Depends, Value

if TYPE_CHECKING:
    from .frame import Frame

CLASSES: dict[str, tuple[str, ...]] = {
    "builtins.int": ("int", "bool"), "builtins.float": ("float",), "builtins.bool": ("bool",), "builtins.str": ("str",),
    "builtins.list": ("list",), "builtins.tuple": ("tuple", "shape"), "builtins.dict": ("dict",),
    "builtins.set": ("set",),
    "numpy.ndarray": ("array",), "torch.Tensor": ("tensor",), "tensorflow.Tensor": ("tensor", "variable"),
    "mxnet.nd.NDArray": ("tensor",), "mxnet.np.ndarray": ("tensor",), "torch.nn.Module": ("module",),
    "torch.nn.Parameter": ("tensor",), "mxnet.gluon.Block": ("module",), "mxnet.gluon.HybridBlock": ("module",),
    "tensorflow.Variable": ("variable",), "keras.layers.Layer": ("module",), "keras.Model": ("module",),
    "typing.Sequence": ("list", "tuple", "shape", "str"), "collections.abc.Sequence": ("list", "tuple", "shape", "str"),
    "typing.Iterable": ("list", "tuple", "shape", "str", "set", "dict", "tensor", "array", "iterator", "module"),
    "torch.Size": ("shape",), "torch.LongTensor": ("tensor",), "torch.FloatTensor": ("tensor",),
    "numbers.Number": ("int", "float", "bool", "complex"), "numbers.Integral": ("int", "bool"),
    "numbers.Real": ("int", "float", "bool"), "six.string_types": ("str",), "six.integer_types": ("int", "bool"),
}  # fmt: skip
ALL_OF: dict[str, tuple[str, ...]] = {  # ruling the class out rules these kinds out
    "builtins.int": ("int", "bool"), "builtins.float": ("float",), "builtins.bool": ("bool",), "builtins.str": ("str",),
    "builtins.list": ("list",), "builtins.tuple": ("tuple", "shape"), "builtins.dict": ("dict",),
    "builtins.set": ("set",),
    "numpy.ndarray": ("array",), "torch.Tensor": ("tensor",), "torch.nn.Module": ("module",),
    "six.string_types": ("str",), "six.integer_types": ("int", "bool"),
}  # fmt: skip
_NESTED = frozenset({"keras.tree.is_nested", "tensorflow.nest.is_nested", "tree.is_nested"})
_PLAIN = frozenset(f"builtins.{name}" for name in ("int", "float", "bool", "str", "list", "tuple", "dict", "set"))
Env = dict[str, Value]


def narrow(frame: Frame, test: ast.expr, holds: bool, env: Env) -> Env:
    """Return ``env`` (changed in place) as it is where ``test`` holds (or doesn't)."""
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, not holds
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is holds:
            for part in test.values:
                env = narrow(frame, part, holds, env)
    elif isinstance(test, ast.Compare) and len(test.ops) == 1:
        _compare(frame, test, holds, env)
    elif isinstance(test, ast.Call):
        _call(frame, test, holds, env)
    elif isinstance(test, ast.Name | ast.Attribute):
        if holds:
            _set(frame, env, test, "none", drop=True)
            if isinstance(test, ast.Attribute):
                _guarded(frame, test, env)
    elif isinstance(test, ast.NamedExpr) and holds:
        _set(frame, env, test.target, "none", drop=True)
    return env


def _guarded(frame: Frame, flag: ast.Attribute, env: Env) -> None:
    """``if self.use_bias``: then ``self.bias`` was made."""
    from .attributes import attr_value

    if frame.self_value is None or not isinstance(flag.value, ast.Name) or flag.value.id != frame.self_name:
        return
    attrs = frame.engine.attrs.get(frame.self_value.cls or "")
    if attrs is None or not attrs.ready:
        return
    for name in sorted(attrs.guards.get(flag.attr, ())):
        path = f"{frame.self_name}.{name}"
        value = env.get(path) or attr_value(frame.engine, attrs, name)
        if value is not None and "none" in value.kinds and len(value.kinds) > 1:
            env[path] = value.without("none")


def impossible(frame: Frame, test: ast.expr) -> bool:
    """Whether ``test`` asks whether a module of a known class is of another kind: the branch is for other callers."""
    if not isinstance(test, ast.Call) or len(test.args) != 2:
        return False
    if frame.module.qualified(test.func) != "builtins.isinstance":
        return False
    asked = frame.summary.values.get(id(test.args[0]))
    if asked is None or not asked.is_("module") or asked.cls is None or asked.assumed:
        return False
    node = test.args[1]
    names = [frame.module.qualified(part) for part in (node.elts if isinstance(node, ast.Tuple) else _union(node))]
    return all(name in _PLAIN for name in names)


def _current(frame: Frame, env: Env, node: ast.expr) -> tuple[str, Value] | None:
    path = path_of(node)
    if path is None:
        return None
    value = env.get(path)
    if value is None:
        value = frame.summary.values.get(id(node))
    return None if value is None else (path, value)


def _set(frame: Frame, env: Env, node: ast.expr, *kinds: str, drop: bool) -> None:
    """Keep only ``kinds`` of what ``node`` can be, or drop them."""
    found = _current(frame, env, node)
    if found is None:
        return
    path, value = found
    if drop:
        left = value.without(*kinds)
        env[path] = left if left.kinds else UNKNOWN
        return
    kept = value.kinds.intersection(kinds)
    if kept and "unknown" not in value.kinds:
        env[path] = replace(value, kinds=kept, assumed=False)
    elif kinds == ("none",):
        env[path] = NONE.but(Depends.CONFIG)
    else:
        env[path] = Value(
            frozenset(kinds), depends=value.depends | (TENSOR.depends if "tensor" in kinds else Depends.NOTHING),
            framework=value.framework or frame.framework,
        )  # fmt: skip


def _compare(frame: Frame, test: ast.Compare, holds: bool, env: Env) -> None:
    left, op, right = test.left, test.ops[0], test.comparators[0]
    positive = isinstance(op, ast.Is | ast.Eq)
    if not positive and not isinstance(op, ast.IsNot | ast.NotEq):
        return
    if isinstance(right, ast.Constant) and right.value is None:
        _set(frame, env, left, "none", drop=positive is not holds)
    elif isinstance(right, ast.Constant) and isinstance(right.value, str) and positive is holds:
        _set(frame, env, left, "str", drop=False) if isinstance(op, ast.Eq | ast.NotEq) else None
    elif isinstance(left, ast.Call) and frame.module.qualified(left.func) == "builtins.type" and len(left.args) == 1:
        name = frame.module.qualified(right)
        if name in CLASSES and positive is holds:
            _set(frame, env, left.args[0], *CLASSES[name], drop=False)


def _call(frame: Frame, test: ast.Call, holds: bool, env: Env) -> None:
    name = frame.module.qualified(test.func)
    if name in ("torch.is_tensor", "tensorflow.is_tensor") and len(test.args) == 1:
        tensors = ("tensor",) if name == "torch.is_tensor" else ("tensor", "variable")
        _set(frame, env, test.args[0], *tensors, drop=not holds)
    elif name in _NESTED and len(test.args) == 1:
        found = _current(frame, env, test.args[0])
        if found is not None and not holds:
            _set(frame, env, test.args[0], "list", "tuple", "dict", drop=True)
        elif found is not None and found[1].known:
            _set(frame, env, test.args[0], "list", "tuple", "dict", drop=False)
    elif name == "builtins.isinstance" and len(test.args) == 2:
        node = test.args[1]
        parts = node.elts if isinstance(node, ast.Tuple) else _union(node)
        names = [frame.module.qualified(part) for part in parts]
        if holds:
            if all(part in CLASSES for part in names):
                _set(frame, env, test.args[0], *(kind for part in names for kind in CLASSES[part or ""]), drop=False)
            else:
                found = _current(frame, env, test.args[0])
                if found is not None and found[1].assumed:
                    env[found[0]] = UNKNOWN
        else:
            kinds = tuple(kind for part in names for kind in ALL_OF.get(part or "", ()))
            if kinds:
                _set(frame, env, test.args[0], *kinds, drop=True)
    elif name == "builtins.hasattr" and test.args and holds:
        found = _current(frame, env, test.args[0])
        asked = getattr(test.args[-1], "value", None)
        sized = found is not None and asked == "__len__" and found[1].is_("list", "tuple", "dict", "str", "set")
        if found is not None and found[1].assumed and not sized:
            env[found[0]] = UNKNOWN


def _union(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_union(node.left), *_union(node.right)]
    return [node]
