"""Making instances: of the repository's classes and of frameworks' modules, with what is known of their children."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from . import attributes, builtin_calls, framework_calls, tables
from .arguments import Args
from .operators import items_of, iterate
from .values import OPAQUE, UNKNOWN, Depends, Value, constant, join_all, of

if TYPE_CHECKING:
    from .classes import ClassInfo
    from .frame import Frame
    from .names import FunctionNode

SEQUENTIALS = frozenset({"torch.nn.Sequential", "mxnet.gluon.nn.Sequential", "mxnet.gluon.nn.HybridSequential",
                         "keras.Sequential",
                         "mxnet.gluon.contrib.nn.Sequential"})  # fmt: skip
CONTAINERS = frozenset({"torch.nn.ModuleList", "torch.nn.ParameterList"})


def construct(frame: Frame, callee: Value, args: Args) -> Value:
    """Return an instance of a class."""
    name = callee.cls
    if name is None:
        return UNKNOWN
    if name.startswith("builtins."):
        return builtin_calls.call_builtin(frame, name[9:], args)
    info = frame.engine.project.class_named(name)
    if info is not None:
        init = frame.engine.project.method(info, "__init__")
        made = attributes.instance(frame.engine, info)
        if init is not None and not args.spread:
            _note_call(frame, init[0], init[1], made, args)
        if made.framework and init is None and args.pos:
            known = frame.engine.project.framework_base(info)
            built = construct_framework(frame, known.name if known else "", made.framework, args)
            return replace(made, elements=built.elements, element=built.element)
        return made
    known = tables.framework_class(name)
    if known is not None:
        return construct_framework(frame, known.name, known.framework, args)
    return Value(OPAQUE.kinds, cls=name + "()")


def _note_call(frame: Frame, owner: ClassInfo, method: FunctionNode, made: Value, args: Args) -> None:
    from .interpret import bind

    env = bind(frame, method, owner.module, owner, [made, *args.pos], args.kw, args.spread)
    first = (method.args.posonlyargs or method.args.args or [ast.arg("self")])[0].arg
    frame.engine.note_entry_call(method, {name: value for name, value in env.items() if name != first})


def construct_framework(frame: Frame, name: str, framework: str, args: Args) -> Value:
    """Return an instance of a framework's module class, with what is known of its children."""
    made = of("module", cls=name, framework=framework, depends=Depends.CONFIG)
    if name in SEQUENTIALS:
        if args.spread:
            return replace(made, element=join_all(args.pos))
        if len(args.pos) == 1 and args.pos[0].is_("dict"):
            items = args.pos[0]
            if items.keys is not None:
                return replace(made, elements=tuple(value for _, value in items.keys), site=_site(args))
            return replace(made, element=items.element)
        if framework == "tensorflow":
            found = items_of(args.pos[0]) if args.pos else ()
            return replace(
                made, elements=found, element=None if found is not None else iterate(args.pos[0]), site=_site(args)
            )
        return replace(made, elements=tuple(args.pos), site=_site(args))
    if name in CONTAINERS and args.pos:
        items_known = items_of(args.pos[0])
        if items_known is not None:
            return replace(made, elements=items_known, site=_site(args))
        return replace(made, element=iterate(args.pos[0]), site=_site(args))
    if name in CONTAINERS:
        return replace(made, elements=(), site=_site(args))
    if name in ("torch.nn.ModuleDict", "torch.nn.ParameterDict") and args.pos and args.pos[0].is_("dict"):
        return replace(made, keys=args.pos[0].keys, element=args.pos[0].element)
    return replace(made, keys=_remembered(name, args))


def _remembered(name: str, args: Args) -> tuple[tuple[str, Value], ...] | None:
    """The constructor arguments that matter for calls, defaults included."""
    found = tables.class_entry(name)
    rows = found[1].get("params") if found else None
    kept: list[tuple[str, Value]] = []
    for index, row in enumerate(rows or ()):
        if row[0] in framework_calls.REMEMBERED:
            given = args.get(index, row[0])
            kept.append((row[0], UNKNOWN if args.spread else constant(False) if given is None else given))
    return tuple(kept) or None


def _site(args: Args) -> int:
    return id(args.node) if args.node is not None else 0
