"""What instances are made with, as far as defaults and the calls of the repository tell."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from itertools import product
from typing import Any

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import UnitContext
from ._callsites import call_table
from ._classes import Write, bind, class_model, self_name
from ._copies import parameter_names
from ._parameters import parameters_with_defaults

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda item, row: item in row, ast.NotIn: lambda item, row: item not in row,
}  # fmt: skip
_SPELLINGS = ("lower", "upper", "strip")
_MOST = 64  # combinations of settings that are tried

Read = Callable[[ast.Name | ast.Attribute], object]


class Unknown(Exception):
    """Something of which nothing tells the value."""


def some_have(name: str, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether some instances of ``info``, as the defaults and the repository make them, have ``self.name``.

    False where an argument decides that isn't known at all, or nothing that can be worked out here.
    """
    init = info.methods.get("__init__")
    writes = class_model(info, ctx.project).built.get(name, [])
    if init is None or not writes or any(write.function is not init for write in writes):
        return False
    settings = settings_of(init, info, ctx)
    if settings is None:
        return False
    try:
        return any(any(_runs(write, init, one) for write in writes) for one in settings)
    except (Unknown, TypeError, ValueError):
        return False


def settings_of(init: FunctionNode, info: ClassInfo, ctx: UnitContext) -> list[dict[str, object]] | None:
    """Return the values that parameters have together, in what is made; only those that are known are in it.

    The defaults are among them whatever the calls give: somebody makes instances so, or they weren't the defaults.
    """
    defaults = {arg.arg: default for arg, default in parameters_with_defaults(init.args)}
    changed = {node.id for node in walk(init) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    values: dict[str, list[object]] = {}
    for name in parameter_names(init)[1:]:
        default = defaults.get(name)
        if name not in changed and isinstance(default, ast.Constant):
            values[name] = [default.value]
    for site in call_table(ctx.project).of(info.qualified):
        bound = bind(site.node, init, True)
        if bound is None:
            return None
        for name, given in bound.items():
            if name in values and isinstance(given, ast.Constant):
                values[name].append(given.value)
    distinct = {name: _distinct(found) for name, found in values.items()}
    total = 1
    for found in distinct.values():
        total *= len(found)
    if total > _MOST:
        return None
    return [dict(zip(distinct, row, strict=True)) for row in product(*distinct.values())]


def _distinct(values: list[object]) -> list[object]:
    return list({(type(one), one): one for one in values}.values())


def _runs(write: Write, init: FunctionNode, settings: dict[str, object]) -> bool:
    """Whether the constructor comes to a statement; it stands under nothing but conditions."""
    inner: ast.AST = write.statement
    for parent in write.owner.module.ancestors(write.statement):
        if parent is init:
            return True
        if not isinstance(parent, ast.If):
            raise Unknown
        if bool(value_of(parent.test, constructed(init, settings))) is not (inner in parent.body):
            return False
        inner = parent
    raise Unknown


def constructed(init: FunctionNode, settings: dict[str, object]) -> Read:
    """Return what tells the values of names in a constructor, and of the attributes that it gives."""

    def read(node: ast.Name | ast.Attribute) -> object:
        if isinstance(node, ast.Name) and node.id in settings:
            return settings[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == self_name(init):
            return value_of(_only_value(node.attr, init), read)
        raise Unknown

    return read


def attribute_of(name: str, init: FunctionNode, settings: dict[str, object]) -> object:
    """Return the value that a constructor gives an attribute, once and in any case; raises :class:`Unknown`."""
    return value_of(_only_value(name, init), constructed(init, settings))


def value_of(node: ast.expr, read: Read) -> object:
    """Return the value of an expression; raises :class:`Unknown`, or what Python does at it."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name | ast.Attribute):
        return read(node)
    if isinstance(node, ast.Tuple | ast.List):
        return [value_of(one, read) for one in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not value_of(node.operand, read)
    if isinstance(node, ast.BoolOp):
        found: object = None
        for one in node.values:
            found = value_of(one, read)
            if bool(found) is isinstance(node.op, ast.Or):
                break
        return found
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not (node.args or node.keywords):
        text = value_of(node.func.value, read) if node.func.attr in _SPELLINGS else None
        if isinstance(text, str):
            return getattr(text, node.func.attr)()
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = (value_of(one, read) for one in (node.left, node.comparators[0]))
        return _COMPARE[type(node.ops[0])](left, right)
    raise Unknown


def _only_value(attribute: str, init: FunctionNode) -> ast.expr:
    """Return what the constructor gives ``self.attribute``, once and in any case."""
    stores = [
        node for node in walk(init)
        if isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.ctx, ast.Store)
    ]  # fmt: skip
    for statement in init.body:
        if isinstance(statement, ast.Assign) and statement.targets == stores:
            return statement.value
    raise Unknown
