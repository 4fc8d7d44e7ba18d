"""Which targets of an assignment get which values, where there is a star on one of the sides."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """Targets that stand side by side, and what they get: ``value`` itself, or (``spread``) the items of ``value``."""

    targets: list[ast.expr]
    value: ast.expr
    spread: bool


def pieces(node: ast.Assign) -> list[Piece] | None:
    """Return the parts of ``a, *b = *x, y`` from left to right; ``None`` without a star, or where they can't be told.

    A sequence behind a star on the right has a length that only running shows, so no more than one can be told apart.
    """
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Tuple | ast.List):
        return None
    targets, value = node.targets[0].elts, node.value
    items = value.elts if isinstance(value, ast.Tuple | ast.List) else None
    stars = [index for index, one in enumerate(targets) if isinstance(one, ast.Starred)]
    spreads = [index for index, one in enumerate(items or ()) if isinstance(one, ast.Starred)]
    if items is None or not spreads:
        return [Piece(targets, value, spread=True)] if stars else None
    if len(spreads) != 1:
        return None
    before, after = spreads[0], len(items) - spreads[0] - 1
    middle = targets[before : len(targets) - after]
    if not middle or len(targets) < before + after:
        return None
    if stars and not before <= stars[0] < before + len(middle):
        return None
    spread = items[before]
    assert isinstance(spread, ast.Starred)
    head = [Piece([one], item, spread=False) for one, item in zip(targets[:before], items[:before], strict=True)]
    tail = targets[before + len(middle) :]
    rest = [Piece([one], item, spread=False) for one, item in zip(tail, items[before + 1 :], strict=True)]
    return [*head, Piece(middle, spread.value, spread=True), *rest]
