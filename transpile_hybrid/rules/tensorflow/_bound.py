"""Bound methods that outlive their object.

``obj.method`` of a method that is a tf.function holds its object weakly: handed on while nothing else keeps the
object alive, it fails with ``AttributeError: 'NoneType' object has no attribute ...``.
"""

from __future__ import annotations

import ast

from ._program import Program, Unit

ESCAPES = "its bound method is handed on, and would not keep its object alive"
TEMPORARY = "it is called on an object that nothing keeps alive"


def bound_uses(program: Program, unit: Unit) -> tuple[list[ast.Attribute], bool, bool]:
    """Return the uses of the method ``unit`` other than calls, whether it is called, and if on a temporary object."""
    escapes: list[ast.Attribute] = []
    calls = temporary = False
    key = f"fn:{id(unit.function)}"
    for node in program.nodes:
        if not isinstance(node, ast.Attribute) or node.attr != unit.function.name or not isinstance(node.ctx, ast.Load):
            continue
        if program.kinds.value(node).cls != key or program.kinds.value(node.value).is_("class"):
            continue
        parent = program.module.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            calls = True
            temporary = temporary or isinstance(node.value, ast.Call)
        else:
            escapes.append(node)
    return escapes, calls, temporary


def bound_trouble(program: Program, unit: Unit) -> str:
    """Return why decorating the method ``unit`` would break a use of it, or ''."""
    if unit.info is None or any(
        isinstance(d, ast.Name) and d.id == "staticmethod" for d in unit.function.decorator_list
    ):
        return ""
    escapes, _, temporary = bound_uses(program, unit)
    if temporary:
        return TEMPORARY
    return ESCAPES if escapes else ""
