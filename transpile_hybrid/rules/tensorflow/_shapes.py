"""Do the calls in the file give a function tensors of different shapes?"""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ._program import Program, Unit


def shapes_vary(program: Program, unit: Unit) -> bool:
    """Whether some parameter of ``unit`` gets tensors of one rank and several shapes, as written in the file.

    These are three shapes or more, or one with the variable of a loop around the call in it.
    """
    seen: dict[int, set[tuple[int, ...]]] = {}
    for call, _ in program.kinds.sites(unit.function):
        for index, arg in enumerate(call.args):
            if _of_loop(program, call, arg):
                return True
            shape = _shape(program, arg)
            if shape is not None:
                seen.setdefault(index, set()).add(shape)
    return any(len(shapes) > 2 and len({len(shape) for shape in shapes}) == 1 for shapes in seen.values())


def _of_loop(program: Program, call: ast.Call, arg: ast.expr) -> bool:
    """Whether the variable of a loop around ``call`` says how large ``arg`` is."""
    names: set[str] = set()
    for parent in program.module.ancestors(call):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            break
        if isinstance(parent, ast.For):
            names |= {node.id for node in walk(parent.target) if isinstance(node, ast.Name)}
    if not names:
        return False
    if isinstance(arg, ast.Name):
        found = program.module.scope_at(arg).lookup(arg.id)
        value = found[1][0].value if found is not None and len(found[1]) == 1 else None
        arg = value if value is not None else arg
    sizes: list[ast.expr | None] = []
    if isinstance(arg, ast.Call) and arg.args and program.module.qualified(arg.func) in _MAKERS:
        sizes = list(arg.args[0].elts) if isinstance(arg.args[0], ast.List | ast.Tuple) else [arg.args[0]]
    elif isinstance(arg, ast.Subscript) and program.kinds.value(arg.value).is_tensor:
        parts = arg.slice.elts if isinstance(arg.slice, ast.Tuple) else [arg.slice]
        sizes = [bound for part in parts if isinstance(part, ast.Slice) for bound in _bound(part)]
    return any(isinstance(node, ast.Name) and node.id in names for size in sizes if size for node in walk(size))


def _bound(part: ast.Slice) -> list[ast.expr | None]:
    """Return the bounds of a slice whose length isn't the same whatever they are (``x[:n]``, not ``x[i : i + 4]``)."""
    return [part.lower, part.upper] if part.lower is None or part.upper is None else []


_MAKERS = frozenset({"tensorflow.ones", "tensorflow.zeros", "tensorflow.random.normal", "tensorflow.random.uniform"})


def _shape(program: Program, node: ast.expr) -> tuple[int, ...] | None:
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        value = found[1][0].value if found is not None and len(found[1]) == 1 else None
        return _shape(program, value) if value is not None and not isinstance(value, ast.Name) else None
    if isinstance(node, ast.Call) and node.args:
        name = program.module.qualified(node.func) or ""
        if name in _MAKERS:
            try:
                shape = ast.literal_eval(node.args[0])
            except (ValueError, SyntaxError):
                return None
            if isinstance(shape, tuple | list) and all(isinstance(size, int) for size in shape):
                return tuple(shape)
    return None
