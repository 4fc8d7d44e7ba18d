"""Python's builtin functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .operators import binary, items_of, iterate
from .values import (
    BOOL,
    FLOAT,
    INT,
    NOCONST,
    NONE,
    NOTHING,
    OPAQUE,
    STR,
    TENSORS,
    UNKNOWN,
    Depends,
    Value,
    constant,
    join,
    join_all,
    of,
    sequence,
    sequence_of,
)

if TYPE_CHECKING:
    from .arguments import Args
    from .frame import Frame

_MAX_RANGE = 16


def call_builtin(frame: Frame, name: str, args: Args) -> Value:
    """Return what calling the builtin ``name`` gives."""
    handler = _BUILTINS.get(name)
    if handler is not None:
        return handler(frame, args)
    simple = _RESULTS.get(name)
    depends = join_all(args.pos).depends if args.pos else Depends.NOTHING
    return UNKNOWN if simple is None else simple.but(depends)


def _first(args: Args) -> Value:
    return args.pos[0] if args.pos else NOTHING


def _len(frame: Frame, args: Args) -> Value:
    value = _first(args)
    items = items_of(value)
    if items is not None and not args.spread:
        return constant(len(items))
    if value.is_tensor:
        return INT.but(Depends.SHAPE)
    return INT.but(value.depends & ~(Depends.VALUE | Depends.SHAPE))


def _range(frame: Frame, args: Args) -> Value:
    depends = join_all(args.pos).depends
    bounds = [value.const for value in args.pos]
    if (
        0 < len(bounds) <= 3
        and not args.spread
        and all(type(bound) is int for bound in bounds)
        and (len(bounds) < 3 or bounds[2] != 0)
    ):
        whole = range(*(bound for bound in bounds if isinstance(bound, int)))
        numbers = whole[: _MAX_RANGE + 1]  # the whole one can be too long for `len`
        if len(numbers) <= _MAX_RANGE:
            element = join_all(constant(number, depends) for number in numbers)
            return Value(frozenset({"iterator"}), element=element if numbers else NOTHING, depends=depends)
    return Value(frozenset({"iterator"}), element=INT.but(depends), depends=depends)


def _zip(frame: Frame, args: Args) -> Value:
    if args.spread:
        return sequence_of("iterator", sequence_of("tuple", join_all(iterate(value) for value in args.pos)))
    return sequence_of("iterator", sequence("tuple", [iterate(value) for value in args.pos]))


def _enumerate(frame: Frame, args: Args) -> Value:
    from .members import module_items

    value = _first(args)
    item = module_items(frame, value) if value.is_("module", "object") else iterate(value)
    return sequence_of("iterator", sequence("tuple", [INT, item]))


def _items(frame: Frame, value: Value) -> Value:
    from .members import module_items

    return module_items(frame, value) if value.is_("module", "object") else iterate(value)


def _collect(kind: str) -> Callable[[Frame, Args], Value]:
    def build(frame: Frame, args: Args) -> Value:
        if not args.pos:
            return (
                replace(sequence(kind, ()), site=id(args.node) if args.node is not None else 0)
                if kind != "set"
                else of("set")
            )
        value = args.pos[0]
        items = items_of(value)
        if items is not None and kind in ("list", "tuple"):
            return replace(sequence(kind, items), site=id(args.node) if args.node is not None else 0)
        return sequence_of(kind, _items(frame, value))

    return build


def _dict(frame: Frame, args: Args) -> Value:
    if not args.pos and not args.spread:
        return Value(frozenset({"dict"}), keys=tuple(args.kw.items()),
                     element=join_all(args.kw.values()) if args.kw else None,
                     site=id(args.node) if args.node is not None else 0)  # fmt: skip
    if len(args.pos) == 1 and args.pos[0].is_("dict") and not args.kw:
        return replace(args.pos[0], site=0)
    return of("dict")


def _number(kind: str) -> Callable[[Frame, Args], Value]:
    cast = {"int": int, "float": float, "bool": bool}[kind]

    def build(frame: Frame, args: Args) -> Value:
        value = _first(args)
        if value.const is not NOCONST and isinstance(value.const, int | float):
            try:
                return constant(cast(value.const), value.depends)
            except (ValueError, OverflowError):
                return NOTHING
        if kind == "bool" and value.truth is not None:
            return constant(value.truth, value.depends)
        depends = value.depends
        if value.is_("list", "tuple", "dict", "str", "none", "shape"):
            depends &= ~(Depends.VALUE | Depends.SHAPE)
        return of(kind, depends=depends)

    return build


def _sum(frame: Frame, args: Args) -> Value:
    from .values import element_of

    value = _first(args)
    items = items_of(value)
    start = args.get(1, "start") or constant(0)
    if value.is_tensor:
        return Value(frozenset({"tensor"}), depends=value.depends, framework=value.framework)
    import ast

    element = join_all(items) if items else iterate(value)
    if items is not None and not items:
        return start
    if element.is_tensor:
        return Value(frozenset({"tensor"}), depends=element.depends, framework=element.framework, rank=element.rank)
    if element.is_number and start.is_number:
        kinds = element.kinds | (
            frozenset({"int"}) if items is None or start.is_("int") and element.is_("bool") else frozenset()
        )
        return Value(frozenset("int" if kind == "bool" else kind for kind in kinds), depends=element.depends)
    if not element_of(value).kinds:
        return start
    return binary(ast.Add(), start, element)


def _extreme(frame: Frame, args: Args) -> Value:
    values = args.pos
    if len(values) == 1:
        value = values[0]
        if value.is_tensor:
            return Value(frozenset({"tensor"}), depends=value.depends, framework=value.framework)
        items = items_of(value)
        result = join_all(items) if items else iterate(value)
        return join(result, args.kw["default"]) if "default" in args.kw else result
    return replace(join_all(values), const=NOCONST) if values and not args.spread else UNKNOWN


def _abs(frame: Frame, args: Args) -> Value:
    value = _first(args)
    if value.is_tensor:
        return Value(frozenset({"tensor"}), rank=value.rank, depends=value.depends, framework=value.framework)
    if isinstance(value.const, int | float):
        return constant(abs(value.const), value.depends)
    return replace(value, const=NOCONST) if value.is_number or value.is_("array") else UNKNOWN.but(value.depends)


def _round(frame: Frame, args: Args) -> Value:
    value = _first(args)
    if value.is_tensor:
        return Value(frozenset({"tensor"}), rank=value.rank, depends=value.depends, framework=value.framework)
    if value.is_number:
        return (
            of("int" if len(args.pos) == 1 and not args.kw else "float", depends=value.depends)
            if len(args.pos) == 1
            else (Value(value.kinds, depends=value.depends))
        )
    return UNKNOWN.but(value.depends)


def _sorted(frame: Frame, args: Args) -> Value:
    return sequence_of("list", iterate(_first(args)))


def _reversed(frame: Frame, args: Args) -> Value:
    return sequence_of("iterator", _items(frame, _first(args)))


def _map(frame: Frame, args: Args) -> Value:
    from .arguments import Args as Arguments
    from .calls import call_value

    if args.spread or len(args.pos) < 2:
        return of("iterator")
    element = call_value(frame, args.pos[0], Arguments([_items(frame, value) for value in args.pos[1:]], {}, False))
    return sequence_of("iterator", element)


def _filter(frame: Frame, args: Args) -> Value:
    return sequence_of("iterator", _items(frame, args.pos[1])) if len(args.pos) == 2 else of("iterator")


def _next(frame: Frame, args: Args) -> Value:
    value = iterate(_first(args)) if _first(args).is_("iterator") else UNKNOWN
    return join(value, args.pos[1]) if len(args.pos) > 1 else value


def _iter(frame: Frame, args: Args) -> Value:
    return sequence_of("iterator", _items(frame, _first(args)))


def _getattr(frame: Frame, args: Args) -> Value:
    from .members import attribute

    if len(args.pos) >= 2 and isinstance(args.pos[1].const, str):
        base, name = args.pos[0], args.pos[1].const
        path = f"{frame.self_name}.{name}" if frame.self_value is not None and base == frame.self_value else ""
        value = (frame.env or {}).get(path) or attribute(frame, base, name, None)
        return join(value, args.pos[2]) if len(args.pos) > 2 else value
    base = _first(args)
    if base.cls is not None and base.is_("namespace", "class") or base.is_("opaque"):
        return OPAQUE
    return UNKNOWN


def _divmod(frame: Frame, args: Args) -> Value:
    import ast

    if len(args.pos) != 2:
        return UNKNOWN
    value = binary(ast.FloorDiv(), args.pos[0], args.pos[1])
    return sequence("tuple", [replace(value, const=NOCONST), replace(value, const=NOCONST)])


def _pow(frame: Frame, args: Args) -> Value:
    import ast

    return binary(ast.Pow(), args.pos[0], args.pos[1]) if len(args.pos) == 2 else UNKNOWN


def _type(frame: Frame, args: Args) -> Value:
    value = _first(args)
    return of("class", cls=value.cls if value.is_("module", "object") else None)


def _slice(frame: Frame, args: Args) -> Value:
    return of("slice", depends=join_all(args.pos).depends)


_BUILTINS: dict[str, Callable[[Frame, Args], Value]] = {
    "len": _len, "range": _range, "zip": _zip, "enumerate": _enumerate, "list": _collect("list"),
    "tuple": _collect("tuple"),
    "set": _collect("set"), "frozenset": _collect("set"), "dict": _dict, "int": _number("int"),
    "float": _number("float"),
    "bool": _number("bool"), "sum": _sum, "max": _extreme, "min": _extreme, "abs": _abs, "round": _round,
    "sorted": _sorted,
    "reversed": _reversed, "map": _map, "filter": _filter, "next": _next, "iter": _iter, "getattr": _getattr,
    "divmod": _divmod, "pow": _pow, "type": _type, "slice": _slice,
}  # fmt: skip
_RESULTS: dict[str, Value] = {
    "str": STR, "repr": STR, "format": STR, "chr": STR, "ascii": STR, "hex": STR, "bin": STR, "oct": STR,
    "input": STR, "ord": INT,
    "id": INT, "hash": INT, "print": NONE, "isinstance": BOOL, "issubclass": BOOL, "hasattr": BOOL, "callable": BOOL,
    "any": BOOL, "all": BOOL, "setattr": NONE, "delattr": NONE, "open": of("object"), "bytes": of("bytes"),
    "bytearray": of("object"),
    "object": of("object"), "vars": of("dict"), "globals": of("dict"), "locals": of("dict"), "dir": of("list"),
    "complex": of("complex"),
    "super": of("object"), "__import__": of("namespace"), "memoryview": of("object"), "exec": NONE,
    "staticmethod": of("function"),
    "Exception": of("object"), "ValueError": of("object"), "TypeError": of("object"),
    "NotImplementedError": of("object"),
    "RuntimeError": of("object"), "KeyError": of("object"), "AssertionError": of("object"),
}  # fmt: skip

__all__ = ["FLOAT", "TENSORS", "call_builtin"]
