"""Choices by a number drawn between 0 and 1: ``p < rate`` is decided without ``p`` where the rate is 0."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...meaning.nodes import walk
from ..rule import UnitContext
from ._common import is_condition

_UNIFORM = ("random.random",)
_BETWEEN = ("random.uniform",)
_TENSOR = ("torch.rand",)


@dataclass(frozen=True)
class Drawn:
    """``node`` is ``p < rate`` (``skips``), or its opposite ``p >= rate``, of a drawn ``p`` and a named ``rate``."""

    node: ast.Compare
    rate: ast.expr
    skips: bool

    @property
    def guard(self) -> str:
        """What decides the comparison where the rate is 0, as text."""
        return f"{ast.unparse(self.rate)} {'>' if self.skips else '<='} 0"

    def is_guarded(self, ctx: UnitContext) -> bool:
        """Whether the rate alone decides already where it is 0."""
        parent = ctx.module.parent(self.node)
        wanted = ast.And if self.skips else ast.Or
        if not isinstance(parent, ast.BoolOp) or not isinstance(parent.op, wanted):
            return False
        before = parent.values[: parent.values.index(self.node)]
        return any(ast.unparse(one) in (self.guard, self.guard + ".0") for one in before)


def drawn(node: ast.AST, ctx: UnitContext) -> Drawn | None:
    """Return what ``node`` is if it compares a drawn number with a rate, and only its truth counts."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not _truth_only(node, ctx):
        return None
    left, op, right = node.left, node.ops[0], node.comparators[0]
    if isinstance(op, ast.Lt | ast.GtE) and _is_rate(right) and _is_drawn(left, ctx):
        return Drawn(node, right, isinstance(op, ast.Lt))
    if isinstance(op, ast.Gt | ast.LtE) and _is_rate(left) and _is_drawn(right, ctx):
        return Drawn(node, left, isinstance(op, ast.Gt))
    return None


def _is_rate(node: ast.expr) -> bool:
    """Whether reading ``node`` once more does nothing: a name, or attributes of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_drawn(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is a name that holds nothing but numbers drawn from [0, 1).

    A draw on the spot is none: the next random numbers hang on it, so that it can't be left out.
    """
    if not isinstance(node, ast.Name):
        return False
    found = ctx.module.scope_at(node).lookup(node.id)
    if found is None or not isinstance(found[0].node, ast.FunctionDef):
        return False
    return all(one.kind == "assign" and isinstance(one.value, ast.Call) and _draws(one.value, ctx) for one in found[1])


def _draws(call: ast.Call, ctx: UnitContext) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "item" and isinstance(call.func.value, ast.Call):
        return not call.args and _draws(call.func.value, ctx)
    name = ctx.qualified(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else None
    if name in _UNIFORM:
        return not call.args
    if name in _BETWEEN:
        return [ast.unparse(one) for one in call.args] in (["0", "1"], ["0.0", "1.0"]) and not call.keywords
    if name not in _TENSOR or any(one.arg not in ("device", "dtype", "generator") for one in call.keywords):
        return False
    return len(call.args) == 1 and ast.unparse(call.args[0]) in ("[]", "()", "1", "[1]", "(1,)")


def _truth_only(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether only the truth of ``node`` counts: it is a condition, or kept in a name that is nothing but one."""
    if is_condition(node, ctx):
        return True
    whole: ast.AST = node
    parent = ctx.module.parent(whole)
    while isinstance(parent, ast.BoolOp) or isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        whole, parent = parent, ctx.module.parent(parent)
    if not isinstance(parent, ast.Assign) or parent.value is not whole or len(parent.targets) != 1:
        return False
    target = parent.targets[0]
    if not isinstance(target, ast.Name):
        return False
    found = ctx.module.scope_at(target).lookup(target.id)
    if found is None or not isinstance(found[0].node, ast.FunctionDef) or target.id in found[0].globals:
        return False
    reads = [one for one in walk(found[0].node) if isinstance(one, ast.Name) and one.id == target.id]
    return all(isinstance(one.ctx, ast.Store) or is_condition(one, ctx) for one in reads)
