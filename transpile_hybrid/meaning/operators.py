"""What operators, subscripts and iteration give, by kinds alone."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .values import (
    BOOL,
    NOCONST,
    NOTHING,
    OPAQUE,
    TENSORS,
    UNKNOWN,
    Depends,
    Value,
    constant,
    element_of,
    join,
    join_all,
    of,
    sequence,
    sequence_of,
    tensor,
)

_NUMBER_ORDER = ("bool", "int", "float", "complex")
_NUMBERS = frozenset(_NUMBER_ORDER)
_SEQUENCES = frozenset({"list", "tuple", "shape"})
_FOLD: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitOr: operator.or_, ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}  # fmt: skip
_FOLD_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
_BIG = 1 << 40


def binary(op: ast.operator, left: Value, right: Value) -> Value:
    """Return what ``left op right`` is."""
    if not left.kinds or not right.kinds:
        return NOTHING
    depends = left.depends | right.depends
    if left.is_tensor or right.is_tensor:
        other = right if left.is_tensor else left
        base = left if left.is_tensor else right
        if not isinstance(op, ast.Mod) or not other.is_("str"):
            rank = _broadcast_rank(op, left, right)
            return Value(frozenset({"tensor"}), rank=rank, depends=depends | base.depends, framework=base.framework,
                         assumed=base.assumed and not other.is_tensor)  # fmt: skip
    if isinstance(op, ast.Mod) and left.is_("str", "bytes"):
        return Value(left.kinds, depends=depends)
    if left.kinds <= _NUMBERS and right.kinds <= _NUMBERS:
        return _numbers(op, left, right, depends)
    if isinstance(op, ast.Add | ast.Mult) and (left.kinds | right.kinds).isdisjoint({"unknown", "opaque"}):
        found = _concatenate(op, left, right)
        if found is not None:
            return found.but(depends)
    if left.is_("set", "dict") and right.is_("set", "dict"):
        return Value(left.kinds, element=join(element_of(left), element_of(right)), depends=depends)
    if left.is_("array") or right.is_("array"):
        other = right if left.is_("array") else left
        if not other.may_be_tensor:
            return of("array", depends=depends)
    if "none" in left.kinds and len(left.kinds) > 1:  # None has no operators: this run took the other kind
        return binary(op, left.without("none"), right)
    if "none" in right.kinds and len(right.kinds) > 1:
        return binary(op, left, right.without("none"))
    if (len(left.kinds) > 1 or len(right.kinds) > 1) and (left.kinds | right.kinds).isdisjoint({"unknown", "opaque"}):
        return _apart(op, left, right)
    if left.may_be_tensor or right.may_be_tensor:
        return UNKNOWN.but(depends)
    return Value(OPAQUE.kinds, depends=depends)


def _apart(op: ast.operator, left: Value, right: Value) -> Value:
    """Each pair of kinds on its own, joined."""
    result = NOTHING
    for a in _parts(left):
        for b in _parts(right):
            result = join(result, binary(op, a, b))
    return result


def _parts(value: Value) -> list[Value]:
    if len(value.kinds) == 1:
        return [value]
    return [replace(value, kinds=frozenset({kind}), const=NOCONST) for kind in sorted(value.kinds)]


def _broadcast_rank(op: ast.operator, left: Value, right: Value) -> int | None:
    if isinstance(op, ast.MatMult):
        return left.rank if left.rank is not None and left.rank == right.rank and left.rank >= 2 else None
    if left.is_tensor and right.is_tensor:
        return None if left.rank is None or right.rank is None else max(left.rank, right.rank)
    base, other = (left, right) if left.is_tensor else (right, left)
    return base.rank if other.is_number else None


def _numbers(op: ast.operator, left: Value, right: Value, depends: Depends) -> Value:
    if left.const is not NOCONST and right.const is not NOCONST and type(op) in _FOLD:
        a, b = left.const, right.const
        try:
            if isinstance(a, int | float) and isinstance(b, int | float) and abs(a) < _BIG and abs(b) < _BIG:
                return constant(_FOLD[type(op)](a, b), depends)
        except (ArithmeticError, TypeError, ValueError):
            return NOTHING
    kinds: set[str] = set()
    for one in left.kinds:
        for other in right.kinds:
            high = max(one, other, key=_NUMBER_ORDER.index)
            if isinstance(op, ast.Div):
                kinds.add("complex" if high == "complex" else "float")
            elif isinstance(op, ast.Pow):
                nonnegative = isinstance(right.const, int) and right.const >= 0
                kinds |= {high} if high in ("float", "complex") else {"int"} if nonnegative else {"int", "float"}
            elif isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor):
                kinds.add("bool" if high == "bool" else "int")
            else:
                kinds.add("int" if high == "bool" else high)
    return Value(frozenset(kinds), depends=depends)


def _concatenate(op: ast.operator, left: Value, right: Value) -> Value | None:
    if isinstance(op, ast.Mult):
        for items, count in ((left, right), (right, left)):
            if items.is_("str", "bytes") and count.is_("int", "bool"):
                return Value(items.kinds)
            if items.kinds <= _SEQUENCES and count.is_("int", "bool"):
                kind = next(iter(items.kinds)) if len(items.kinds) == 1 else "list"
                kind = "tuple" if kind == "shape" else kind
                if (
                    items.elements is not None
                    and isinstance(count.const, int)
                    and len(items.elements) * count.const <= 16
                ):
                    return sequence(kind, items.elements * count.const)
                return sequence_of(kind, element_of(items)).but(items.depends)
        return None
    if left.is_("str") and right.is_("str"):
        if isinstance(left.const, str) and isinstance(right.const, str) and len(left.const) + len(right.const) < 4096:
            return constant(left.const + right.const)
        return Value(left.kinds)
    if left.kinds <= _SEQUENCES and right.kinds <= _SEQUENCES and len(left.kinds) == 1:
        kind = next(iter(left.kinds))
        kind = "shape" if "shape" in right.kinds and kind == "tuple" else kind
        if left.elements is not None and right.elements is not None:
            return sequence(kind, left.elements + right.elements)
        return sequence_of(kind, join(element_of(left), element_of(right)))
    return None


def unary(op: ast.unaryop, operand: Value) -> Value:
    """Return what ``op operand`` is."""
    if isinstance(op, ast.Not):
        truth = operand.truth
        return constant(not truth, operand.depends) if truth is not None else Value(BOOL.kinds, depends=operand.depends)
    if isinstance(operand.const, int | float) and not isinstance(op, ast.Invert):
        return constant(-operand.const if isinstance(op, ast.USub) else +operand.const, operand.depends)
    if operand.is_("bool"):
        return of("int", depends=operand.depends)
    if operand.is_("variable"):
        return tensor(operand.framework, operand.rank)
    if operand.const is not NOCONST:
        return replace(operand, const=NOCONST)
    return operand


def compare(op: ast.cmpop, left: Value, right: Value) -> Value:
    """Return what ``left op right`` is for one comparison."""
    depends = left.depends | right.depends
    if isinstance(op, ast.Is | ast.IsNot):
        answer = _identity(left, right)
        if answer is not None:
            return constant(answer is isinstance(op, ast.Is), Depends.CONFIG)
        if right.is_none or left.is_none:  # whether something is None is no question about its numbers
            depends = depends & ~(Depends.VALUE | Depends.SHAPE)
        return Value(BOOL.kinds, depends=depends)
    if isinstance(op, ast.In | ast.NotIn):
        return Value(BOOL.kinds, depends=depends)
    plain = left.is_none or right.is_none or left.is_("str") or right.is_("str")
    if plain and isinstance(op, ast.Eq | ast.NotEq):
        return _fold_compare(op, left, right, depends)
    if left.is_tensor or right.is_tensor:
        base = left if left.is_tensor else right
        return Value(frozenset({"tensor"}), rank=_broadcast_rank(ast.Add(), left, right),
                     depends=depends | base.depends,
                     framework=base.framework)  # fmt: skip
    if left.may_be_tensor or right.may_be_tensor:
        if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            left, right = left.without("none"), right.without("none")
            if left.is_tensor or right.is_tensor:
                return compare(op, left, right)
        return UNKNOWN.but(depends)
    if left.is_("array") or right.is_("array"):
        return of("array", depends=depends)
    if left.may_be("array", "object") and right.may_be("array", "object"):
        return Value(frozenset({"opaque"}), depends=depends)
    if left.may_be("array") or right.may_be("array"):
        return of("array", "bool", depends=depends)
    return _fold_compare(op, left, right, depends)


def _fold_compare(op: ast.cmpop, left: Value, right: Value, depends: Depends) -> Value:
    if left.const is not NOCONST and right.const is not NOCONST and type(op) in _FOLD_COMPARE:
        try:
            return constant(bool(_FOLD_COMPARE[type(op)](left.const, right.const)), depends)
        except TypeError:
            return NOTHING
    return Value(BOOL.kinds, depends=depends)


def _identity(left: Value, right: Value) -> bool | None:
    for a, b in ((left, right), (right, left)):
        if b.is_none:
            if a.is_none:
                return True
            if not a.may_be_none and not a.assumed:
                return False
    return None


def iterate(value: Value) -> Value:
    """Return what a ``for`` over ``value`` gives each time."""
    if value.is_tensor:
        rank = value.rank - 1 if value.rank else None
        return Value(frozenset({"tensor"}), rank=rank, depends=value.depends, framework=value.framework,
                     assumed=value.assumed)  # fmt: skip
    if value.is_("str"):
        return of("str", depends=value.depends)
    if value.is_("array"):
        return of("array", "float", "int", depends=value.depends)
    if value.is_("dict"):
        if value.keys is not None:
            return join_all(constant(key) for key, _ in value.keys) if value.keys else NOTHING
        return Value(OPAQUE.kinds, depends=value.depends)
    if "none" in value.kinds and len(value.kinds) > 1:
        return iterate(value.without("none"))
    if value.kinds <= {"list", "tuple", "set", "shape", "iterator", "module"} or value.element or value.elements:
        return element_of(value).but(value.depends & ~(Depends.VALUE | Depends.SHAPE))
    return UNKNOWN.but(value.depends)


def items_of(value: Value) -> tuple[Value, ...] | None:
    """Return the values that unpacking or iterating gives one by one, where their number is known."""
    if value.elements is not None and value.is_("list", "tuple", "shape", "module"):
        return value.elements
    if value.keys is not None and value.is_("dict"):
        return tuple(constant(key) for key, _ in value.keys)
    return None


def subscript(value: Value, index: Value, node: ast.expr) -> Value:
    """Return what ``value[index]`` is; ``node`` is the index as written."""
    if value.is_tensor:
        return Value(frozenset({"tensor"}), rank=_index_rank(value, node), depends=value.depends | index.depends,
                     framework=value.framework, assumed=value.assumed)  # fmt: skip
    if "none" in value.kinds and len(value.kinds) > 1:
        return subscript(value.without("none"), index, node)
    depends = value.depends & ~Depends.VALUE | index.depends
    if isinstance(node, ast.Slice):
        return _sliced(value, node, index)
    if value.kinds <= _SEQUENCES | {"module"} and value.kinds:
        position = index.const
        if value.elements is not None and isinstance(position, int):
            if -len(value.elements) <= position < len(value.elements):
                return value.elements[position]
            return NOTHING
        if value.kinds == {"shape"}:
            return of("int", depends=depends)
        return element_of(value)
    if value.is_("str"):
        return of("str", depends=depends)
    if value.is_("bytes"):
        return of("int", depends=depends)
    if value.is_("dict"):
        for key, item in value.keys or ():
            if key == index.const:
                return item
        return UNKNOWN.but(depends) if value.element is None else value.element
    if value.is_("array"):
        return of("array", "float", "int", "bool", depends=depends)
    tensors = value.kinds & TENSORS
    if tensors and value.kinds - tensors <= _SEQUENCES | {"dict"} and (value.element or value.elements):
        part = subscript(Value(tensors, depends=value.depends, framework=value.framework), index, node)
        return join(part, subscript(replace(value, kinds=value.kinds - tensors, rank=None, dims=None), index, node))
    return Value(UNKNOWN.kinds, depends=depends | Depends.UNKNOWN)


def _sliced(value: Value, node: ast.Slice, index: Value) -> Value:
    if value.elements is not None and value.is_("list", "tuple", "shape", "module"):
        bounds = index.elements or ()
        parts: list[Any] = [bound.const for bound in bounds]
        if len(parts) == 3 and all(part is None or isinstance(part, int) for part in parts) and parts[2] != 0:
            chosen = value.elements[slice(*parts)]
            return replace(value, elements=tuple(chosen), site=0)
    if value.is_("list", "tuple", "shape", "module", "str", "bytes", "array"):
        return replace(
            value,
            elements=None,
            const=NOCONST,
            site=0,
            element=None if value.is_("str", "array") else element_of(value),
        )
    return UNKNOWN.but(value.depends)


def _index_rank(value: Value, node: ast.expr) -> int | None:
    if value.rank is None:
        return None
    rank = value.rank
    for part in node.elts if isinstance(node, ast.Tuple) else [node]:
        if isinstance(part, ast.Slice) or isinstance(part, ast.Constant) and part.value is ...:
            continue
        if isinstance(part, ast.Constant) and part.value is None:
            rank += 1
        elif isinstance(part, ast.Constant | ast.UnaryOp):
            rank -= 1
        else:
            return None
    return rank if rank >= 0 else None


def is_tensor_kind(kinds: frozenset[str]) -> bool:
    """Whether all of ``kinds`` are tensors."""
    return bool(kinds) and kinds <= TENSORS
