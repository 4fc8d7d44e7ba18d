"""Expressions: what each kind of node evaluates to in a frame."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import assign, calls, members
from .engine import OutOfBudget
from .narrowing import narrow
from .operators import binary, compare, items_of, iterate, subscript, unary
from .values import (
    NONE,
    NOTHING,
    OPAQUE,
    STR,
    UNKNOWN,
    Depends,
    Value,
    constant,
    join,
    join_all,
    sequence,
    sequence_of,
)

if TYPE_CHECKING:
    from .frame import Frame

Handler = Callable[["Frame", ast.expr], Value]
_MAX_KEYS = 32


def anything(frame: Frame, node: ast.expr) -> Value:
    """A node that says nothing: look at what is in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            frame.eval(child)
    return UNKNOWN


def _constant(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Constant)
    return constant(node.value)


def _name(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Name) and frame.env is not None
    found = frame.env.get(node.id)
    if found is not None:
        return found
    if frame.scope.is_module and node.id in frame.locals:
        return members.global_value(frame, node.id)
    return name_value(frame, node.id, node)


def name_value(frame: Frame, name: str, node: ast.AST) -> Value:
    """Return what a name that isn't in the frame's environment stands for."""
    outer = frame.closure
    while outer is not None:
        held = outer.env if outer.env is not None else outer.summary.end  # it may have returned by now
        if name in held and not outer.scope.is_module:
            return held[name]
        outer = outer.closure
    scope = frame.scope
    if name in scope.bindings and not scope.is_module:
        kinds = {binding.kind for binding in scope.bindings[name]}
        if "import" in kinds:
            return members.imported(frame, scope.bindings[name])
        return UNKNOWN
    return members.global_value(frame, name)


def _attribute(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Attribute) and frame.env is not None
    base = frame.eval(node.value)
    if "unknown" in base.kinds and isinstance(node.value, ast.Name | ast.Attribute):
        base = members.has_attribute(frame, node.value, base, node.attr)
    if len(frame.env) and isinstance(node.value, ast.Name | ast.Attribute):
        path = assign.path_of(node)
        if path is not None:
            found = frame.env.get(path)
            if found is not None:
                return found
    return members.attribute(frame, base, node.attr, node)


def _call(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Call)
    frame.engine.spend()
    return calls.call(frame, node)


def _binop(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.BinOp)
    if isinstance(node.left, ast.BinOp):  # long chains (a + b + c + ...) without recursion
        chain: list[ast.BinOp] = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        value = frame.eval(chain[-1].left)
        for part in reversed(chain):
            value = _apply(frame, part, value, frame.eval(part.right))
            frame.keep(part, value)
        return value
    return _apply(frame, node, frame.eval(node.left), frame.eval(node.right))


def _apply(frame: Frame, node: ast.BinOp, left: Value, right: Value) -> Value:
    if left.is_("object", "module") and left.cls and frame.engine.project.class_named(left.cls) is not None:
        return UNKNOWN
    return binary(node.op, left, right)


def _unary(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.UnaryOp)
    return unary(node.op, frame.eval(node.operand))


def _boolop(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.BoolOp) and frame.env is not None
    before = dict(frame.env)
    result = NOTHING
    is_and = isinstance(node.op, ast.And)
    last = len(node.values) - 1
    for index, part in enumerate(node.values):
        value = frame.eval(part)
        if index == last:
            result = join(result, value)
            break
        truth = value.truth
        if truth is not None and truth is not is_and:
            result = join(result, value)  # decided here: the rest is never evaluated
            for rest in node.values[index + 1 :]:
                frame.eval(rest)
            break
        if truth is None:
            result = join(result, value.without("function", "class") if is_and else value.without("none"))
        frame.env = narrow(frame, part, is_and, dict(frame.env))
    frame.env = _keep_walrus(before, frame.env)
    return result


def _keep_walrus(before: dict[str, Value], after: dict[str, Value] | None) -> dict[str, Value]:
    """After a condition the tests in it are forgotten, names that it bound are not."""
    for name, value in (after or {}).items():
        if name not in before and "." not in name:
            before[name] = value
    return before


def _compare(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Compare)
    left = frame.eval(node.left)
    result = NOTHING
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = frame.eval(part)
        result = join(result, compare(op, left, right))
        left = right
    return result


def _ifexp(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.IfExp) and frame.env is not None
    test = frame.eval(node.test)
    before = frame.env
    frame.env = narrow(frame, node.test, True, dict(before))
    then = frame.eval(node.body)
    frame.env = narrow(frame, node.test, False, dict(before))
    other = frame.eval(node.orelse)
    frame.env = before
    depends = test.depends & (Depends.VALUE | Depends.PARAM | Depends.STATE)
    return then if then == other else join(then, other).but(depends)


def _tuple(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Tuple | ast.List)
    kind = "tuple" if isinstance(node, ast.Tuple) else "list"
    items: list[Value] = []
    known = True
    for part in node.elts:
        value = frame.eval(part)
        if isinstance(part, ast.Starred):
            more = items_of(value)
            if more is None:
                known = False
                items.append(iterate(value))
            else:
                items += more
        else:
            items.append(value)
    result = sequence(kind, items) if known else sequence_of(kind, join_all(items))
    return Value(result.kinds, elements=result.elements, element=result.element, depends=result.depends, site=id(node))


def _set(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Set)
    return sequence_of("set", join_all(frame.eval(part) for part in node.elts))


def _dict(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Dict)
    keys: dict[str, Value] = {}
    known = len(node.keys) <= _MAX_KEYS
    element = NOTHING
    for key, part in zip(node.keys, node.values, strict=True):
        name = UNKNOWN if key is None else frame.eval(key)
        value = frame.eval(part)
        if key is None:
            value = join_all(v for _, v in value.keys) if value.keys is not None else value.element or UNKNOWN
        element = join(element, value)
        if isinstance(name.const, str):
            keys[name.const] = value
        else:
            known = False
    return Value(
        frozenset({"dict"}), keys=tuple(keys.items()) if known else None, element=element if node.keys else None,
        depends=element.depends, site=id(node),
    )  # fmt: skip


def _subscript(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Subscript)
    base = frame.eval(node.value)
    index = frame.eval(node.slice)
    if base.cls == "sys.modules" and isinstance(node.slice, ast.Name) and node.slice.id == "__name__":
        return Value(frozenset({"namespace"}), cls=frame.module.name, depends=Depends.CONFIG)  # the module itself
    if base.kinds and base.kinds <= {"module", "object"}:
        return members.module_item(frame, base, index, node.slice)
    if base.is_("class", "namespace", "function"):
        return OPAQUE
    return subscript(base, index, node.slice)


def _slice(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Slice)
    parts = [NONE if part is None else frame.eval(part) for part in (node.lower, node.upper, node.step)]
    return Value(frozenset({"slice"}), elements=tuple(parts), depends=join_all(parts).depends)


def _lambda(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Lambda)
    for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
        frame.eval(default)
    frame.engine.lambdas[id(node)] = (node, frame)
    return Value(frozenset({"function"}), site=id(node), depends=Depends.CONFIG)


def _joined(frame: Frame, node: ast.expr) -> Value:
    anything(frame, node)
    return STR


def _named(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.NamedExpr)
    value = frame.eval(node.value)
    assign.target(frame, node.target, value, node.value)
    return value


def _starred(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.Starred)
    return frame.eval(node.value)


def _yield(frame: Frame, node: ast.expr) -> Value:
    value = NONE
    if isinstance(node, ast.Yield) and node.value is not None:
        value = frame.eval(node.value)
    elif isinstance(node, ast.YieldFrom):
        value = iterate(frame.eval(node.value))
    frame.yields = value if frame.yields is None else join(frame.yields, value)
    return UNKNOWN


def _comprehension(frame: Frame, node: ast.expr) -> Value:
    assert isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) and frame.env is not None
    before = frame.env
    frame.env = dict(before)
    length: int | None = 1
    never = False
    for generator in node.generators:
        iterable = frame.eval(generator.iter)
        items = items_of(iterable)
        length = None if length is None or items is None or generator.ifs else length * len(items)
        item = item_of_loop(frame, generator.iter, iterable)
        never = never or not item.kinds
        assign.target(frame, generator.target, item if item.kinds else UNKNOWN)
        for test in generator.ifs:
            frame.eval(test)
            frame.env = narrow(frame, test, True, frame.env)
    if isinstance(node, ast.DictComp):
        frame.eval(node.key)
        element = frame.eval(node.value)
        frame.env = before
        return Value(frozenset({"dict"}), element=element, depends=element.depends, site=id(node))
    element = frame.eval(node.elt)
    frame.env = before
    if never:
        element = NOTHING
    kind = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "iterator")
    result = sequence_of(kind, element)
    if kind == "list" and length is not None and length <= 16:
        result = sequence("list", (element,) * length)
    return Value(result.kinds, elements=result.elements, element=result.element, depends=result.depends, site=id(node))


def item_of_loop(frame: Frame, node: ast.expr, iterable: Value) -> Value:
    """Return what each round of a loop over ``node`` binds."""
    if iterable.is_("module", "object"):
        return members.module_items(frame, iterable)
    return iterate(iterable)


HANDLERS: dict[type[ast.expr], Handler] = {
    ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Call: _call, ast.BinOp: _binop,
    ast.UnaryOp: _unary, ast.BoolOp: _boolop, ast.Compare: _compare, ast.IfExp: _ifexp, ast.Tuple: _tuple,
    ast.List: _tuple,
    ast.Set: _set, ast.Dict: _dict, ast.Subscript: _subscript, ast.Slice: _slice, ast.Lambda: _lambda,
    ast.JoinedStr: _joined, ast.NamedExpr: _named, ast.Starred: _starred, ast.Yield: _yield, ast.YieldFrom: _yield,
    ast.ListComp: _comprehension, ast.SetComp: _comprehension, ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
}  # fmt: skip

__all__ = ["HANDLERS", "OutOfBudget", "anything", "item_of_loop", "name_value"]
