"""What a trace comes to: the nodes of compiled functions, without those that run elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..rule import ModuleContext
from . import _tables as tables
from ._program import AnyFunction, Program, program_of, walk

_OTHER_BACKENDS = frozenset({"torch", "jax", "numpy", "openvino", "mlx"})


def untraced(program: Program, function: AnyFunction) -> frozenset[int]:
    """Return the ids of the nodes in ``function`` that no trace of it runs.

    They stand below ``if backend() == "torch"``, for Keras runs them on something else, or in a function that
    ``tf.py_function`` calls with the values, each time.
    """
    kept: frozenset[int] | None = function.__dict__.get("_untraced")
    if kept is None:
        roots: list[ast.AST] = []
        for node in walk(function):
            if isinstance(node, ast.If) and _asks_for_other(program, node.test):
                roots += node.body
            elif isinstance(node, ast.Call) and program.module.qualified(node.func) in tables.RUN_IN_PYTHON:
                roots += _handed(program, function, node)
        kept = frozenset(id(inner) for root in roots for inner in ast.walk(root))
        function.__dict__["_untraced"] = kept
    return kept


def _handed(program: Program, function: AnyFunction, node: ast.Call) -> list[ast.AST]:
    """Return the functions of ``function``'s own that ``node`` is given, and that nothing else uses."""
    first = next((k.value for k in node.keywords if k.arg == "func"), node.args[0] if node.args else None)
    if isinstance(first, ast.Lambda):
        return [first]
    if not isinstance(first, ast.Name):
        return []
    uses = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == first.id]
    return [n for n in walk(function) if isinstance(n, ast.FunctionDef) and n.name == first.id and len(uses) == 1]


def _asks_for_other(program: Program, test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    left, right = test.left, test.comparators[0]
    if isinstance(left, ast.Name):
        found = program.module.scope_at(left).lookup(left.id)
        values = [binding.value for binding in found[1]] if found is not None else []
        left = values[0] if len(values) == 1 and values[0] is not None else left
    if not isinstance(left, ast.Call) or not isinstance(right, ast.Constant):
        return False
    name = left.func.attr if isinstance(left.func, ast.Attribute) else getattr(left.func, "id", "")
    return name == "backend" and right.value in _OTHER_BACKENDS


def compiled_nodes(ctx: ModuleContext, *types: type[ast.AST]) -> Iterator[tuple[AnyFunction, ast.AST]]:
    """Yield (function, node) for the nodes of ``types`` in everything that is traced, each node once."""
    program = program_of(ctx)
    seen: set[int] = set()
    for function in program.compiled:
        elsewhere = untraced(program, function)
        for node in walk(function):
            if isinstance(node, types) and id(node) not in seen and id(node) not in elsewhere:
                seen.add(id(node))
                yield function, node
