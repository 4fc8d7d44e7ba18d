"""Calls that can't be looked into: another module's function may do anything to a symbolic tensor."""

from __future__ import annotations

import ast

from . import _tables as tables
from ._program import Program, Unit, walk

_KNOWN_ROOTS = frozenset(
    {"tensorflow", "keras", "numpy", "builtins", "math", "functools", "itertools", "collections", "typing", "operator",
     "copy", "re", "string", "six", "tensorflow_probability", "dataclasses", "enum", "abc", "contextlib", "types",
     "warnings", "logging", "time", "random", "absl", "numbers", "inspect", "os", "sys", "json"}
)  # fmt: skip


def unseen_calls(program: Program, unit: Unit) -> ast.Call | None:
    """Return a call, in ``unit`` or what it reaches, whose effect on a graph isn't known; ``None`` if there is none."""
    for function in program.reach(unit.function):
        for node in walk(function):
            if isinstance(node, ast.Call) and _unseen(program, node):
                return node
    return None


def _unseen(program: Program, node: ast.Call) -> bool:
    qualified = program.module.qualified(node.func)
    if qualified is not None and qualified.split(".")[0] in _KNOWN_ROOTS:
        return False
    if program.kinds.callees(node):
        return False
    value = program.kinds.value(node.func)
    if value.is_("function", "class", "module", "object"):
        return False
    if qualified is not None and _imported(program, node.func):
        return True  # another module of the user's, or a library that isn't known here
    if isinstance(node.func, ast.Attribute) and node.func.attr in tables.MODEL_SURFACE:
        return not program.kinds.value(node.func.value).known  # what may be a Keras model, and can't run in a graph
    statement = program.module.parent(node)
    if isinstance(node.func, ast.Name) and isinstance(statement, ast.Expr):
        return True  # called for its effect, whatever it is
    if isinstance(node.func, ast.Attribute) and isinstance(statement, ast.Expr):
        owner = program.kinds.value(node.func.value)
        return not owner.known  # called for its effect, on something unknown
    return False


def _imported(program: Program, node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    found = program.module.scope_at(node).lookup(node.id)
    return found is not None and any(binding.kind == "import" for binding in found[1])
