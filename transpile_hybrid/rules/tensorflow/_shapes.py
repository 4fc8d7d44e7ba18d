"""Do the calls in the file give a function tensors of different shapes?"""

from __future__ import annotations

import ast

from ._program import Program, Unit


def shapes_vary(program: Program, unit: Unit) -> bool:
    """Whether some parameter of ``unit`` gets tensors of one rank and several shapes, as written in the file."""
    seen: dict[int, set[tuple[int, ...]]] = {}
    for call, _ in program.kinds.sites(unit.function):
        for index, arg in enumerate(call.args):
            shape = _shape(program, arg)
            if shape is not None:
                seen.setdefault(index, set()).add(shape)
    return any(len(shapes) > 2 and len({len(shape) for shape in shapes}) == 1 for shapes in seen.values())


def _shape(program: Program, node: ast.expr) -> tuple[int, ...] | None:
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        value = found[1][0].value if found is not None and len(found[1]) == 1 else None
        return _shape(program, value) if value is not None and not isinstance(value, ast.Name) else None
    if isinstance(node, ast.Call) and node.args:
        name = program.module.qualified(node.func) or ""
        if name in ("tensorflow.ones", "tensorflow.zeros", "tensorflow.random.normal", "tensorflow.random.uniform"):
            try:
                shape = ast.literal_eval(node.args[0])
            except (ValueError, SyntaxError):
                return None
            if isinstance(shape, tuple | list) and all(isinstance(size, int) for size in shape):
                return tuple(shape)
    return None
