"""What a call gives, and what it feeds to the parameters of the functions that it reaches."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode, Scope
from ...meaning.nodes import walk
from ...meaning.values import (
    ARRAY,
    BOOL,
    FLOAT,
    INT,
    NONE,
    NOTHING,
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
from . import _tables as tables
from ._defaults import default_of, switched_on
from ._values import DATASET, SHAPE, SYMBOLIC, TENSOR, VARIABLE, iterate

if TYPE_CHECKING:
    from ._kinds import Kinds

_MAX_SITES = 64
_LOOK_UPS = frozenset({"get", "deserialize", "serialize"})
"""What gives a function or object by its name, or the name."""
_OF_NUMBERS = {"is_integer": BOOL, "bit_length": INT, "bit_count": INT, "conjugate": FLOAT, "hex": STR}
"""What methods of Python's numbers give."""


def evaluate_call(kinds: Kinds, node: ast.Call, scope: Scope) -> Value:
    """Return the value of ``node``; parameters of reached functions get what they are given."""
    func = kinds.eval(node.func, scope)
    args = [_given(kinds, arg.value if isinstance(arg, ast.Starred) else arg, scope) for arg in node.args]
    named = {keyword.arg: _given(kinds, keyword.value, scope) for keyword in node.keywords}
    qualified = kinds.qualified(node.func, scope)
    if qualified is not None and not _of_this_module(func):
        known = _framework_call(kinds, node, qualified, args, named)
        if known is not None:
            return known
    if not func.kinds:
        return NOTHING
    if func.cls and func.cls.startswith("fn:"):
        return _call_function(kinds, node, scope, func.cls, args, named)
    if func.is_("class") and func.cls and func.cls.startswith("cls:"):
        return _construct(kinds, node, scope, func.cls, args, named)
    if func.cls and func.cls.startswith("tensor."):
        return _tensor_method(kinds, node, func.cls.removeprefix("tensor."), scope)
    if func.is_("module") or (func.is_("object") and func.cls):
        return _call_instance(kinds, node, scope, func, args, named)
    if isinstance(node.func, ast.Attribute):
        return _method(kinds, node, node.func, scope, args, named)
    return UNKNOWN


def _given(kinds: Kinds, node: ast.expr, scope: Scope) -> Value:
    """Return what an argument is; of a name that isn't known there, also what it is elsewhere in the function."""
    value = kinds.eval(node, scope)
    if isinstance(node, ast.Name) and value.kinds and not value.known:
        return join(value, kinds.anywhere(node, scope))
    return value


def _of_this_module(func: Value) -> bool:
    return bool(func.cls) and (func.cls or "").startswith(("fn:", "cls:"))


def _framework_call(
    kinds: Kinds, node: ast.Call, qualified: str, args: list[Value], named: dict[str | None, Value]
) -> Value | None:
    """Return what a call of a framework's, NumPy's or Python's own function gives, or ``None``."""
    first = args[0] if args else next(iter(named.values()), NOTHING)
    symbolic = any(v.is_tensor and v.cls == "keras.KerasTensor" for v in args)
    root = qualified.split(".")[0]
    if qualified in tables.FUNCTION_NAMES:
        return first if first.kinds else of("function")
    if qualified in tables.SYMBOLIC:
        return SYMBOLIC
    if root == "tensorflow":
        name = tables.short(qualified)
        if name == "shape":
            return TENSOR
        if name in tables.NOT_TENSOR:
            kind = tables.NOT_TENSOR[name]
            if kind == "variable":
                return VARIABLE
            if kind == "object":
                return of("object", cls=qualified)
            return UNKNOWN if kind == "unknown" else of(kind)
        for prefix, kind in tables.NOT_TENSOR_PREFIXES:
            if name.startswith(prefix):
                if kind == "dataset":
                    return _dataset(name, args)
                if kind in ("layer", "optimizer", "metric"):
                    return of("module", cls=f"keras.{kind}")
                if kind == "object":
                    return of("object", cls=qualified)
                return UNKNOWN if kind == "unknown" else of(kind)
        if name in tables.LISTS or tables.leaf(name) in tables.LISTS:
            return sequence_of("list", TENSOR)
        if name == "clip_by_global_norm":
            return sequence("tuple", [sequence_of("list", TENSOR), TENSOR])
        if name in tables.DICTS:
            return Value(frozenset({"dict"}), element=TENSOR)
        if name in tables.MIXED:
            return sequence_of("tuple", UNKNOWN)
        if name.rsplit(".", 1)[-1][:1].isupper():
            return of("object", cls=qualified)
        return SYMBOLIC if symbolic else TENSOR
    if root == "keras":
        return _keras_call(qualified, node, symbolic, args)
    if root == "numpy":
        return FLOAT if qualified.startswith(("numpy.float", "numpy.int")) else ARRAY
    if root == "math":
        return FLOAT
    if root == "builtins":
        name = qualified.removeprefix("builtins.")
        if name in ("range", "enumerate", "zip", "reversed", "iter", "filter", "map"):
            return _iterator(kinds, name, args)
        if name in ("list", "tuple", "set", "sorted"):
            kind = "list" if name == "sorted" else name
            if not args:
                return sequence(kind, ())
            return sequence_of(kind, iterate(first)) if kind != "list" or not first.is_("shape") else SHAPE
        if name in ("float", "int"):
            return replace(TENSOR, assumed=first.assumed) if first.is_tensor else (FLOAT if name == "float" else INT)
        if name in ("abs", "round", "pow"):
            return first if first.kinds else UNKNOWN
        if name in ("sum", "min", "max"):
            return join_all([v if len(args) > 1 else iterate(v) for v in args]) if args else UNKNOWN
        if name in ("len", "hash", "id", "ord"):
            return INT
        if name in ("isinstance", "callable", "hasattr", "bool", "issubclass"):
            return BOOL
        if name in ("str", "repr", "format", "input", "chr"):
            return STR
        if name == "print":
            return NONE
        if name == "next":
            return iterate(first)
        if name == "dict":
            return Value(frozenset({"dict"}), element=join_all(named.values()) if named else None)
        if name in ("any", "all"):
            return BOOL
        if name == "super":
            return of("object", cls="builtins.super")
        return None
    if root in ("time", "random"):
        return FLOAT
    if qualified in ("mxnet", "torch"):
        return UNKNOWN
    return None


def _dataset(name: str, args: list[Value]) -> Value:
    if name.endswith("from_tensor_slices") and args and args[0].elements is not None:
        return replace(DATASET, element=sequence(args[0].kind, [TENSOR for _ in args[0].elements]))
    return DATASET


def _keras_call(qualified: str, node: ast.Call, symbolic: bool, args: list[Value]) -> Value:
    last = qualified.rsplit(".", 1)[-1]
    if qualified == "keras.ops.shape" and not symbolic:
        return SHAPE  # whole numbers, as far as they are known
    if qualified.startswith(("keras.ops.", "keras.backend.")) and last in tables.KERAS_PLAIN:
        return SHAPE if tables.KERAS_PLAIN[last] == "shape" else of(tables.KERAS_PLAIN[last])
    if qualified.startswith("keras.ops.") and last.endswith(("_shape", "_shapes")):
        return SHAPE
    if qualified.startswith("keras.ops.") and last in tables.KERAS_LISTS | tables.KERAS_TUPLES:
        return sequence_of("list" if last in tables.KERAS_LISTS else "tuple", SYMBOLIC if symbolic else TENSOR)
    if last in _LOOK_UPS and qualified.startswith(("keras.activations.", "keras.losses.", "keras.metrics.")):
        return UNKNOWN
    if qualified.startswith(("keras.ops.", "keras.activations.", "keras.random.")) and last[:1].islower():
        return SYMBOLIC if symbolic else TENSOR
    if qualified.startswith("keras.backend."):
        return TENSOR
    if qualified.startswith("keras.datasets."):
        return sequence("tuple", [sequence("tuple", [ARRAY, ARRAY]), sequence("tuple", [ARRAY, ARRAY])])
    if qualified.startswith("keras.optimizers."):
        return of("object", cls="keras.optimizer")
    if qualified.startswith("keras.metrics.") and last[:1].isupper():
        return of("module", cls="keras.metric")
    if qualified.startswith(("keras.losses.", "keras.metrics.")) and last[:1].islower():
        return TENSOR if args else of("module", cls="keras.layer")
    if qualified.startswith(("keras.utils.", "keras.preprocessing.")):
        return UNKNOWN
    if last[:1].isupper() or qualified.startswith("keras.applications."):
        kind = "keras.Model" if last in ("Model", "Sequential") else qualified
        inner = args[0] if args else UNKNOWN  # what a wrapper wraps: Bidirectional(LSTM(...))
        several = _returns_more(node) or (inner.is_("module") and inner.element is not None)
        return replace(of("module", cls=kind), element=TENSOR if several else None)
    return UNKNOWN


def _returns_more(node: ast.Call) -> bool:
    """Whether a layer is told to give more than one tensor: ``return_state=True``, ``return_attention_scores=True``."""
    return switched_on(node, "return_state", "return_attention_scores")


def _iterator(kinds: Kinds, name: str, args: list[Value]) -> Value:
    if name == "range":
        return sequence_of("iterator", TENSOR if any(arg.is_tensor for arg in args) else INT)
    if name == "enumerate" and args:
        return sequence_of("iterator", sequence("tuple", [INT, iterate(args[0])]))
    if name == "zip":
        return sequence_of("iterator", sequence("tuple", [iterate(arg) for arg in args]))
    if name == "iter" and args and (args[0].cls or "").startswith("tensorflow.data"):
        return replace(args[0], cls="tensorflow.data.Iterator")
    if name in ("reversed", "iter") and args:
        return sequence_of("iterator", iterate(args[0]))
    if name == "map" and args and args[0].cls and args[0].cls.startswith("fn:"):
        function = kinds.functions[args[0].cls]
        _feed(kinds, function, [iterate(arg) for arg in args[1:]], {}, None, skip=0)
        return sequence_of("iterator", kinds.gives(function))
    if name == "filter" and len(args) > 1:
        return sequence_of("iterator", iterate(args[1]))
    return of("iterator")


def _record(kinds: Kinds, node: ast.Call, function: FunctionNode | ast.Lambda) -> None:
    targets = kinds.targets.setdefault(id(node), [])
    if not any(target is function for target in targets):
        targets.append(function)
    sites = kinds.calls.setdefault(id(function), [])
    if len(sites) < _MAX_SITES and not any(site is node for site, _ in sites):
        sites.append((node, _enclosing(kinds, node)))


def _enclosing(kinds: Kinds, node: ast.AST) -> ast.AST | None:
    for parent in kinds.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return parent
    return None


def _feed(
    kinds: Kinds,
    function: FunctionNode | ast.Lambda,
    args: list[Value],
    named: dict[str | None, Value],
    node: ast.Call | None,
    *,
    skip: int,
) -> None:
    """Join the arguments of one call into the parameters of ``function``; ``skip`` leaves out ``self``."""
    arguments = function.args
    positional = (arguments.posonlyargs + arguments.args)[skip:]
    spread = node is not None and any(isinstance(arg, ast.Starred) for arg in node.args)
    given: dict[str, Value] = {}
    if spread and node is not None:
        rest = list(positional)
        for argument, value in zip(node.args, args, strict=True):
            if isinstance(argument, ast.Starred):
                for left in rest:
                    given[left.arg] = iterate(value)
                break
            if rest:
                given[rest.pop(0).arg] = value
    else:
        for arg, value in zip(positional, args, strict=False):
            given[arg.arg] = value
    names = {arg.arg for arg in positional + arguments.kwonlyargs}
    for name, value in named.items():
        if name is None:
            for other in names - given.keys():
                given[other] = UNKNOWN
        elif name in names:
            given[name] = value
    for name in names:
        if name not in given:
            default = default_of(function, name)
            if default is not None:
                given[name] = kinds.eval(default, kinds.module.scope_at(function))
    kinds.feed(function, given)


def _call_function(
    kinds: Kinds, node: ast.Call, scope: Scope, key: str, args: list[Value], named: dict[str | None, Value]
) -> Value:
    function = kinds.functions[key]
    info = kinds.owner.get(id(function))
    skip = 0
    if info is not None and isinstance(function, ast.FunctionDef) and isinstance(node.func, ast.Attribute):
        names = {d.id for d in function.decorator_list if isinstance(d, ast.Name)}
        base = kinds.value(node.func.value)
        skip = 0 if "staticmethod" in names or (base.is_("class") and "classmethod" not in names) else 1
    _record(kinds, node, function)
    _feed(kinds, function, args, named, node, skip=skip)
    if isinstance(function, ast.FunctionDef) and any(
        isinstance(inner, ast.Yield | ast.YieldFrom) for inner in walk(function)
    ):
        yields = [inner.value for inner in walk(function) if isinstance(inner, ast.Yield) and inner.value is not None]
        return sequence_of("iterator", join_all([kinds.value(value) for value in yields]))
    return kinds.gives(function)


def _construct(
    kinds: Kinds, node: ast.Call, scope: Scope, key: str, args: list[Value], named: dict[str | None, Value]
) -> Value:
    info = kinds.info_of(key)
    if info is None:
        return UNKNOWN
    method = kinds.project.method(info, "__init__")
    if method is not None and method[0].module is kinds.module:
        _record(kinds, node, method[1])
        _feed(kinds, method[1], args, named, node, skip=1)
    return of("module" if kinds.is_layer(info) else "object", cls=key)


def entry_of(kinds: Kinds, info: ClassInfo) -> FunctionNode | None:
    """Return the method that runs when an instance of ``info`` is called."""
    for name in ("__call__", "call") if kinds.is_layer(info) else ("__call__",):
        method = kinds.project.method(info, name)
        if method is not None and method[0].module is kinds.module:
            return method[1]
    return None


def _call_instance(
    kinds: Kinds, node: ast.Call, scope: Scope, func: Value, args: list[Value], named: dict[str | None, Value]
) -> Value:
    info = kinds.info_of(func.cls or "")
    if info is not None:
        entry = entry_of(kinds, info)
        if entry is None:
            return TENSOR if kinds.is_layer(info) else UNKNOWN
        _record(kinds, node, entry)
        if kinds.is_layer(info) and entry.name == "call":
            named = {name: value for name, value in named.items() if name != "mask"}
        _feed(kinds, entry, args, named, node, skip=1)
        return kinds.gives(entry)
    if not node.args and (not named or "name" in named):
        return UNKNOWN  # no layer is called on nothing, or gets a name: it is a class, whatever the annotation says
    if func.cls and func.cls.startswith(("keras.", "cls:")) and func.is_("module"):
        symbolic = bool(args) and args[0].is_tensor and args[0].cls == "keras.KerasTensor"
        one = SYMBOLIC if symbolic else TENSOR
        return sequence_of("list", one) if func.element is not None or _returns_more(node) else one
    return UNKNOWN


def _super_call(kinds: Kinds, node: ast.Call, name: str) -> FunctionNode | None:
    """Return what ``super().__call__`` of a Keras class runs, the class's own ``call``, and what ``super().call`` does,
    that of the class behind it; ``None`` where it isn't in this module."""
    for parent in kinds.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef) and (info := kinds.owner.get(id(parent))) is not None:
            if not kinds.is_layer(info):
                return None
            classes = kinds.project.mro(info)
            for other in classes[1:] if name == "call" else classes:
                if "call" in other.methods:
                    return other.methods["call"] if other.module is kinds.module else None
    return None


def _tensor_method(kinds: Kinds, node: ast.Call, name: str, scope: Scope) -> Value:
    if name in ("numpy", "tolist", "item", "eval"):
        return ARRAY
    if name in ("assign", "assign_add", "assign_sub", "scatter_update", "scatter_nd_update", "scatter_add"):
        return VARIABLE
    if name == "get_shape":
        return SHAPE
    if name == "set_shape":
        return NONE
    if name in ("keys", "items"):
        return UNKNOWN  # no tensor has them: it is a dict
    if name in ("ref", "experimental_ref"):
        return of("object", cls="tensorflow.Reference")  # hashable, as no tensor is
    return TENSOR


def _method(
    kinds: Kinds, node: ast.Call, func: ast.Attribute, scope: Scope, args: list[Value], named: dict[str | None, Value]
) -> Value:
    """A method whose function isn't in this module."""
    base = kinds.value(func.value)
    name = func.attr
    if base.cls and base.cls.startswith("tensorflow.data") or base == DATASET:
        if name in ("batch", "map", "shuffle", "repeat", "prefetch", "take", "skip", "cache", "padded_batch", "filter"):
            if name in ("map", "filter") and args and args[0].cls and args[0].cls.startswith("fn:"):
                function = kinds.functions[args[0].cls]
                given = list(base.elements or ()) or ([base.element] if base.element is not None else [])
                if len(given) == 1 and given[0].is_("tuple") and given[0].elements is not None:
                    given = list(given[0].elements)
                _feed(kinds, function, given, {}, None, skip=0)
                kinds.calls.setdefault(id(function), [])
                if not any(site is node for site, _ in kinds.calls[id(function)]):
                    kinds.calls[id(function)].append((node, func))
                return DATASET if name == "map" else base
            return base
        return UNKNOWN
    if base.cls == "tensorflow.GradientTape":
        if name in ("gradient", "jacobian", "batch_jacobian"):
            source = args[1] if len(args) > 1 else named.get("sources", UNKNOWN)
            if source.is_tensor:
                return TENSOR
            return sequence_of("list", TENSOR) if source.is_("list", "tuple") else join(TENSOR, UNKNOWN)
        return NONE
    if base.cls == "tensorflow.TensorArray":
        if name in ("stack", "concat", "read", "gather", "size"):
            return TENSOR
        return base if name in ("write", "unstack", "scatter", "split") else UNKNOWN
    if base.cls == "keras.optimizer":
        return NONE if name != "minimize" else UNKNOWN
    if base.cls == "keras.metric":
        return TENSOR if name == "result" else NONE
    if base.cls == "builtins.super":
        own = _super_call(kinds, node, name) if name in ("call", "__call__") else None
        if own is not None:
            _record(kinds, node, own)
            return kinds.gives(own)
        return TENSOR if name in ("call", "__call__") else UNKNOWN
    if base.is_("shape"):
        if name in ("as_list", "concatenate", "copy"):
            return SHAPE
        return INT if name in ("num_elements", "index") else UNKNOWN
    if base.is_("module"):
        if name in ("add_weight", "add_variable"):
            return VARIABLE
        if name in ("predict", "get_weights", "predict_on_batch"):
            return ARRAY
        if name in ("call", "__call__"):
            return TENSOR
        return UNKNOWN
    if base.is_("object") and base.cls and base.cls.startswith("tensorflow.random"):
        return TENSOR
    if base.is_("array"):
        return ARRAY
    if base.is_("list") and name in ("append", "insert", "extend"):
        value = args[-1] if args else UNKNOWN
        kinds.grow(func.value, iterate(value) if name == "extend" else value, scope)
        return NONE
    if base.is_("list", "tuple", "dict") and name in ("pop", "get", "setdefault"):
        return element_of(base)
    if base.is_("dict"):
        values = base.element if base.element is not None else UNKNOWN
        if name == "values":
            return sequence_of("iterator", values)
        if name == "items":
            return sequence_of("iterator", sequence("tuple", [UNKNOWN, values]))
        return UNKNOWN
    if base.is_("str"):
        return STR
    if base.is_number:
        return _OF_NUMBERS.get(name, UNKNOWN)
    if name in ("numpy", "tolist", "item"):
        return ARRAY
    if name in ("assign", "assign_add", "assign_sub"):
        return VARIABLE
    if name == "as_list":
        return SHAPE
    return UNKNOWN
