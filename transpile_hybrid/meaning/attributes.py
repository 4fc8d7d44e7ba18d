"""Attributes of instances: what ``__init__`` gives to ``self``, and what other methods do to it later."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from . import evidence, specs, tables
from .classes import ClassInfo
from .late import Late, late_value
from .names import FunctionNode, statements
from .stores import first_parameter, self_assignments
from .values import NOCONST, NONE, OPAQUE, UNKNOWN, Depends, Value, join, of

if TYPE_CHECKING:
    from .engine import Engine, Summary
    from .frame import Frame

INIT_METHODS = {
    "torch": ("__init__",),
    "mxnet": ("__init__",),
    "tensorflow": ("__init__", "build"),
    "": ("__init__", "__post_init__"),
}
FUNCTION = of("function", depends=Depends.CONFIG)
_SPECIAL = {"__class__": of("class", depends=Depends.CONFIG), "__dict__": of("dict"), "__module__": of("str"),
            "__doc__": of("str", "none"), "__name__": of("str"), "__qualname__": of("str")}  # fmt: skip


@dataclass(eq=False)
class ClassAttrs:
    """What instances of one class hold."""

    info: ClassInfo
    framework: str
    class_level: _ClassLevel
    values: dict[str, Value] = field(default_factory=dict)
    late: Late = field(default_factory=Late)
    setters: dict[str, frozenset[str]] = field(default_factory=dict)
    summaries: list[Summary] = field(default_factory=list)
    built_by: frozenset[str] = frozenset()
    guards: dict[str, frozenset[str]] = field(default_factory=dict)
    ready: bool = False
    open_ended: bool = False


def class_attrs(engine: Engine, info: ClassInfo) -> ClassAttrs:
    """Return the attributes of a class's instances (``ready`` is false while they are being found out)."""
    found = engine.attrs.get(info.qualified)
    if found is not None and found.info is info:
        return found
    base = engine.project.framework_base(info)
    attrs = ClassAttrs(info, base.framework if base else "", _ClassLevel(engine, info))
    engine.attrs[info.qualified] = attrs
    _setters(engine, attrs)
    with engine.afresh():
        _construct(engine, attrs)
    attrs.ready = True
    if any(value.kinds > NONE.kinds for value in attrs.values.values()):
        attrs.guards = _guards(engine, attrs)
    return attrs


def instance(engine: Engine, info: ClassInfo) -> Value:
    """Return an instance of a class of the repository."""
    base = engine.project.framework_base(info)
    if base is not None:
        return of("module", cls=info.qualified, framework=base.framework, depends=Depends.CONFIG)
    kind = "object"
    for name in [name for owner in engine.project.lineage(info) for name in owner.bases]:
        if name in ("typing.NamedTuple", "builtins.tuple"):
            kind = "tuple"
        elif name in ("builtins.dict", "collections.OrderedDict", "collections.UserDict"):
            kind = "dict"
        elif name in ("mxnet.gluon.Parameter", "mxnet.gluon.parameter.Parameter", "mxnet.gluon.Constant"):
            return of("parameter", cls=info.qualified, framework="mxnet", depends=Depends.CONFIG)
        elif name in ("builtins.list", "builtins.str", "builtins.int", "builtins.float"):
            kind = name.removeprefix("builtins.")
    if kind == "object" and engine.project.unresolved_bases(info):  # a base that isn't known: it can be a module too
        return of("object", "module", cls=info.qualified, depends=Depends.CONFIG)
    return of(kind, cls=info.qualified, depends=Depends.CONFIG)


def _setters(engine: Engine, attrs: ClassAttrs) -> None:
    found: dict[str, set[str]] = {}
    seen: set[str] = set()
    for owner in engine.project.lineage(attrs.info):
        for name in owner.methods:
            if name in seen and name != "__init__":
                continue
            seen.add(name)
            for attr in owner.stores.get(name, ()):
                found.setdefault(attr, set()).add(name)
    attrs.setters = {name: frozenset(methods) for name, methods in found.items()}


class _ClassLevel:
    """What the bodies of a class and its bases bind; a body is interpreted when one of its names is asked for."""

    def __init__(self, engine: Engine, info: ClassInfo) -> None:
        self._engine = engine
        self._lineage = engine.project.lineage(info)

    def get(self, name: str) -> Value | None:
        """Return what the nearest of the bodies that bind ``name`` gives to it."""
        from .interpret import class_level

        for owner in self._lineage:
            if name in owner.level:
                info = self._engine.project.class_named(owner.qualified)
                value = class_level(self._engine, info).get(name) if info is not None else None
                if value is not None:
                    return value
        return None

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for owner in self._lineage for name in owner.level})


def _construct(engine: Engine, attrs: ClassAttrs) -> None:
    from .interpret import run_method

    info = attrs.info
    built: set[str] = set()
    for name in INIT_METHODS.get(attrs.framework, ("__init__",)):
        found = engine.project.method(info, name)
        if found is None:
            continue
        summary = run_method(
            engine, found[0], found[1], instance(engine, info), "init", attrs.framework, dict(attrs.values)
        )
        built.add(name)
        if summary is None:
            attrs.open_ended = True
            continue
        attrs.summaries.append(summary)
        _take(attrs, summary, found[1])
        built |= _called(summary)
    attrs.built_by = frozenset(built)
    if attrs.framework == "tensorflow":
        _from_uses(engine, attrs)


def _from_uses(engine: Engine, attrs: ClassAttrs) -> None:
    """An attribute that nothing tells of, but that is called or has what no tensor has, is no tensor."""
    unknown = {name for name, value in attrs.values.items() if "unknown" in value.kinds and not name.startswith("<")}
    if not unknown:
        return
    methods = [(method, owner.module) for owner in engine.project.mro(attrs.info) for method in owner.methods.values()]
    for name, layer in evidence.no_tensors(methods, unknown, attrs.framework).items():
        held = attrs.values[name]
        found = of("module", framework=attrs.framework) if layer and held.kinds != {"unknown", "none"} else OPAQUE
        attrs.values[name] = replace(found, depends=held.depends, assumed=True)


def _guards(engine: Engine, attrs: ClassAttrs) -> dict[str, frozenset[str]]:
    """``if self.use_bias: self.bias = ...`` and else ``None``: the flag tells of the other attribute.

    Maps a flag to the attributes that are not ``None`` where it is true; all of them are set in the constructor alone.
    """
    doubtful = {name for name, value in attrs.values.items() if value.kinds > NONE.kinds}
    under: dict[str, set[str]] = {}
    elsewhere: set[str] = set()
    for row in engine.project.lineage(attrs.info):
        setting = [name for name, stored in row.stores.items() if not doubtful.isdisjoint(stored)]
        owner = engine.project.class_named(row.qualified) if setting else None
        for method in [owner.methods[name] for name in setting] if owner is not None else ():
            first = first_parameter(method)
            flags = {id(inner): flag for node in statements(method.body) if isinstance(node, ast.If)
                     and (flag := _flag(node.test, first, method)) for inner in statements(node.body)}  # fmt: skip
            for name, statement in self_assignments(method):
                if name not in doubtful or isinstance(statement, ast.Assign) and _is_none(statement.value):
                    continue
                flag = flags.get(id(statement))
                if flag is not None and method.name in attrs.built_by:
                    under.setdefault(flag, set()).add(name)
                else:
                    elsewhere.add(name)
    constant_flags = {flag for flag in under if attrs.setters.get(flag, frozenset()) <= {"__init__"}}
    several = {name for name in attrs.values if sum(name in names for names in under.values()) > 1}
    found = {flag: frozenset(under[flag] - elsewhere - several) for flag in constant_flags}
    return {flag: names for flag, names in found.items() if names}


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _flag(test: ast.expr, first: str, method: FunctionNode) -> str | None:
    """The attribute whose truth ``test`` is: ``self.use_bias``, or the parameter that became it."""
    if isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name) and test.value.id == first:
        return test.attr
    if not isinstance(test, ast.Name):
        return None
    for name, statement in self_assignments(method):
        if name == test.id and isinstance(statement, ast.Assign):
            return name if isinstance(statement.value, ast.Name) and statement.value.id == name else None
    return None


def _take(attrs: ClassAttrs, summary: Summary, method: FunctionNode) -> None:
    first = first_parameter(method)
    for name, value in summary.stores.items():
        ended = summary.end.get(f"{first}.{name}")
        attrs.values[name] = value if ended is None else ended


def _called(summary: Summary, depth: int = 0) -> set[str]:
    found: set[str] = set()
    for call in summary.calls:
        if isinstance(call.function, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(call.function.name)
            if depth < 4:
                found |= _called(call, depth + 1)
    return found


def attr_value(engine: Engine, attrs: ClassAttrs, name: str) -> Value | None:
    """Return what the attribute is whenever a method reads it, ``None`` if nothing tells."""
    value = attrs.values.get(name)
    if value is None:
        value = attrs.class_level.get(name)
    methods = attrs.setters.get(name)
    if methods is not None and not methods <= attrs.built_by | {"__init__"} and attrs.ready:
        late = late_value(engine, attrs, name)
        value = late if value is None else join(_no_const(value), late)
        return value.but(Depends.STATE)
    if value is not None and value.kinds:
        return value
    return None


def _no_const(value: Value) -> Value:
    return value if value.const is NOCONST or value.const is None else replace(value, const=NOCONST)


def instance_attribute(frame: Frame, base: Value, attr: str) -> Value:
    """Return ``base.attr`` for a module or object."""
    engine = frame.engine
    info = engine.project.class_named(base.cls)
    if info is not None:
        attrs = class_attrs(engine, info)
        value = attr_value(engine, attrs, attr)
        if value is not None and not (value.is_("function") and attr not in attrs.values):
            return value
        method = engine.project.method(info, attr)
        if method is not None:
            return _method_value(frame, base, *method)
        if value is not None:
            return value
        known = engine.project.framework_base(info)
        if known is None:
            return UNKNOWN
        if attr in attrs.setters and not attrs.ready:
            return UNKNOWN
        return framework_attribute(known.name, known.framework, attr)
    if base.cls is not None:
        return framework_attribute(base.cls, base.framework, attr)
    if attr in _SPECIAL:
        return _SPECIAL[attr]
    return framework_attribute("", base.framework, attr) if base.is_("module") else UNKNOWN


def _method_value(frame: Frame, base: Value, owner: ClassInfo, method: FunctionNode) -> Value:
    names = {owner.module.qualified(decorator) for decorator in method.decorator_list}
    if names & {"builtins.property", "functools.cached_property"}:
        from .interpret import call_function

        return call_function(frame, method, owner.module, owner, base, [], {}, False)
    return frame.engine.function_value(method, owner.module, f"{owner.qualified}.{method.name}")


def class_attribute(frame: Frame, info: ClassInfo, attr: str) -> Value:
    """Return ``Class.attr``."""
    from .interpret import class_level

    nested = frame.engine.project.class_named(f"{info.qualified}.{attr}")
    if nested is not None:
        return of("class", cls=nested.qualified, depends=Depends.CONFIG)
    method = frame.engine.project.method(info, attr)
    if method is not None:
        owner, node = method
        return frame.engine.function_value(node, owner.module, f"{owner.qualified}.{attr}")
    for owner in frame.engine.project.mro(info):
        if _is_enum(owner):
            return of("object", cls=owner.qualified)
        value = class_level(frame.engine, owner).get(attr)
        if value is not None:
            return value
    if attr in ("__name__", "__doc__", "__module__", "__qualname__"):
        return of("str")
    known = frame.engine.project.framework_base(info)
    if known is not None or "torch.autograd.Function" in info.bases:
        return FUNCTION
    return OPAQUE


def _is_enum(info: ClassInfo) -> bool:
    return any(name in ("enum.Enum", "enum.IntEnum", "enum.Flag", "enum.StrEnum") for name in info.bases)


def framework_attribute(name: str, framework: str, attr: str) -> Value:
    """Return an attribute of an instance of a framework's class."""
    if not framework:
        return UNKNOWN
    found = tables.class_entry(name)
    spec = found[1].get("attrs", {}).get(attr) if found else None
    table = tables.table(framework)
    spec = spec or table.base_attributes.get(attr)
    if spec is not None:
        value = specs.parse(spec, framework)
        return value if value.has_tensor else value.but(Depends.CONFIG)
    if attr in _SPECIAL:
        return _SPECIAL[attr]
    if attr in table.base_methods or attr.startswith("__") or attr in ("forward", "call", "hybrid_forward"):
        return FUNCTION
    return UNKNOWN


def contents(frame: Frame, container: Value) -> Value | None:
    """Return a value whose elements are the children of a container class of the repository."""
    info = frame.engine.project.class_named(container.cls)
    if info is None:
        return None
    return class_attrs(frame.engine, info).values.get("<contents>")


def method_of(frame: Frame, value: Value, name: str) -> tuple[ClassInfo, FunctionNode] | None:
    """Return the repository's method that ``value.name`` is."""
    info = frame.engine.project.class_named(value.cls)
    return None if info is None else frame.engine.project.method(info, name)
