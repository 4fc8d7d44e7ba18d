"""What a function's parameters are before anything ran: annotations, defaults, conventions, callers, uses."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from . import conventions, docstrings, evidence
from .values import (
    BOOL,
    DEVICE,
    DTYPE,
    FLOAT,
    INT,
    NOCONST,
    NONE,
    NOTHING,
    OPAQUE,
    STR,
    UNKNOWN,
    Depends,
    Value,
    join,
    join_all,
    of,
    sequence,
    sequence_of,
    tensor,
)

if TYPE_CHECKING:
    from .classes import ClassInfo
    from .engine import Engine
    from .module import Module
    from .names import FunctionNode

_MAX_ANNOTATION_DEPTH = 6
_SIMPLE = {
    "builtins.int": INT, "builtins.float": of("float", "int"), "builtins.bool": BOOL, "builtins.str": STR,
    "builtins.bytes": of("bytes"),
    "builtins.list": of("list"), "builtins.tuple": of("tuple"), "builtins.dict": of("dict"), "builtins.set": of("set"),
    "builtins.complex": of("complex"), "torch.dtype": DTYPE, "torch.device": DEVICE, "torch.Size": of("shape"),
    "torch.nn.Module": of("module", framework="torch"), "mxnet.gluon.Block": of("module", framework="mxnet"),
    "mxnet.gluon.HybridBlock": of("module", framework="mxnet"), "keras.Model": of("module", framework="tensorflow"),
    "keras.layers.Layer": of("module", framework="tensorflow"), "numpy.ndarray": of("array"), "typing.List": of("list"),
    "typing.Tuple": of("tuple"), "typing.Dict": of("dict"), "typing.Set": of("set"),
    "tensorflow.TensorShape": of("shape"),
    "typing.Callable": OPAQUE, "collections.abc.Callable": OPAQUE, "typing.Type": of("class"),
    "builtins.type": of("class"),
    "torch.Generator": OPAQUE, "tensorflow.DType": DTYPE, "typing.Iterator": of("iterator"),
    "typing.Generator": of("iterator"),
    "numbers.Number": of("int", "float"), "typing.Mapping": of("dict"), "collections.OrderedDict": of("dict"),
    "torch.nn.ModuleList": of("module", framework="torch", cls="torch.nn.ModuleList"),
    "torch.nn.Sequential": of("module", framework="torch", cls="torch.nn.Sequential"),
}  # fmt: skip
_TENSOR_NAMES = {
    "torch.Tensor": "torch", "torch.FloatTensor": "torch", "torch.LongTensor": "torch", "torch.BoolTensor": "torch",
    "torch.IntTensor": "torch", "torch.ByteTensor": "torch", "torch.nn.Parameter": "torch",
    "torch.autograd.Variable": "torch",
    "mxnet.nd.NDArray": "mxnet", "mxnet.np.ndarray": "mxnet", "tensorflow.Tensor": "tensorflow",
    "torch.nn.parameter.Parameter": "torch",
    "torch.cuda.FloatTensor": "torch", "torch.cuda.LongTensor": "torch", "keras.KerasTensor": "tensorflow",
}  # fmt: skip


_QUANTITY = re.compile(
    r"drop|prob|rate|eps|alpha|beta|gamma|lambda|momentum|scale|slope|weight|decay|ratio|thresh|temperature|sigma|std|mean|factor"
)
"""Names of quantities: a whole number as their default doesn't say that no fraction is given."""


def annotation_value(
    engine: Engine, module: Module, node: ast.expr | None, framework: str, depth: int = 0
) -> Value | None:
    """Return what an annotation says, ``None`` where it says nothing that can be used."""
    if node is None or depth > _MAX_ANNOTATION_DEPTH:
        return None
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        if not isinstance(node.value, str):
            return None
        try:
            inner = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return (
            _named(engine, module, module.scopes.top.qualified(inner), framework)
            if isinstance(inner, ast.Name | ast.Attribute)
            else _structured(engine, module, inner, framework, depth, text=True)
        )
    if isinstance(node, ast.Name | ast.Attribute):
        return _named(engine, module, _qualified(module, node), framework)
    return _structured(engine, module, node, framework, depth, text=False)


def _qualified(module: Module, node: ast.expr) -> str | None:
    return module.scopes.top.qualified(node)


def _named(engine: Engine, module: Module, name: str | None, framework: str) -> Value | None:
    if name is None:
        return None
    if name in _TENSOR_NAMES:
        return tensor(_TENSOR_NAMES[name])
    if name in _SIMPLE:
        return _SIMPLE[name]
    resolved = engine.project.resolve(name)
    info = engine.project.class_named(resolved)
    if info is not None:
        from .attributes import instance

        return instance(engine, info)
    from .tables import framework_class

    known = framework_class(resolved)
    if known is not None:
        return of("module", cls=known.name, framework=known.framework)
    return None


def _structured(engine: Engine, module: Module, node: ast.expr, framework: str, depth: int, text: bool) -> Value | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union(engine, module, [node.left, node.right], framework, depth)
    if not isinstance(node, ast.Subscript):
        return None
    name = _qualified(module, node.value)
    inner = node.slice
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    short = (name or "").rsplit(".", 1)[-1]
    if short == "Optional":
        return _union(engine, module, [*parts, ast.Constant(None)], framework, depth)
    if short == "Union":
        return _union(engine, module, parts, framework, depth)
    if short in ("List", "list", "Set", "set", "Iterator", "Generator", "Iterable"):
        element = annotation_value(engine, module, parts[0], framework, depth + 1)
        if short == "Iterable":
            return None
        kind = {"List": "list", "list": "list", "Set": "set", "set": "set"}.get(short, "iterator")
        return sequence_of(kind, element) if element is not None else of(kind)
    if short in ("Tuple", "tuple"):
        items = [
            annotation_value(engine, module, part, framework, depth + 1) or UNKNOWN
            for part in parts
            if not _ellipsis(part)
        ]
        if any(_ellipsis(part) for part in parts):
            return sequence_of("tuple", join_all(items))
        return sequence("tuple", items)
    if short in ("Dict", "dict", "Mapping", "OrderedDict", "DefaultDict"):
        element = annotation_value(engine, module, parts[-1], framework, depth + 1)
        return Value(frozenset({"dict"}), element=element)
    if short in ("Type", "type"):
        return of("class")
    if short == "Callable":
        return OPAQUE
    if short in ("Final", "ClassVar", "Annotated", "Required", "NotRequired"):
        return annotation_value(engine, module, parts[0], framework, depth + 1)
    if short == "Literal":
        kinds = {type(part.value) for part in parts if isinstance(part, ast.Constant)}
        return {str: STR, int: INT, bool: BOOL}.get(kinds.pop()) if len(kinds) == 1 else None
    return None


def _ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _union(engine: Engine, module: Module, parts: list[ast.expr], framework: str, depth: int) -> Value | None:
    result = Value(frozenset())
    for part in parts:
        value = annotation_value(engine, module, part, framework, depth + 1)
        if value is None:
            return None
        result = join(result, value)
    return result


def returns(engine: Engine, module: Module, node: FunctionNode, framework: str) -> Value | None:
    """Return what the return annotation says."""
    return annotation_value(engine, module, node.returns, framework)


def default_value(engine: Engine, module: Module, node: ast.expr) -> Value:
    """Return what a default is."""
    if isinstance(node, ast.Constant):
        from .values import constant

        return constant(node.value)
    from .interpret import module_frame

    frame = module_frame(engine, module, run=False)
    if frame.env is None:
        return UNKNOWN
    value = frame.peek(node)
    return replace(value, site=0)


def _generic_default(value: Value, role: str) -> Value:
    """A parameter with this default: its kind is likely the default's, its value can be another."""
    if value.is_none:
        return join(NONE, OPAQUE if role == "init" else UNKNOWN)
    if value.is_("class"):
        return Value(
            value.kinds | {"function"}, cls=value.cls, depends=value.depends, framework=value.framework, assumed=True
        )
    if value.is_("function") or value.is_("opaque", "module"):
        return replace(value, assumed=True)
    if value.is_("float"):
        return Value(value.kinds | {"int"}, depends=value.depends, assumed=True)
    element = None
    if value.is_("list", "tuple"):
        value = replace(value, kinds=frozenset({"list", "tuple"}))
        element = join_all(replace(item, const=NOCONST) for item in value.elements or ()) if value.elements else None
    return Value(value.kinds, element=element, depends=value.depends, framework=value.framework, assumed=True)


def seed(
    engine: Engine, node: FunctionNode, module: Module, info: ClassInfo | None, role: str, framework: str
) -> dict[str, Value]:
    """Return the parameters of ``node`` (``self`` left out) as its own facts see them.

    ``role`` is ``init`` (a constructor), ``entry`` (what a compiler calls), ``method`` or ``helper`` (any other).
    """
    spec = node.args
    names = [*spec.posonlyargs, *spec.args]
    defaults: dict[str, ast.expr] = dict(
        zip([a.arg for a in names[len(names) - len(spec.defaults) :]], spec.defaults, strict=False)
    )
    defaults |= {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
    if not framework and conventions.is_loss(node, info):
        framework = "tensorflow"
    used = evidence.uses(node, module, framework, engine.project)
    said = documented(engine, node, module, info, framework)
    autograd = info is not None and "torch.autograd.Function" in info.bases
    only = conventions.only_arrays(node, framework)
    if role == "method" and (node.name == "__call__" and framework or only or conventions.is_loss(node, info)):
        role = "entry"
    called = engine.entry_calls.get(id(node), {})
    keras = info is not None and framework == "tensorflow" and role in ("entry", "method")
    several = keras and _takes_several(engine, info)
    flat = keras and node.name == "call" and _flat_states(engine, info)
    if autograd and node.name in ("forward", "backward") and role != "init":
        role = "entry"
    depends = Depends.CONFIG if role == "init" else Depends.PARAM
    env: dict[str, Value] = {}
    skip = 1 if info is not None and not _is_static(node, module) else 0
    for index, argument in enumerate([*names, *spec.kwonlyargs]):
        if index < skip:
            env[argument.arg] = UNKNOWN
            continue
        value = annotation_value(engine, module, argument.annotation, framework)
        if value is None and autograd and index == skip:
            value = OPAQUE
        if value is not None and getattr(defaults.get(argument.arg), "value", 0) is None:
            value = join(value, NONE)
        if value is None:
            doubt = used.get(argument.arg, evidence.NO_USES).doubt
            stated = getattr(defaults.get(argument.arg), "value", ...)
            if not isinstance(stated, bool) or keras and argument.arg == "training":
                value = conventions.conventional(
                    node, argument.arg, index - skip, role, framework, doubt, several, flat
                )
            if value is not None and stated is None:
                value = join(value, NONE)
        if value is None:
            default = defaults.get(argument.arg)
            seen = called.get(argument.arg)
            told = said.get(argument.arg)
            value = _from_uses(engine, module, used.get(argument.arg), default, seen, told, role, framework, only,
                                argument.arg)  # fmt: skip
            if keras and node.name == "call" and index == skip and role == "entry" and default is None:
                use = used.get(argument.arg, evidence.NO_USES)
                if not value.known and (use.keyed or "unknown" in value.kinds):
                    value = conventions.inputs(use)
        env[argument.arg] = value if value.has_tensor else value.but(depends)
    if spec.vararg is not None:
        env[spec.vararg.arg] = sequence_of("tuple", OPAQUE if role == "init" else UNKNOWN)
    if spec.kwarg is not None:
        env[spec.kwarg.arg] = Value(frozenset({"dict"}), element=OPAQUE if role == "init" else UNKNOWN, depends=depends)
    return env


def _takes_several(engine: Engine, info: ClassInfo | None) -> bool:
    """Whether what the layer's ``call`` does with its first parameter suits a list of inputs."""
    found = engine.project.method(info, "call") if info is not None else None
    if found is None or len(found[1].args.args) < 2:
        return True
    owner, call = found
    use = evidence.uses(call, owner.module, "tensorflow", engine.project).get(call.args.args[1].arg, evidence.NO_USES)
    return use.doubt or use.tested or use.keyed


def _flat_states(engine: Engine, info: ClassInfo | None) -> bool:
    """Whether a cell says with its ``state_size`` that each of its states is one tensor."""
    from .attributes import class_attrs

    attrs = class_attrs(engine, info) if info is not None else None
    size = attrs.values.get("state_size") if attrs is not None and attrs.ready else None
    if size is None:
        return False
    parts = size.elements if size.is_("list", "tuple") and size.elements is not None else (size,)
    return all(part.kinds and part.kinds <= {"int", "float", "opaque", "bool"} for part in parts)


def documented(
    engine: Engine, node: FunctionNode, module: Module, info: ClassInfo | None, framework: str
) -> dict[str, Value]:
    """Return what docstrings say of the parameters of ``node`` (kept: they are asked for at every call)."""
    key = ("documented", id(node))
    found = engine.answers.get(key)
    if not isinstance(found, dict):
        if not framework and len(module.frameworks) == 1:
            (framework,) = module.frameworks

        def named(text: str) -> Value | None:
            inner = ast.parse(text, mode="eval").body
            return _named(engine, module, module.scopes.top.qualified(inner), framework)

        found = docstrings.stated(node, info.node if info is not None else None, framework, named)
        engine.answers[key] = found
    return found


def _is_static(node: FunctionNode, module: Module) -> bool:
    return any(module.qualified(decorator) == "builtins.staticmethod" for decorator in node.decorator_list)


def _from_uses(
    engine: Engine, module: Module, use: evidence.Uses | None, default: ast.expr | None, seen: Value | None,
    told: Value | None, role: str, framework: str, only_tensors: bool, name: str,
) -> Value:  # fmt: skip
    use = use or evidence.NO_USES
    if use.tested:  # several classes suit: the documentation likely names the usual one
        told = None
    also = NOTHING  # what callers gave
    if seen is not None and seen.known:
        also = seen = replace(seen, const=NOCONST) if not seen.is_none else seen
    if default is not None:
        value = _generic_default(default_value(engine, module, default), role)
        if value.kinds == INT.kinds and _QUANTITY.search(name):  # ``dropout=0``
            value = replace(value, kinds=frozenset({"float", "int"}))
        if told is not None and told.known:
            value = join(value, told) if value.known else join(NONE, told) if value.may_be_none else told
            return join(value, also)
        value = join(value, also)
        if not value.known and value.may_be_none and value.kinds != {"none"}:
            if use.kind:
                return join(join(NONE, _of_kind(use.kind, framework)), also)
            fed = use.fed and role == "entry"
            if "unknown" in value.kinds and not use.doubt and (use.tensor or only_tensors or fed):
                return join(join(NONE, replace(tensor(framework), assumed=True)), also)
        return value
    if use.tested and role == "helper":  # several classes suit, and not all callers are known
        return UNKNOWN
    if seen is not None and seen.known:
        if seen.is_("function", "class"):
            return replace(seen, kinds=frozenset({"function", "class", "module"}), assumed=True)
        value = join(seen, told) if told is not None and told.known else seen
        return join(value, NONE) if use.none else value
    if told is not None and (told.known or not use.kind):
        return join(told, NONE) if use.none else told
    if role == "init" and framework:
        if use.size and not use.kind:
            return _of_kind("int", framework)
        return (
            _of_kind(use.kind, framework)
            if use.kind and use.kind != "tensor"
            else OPAQUE
            if not use.tensor
            else UNKNOWN
        )
    if use.kind and use.kind != "tensor":
        return _of_kind(use.kind, framework)
    if role == "entry" and not use.doubt or use.tensor and not use.tested:
        value = replace(tensor(framework), assumed=True)
        return join(value, NONE) if use.none or seen is not None and "none" in seen.kinds else value
    return UNKNOWN


def refined(
    engine: Engine, node: FunctionNode, module: Module, info: ClassInfo | None, name: str, value: Value, framework: str
) -> Value:
    """An argument whose kind isn't known: what the callee's docstring and uses say of the parameter that it becomes."""
    use = evidence.uses(node, module, framework, engine.project).get(name, evidence.NO_USES)
    if use.kind and use.kind not in ("tensor", "opaque"):
        proven = _of_kind(use.kind, framework)
    else:
        told = documented(engine, node, module, info, framework).get(name)
        if told is not None and told.known and not use.tested and (not told.has_tensor or value.may_be_tensor):
            proven = told
        elif not framework or use.doubt or "unknown" not in value.kinds:
            return value
        elif use.tensor or conventions.only_arrays(node, framework):
            proven = replace(tensor(framework), assumed=True)
        else:
            return value
    return (join(proven, NONE) if "none" in value.kinds or use.none else proven).but(value.depends)


def _of_kind(kind: str, framework: str) -> Value:
    if kind == "tensor":
        return replace(tensor(framework), assumed=True)
    if kind == "opaque":
        return OPAQUE
    if kind == "float":
        return replace(FLOAT, kinds=frozenset({"float", "int"}), assumed=True)
    return replace(of(*kind.split("|")), assumed=True)
