"""Branches on one number in a tensor, said by ``where``: both sides are computed, and one of them is taken.

That gives the same only where the side that isn't taken can do no harm: what it adds to a gradient is nought times its
slope, so that the slope has to be finite, and it may have no state and draw nothing.  Both sides are therefore sums,
multiples and functions with bounded slopes, of the very same arrays: into an array that only one side uses no gradient
would flow where the other is taken, and nought times the slope of what made it may be no number.  (``contrib.cond``
computes one side only, but hybridized the gradients of arrays that were computed before it are what was in memory.)
"""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part, replace
from ._like import may_be_whole
from ._names import operator_name
from ._plan import Reader
from ._sizes import siblings
from ._values import Val
from ._words import names

_BOUNDED = names("relu tanh sigmoid abs negative")


def chosen(node: ast.If, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit for ``if x.sum() > 0: return a``, ``return b``, or two assignments to one variable."""
    end, sides, target = _sides(node, r)
    if sides is None or not _one_number(node.test, r):
        return None
    if r.source.text.startswith("elif", r.source.span(node).start):
        return None
    text = r.source.text[r.source.span(node).start : r.source.span(end).end]
    if "#" in text or r.source.span(node).start > r.source.span(end).start:
        return None
    done = _where(node.test, *sides, r)
    if done is None:
        return None
    first: list[Part] = [f"{target} = "] if target else ["return "]
    return (Edit(r.source.span(node).start, r.source.span(end).end, (*first, *done)),)


def chosen_expression(node: ast.IfExp, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit for ``a if x.sum() > 0 else b``."""
    if not _one_number(node.test, r):
        return None
    done = _where(node.test, node.body, node.orelse, r)
    return None if done is None else (replace(r.source, node, *done),)


def _sides(node: ast.If, r: Reader) -> tuple[ast.stmt, tuple[ast.expr, ast.expr] | None, str]:
    """Return the last statement of a branch, what its two sides give, and the variable that they give it to."""
    block = siblings(node, r)
    after = block[block.index(node) + 1 :] if node in block else []
    last: ast.stmt = node
    other = node.orelse
    if not other and after:
        other, last = after[:1], after[0]
    if len(node.body) != 1 or len(other) != 1:
        return node, None, ""
    yes, no = node.body[0], other[0]
    if isinstance(yes, ast.Return) and isinstance(no, ast.Return) and yes.value is not None and no.value is not None:
        return last, (yes.value, no.value), ""
    if node.orelse and isinstance(yes, ast.Assign) and isinstance(no, ast.Assign):
        one, two = yes.targets, no.targets
        if len(one) == len(two) == 1 and isinstance(one[0], ast.Name) and isinstance(two[0], ast.Name):
            return node, (yes.value, no.value) if one[0].id == two[0].id else None, one[0].id
    return node, None, ""


def _one_number(test: ast.expr, r: Reader) -> bool:
    """Whether a condition certainly is one number in a tensor."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or isinstance(test.ops[0], ast.Eq | ast.NotEq):
        return False
    sides = [r.value(test.left), r.value(test.comparators[0])]
    dims = [v.shape.dims if v.shape is not None else None for v in sides if v.is_tensor]
    rest = all(v.is_tensor or v.kind in ("int", "number", "config") and v.free for v in sides)
    return bool(dims) and rest and all(d in ((), ((1,),)) for d in dims)


def _where(test: ast.expr, yes: ast.expr, no: ast.expr, r: Reader) -> list[Part] | None:
    a, b = r.value(yes), r.value(no)
    if not (a.is_tensor and b.is_tensor) or a.shape is None or b.shape is None or not a.shape.same(b.shape):
        return None
    if _arrays(yes, r) != _arrays(no, r):
        return None
    if a.none or b.none or a.boolean or b.boolean or not (_harmless(yes, r) and _harmless(no, r)):
        return None
    if r.is_np:
        if (_fractions(yes) != _fractions(no)) and any(_may_be_whole(side, r) for side in (yes, no)):
            return None  # one side would make numbers of integers
        return ["F.np.where(", test, ", ", yes, ", ", no, ")"]
    like = next((n for side in (yes, no) for n in walk(side) if isinstance(n, ast.Name) and _same(n, a, r)), None)
    if like is None:
        return None
    spread: list[Part] = ["F.broadcast_like(", test, f", {like.id}, lhs_axes=(0,), rhs_axes=(0,))"]
    return ["F.where(", *spread, ", ", yes, ", ", no, ")"]


def _arrays(node: ast.expr, r: Reader) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and r.value(n).is_tensor}


def _same(node: ast.Name, like: Val, r: Reader) -> bool:
    value = r.value(node)
    return value.is_tensor and value.shape is not None and like.shape is not None and value.shape.same(like.shape)


def _may_be_whole(node: ast.expr, r: Reader) -> bool:
    return any(isinstance(n, ast.Name) and r.value(n).is_tensor and may_be_whole(r.value(n)) for n in walk(node))


def _fractions(node: ast.expr) -> bool:
    """Whether an expression makes fractions of whole numbers: by a constant, a division or a function."""
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, float) or isinstance(n, ast.Div | ast.Call)
        for n in walk(node)
    )


def _harmless(node: ast.expr, r: Reader) -> bool:
    """Whether an expression can be computed though it isn't wanted."""
    if isinstance(node, ast.Name):
        value = r.value(node)
        return value.is_tensor and not value.none or _number(node, r)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _harmless(node.operand, r)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div):
            whole = isinstance(node.right, ast.Constant) and isinstance(node.right.value, int | float)
            return whole and bool(node.right.value) and _harmless(node.left, r)  # type: ignore[attr-defined]
        sides = (node.left, node.right)
        one = isinstance(node.op, ast.Mult) and any(_number(side, r) for side in sides)
        return (one or isinstance(node.op, ast.Add | ast.Sub)) and all(_harmless(side, r) for side in sides)
    if isinstance(node, ast.Call) and not node.keywords and len(node.args) == 1:
        owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        op = operator_name(node.func, r, owner)
        return op is not None and op[1] in _BOUNDED and _harmless(node.args[0], r)
    return _number(node, r)


def _number(node: ast.expr, r: Reader) -> bool:
    """Whether an expression is a number that the constructor decides."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _number(node.operand, r)
    value = r.value(node)
    plain = isinstance(node, ast.Constant | ast.Attribute | ast.Name)
    return plain and value.kind in ("int", "number") and value.free and not value.none
