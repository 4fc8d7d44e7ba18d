"""Which conditions and loops AutoGraph turns into graph ops: those that hang on a tensor."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ._kinds import Kinds


def on_tensor(kinds: Kinds, test: ast.expr) -> bool:
    """Whether ``test`` is a tensor when the function is traced."""
    if isinstance(test, ast.UnaryOp):
        return on_tensor(kinds, test.operand)
    if isinstance(test, ast.BoolOp):
        return any(on_tensor(kinds, value) for value in test.values)
    if isinstance(test, ast.Compare):
        if all(isinstance(op, ast.Is | ast.IsNot) for op in test.ops):
            return False
        sides = [test.left, *test.comparators]
        if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides):
            return False
        return any(on_tensor(kinds, side) for side in sides)
    if isinstance(test, ast.NamedExpr):
        return on_tensor(kinds, test.value)
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "bool" and test.args:
        return on_tensor(kinds, test.args[0])
    value = kinds.value(test)
    return bool(value.kinds & {"tensor", "variable"})


def loops_on_tensor(kinds: Kinds, node: ast.stmt) -> bool:
    """Whether ``node`` is a loop that becomes a ``tf.while_loop``."""
    if isinstance(node, ast.While):
        return on_tensor(kinds, node.test)
    if isinstance(node, ast.For):
        value = kinds.value(node.iter)
        if value.is_tensor or (value.cls or "").startswith("tensorflow.data"):
            return True
        if value.is_("iterator") and isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name):
            return node.iter.func.id == "range" and any(kinds.value(arg).is_tensor for arg in node.iter.args)
    return False


def own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of ``body`` without those of nested functions and classes."""
    work: list[ast.AST] = list(reversed(body))
    while work:
        node = work.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        work.extend(reversed(list(ast.iter_child_nodes(node))))


def assigned(body: list[ast.stmt]) -> set[str]:
    """Return the local names that ``body`` binds."""
    names = {node.id for node in own_nodes(body) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.name for node in own_nodes(body) if isinstance(node, ast.FunctionDef)}


def ends(body: list[ast.stmt]) -> bool:
    """Whether every way through ``body`` returns or raises."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    if isinstance(last, ast.With):
        return ends(last.body)
    return False
