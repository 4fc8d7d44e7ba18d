"""Chains of conditions without an ``else``: whether some arm is taken in any case."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk

_ENUMS = ("torch.nn._reduction.get_enum", "torch.nn.functional._Reduction.get_enum")
_OF_ENUM = frozenset({0, 1, 2})  # it raises for all else


def covers_all(function: FunctionNode, module: Module) -> bool:
    """Whether a function ends with a chain of conditions of which one holds, each with a ``return`` at its end."""
    last = function.body[-1]
    chain = _chain(last) if isinstance(last, ast.If) else None
    return chain is not None and _allowed(chain[0], function, module) <= chain[1]


def _chain(node: ast.If) -> tuple[str, set[object]] | None:
    """Return the name that each condition of a chain compares with a constant, and the constants."""
    values: set[object] = set()
    name = ""
    arm: list[ast.stmt] = [node]
    while arm:
        one = arm[0]
        if len(arm) != 1 or not isinstance(one, ast.If) or not isinstance(one.body[-1], ast.Return | ast.Raise):
            return None
        test = one.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
            return None
        left, right = test.left, test.comparators[0]
        if not isinstance(left, ast.Name) or not isinstance(right, ast.Constant) or left.id != (name or left.id):
            return None
        name, arm = left.id, one.orelse
        values.add(right.value)
    return name, values


def _allowed(name: str, function: FunctionNode, module: Module) -> set[object]:
    """Return the values that ``name`` can have at the end; one that no chain covers where that isn't known."""
    body = function.body
    stores = [n for one in body for n in walk(one) if isinstance(n, ast.Name) and n.id == name]
    stores = [n for n in stores if not isinstance(n.ctx, ast.Load)]
    unknown: set[object] = {object()}
    for statement in body[:-1]:
        if stores and isinstance(statement, ast.Assign) and statement.targets == stores:
            value = statement.value
            called = module.qualified(value.func) if isinstance(value, ast.Call) else None
            return set(_OF_ENUM) if called in _ENUMS else unknown
        if stores:
            continue
        test = statement.test if isinstance(statement, ast.Assert | ast.If) else None
        wanted = ast.In if isinstance(statement, ast.Assert) else ast.NotIn
        if isinstance(statement, ast.If) and not isinstance(statement.body[-1], ast.Raise):
            continue
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], wanted) and ast.unparse(test.left) == name:
            row = test.comparators[0]
            known = row.elts if len(test.ops) == 1 and isinstance(row, ast.Tuple | ast.List | ast.Set) else []
            if known and all(isinstance(one, ast.Constant) for one in known):
                return {one.value for one in known if isinstance(one, ast.Constant)}
    return unknown
