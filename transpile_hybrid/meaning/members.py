"""Attributes and global names: what ``a.b``, an imported name or a module-level name stands for."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

from . import attributes, specs, tables
from .engine import MAX_DEPTH
from .names import BUILTINS, Binding, FunctionNode, canonical, statements
from .nodes import walk
from .operators import subscript
from .values import (
    DEVICE,
    DTYPE,
    INT,
    NOCONST,
    NONE,
    NOTHING,
    OPAQUE,
    STR,
    UNKNOWN,
    Depends,
    Value,
    element_of,
    join,
    join_all,
    of,
)

if TYPE_CHECKING:
    from .engine import Engine
    from .frame import Frame
    from .module import Module

_CONFIG = Depends.CONFIG
_MAX_SETTERS = 4
FUNCTION = of("function", depends=_CONFIG)
_BUILTIN_TYPES = frozenset(name for name in BUILTINS if isinstance(getattr(__import__("builtins"), name), type))
_SHAPED = {"shape": of("shape", "tuple", depends=Depends.SHAPE), "device": DEVICE.but(Depends.SHAPE),
           "dtype": DTYPE.but(Depends.SHAPE), "ndim": INT.but(Depends.SHAPE)}  # fmt: skip
_FRAMEWORK_ROOTS = frozenset({"torch", "mxnet", "tensorflow", "keras"})
_NAMESPACES = frozenset({"namespace", "class", "opaque", "unknown", "function"})
_WEIGHTS = frozenset({"weight", "bias", "data", "grad", "running_mean", "running_var", "weight_v", "weight_g",
                      "in_proj_weight", "mask",
                      "embeddings", "T", "kernel", "gamma", "beta", "in_proj_bias", "weights", "tensor"})  # fmt: skip
_INNER = {
    "mxnet.nd.np": "mxnet.np",
    "mxnet.nd.npx": "mxnet.npx",
    "mxnet.sym.np": "mxnet.np",
    "mxnet.sym.npx": "mxnet.npx",
}


@lru_cache(maxsize=8192)
def framework_name(qualified: str) -> Value:
    """Return what a framework's (or the host's) qualified name stands for; ``cls`` carries the name on in any case."""
    constant = tables.constant_spec(qualified)
    framework = "tensorflow" if qualified.startswith("keras") else qualified.split(".", 1)[0]
    if constant is not None:
        return specs.parse(constant, framework)
    known = tables.framework_class(qualified)
    if known is not None:
        return of("class", cls=known.name, framework=known.framework, depends=_CONFIG)
    if tables.function_spec(qualified) is not None:
        return of(
            "function", cls=qualified, framework=framework if framework in _FRAMEWORK_ROOTS else "", depends=_CONFIG
        )
    return of("opaque", cls=qualified, framework=framework if framework in _FRAMEWORK_ROOTS else "", depends=_CONFIG)


def qualified_value(engine: Engine, qualified: str) -> Value:
    """Return what a fully qualified name stands for, in the repository or in a framework."""
    key = ("name", qualified)
    found = engine.answers.get(key)
    if isinstance(found, Value):
        return found
    engine.answers[key] = framework_name(qualified)  # for a name that leads to itself, as in a framework's own sources
    value = _qualified_value(engine, qualified)
    engine.answers[key] = value
    return value


def _qualified_value(engine: Engine, qualified: str) -> Value:
    project = engine.project
    resolved = project.resolve(qualified)
    if resolved.startswith("builtins."):
        return builtin(resolved[9:])
    kind = project.kind_named(resolved)
    if kind == "class":
        return of("class", cls=resolved, depends=_CONFIG)
    if kind == "function":
        return Value(frozenset({"function"}), cls=resolved, site=engine.site_of(resolved), depends=_CONFIG)
    if kind == "module":
        return of("namespace", cls=resolved, depends=_CONFIG)
    owner, _, name = resolved.rpartition(".")
    module_found = project.module_named(owner) if owner else None
    if module_found is not None:
        return module_variable(engine, module_found, name)
    return framework_name(_INNER.get(resolved, resolved))


def builtin(name: str) -> Value:
    """Return a builtin by its name."""
    return of("class" if name in _BUILTIN_TYPES else "function", cls=f"builtins.{name}")


def imported(frame: Frame, bindings: list[Binding]) -> Value:
    """Return what an imported name stands for (the framework's, where several imports compete)."""
    targets = [binding.target for binding in bindings if binding.kind == "import" and binding.target]
    if not targets:
        return UNKNOWN
    roots = [target for target in targets if target.split(".", 1)[0] in _FRAMEWORK_ROOTS]
    target = (roots or targets)[0]
    value = qualified_value(frame.engine, canonical(target))
    if len({binding.kind for binding in bindings}) > 1:
        others = [b for b in bindings if b.kind != "import"]
        if bindings[-1].kind == "import" and getattr(bindings[-1].node, "col_offset", 1) == 0 and bindings[-1].target:
            return qualified_value(frame.engine, canonical(bindings[-1].target))
        if all(isinstance(b.value, ast.Constant) and b.value.value is None for b in others):
            return join(value, NONE)
        return join(value, UNKNOWN)
    plain = any(isinstance(binding.node, ast.Import) for binding in bindings)
    if plain and value.kinds == {"opaque"}:
        return replace(value, kinds=frozenset({"namespace"}))
    return value


def global_value(frame: Frame, name: str) -> Value:
    """Return what a module-level name (or a builtin) stands for, seen from a function."""
    return module_variable(frame.engine, frame.module, name)


def module_variable(engine: Engine, module: Module, name: str) -> Value:
    """Return what ``name`` is at the top level of ``module``."""
    key = (id(module), name)
    found = engine.answers.get(key)
    if isinstance(found, Value):
        return found
    value, final = _module_variable(engine, module, name)
    if final:
        engine.answers[key] = value
    return value


def _module_variable(engine: Engine, module: Module, name: str) -> tuple[Value, bool]:
    from .interpret import module_frame

    top = module.scopes.top
    bindings = top.bindings.get(name)
    if bindings is None:
        qualified = top._qualified_name(name, 0)
        if qualified is None:
            return {"__name__": STR, "__file__": STR, "__doc__": STR}.get(name, UNKNOWN), True
        return qualified_value(engine, canonical(qualified)), True
    kinds = {binding.kind for binding in bindings}
    if "import" in kinds:
        frame = module_frame(engine, module, run=False)
        return imported(frame, bindings), True
    if kinds <= {"def", "class"} and len(bindings) == 1:
        prefix = f"{module.name}." if module.name else ""
        node = bindings[0].node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return engine.function_value(node, module, prefix + name), True
        return of("class", cls=prefix + name, depends=_CONFIG), True
    frame = module_frame(engine, module)
    value = (frame.env if frame.env is not None else frame.summary.end).get(name, UNKNOWN)
    final = id(module) not in engine.active
    if name in module.scopes.rebound_globals:
        value = replace(value, const=NOCONST) if not value.is_none else value
        value = join(value, _rebound(engine, module, name, value)).but(Depends.STATE)
    return value, final


def _rebound(engine: Engine, module: Module, name: str, start: Value) -> Value:
    """What the functions with ``global name`` give to it; ``UNKNOWN`` where one of them can't be followed."""
    from .infer import function_facts

    engine.answers[(id(module), name)] = join(start, UNKNOWN).but(Depends.STATE)  # what those functions see meanwhile
    steps = engine.steps
    result = NOTHING
    setters = 0
    for function in module.scopes.functions:
        stores = [node for node in walk(function) if _stores(node, name)] if _declares(function, name) else []
        setters += bool(stores)
        if setters > _MAX_SETTERS or len(engine.active) > MAX_DEPTH:
            result = UNKNOWN
            break
        if stores:
            facts = function_facts(function, module, engine.project)
            result = join_all([result, *(facts.value(node) for node in stores)])
    del engine.answers[(id(module), name)]
    engine.steps = steps
    result = replace(result, const=NOCONST, site=0) if not result.is_none else result
    return result if result.kinds else UNKNOWN


def _declares(function: FunctionNode, name: str) -> bool:
    return any(isinstance(node, ast.Global) and name in node.names for node in statements(function.body))


def _stores(node: ast.AST, name: str) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def attribute(frame: Frame, base: Value, attr: str, node: ast.AST | None) -> Value:
    """Return what ``base.attr`` is."""
    kinds = base.kinds
    if base.cls is not None and kinds <= _NAMESPACES and not (kinds == {"unknown"} and base.depends & Depends.VALUE):
        return _namespace_attribute(frame, base, attr)
    if len(kinds) > 1 and "unknown" not in kinds:
        left = base.without("none")
        if left is not base:
            return attribute(frame, left, attr, node)
        result = Value(frozenset())
        for kind in sorted(kinds):
            result = join(result, attribute(frame, replace(base, kinds=frozenset({kind}), const=NOCONST), attr, node))
        return result
    if base.is_tensor:
        return tensor_attribute(frame, base, attr)
    if base.is_("module", "object"):
        return attributes.instance_attribute(frame, base, attr)
    if base.is_("parameter"):
        if base.cls is not None and frame.engine.project.class_named(base.cls) is not None:
            own = attributes.instance_attribute(frame, base, attr)
            if own.known:
                return own
        spec = tables.table("mxnet").variable.get(attr)
        if spec is None:
            return UNKNOWN if attr.startswith("_") else FUNCTION
        return specs.parse(spec, "mxnet").but(_CONFIG)
    if base.is_("array"):
        host = tables.table("host")
        found: Any = host.attributes.get(attr)
        return FUNCTION if found is None else specs.parse(found, "").but(base.depends)
    if base.is_("shape"):
        return INT.but(base.depends) if attr in ("rank", "ndims") else FUNCTION
    if base.is_("list", "tuple", "dict", "set", "str", "bytes", "int", "float", "bool", "iterator"):
        return FUNCTION if base.kinds.isdisjoint({"tuple"}) else join(FUNCTION, UNKNOWN)
    if base.is_("device", "dtype"):
        return {"type": STR, "index": of("int", "none")}.get(attr, OPAQUE)
    if not kinds:
        return UNKNOWN
    shaped = _SHAPED.get(attr)
    if shaped is not None and kinds == {"unknown"}:
        return join(shaped, STR) if attr == "dtype" and frame.framework == "tensorflow" else shaped  # Keras has names
    if kinds == {"opaque"} and base.depends & _CONFIG and attr not in _WEIGHTS:
        return Value(OPAQUE.kinds, depends=base.depends, assumed=True)  # a field of a configuration object
    if attr in ("__class__", "__dict__", "__name__", "__doc__"):
        return OPAQUE
    return UNKNOWN


def no_tensor(frame: Frame, node: ast.Name | ast.Attribute, value: Value) -> Value:
    """The code goes on only if ``node`` is no tensor: so it is none here and from here on."""
    from .assign import path_of

    left = Value(OPAQUE.kinds, cls=value.cls, depends=value.depends, framework=value.framework)
    frame.keep(node, left)
    path = path_of(node)
    if frame.env is not None and path is not None and (path in frame.env or "." in path):
        frame.env[path] = left
    return left


def has_attribute(frame: Frame, node: ast.Name | ast.Attribute, value: Value, attr: str) -> Value:
    """What ``node`` is, once ``node.attr`` was read from it: with TensorFlow no tensor has just any attribute."""
    if frame.framework != "tensorflow" or attr.startswith("_") or value.cls is not None:
        return value
    table, host = tables.table("tensorflow"), tables.table("host")
    if any(attr in names for names in (table.attributes, table.methods, table.variable, host.methods, host.attributes)):
        return value
    return value if f"{attr}()" in table.variable else no_tensor(frame, node, value)


def _namespace_attribute(frame: Frame, base: Value, attr: str) -> Value:
    assert base.cls is not None
    if not base.cls:
        return module_variable(frame.engine, frame.module, attr)
    info = frame.engine.project.class_named(base.cls)
    if info is not None:
        return attributes.class_attribute(frame, info, attr)
    if base.cls.startswith("builtins.") and base.is_("function", "class"):
        return FUNCTION
    if base.is_("function") and base.site:
        return UNKNOWN
    return qualified_value(frame.engine, canonical(f"{base.cls}.{attr}"))


def tensor_attribute(frame: Frame, base: Value, attr: str) -> Value:
    """Return a tensor's attribute."""
    framework = base.framework or frame.framework
    table = tables.table(framework) if framework else None
    if table is None:
        return _SHAPED.get(attr, UNKNOWN)
    spec = table.variable.get(attr) if base.is_("variable") else None
    spec = spec or table.attributes.get(attr)
    if spec is None:
        if attr in table.methods or f"{attr}()" in table.variable or attr.startswith("__"):
            return FUNCTION
        return UNKNOWN
    value = specs.parse(spec, framework)
    if attr == "shape":
        return Value(value.kinds, elements=_dims(base), depends=Depends.SHAPE)
    if attr == "ndim" and base.rank is not None:
        return Value(INT.kinds, const=base.rank, depends=Depends.SHAPE)
    if value.is_tensor:
        return replace(value, rank=base.rank) if attr in ("T", "data", "grad", "real", "imag") else value
    return value.but(Depends.SHAPE)


def _dims(base: Value) -> tuple[Value, ...] | None:
    if base.rank is None or base.rank > 8:
        return None
    dims = base.dims or (None,) * base.rank
    return tuple(
        Value(INT.kinds, depends=Depends.SHAPE) if dim is None else Value(INT.kinds, const=dim, depends=Depends.SHAPE)
        for dim in dims
    )


def module_items(frame: Frame, container: Value) -> Value:
    """Return what iterating over a module container gives."""
    found = container
    if container.elements is None and container.element is None:
        found = attributes.contents(frame, container) or container
    if found.elements is not None or found.element is not None:
        return element_of(found)
    if container.is_("object"):
        method = attributes.method_of(frame, container, "__iter__")
        return UNKNOWN if method is None else UNKNOWN
    if container.cls in ("torch.nn.ModuleDict", "torch.nn.ParameterDict"):
        return STR
    if container.cls in ("torch.nn.ParameterList",):
        return of("tensor", framework="torch", depends=Depends.VALUE | Depends.SHAPE)
    return of("module", framework=container.framework) if container.cls in MODULE_LISTS else UNKNOWN


MODULE_LISTS = frozenset(
    {"torch.nn.ModuleList", "torch.nn.Sequential", "mxnet.gluon.nn.Sequential", "mxnet.gluon.nn.HybridSequential"}
)


def module_item(frame: Frame, container: Value, index: Value, node: ast.expr) -> Value:
    """Return ``container[index]`` for a module container."""
    found = container
    if container.elements is None and container.element is None and container.keys is None:
        found = attributes.contents(frame, container) or container
    for key, value in found.keys or ():
        if key == index.const:
            return value
    if found.elements is not None or found.element is not None:
        return subscript(replace(found, kinds=frozenset({"module"})), index, node)
    if container.cls == "torch.nn.ParameterList":
        return of("tensor", framework="torch", depends=Depends.VALUE | Depends.SHAPE)
    if container.cls in MODULE_LISTS or container.cls == "torch.nn.ModuleDict":
        return of("module", framework=container.framework, cls=container.cls if isinstance(node, ast.Slice) else None)
    return UNKNOWN
