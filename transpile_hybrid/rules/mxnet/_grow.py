"""Axes that get as long as those of another array: ``broadcast_axis``, ``broadcast_to``, ``tile``, ``repeat``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part, operand, replace
from ._plan import Item, Reader
from ._shapes import shape_owner
from ._sizes import MESSAGE, consume_callee, definition, shaped
from ._values import Shape

CODE = "THM804"
Growth = tuple[int, ast.expr, int]  # an axis of length 1, the array that says how long it gets, and its axis


def sized_by(size: ast.expr, r: Reader) -> tuple[ast.expr | None, object]:
    """Return the array and the axis that a size is of: ``x.shape[1]``, or a local that is that."""
    owner = shape_owner(size, r)
    axis = r.value(size.slice).const if isinstance(size, ast.Subscript) else None
    if isinstance(size, ast.Name) and (made := definition(size, r)) is not None:
        owner, axis = (shape_owner(made[0], r), None) if made[1] is None else made
        if made[1] is None and isinstance(made[0], ast.Subscript):
            axis = r.value(made[0].slice).const
    if owner is None and isinstance(size, ast.Subscript) and isinstance(size.value, ast.Name):
        made = definition(size.value, r)  # `shape = x.shape`
        if made is not None and made[1] is None and isinstance(made[0], ast.Attribute):
            owner = shape_owner(made[0], r)
    return owner, axis


def stretched(what: list[Part], grown: list[Growth], r: Reader) -> list[Part]:
    """Return what makes axes of length 1 as long as axes of other arrays (it raises for axes that are longer)."""
    for axis, owner, other in grown:
        axes = f", lhs_axes=({axis},), rhs_axes=({other},))"
        if r.is_np:
            what = ["F.broadcast_like(", *what, ".as_nd_ndarray(), ", operand(owner), f".as_nd_ndarray(){axes}"]
            what.append(".as_np_ndarray()")
        else:
            what = ["F.broadcast_like(", *what, ", ", owner, axes]
    return what


def along(node: ast.Call, what: ast.expr, rest: list[ast.expr], r: Reader) -> Iterator[Item]:
    """``broadcast_axis(x, axis=0, size=y.shape[1])``, which is for axes of length 1 only."""
    given = dict(zip(("axis", "size"), rest, strict=False))
    given.update({k.arg: k.value for k in node.keywords if k.arg is not None})
    if r.is_np or set(given) - {"data"} != {"axis", "size"} or not shaped([given["size"]], r):
        return
    axes, sizes = _each(given["axis"]), _each(given["size"])
    if len(axes) != len(sizes):
        return
    grown = [_growth(r.value(axis).const, size, r) for axis, size in zip(axes, sizes, strict=True)]
    yield from _told(node, what, [g for g in grown if g is not None], len(grown), given["size"], r)


def spread(node: ast.Call, what: ast.expr, args: list[ast.expr], name: str, r: Reader) -> Iterator[Item]:
    """``repeat`` and ``tile`` of an axis of length 1, as often as another array is long."""
    keywords = {k.arg: k.value for k in node.keywords}
    shape = r.value(what).shape
    if shape is None:
        return
    if name == "repeat":
        times = args[0] if args else keywords.get("repeats")
        at = args[1] if len(args) > 1 else keywords.get("axis")
        axis = r.value(at).const if at is not None else None  # without one, all axes are made one
        if times is None or not isinstance(axis, int) or not shaped([times], r):
            return
        if shape.at(axis) == (1,) or _made_there(what, axis, r):
            one = _growth(axis, times, r)
            yield from _told(node, what, [one] if one is not None else [], 1, times, r)
        return
    reps = args[0] if args else keywords.get("reps")
    if not isinstance(reps, ast.Tuple) or shape.rank is None or not shaped([reps], r):
        return
    new = len(reps.elts) - shape.rank
    sized = [i for i, e in enumerate(reps.elts) if r.value(e).const != 1]
    if new < 0 or any(i >= new and shape.at(i - new) != (1,) for i in sized):
        return
    grown = [_growth(i, reps.elts[i], r) for i in sized]
    yield from _told(node, what, [g for g in grown if g is not None], len(sized), reps, r, new)


def widened(node: ast.Call, what: ast.expr, at: ast.expr, r: Reader) -> Iterator[Item]:
    """``broadcast_to(x, (y.shape[0], *x.shape))``: new axes in front, and axes of length 1, get longer."""
    shape = r.value(what).shape
    if not isinstance(at, ast.Tuple) or shape is None or shape.rank is None or len(at.elts) < shape.rank:
        return
    new = len(at.elts) - shape.rank
    sized = [i for i, e in enumerate(at.elts) if not _kept(e, i - new, shape, r)]
    if any(i >= new and shape.at(i - new) != (1,) for i in sized):
        return
    grown = [_growth(i, at.elts[i], r) for i in sized]
    yield from _told(node, what, [g for g in grown if g is not None], len(sized), at, r, new)


def _kept(size: ast.expr, axis: int, shape: Shape, r: Reader) -> bool:
    """Whether a size in the target is that of the array's own axis (or a new axis of length 1)."""
    value = r.value(size)
    return value.const == 1 or axis >= 0 and value.dim is not None and value.dim == shape.at(axis)


def _growth(axis: object, size: ast.expr, r: Reader) -> Growth | None:
    owner, other = sized_by(size, r)
    if owner is None or not r.value(owner).is_tensor:
        return None
    if not isinstance(axis, int) or axis < 0 or not isinstance(other, int) or other < 0:
        return None
    return axis, owner, other


def _told(
    node: ast.Call, what: ast.expr, grown: list[Growth], wanted: int, at: ast.expr, r: Reader, new: int = 0
) -> Iterator[Item]:
    """Yield the rewrite where every axis that gets longer is known."""
    if not grown or len(grown) != wanted:
        return
    prefix = "F.np." if r.is_np else "F."
    base: list[Part] = [operand(what) if r.is_np and not new else what]
    for _ in range(new):
        base = [f"{prefix}expand_dims(", *base, ", axis=0)"]
    r.consume(*(a for a in node.args if a is not what), *node.keywords)
    consume_callee(node, what, r)
    r.consumed -= {id(inner) for _, owner, _ in grown for inner in walk(owner)}
    edit = replace(r.source, node, *stretched(base, grown, r))
    yield Item(CODE, at, MESSAGE, help="use broadcast_like", edits=(edit,))


def resized(node: ast.Call, r: Reader) -> Iterator[Item]:
    """``BilinearResize2D(x, height=y.shape[2], width=y.shape[3])``: as large as ``y``."""
    keywords = {k.arg: k.value for k in node.keywords}
    if r.is_np or len(node.args) != 1 or set(keywords) != {"height", "width"}:
        return
    sides = [sized_by(keywords[side], r) for side in ("height", "width")]
    owners = [owner for owner, _ in sides if owner is not None]
    if (
        len(owners) != 2
        or not r.value(owners[0]).is_tensor
        or [axis for _, axis in sides] != [2, 3]
        or r.text(owners[0]) != r.text(owners[1])
    ):
        return
    if not isinstance(owners[0], ast.Name):
        return  # one that is computed would be computed once, not twice
    r.consume(*node.keywords)
    first, end = r.source.span(node.keywords[0]).start, r.source.span(node.keywords[-1]).end
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}` asks for a shape, which a Symbol has not",
        help='use mode="like"',
        edits=(Edit(first, end, (owners[0], ', mode="like"')),),
    )


def _each(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple | ast.List) else [node]


def _made_there(node: ast.expr, axis: int, r: Reader) -> bool:
    """Whether ``node`` is an ``expand_dims`` at this very axis."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
    at = next((k.value for k in node.keywords if k.arg == "axis"), node.args[-1] if node.args else None)
    return name == "expand_dims" and at is not None and r.value(at).const == axis
