"""Which conditions and loops AutoGraph turns into graph ops: those that hang on a tensor."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._kinds import Kinds


def on_tensor(kinds: Kinds, test: ast.expr) -> bool:
    """Whether ``test`` is a tensor when the function is traced."""
    if isinstance(test, ast.UnaryOp):
        return on_tensor(kinds, test.operand)
    if isinstance(test, ast.BoolOp):
        return any(on_tensor(kinds, value) for value in test.values)
    if isinstance(test, ast.Compare):
        if all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in test.ops):
            return False  # Python's own answer
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


def first_call_only(module: Module, node: ast.AST) -> bool:
    """Whether ``node`` stands under ``if not self.a`` or ``if self.a is None`` that sets ``self.a``: it runs once.

    A trace of a tf.function does it as the first eager call would.
    """
    for parent in module.ancestors(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        if isinstance(parent, ast.If) and (guard := _guard(parent.test)) is not None:
            written = ast.dump(ast.Attribute(guard.value, guard.attr, ast.Store()))
            stores = [
                n for n in own_nodes(parent.body) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
            ]
            if any(ast.dump(store) == written for store in stores):
                return True
    return False


def _guard(test: ast.expr) -> ast.Attribute | None:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and isinstance(test.operand, ast.Attribute):
        return test.operand
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Attribute) and isinstance(test.ops[0], ast.Is):
        return test.left
    return None


def bound_whole(module: Module, value: ast.expr) -> bool:
    """Whether ``value`` is bound as a whole, and no part of it by unpacking."""
    parent = module.parent(value)
    return not isinstance(parent, ast.Assign) or all(isinstance(target, ast.Name) for target in parent.targets)


def reads_of_assigned(
    function: FunctionNode | ast.Lambda, node: ast.AST | None, names: set[str]
) -> list[ast.Name] | None:
    """Return where ``function`` reads the names that the assignment ``node`` gives its value; they join ``names``.

    Those that are among ``names`` were looked for before.  ``None`` where ``node`` is no assignment to plain names.
    """
    if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
        return None
    new = {target.id for target in node.targets if isinstance(target, ast.Name)} - names
    names |= new
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    return [
        n for statement in body for n in walk(statement)
        if isinstance(n, ast.Name) and n.id in new and isinstance(n.ctx, ast.Load)
    ]  # fmt: skip


def assigned(body: list[ast.stmt]) -> set[str]:
    """Return the local names that ``body`` binds."""
    inner = {id(name) for node in own_nodes(body) if isinstance(node, ast.comprehension) for name in walk(node.target)}
    names = {
        node.id
        for node in own_nodes(body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in inner
    }
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
