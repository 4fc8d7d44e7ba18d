"""Functions of one NumPy argument that meets a float32 variable: a signature makes the same of the array as eager
ops do.

Eagerly ``V * x`` makes a float32 tensor of a float64 array.  A tf.function would make a float64 one of its argument,
and the product would fail; with ``input_signature`` it converts at its boundary, to the same numbers.
"""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ._kinds import Kinds
from ._program import Program, Unit


def pinned(program: Program, unit: Unit) -> bool:
    """Whether ``unit`` has one argument, an array, that only meets float32 variables."""
    values = program.parameters(unit)
    if len(values) != 1 or unit.function.args.defaults or unit.function.args.kwonlyargs:
        return False
    ((name, value),) = values.items()
    if not value.is_("array"):
        return False
    met = False
    for node in walk(unit.function):
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
            continue
        parent = program.module.parent(node)
        if not isinstance(parent, ast.BinOp):
            return False
        other = parent.right if parent.left is node else parent.left
        if not _float32(program.kinds, other):
            return False
        met = True
    return met


def _float32(kinds: Kinds, node: ast.expr) -> bool:
    """Whether ``node`` names a variable that is float32 by how it was made."""
    if not isinstance(node, ast.Name) or not kinds.value(node).is_("variable"):
        return False
    found = kinds.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1 or not isinstance(found[1][0].value, ast.Call):
        return False
    made = found[1][0].value
    if any(keyword.arg == "dtype" for keyword in made.keywords) or len(made.args) != 1:
        return False
    initial = made.args[0]
    if isinstance(initial, ast.Constant):
        return isinstance(initial.value, float)
    if not isinstance(initial, ast.Call):
        return False
    name = (kinds.module.qualified(initial.func) or "").rsplit(".", 1)[-1]
    if name in ("zeros", "ones"):
        return len(initial.args) == 1 and not initial.keywords and kinds.value(initial).is_tensor
    scalar = isinstance(initial.func, ast.Attribute) and initial.func.attr in ("randn", "rand", "random", "normal")
    return scalar and not initial.args and not initial.keywords  # one Python float
