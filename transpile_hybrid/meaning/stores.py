"""Which attributes of its instance a method assigns, by the text of the method alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .names import FunctionNode, statements

_REGISTERING = frozenset({"register_buffer", "register_parameter", "add_module", "register_module", "register_child"})


def first_parameter(function: FunctionNode) -> str:
    """Return the name of the first parameter (``self``), an empty text where there is none."""
    arguments = function.args.posonlyargs or function.args.args
    return arguments[0].arg if arguments else ""


def self_assignments(function: FunctionNode) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the attributes of its first parameter that a method assigns, with the statement."""
    first = first_parameter(function)
    if not first:
        return
    for statement in statements(function.body):
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign | ast.Delete):
            targets = list(statement.targets)
        elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
            targets = [statement.target]
        elif isinstance(statement, ast.With):
            targets = [item.optional_vars for item in statement.items if item.optional_vars is not None]
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            name = _registered(statement.value, first)
            if name is not None:
                yield name, statement
        while targets:
            node = targets.pop()
            if isinstance(node, ast.Tuple | ast.List):
                targets += node.elts
            elif isinstance(node, ast.Starred):
                targets.append(node.value)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == first:
                yield node.attr, statement


def _registered(call: ast.Call, first: str) -> str | None:
    func = call.func
    if (
        isinstance(func, ast.Attribute)
        and isinstance(func.value, ast.Name)
        and func.value.id == first
        and func.attr in _REGISTERING
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ):
        return call.args[0].value
    return None
