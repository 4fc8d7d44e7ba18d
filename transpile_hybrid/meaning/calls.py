"""Calls: of the repository's functions, methods and classes, of modules, and on to frameworks and builtins."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from . import attributes, builtin_calls, construct, framework_calls, members, methods, tables
from .arguments import Args
from .late import ENTRY_NAMES
from .operators import items_of, iterate
from .values import (
    NOCONST,
    NONE,
    NOTHING,
    OPAQUE,
    UNKNOWN,
    Depends,
    Value,
    join,
    join_all,
    of,
    sequence,
    tensor,
)

if TYPE_CHECKING:
    from .classes import ClassInfo
    from .frame import Frame
    from .names import FunctionNode

_ENTRY = {
    "torch": ("__call__", "forward"),
    "mxnet": ("__call__", "forward", "hybrid_forward"),
    "tensorflow": ("call", "__call__"),
}


def arguments(frame: Frame, node: ast.Call) -> Args:
    """Evaluate the arguments of a call."""
    pos: list[Value] = []
    kw: dict[str, Value] = {}
    spread = False
    for part in node.args:
        value = frame.eval(part)
        if isinstance(part, ast.Starred):
            items = items_of(value)
            if items is None:
                spread = True
                pos.append(iterate(value))
            else:
                pos += items
        else:
            pos.append(value)
    for keyword in node.keywords:
        value = frame.eval(keyword.value)
        if keyword.arg is not None:
            kw[keyword.arg] = value
        elif value.is_("dict") and value.keys is not None:
            kw.update(value.keys)
        else:
            spread = True
    return Args(pos, kw, spread, node)


def call(frame: Frame, node: ast.Call) -> Value:
    """Return the value of a call."""
    func = node.func
    if isinstance(func, ast.Attribute):
        if isinstance(func.value, ast.Call) and isinstance(func.value.func, ast.Name) and func.value.func.id == "super":
            return _super_call(frame, node, func)
        base = frame.eval(func.value)
        if "unknown" in base.kinds and isinstance(func.value, ast.Name | ast.Attribute):
            base = members.has_attribute(frame, func.value, base, func.attr)
        return _method_call(frame, node, func, base)
    callee = frame.eval(func)
    if "unknown" in callee.kinds and isinstance(func, ast.Name):  # no framework's tensor can be called
        members.no_tensor(frame, func, callee)
    return call_value(frame, callee, arguments(frame, node))


def _method_call(frame: Frame, node: ast.Call, func: ast.Attribute, base: Value) -> Value:
    from .assign import path_of

    held = frame.env.get(path_of(func) or "") if frame.env else None
    if held is not None:
        frame.keep(func, held)
        return call_value(frame, held, arguments(frame, node))
    return method_call(frame, func, base, arguments(frame, node))


def method_call(frame: Frame, func: ast.Attribute, base: Value, args: Args) -> Value:
    """Return ``base.attr(args)``."""
    if len(base.kinds) > 1 and "unknown" not in base.kinds:
        left = base.without("none")
        if left is not base:
            return method_call(frame, func, left, args)
        if base.kinds <= {"tensor", "variable"}:
            return framework_calls.tensor_method(frame, base, func.attr, args)
        result = NOTHING
        for kind in sorted(base.kinds):
            part = replace(base, kinds=frozenset({kind}), const=NOCONST)
            result = join(result, method_call(frame, func, part, args))
        return result
    frame.keep(func, members.FUNCTION)
    if base.is_tensor:
        return framework_calls.tensor_method(frame, base, func.attr, args)
    if (
        base.is_("module", "object")
        or base.is_("list", "dict", "tuple")
        and frame.engine.project.class_named(base.cls) is not None
        or base.is_("parameter")
        and attributes.method_of(frame, base, func.attr) is not None
    ):
        return _instance_call(frame, func, base, args)
    if base.is_("list", "dict", "set", "str", "bytes", "tuple", "shape", "iterator", "int", "float", "bool"):
        return methods.builtin_method(frame, func, base, args)
    if base.is_("parameter"):
        spec = tables.table("mxnet").variable.get(func.attr + "()")
        return UNKNOWN if spec is None else framework_calls.result("mxnet", spec, args)
    if base.is_("array"):
        spec = tables.table("host").methods.get(func.attr)
        return OPAQUE if spec is None else framework_calls.result("", spec, args).but(base.depends)
    if base.cls is not None and base.kinds <= {"namespace", "class", "opaque", "function", "unknown"}:
        callee = members.attribute(frame, base, func.attr, func)
        frame.keep(func, callee)
        info = frame.engine.project.class_named(base.cls)
        if info is not None and base.is_("class"):
            return _class_method_call(frame, info, func.attr, callee, args)
        return call_value(frame, callee, args)
    if "unknown" in base.kinds:
        return framework_calls.unknown_method(frame, base, func.attr, args)
    return OPAQUE if base.is_("device", "dtype", "slice") else UNKNOWN


def _class_method_call(frame: Frame, info: ClassInfo, name: str, callee: Value, args: Args) -> Value:
    from .interpret import call_function

    found = frame.engine.project.method(info, name)
    if found is None:
        if name == "apply" and "torch.autograd.Function" in info.bases:
            return _autograd_apply(frame, info, args)
        return call_value(frame, callee, args)
    owner, method = found
    names = {owner.module.qualified(decorator) for decorator in method.decorator_list}
    if "builtins.staticmethod" in names:
        return call_function(frame, method, owner.module, owner, None, args.pos, args.kw, args.spread)
    if "builtins.classmethod" in names:
        cls = of("class", cls=info.qualified)
        return call_function(frame, method, owner.module, owner, None, [cls, *args.pos], args.kw, args.spread)
    if args.pos and name == "__init__":  # Base.__init__(self, ...)
        return call_function(frame, method, owner.module, owner, args.pos[0], args.pos[1:], args.kw, args.spread)
    return call_function(
        frame, method, owner.module, owner, args.pos[0] if args.pos else None, args.pos[1:], args.kw, args.spread
    )


def _autograd_apply(frame: Frame, info: ClassInfo, args: Args) -> Value:
    from .interpret import call_function

    found = frame.engine.project.method(info, "forward")
    if found is None:
        return UNKNOWN
    owner, method = found
    return call_function(frame, method, owner.module, owner, None, [OPAQUE, *args.pos], args.kw, args.spread)


def _super_call(frame: Frame, node: ast.Call, func: ast.Attribute) -> Value:
    from .interpret import call_function

    inner = func.value
    assert isinstance(inner, ast.Call)
    frame.keep(inner, OPAQUE)
    frame.keep(func, members.FUNCTION)
    args = arguments(frame, node)
    for part in inner.args:
        frame.eval(part)
    if frame.info is None or frame.self_value is None:
        return UNKNOWN
    project = frame.engine.project
    start = project.class_named(frame.self_value.cls) or frame.info
    found = project.next_method(start, frame.info, func.attr)
    if found is not None:
        owner, method = found
        if func.attr in ENTRY_NAMES and owner is not start:  # others call it with tensors all the same
            frame.engine.note_entry_call(method, dict.fromkeys(_taken(method), tensor(frame.framework)))
        return call_function(frame, method, owner.module, owner, frame.self_value, args.pos, args.kw, args.spread)
    known = project.framework_base(frame.info)
    if func.attr == "__init__":
        if known is not None:
            made = construct.construct_framework(frame, known.name, known.framework, args)
            if made.elements is not None or made.element is not None:
                frame.summary.stores["<contents>"] = made
        return NONE
    if known is None:
        return UNKNOWN
    calls_forward = func.attr == "__call__" and known.framework in ("mxnet", "torch")
    if calls_forward and project.method(start, "__call__") is not None:
        return apply_module(frame, frame.self_value, args, direct=True)
    if func.attr in ("forward", "call", "__call__", "hybrid_forward"):
        return framework_calls.apply_framework(frame, of("module", cls=known.name, framework=known.framework), args)
    spec = tables.table(known.framework).base_methods.get(func.attr)
    return UNKNOWN if spec is None else framework_calls.result(known.framework, spec, args)


def _taken(method: FunctionNode) -> list[str]:
    """The parameters without a default, ``self`` left out."""
    names = [argument.arg for argument in [*method.args.posonlyargs, *method.args.args]]
    return names[1 : len(names) - len(method.args.defaults)]


def _instance_call(frame: Frame, func: ast.Attribute, base: Value, args: Args) -> Value:
    from .interpret import call_function

    engine = frame.engine
    info = engine.project.class_named(base.cls)
    if info is not None:
        attrs = engine.attrs.get(info.qualified)
        held = attributes.attr_value(engine, attrs, func.attr) if attrs is not None and attrs.ready else None
        if attrs is None:
            held = attributes.attr_value(engine, attributes.class_attrs(engine, info), func.attr)
        found = engine.project.method(info, func.attr)
        if held is not None and (found is None or func.attr in (engine.attrs[info.qualified].values)):
            frame.keep(func, OPAQUE if "unknown" in held.kinds else held)  # what is called is no tensor
            return call_value(frame, held, args)
        if found is not None:
            owner, method = found
            frame.keep(func, engine.function_value(method, owner.module, f"{owner.qualified}.{func.attr}"))
            names = {owner.module.qualified(decorator) for decorator in method.decorator_list}
            if names & {"builtins.property", "functools.cached_property"}:
                return call_value(frame, attributes.instance_attribute(frame, base, func.attr), args)
            if "builtins.staticmethod" in names:
                return call_function(frame, method, owner.module, owner, None, args.pos, args.kw, args.spread)
            if "builtins.classmethod" in names:
                cls = of("class", cls=info.qualified)
                return call_function(frame, method, owner.module, owner, None, [cls, *args.pos], args.kw, args.spread)
            if func.attr in _ENTRY.get(base.framework, ()):
                return apply_module(frame, base, args, direct=func.attr != "__call__")
            return call_function(frame, method, owner.module, owner, base, args.pos, args.kw, args.spread)
    found_special = methods.module_method(frame, func, base, args)
    if found_special is not None:
        return found_special
    known = engine.project.framework_base(info) if info is not None else None
    framework = known.framework if known is not None else base.framework
    if func.attr in ("forward", "call", "hybrid_forward") and framework:
        return apply_module(frame, base, args)
    if framework and (base.is_("module") or known is not None):
        spec = tables.table(framework).base_methods.get(func.attr)
        if spec is not None:
            value = framework_calls.result(framework, spec, args)
            if value.is_("module") and func.attr in (
                "to",
                "cuda",
                "cpu",
                "eval",
                "train",
                "half",
                "float",
                "double",
                "apply",
                "requires_grad_",
            ):
                return base
            return value
    value = attributes.instance_attribute(frame, base, func.attr)
    if not value.is_("function"):
        frame.keep(func, OPAQUE if "unknown" in value.kinds else value)
        if value.known:
            return call_value(frame, value, args)
    return framework_calls.object_method(frame, base, func.attr, args)


def call_value(frame: Frame, callee: Value, args: Args) -> Value:
    """Return what calling ``callee`` gives."""
    kinds = callee.kinds
    if callee.options is not None:
        return join_all(call_value(frame, option, args) for option in callee.options)
    if len(kinds) > 1:
        if "unknown" in kinds or "opaque" in kinds and callee.cls is None:
            return UNKNOWN
        left = callee.without("none")
        if left is not callee:
            return call_value(frame, left, args)
        if "class" in kinds and callee.cls is not None:
            return replace(call_value(frame, replace(callee, kinds=frozenset({"class"})), args), assumed=True)
        result = NOTHING
        for kind in sorted(kinds):
            result = join(result, call_value(frame, replace(callee, kinds=frozenset({kind}), const=NOCONST), args))
        return result
    if callee.is_("class"):
        return construct.construct(frame, callee, args)
    if callee.is_("function"):
        return call_function_value(frame, callee, args)
    if callee.is_("module"):
        return apply_module(frame, callee, args)
    if callee.is_("object") and callee.cls is not None:
        return _call_object(frame, callee, args)
    if callee.cls is not None and callee.is_("opaque", "namespace"):
        last = callee.cls.rsplit(".", 1)[-1]
        if last[:1].isupper() and not last.isupper():
            return Value(OPAQUE.kinds, cls=callee.cls + "()", depends=Depends.CONFIG)
        return framework_calls.unknown_function(callee.cls, args)
    return UNKNOWN


def call_function_value(frame: Frame, callee: Value, args: Args) -> Value:
    """Return what calling a function value gives."""
    from .interpret import call_function

    engine = frame.engine
    if callee.site:
        made = engine.lambdas.get(callee.site)
        if made is not None:
            node, outer = made
            closure = None if outer.scope.is_module else outer
            return call_function(frame, node, outer.module, None, None, args.pos, args.kw, args.spread, closure)
        definition = engine.definition(callee)
        if definition is not None:
            function, module, closure = definition
            return call_function(frame, function, module, None, None, args.pos, args.kw, args.spread, closure)
        return UNKNOWN
    if callee.cls is None:
        return UNKNOWN
    if callee.cls == "functools.partial()" and callee.elements:
        return call_value(
            frame,
            callee.elements[0],
            Args([*callee.elements[1:], *args.pos], {**dict(callee.keys or ()), **args.kw}, args.spread),
        )
    if callee.cls == "functools.partial":
        first = args.pos[0] if args.pos else UNKNOWN
        return Value(frozenset({"function"}), cls="functools.partial()", elements=tuple(args.pos),
                     depends=Depends.CONFIG,
                     keys=tuple(args.kw.items())) if first.known and not args.spread else OPAQUE  # fmt: skip
    if callee.cls.startswith("builtins."):
        return builtin_calls.call_builtin(frame, callee.cls[9:], args)
    return framework_calls.call_function(frame, callee.cls, args)


def apply_module(frame: Frame, module: Value, args: Args, direct: bool = False) -> Value:
    """Return what calling a module gives; ``direct``: what a ``__call__`` of its own hands on to."""
    from .interpret import call_function

    engine = frame.engine
    info = engine.project.class_named(module.cls)
    if info is None:
        return framework_calls.apply_framework(frame, module, args)
    for name in _ENTRY.get(module.framework, ("forward",)):
        found = None if direct and name == "__call__" else engine.project.method(info, name)
        if found is None:
            continue
        owner, method = found
        pos = args.pos
        if name == "hybrid_forward":
            pos = [of("namespace", cls="mxnet.nd", framework="mxnet"), *pos]
            parameters = [a.arg for a in method.args.args[1 + len(pos) :]]
            extra = {key: tensor("mxnet") for key in parameters if _is_parameter(engine, info, key)}
            args = Args(pos, {**extra, **args.kw}, args.spread)
        return call_function(frame, method, owner.module, owner, module, pos, args.kw, args.spread)
    known = engine.project.framework_base(info)
    if known is None:
        return UNKNOWN
    held = attributes.contents(frame, module)
    elements = module.elements if held is None else held.elements
    element = module.element if held is None else held.element
    as_base = replace(module, cls=known.name, framework=known.framework, elements=elements, element=element)
    return framework_calls.apply_framework(frame, as_base, args)


def _is_parameter(engine: object, info: ClassInfo, name: str) -> bool:
    from .engine import Engine

    assert isinstance(engine, Engine)
    value = attributes.class_attrs(engine, info).values.get(name)
    return value is not None and value.may_be("parameter")


def _call_object(frame: Frame, callee: Value, args: Args) -> Value:
    from .interpret import call_function

    found = attributes.method_of(frame, callee, "__call__")
    if found is None:
        return UNKNOWN
    owner, method = found
    return call_function(frame, method, owner.module, owner, callee, args.pos, args.kw, args.spread)


__all__ = ["Args", "apply_module", "arguments", "call", "call_value", "sequence"]
