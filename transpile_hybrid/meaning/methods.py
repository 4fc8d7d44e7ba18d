"""Methods of Python's containers and strings, and of module containers: what they give and what they change."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from .assign import mutate
from .operators import items_of, iterate
from .values import (
    BOOL,
    INT,
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
    sequence,
    sequence_of,
)

if TYPE_CHECKING:
    from .arguments import Args
    from .frame import Frame

_STR_RESULTS = {
    "split": sequence_of("list", STR), "rsplit": sequence_of("list", STR), "splitlines": sequence_of("list", STR),
    "find": INT, "rfind": INT,
    "index": INT, "count": INT, "startswith": BOOL, "endswith": BOOL, "isdigit": BOOL, "isalpha": BOOL, "isupper": BOOL,
    "islower": BOOL, "isspace": BOOL, "isnumeric": BOOL, "encode": of("bytes"), "partition": sequence("tuple",
    [STR] * 3),
    "rpartition": sequence("tuple", [STR] * 3), "isalnum": BOOL, "isidentifier": BOOL,
}  # fmt: skip
_MODULE_CONTAINERS = frozenset({"torch.nn.ModuleList", "torch.nn.Sequential", "torch.nn.ParameterList",
                                "torch.nn.ModuleDict",
                                "mxnet.gluon.nn.Sequential", "mxnet.gluon.nn.HybridSequential",
                                "keras.Sequential"})  # fmt: skip


def builtin_method(frame: Frame, func: ast.Attribute, base: Value, args: Args) -> Value:
    """Return ``base.name(args)`` for a list, tuple, dict, set, string or number."""
    name = func.attr
    if base.is_("str", "bytes"):
        return _STR_RESULTS.get(name, Value(base.kinds)).but(base.depends)
    if base.is_("list", "set"):
        return _list(frame, func, base, args)
    if base.is_("dict"):
        return _dict(frame, func, base, args)
    if base.is_("tuple", "shape"):
        if name in ("index", "count", "numel", "num_elements"):
            return INT.but(base.depends & ~Depends.VALUE)
        if name in ("as_list",):
            return sequence_of("list", join(element_of(base), NONE))
        if name == "is_fully_defined":
            return BOOL.but(Depends.SHAPE)
        return UNKNOWN
    if base.is_("int", "float", "bool"):
        return {"is_integer": BOOL, "bit_length": INT}.get(name, UNKNOWN).but(base.depends)
    return UNKNOWN


def _list(frame: Frame, func: ast.Attribute, base: Value, args: Args) -> Value:
    name, first = func.attr, args.pos[0] if args.pos else NOTHING
    node = func.value
    if name in ("append", "add"):
        if base.elements is not None:
            grown = replace(sequence("list", (*base.elements, first)), site=base.site)
        else:
            grown = replace(base, element=join(element_of(base) if base.element else NOTHING, first))
            if base.element is None and base.kinds == {"list"}:
                grown = replace(base, element=UNKNOWN)
        mutate(frame, node, base, replace(grown, kinds=base.kinds, depends=base.depends | first.depends))
        return NONE
    if name in ("extend", "update"):
        more = items_of(first)
        if base.elements is not None and more is not None:
            grown = replace(sequence("list", (*base.elements, *more)), site=base.site)
        else:
            grown = replace(base, elements=None, element=join(element_of(base), iterate(first)))
        mutate(frame, node, base, replace(grown, kinds=base.kinds, depends=base.depends | first.depends))
        return NONE
    if name == "insert":
        item = args.pos[1] if len(args.pos) > 1 else UNKNOWN
        if base.elements is not None and first.const == 0:
            mutate(frame, node, base, replace(sequence("list", (item, *base.elements)), site=base.site))
        else:
            mutate(frame, node, base, replace(base, elements=None, element=join(element_of(base), item)))
        return NONE
    if name in ("pop", "popleft"):
        if base.elements and (not args.pos or first.const in (-1, 0)):
            at = 0 if first.const == 0 and args.pos else -1
            rest = base.elements[1:] if at == 0 else base.elements[:-1]
            mutate(frame, node, base, replace(base, elements=rest))
            return base.elements[at]
        found = element_of(base)
        mutate(frame, node, base, replace(base, elements=None, element=found))
        return found if found.kinds else UNKNOWN
    if name in ("reverse", "sort", "remove", "clear", "discard"):
        mutate(frame, node, base, replace(base, elements=() if name == "clear" else None, element=element_of(base)))
        return NONE
    if name in ("index", "count"):
        return INT
    if name in ("copy", "union", "intersection", "difference"):
        return replace(base, site=0)
    return UNKNOWN


def _dict(frame: Frame, func: ast.Attribute, base: Value, args: Args) -> Value:
    name, first = func.attr, args.pos[0] if args.pos else NOTHING
    element = join_all(v for _, v in base.keys) if base.keys else base.element if base.element is not None else UNKNOWN
    if name in ("get", "pop", "setdefault"):
        fallback = args.pos[1] if len(args.pos) > 1 else NONE
        if base.keys is not None and isinstance(first.const, str):
            for key, value in base.keys:
                if key == first.const:
                    return value
            return fallback if name == "get" else join(fallback, UNKNOWN)
        return join(element, fallback)
    if name == "keys":
        return sequence_of("iterator", STR if base.keys else OPAQUE)
    if name == "values":
        return sequence_of("iterator", element)
    if name == "items":
        return sequence_of("iterator", sequence("tuple", [STR if base.keys else OPAQUE, element]))
    if name == "copy":
        return replace(base, site=0)
    if name in ("update", "clear"):
        mutate(frame, func.value, base, replace(base, keys=None, element=UNKNOWN))
        return NONE
    if name == "popitem":
        return sequence("tuple", [OPAQUE, element])
    return UNKNOWN


def module_method(frame: Frame, func: ast.Attribute, base: Value, args: Args) -> Value | None:
    """Methods of module containers that change or list their children, and registrations on ``self``."""
    name = func.attr
    if base.cls in _MODULE_CONTAINERS:
        if name in ("append", "add", "add_module", "insert", "extend", "register_child"):
            new = (
                args.pos
                if name in ("append", "add")
                else args.pos[1:]
                if name != "extend"
                else [iterate(args.pos[0])]
                if args.pos
                else []
            )
            if args.spread:
                new = [join_all(new)]
            if (
                base.elements is not None
                and name in ("append", "add", "add_module")
                and not args.spread
                and len(base.elements) < 16
            ):
                grown = replace(base, elements=(*base.elements, *new))
            else:
                held = element_of(base) if base.elements is not None or base.element is not None else NOTHING
                grown = replace(base, elements=None, element=join(held, join_all(new)))
            mutate(frame, func.value, base, grown)
            return base if name in ("append", "insert", "extend") else NONE
        if name in ("values", "items", "keys"):
            child = (
                element_of(base)
                if base.element is not None or base.elements is not None
                else of("module", framework=base.framework)
            )
            if base.keys:
                child = join_all(value for _, value in base.keys)
            return {"values": sequence_of("iterator", child), "keys": sequence_of("iterator", STR)}.get(
                name, sequence_of("iterator", sequence("tuple", [STR, child]))
            )
        if name == "children" and base.elements is not None:
            return sequence_of("iterator", element_of(base))
    own = frame.self_value is not None and isinstance(func.value, ast.Name) and func.value.id == frame.self_name
    if own and name in ("register_buffer", "register_parameter", "add_module", "register_module", "register_child"):
        return _register(frame, name, args)
    if own and name in ("add", "append"):  # a container class of its own
        held = frame.summary.stores.get("<contents>", Value(frozenset({"module"}), elements=()))
        item = join_all(args.pos)
        counted = held.elements is not None and len(held.elements) < 16 and not args.spread
        if counted:
            frame.summary.stores["<contents>"] = replace(held, elements=(*(held.elements or ()), *args.pos))
        else:
            element = join(element_of(held), item)
            frame.summary.stores["<contents>"] = replace(held, elements=None, element=element)
        return NONE
    if name == "get" and base.cls == "mxnet.gluon.ParameterDict" or name == "get_constant":
        return of("parameter", framework="mxnet", depends=Depends.CONFIG)
    return None


def _register(frame: Frame, name: str, args: Args) -> Value:
    key = args.get(0, "name")
    value = args.get(
        1, "tensor" if name == "register_buffer" else "param" if name == "register_parameter" else "module"
    )
    if key is not None and isinstance(key.const, str) and frame.env is not None and value is not None:
        if name == "register_buffer" and not value.known:
            value = (
                join(of("tensor", framework="torch"), NONE) if value.may_be_none else of("tensor", framework="torch")
            )
        frame.env[f"{frame.self_name}.{key.const}"] = value
        frame.summary.stores[key.const] = value
    return NONE
