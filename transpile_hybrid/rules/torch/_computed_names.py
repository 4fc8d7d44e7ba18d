"""Names of attributes that are computed (``setattr(self, f"layer{i}", ...)``): what all of them look like."""

from __future__ import annotations

import ast
import re

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk

_PLACE = re.compile(r"\{[^{}]*\}|%[-#0 +]*\d*[a-zA-Z]")


def name_pattern(node: ast.expr, function: FunctionNode) -> str | None:
    """Return a regular expression that each text which ``node`` can give matches whole; ``None`` if nothing is known.

    What is counted (the variable of a loop over a ``range``) gives digits, anything else any text.
    """
    parts = _parts(node, _counters(function))
    return "".join(parts) if any(part not in (_ANY, _DIGITS) for part in parts) else None


_ANY, _DIGITS = ".*", r"-?\d+"


def _parts(node: ast.expr, counters: frozenset[str]) -> list[str]:
    if isinstance(node, ast.Constant):
        return [re.escape(node.value)] if isinstance(node.value, str) else [_ANY]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _parts(value, counters)]
    if isinstance(node, ast.FormattedValue):
        plain = node.conversion == -1 and node.format_spec is None
        return [_DIGITS if plain and _counts(node.value, counters) else _ANY]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_parts(node.left, counters), *_parts(node.right, counters)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(node.left, values, counters)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _filled(node.func.value, node.args if not node.keywords else [], counters)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
        return [_DIGITS if _counts(node.args[0], counters) else _ANY]
    return [_ANY]


def _filled(text: ast.expr, values: list[ast.expr], counters: frozenset[str]) -> list[str]:
    """Return the parts of a text with places (``{}``, ``%d``) that are filled with ``values``."""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)) or re.search(r"%%|\{\{|\}\}", text.value):
        return [_ANY]
    literals = _PLACE.split(text.value)
    if any(sign in literal for literal in literals for sign in "%{}"):  # a place that isn't read here
        return [_ANY]
    places = _PLACE.findall(text.value)
    counted = len(places) == len(values) and set(places) <= {"{}", "%d", "%s"}
    found = [re.escape(literals[0])]
    for index, literal in enumerate(literals[1:]):
        found += [_DIGITS if counted and _counts(values[index], counters) else _ANY, re.escape(literal)]
    return [part for part in found if part]


def _counts(node: ast.expr, counters: frozenset[str]) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod):
        return _counts(node.left, counters) and _counts(node.right, counters)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and not isinstance(node.value, bool)
    return isinstance(node, ast.Name) and node.id in counters


def _counters(function: FunctionNode) -> frozenset[str]:
    """Return the names that nothing but loops over a ``range`` or an ``enumerate`` give a value."""
    counters = [one for node in walk(function) if (one := _counter(node)) is not None]
    counting = {id(one) for one in counters}
    other = {one.arg for one in walk(function.args) if isinstance(one, ast.arg)}
    for node in walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in counting:
            other.add(node.id)
    return frozenset(one.id for one in counters) - other


def _counter(node: ast.AST) -> ast.Name | None:
    """Return what a loop counts with."""
    if not (isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Call)):
        return None
    word = node.iter.func.id if isinstance(node.iter.func, ast.Name) else ""
    target = node.target
    if word == "enumerate" and isinstance(target, ast.Tuple) and target.elts and len(node.iter.args) == 1:
        target = target.elts[0]
    elif word != "range":
        return None
    return target if isinstance(target, ast.Name) else None
