"""Code that asks whether a compiler is at work."""

from __future__ import annotations

import ast

from ..rule import UnitContext

_ASK = ("torch.compiler.is_compiling", "torch.compiler.is_dynamo_compiling", "torch.jit.is_tracing",
        "torch._dynamo.is_compiling")  # fmt: skip


def asks_compiling(node: ast.AST, ctx: UnitContext) -> bool:
    """Whether ``node`` is read only where nothing compiles: in the other branch of a question for it."""
    inner = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If | ast.IfExp) and inner is not parent.test:
            no = parent.orelse if isinstance(parent.orelse, list) else [parent.orelse]
            if inner in no if _is_question(parent.test, ctx) else inner not in no and denies(parent.test, ctx):
                return True
        if isinstance(parent, ast.BoolOp) and isinstance(inner, ast.expr):
            before = parent.values[: parent.values.index(inner)]
            of_and = isinstance(parent.op, ast.And)
            if any(denies(one, ctx) if of_and else _is_question(one, ctx) for one in before):
                return True
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        inner = parent
    return False


def denies(test: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``test`` is false while a compiler traces: ``not is_compiling()``, alone or joined by ``and``."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(denies(one, ctx) for one in test.values)
    if not isinstance(test, ast.UnaryOp) or not isinstance(test.op, ast.Not) or isinstance(test.operand, ast.BoolOp):
        return False
    return _is_question(test.operand, ctx)


def _is_question(test: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``test`` is a call that asks for it, of torch or of a function that says so by its name."""
    if isinstance(test, ast.BoolOp):  # by `and`: what is asked besides is that the code for a compiler fits
        return any(_is_question(one, ctx) for one in test.values)
    if not isinstance(test, ast.Call):
        return False
    name = ctx.qualified(test.func) if isinstance(test.func, ast.Name | ast.Attribute) else None
    last = test.func.attr if isinstance(test.func, ast.Attribute) else getattr(test.func, "id", "")
    return name in _ASK or last.startswith("is_") and last.endswith("compiling")
