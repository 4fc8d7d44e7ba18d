"""Conditions on the numbers in a tensor: where they stand, and what of them Python knows beforehand."""

from __future__ import annotations

import ast

from ..rule import UnitContext
from ._asked import asks_compiling
from ._drawn import drawn
from ._parameters import is_supposed
from ._reports import Report

_REDUCTIONS = ("any", "all", "sum", "mean", "max", "min", "norm")


def on_tensor(test: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether ``test`` is a tensor to TorchScript and to Python (an un-annotated flag is one to TorchScript only)."""
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) and any(asks_compiling(one, ctx) for one in test.values[-1:]):
            return False
        return any(on_tensor(one, report, ctx) for one in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return on_tensor(test.operand, report, ctx)
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
        return False
    if drawn(test, ctx) is not None:
        return False  # told as a choice by a drawn number
    if isinstance(test, ast.Compare) and _is_supposed(test, ctx):
        return False
    return id(test) in report.types and report.type(test).kind == "tensor" and ctx.value(test).is_tensor


def _is_supposed(test: ast.Compare, ctx: UnitContext) -> bool:
    """Whether no use proves that the parameters that are compared are tensors: a step, a limit, a share."""
    tensors = [part for one in (test.left, *test.comparators) for part in _terms(one) if ctx.value(part).is_tensor]
    return bool(tensors) and all(
        isinstance(one, ast.Name) and is_supposed(one, ctx.module, ctx, proven=True) for one in tensors
    )


def _terms(node: ast.expr) -> list[ast.expr]:
    """Return what sums and the like are of: ``a`` and ``b`` for ``a + b``."""
    return [*_terms(node.left), *_terms(node.right)] if isinstance(node, ast.BinOp) else [node]


def known(test: ast.expr, report: Report, ctx: UnitContext) -> tuple[list[ast.expr], ast.expr]:
    """Split ``a and b and t`` into what Python knows and the last condition."""
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And):
        return [], test
    before = test.values[:-1]
    if any(on_tensor(one, report, ctx) for one in before):
        return [], test
    return before, test.values[-1]


def tensor_atoms(test: ast.expr, report: Report, ctx: UnitContext) -> list[ast.expr]:
    """Return the conditions joined by ``or`` if each is one on a tensor, or nothing."""
    rows = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]
    return rows if all(not isinstance(one, ast.BoolOp) and on_tensor(one, report, ctx) for one in rows) else []


def single(test: ast.expr, ctx: UnitContext) -> bool:
    """Whether a condition is one truth value for sure: of a full reduction, or of a tensor without dimensions."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return single(test.operand, ctx)
    if isinstance(test, ast.Compare):
        return len(test.ops) == 1 and single(test.left, ctx) and _is_number(test.comparators[0], ctx)
    if isinstance(test, ast.BinOp):
        return single(test.left, ctx) and _is_number(test.right, ctx)
    if isinstance(test, ast.Name):
        return ctx.value(test).rank == 0 or _holds_single(test, ctx)
    if not isinstance(test, ast.Call) or not isinstance(test.func, ast.Attribute) or test.keywords:
        return False
    of_torch = ctx.qualified(test.func) == f"torch.{test.func.attr}"
    return test.func.attr in _REDUCTIONS and len(test.args) == int(of_torch)


def _holds_single(name: ast.Name, ctx: UnitContext) -> bool:
    """Whether all that a name is given in the function is one number."""
    found = ctx.module.scope_at(name).lookup(name.id)
    if found is None or not isinstance(found[0].node, ast.FunctionDef):
        return False
    given = [one for one in found[1] if one.kind != "param"]
    return (
        bool(given)
        and all(
            one.kind == "assign"
            and one.value is not None
            and not any(isinstance(part, ast.Name) and part.id == name.id for part in ast.walk(one.value))
            and single(one.value, ctx)
            for one in given
        )
        and (len(given) == len(found[1]) or _first_is_given(name, found[0].node))
    )


def _first_is_given(name: ast.Name, function: ast.FunctionDef) -> bool:
    """Whether the body gives a parameter a new value before anything else can read it."""
    for statement in function.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == name.id for one in statement.targets
        ):
            return True
        if any(isinstance(one, ast.Name) and one.id == name.id for one in ast.walk(statement)):
            return False
    return False


def _is_number(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is a number of Python: comparing with it changes no shape."""
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand, ctx)
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float)
    value = ctx.value(node)
    if isinstance(node, ast.Attribute) and not value.has_tensor:
        return True  # a setting: one number, or `if` itself would refuse the comparison
    return value.is_number or single(node, ctx)
