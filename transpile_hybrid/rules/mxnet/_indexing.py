"""Indices said by operators: slices, squeezes and expansions that mean the same for arrays and Symbols."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Part
from ._gather import picked
from ._index import int_constant, is_ellipsis, is_new
from ._plan import Reader
from ._shapes import shape_owner


def kept(part: ast.expr) -> list[ast.expr]:
    if isinstance(part, ast.Slice):
        return [p for p in (part.lower, part.upper, part.step) if p is not None and not is_size(p)]
    return [part]


def is_size(node: ast.expr) -> bool:
    inner = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(inner, ast.Attribute) and inner.attr == "shape"


def is_full(part: ast.Slice) -> bool:
    return part.lower is None and part.upper is None and part.step is None


def np_fine(parts: list[ast.expr], r: Reader) -> bool:
    """Whether a NumPy-style Symbol takes this index as an array does."""
    for part in parts:
        if isinstance(part, ast.Slice):
            if any(p is not None and not _number(p, r) for p in (part.lower, part.upper, part.step)):
                return False
            continue
        constant = int_constant(part)
        if constant is not None and (constant >= 0 or len(parts) > 1):
            continue
        if constant is None and len(parts) > 1 and _whole(part, r):
            continue  # behind or before another one a Symbol takes negative ones too
        if constant is None and _number(part, r) and not _maybe_negative(part, r):
            continue
        return False
    return True


def _whole(part: ast.expr, r: Reader) -> bool:
    """Whether an index certainly is one integer, of either sign."""
    return r.value(part).kind == "int" and _number(part, r)


def _number(node: ast.expr, r: Reader) -> bool:
    value = r.value(node)
    return (
        int_constant(node) is not None
        or value.kind in ("int", "number", "config")
        and not value.integer
        or (isinstance(node, ast.Constant) and node.value is None)
    )


def _maybe_negative(node: ast.expr, r: Reader) -> bool:
    """Whether an index that is no literal may be negative: the variable of a range is not."""
    if isinstance(node, ast.Name):
        value = r.value(node).const
        return isinstance(value, int) and value < 0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult | ast.FloorDiv | ast.Mod):
        sides = (node.left, node.right)
        return any((int_constant(s) or 0) < 0 if int_constant(s) is not None else _maybe_negative(s, r) for s in sides)
    return True


def build(node: ast.Subscript, parts: list[ast.expr], r: Reader) -> list[Part] | None:
    """Return the operators that give the same as the index."""
    shape = r.value(node.value).shape
    rank = shape.rank if shape is not None else None
    index = r.value(parts[0])
    if len(parts) == 1 and (
        index.is_tensor or index.kind == "unknown" and index.assumed and isinstance(parts[0], ast.Name)
    ):
        if index.boolean or r.value(node.value).kind != "tensor":
            return None
        prefix = "F.np." if r.is_np else "F."
        return [f"{prefix}take(", node.value, ", ", parts[0], ', axis=0, mode="wrap")']
    if all(r.value(part).is_tensor for part in parts):
        return picked(node, parts, r)
    axes = _axes(parts, rank)
    if axes is None:
        return None
    if r.is_np:
        return _np_index(node, parts, axes, rank, r)
    out: list[Part] = [node.value]
    squeezed: list[int] = []
    new: list[int] = []
    for part, axis in reversed(list(zip(parts, axes, strict=True))):
        if axis is None:
            continue
        if is_new(part):
            new.append(axis)
        elif isinstance(part, ast.Slice):
            sliced = _slice(out, part, axis, r)
            if sliced is None:
                return None
            out = sliced
        else:
            begin, end = _bounds(part, r)
            if begin is None:
                return None
            out = ["F.slice_axis(", *out, f", axis={axis}, begin=", *begin, ", end=", *end, ")"]
            squeezed.append(axis)
    if squeezed:
        text = str(squeezed[0]) if len(squeezed) == 1 else "(" + ", ".join(str(a) for a in sorted(squeezed)) + ")"
        out = ["F.squeeze(", *out, f", axis={text})"]
    if new:
        if any(a < 0 for a in new) or any(a < 0 for a in squeezed):
            return None
        at = _new_positions(parts)
        for position in at:
            out = ["F.expand_dims(", *out, f", axis={position})"]
    return out


def _new_positions(parts: list[ast.expr]) -> list[int]:
    """Return where the new axes stand in the result."""
    out: list[int] = []
    position = 0
    for part in parts:
        if is_new(part):
            out.append(position)
            position += 1
        elif isinstance(part, ast.Slice):
            position += 1
    return out


def _axes(parts: list[ast.expr], rank: int | None) -> list[int | None] | None:
    """Return the axis of the array that each part is about (``None`` for an ellipsis)."""
    dots = [i for i, p in enumerate(parts) if is_ellipsis(p)]
    if len(dots) > 1:
        return None
    out: list[int | None] = []
    axis = 0
    for index, part in enumerate(parts):
        if dots and index >= dots[0]:
            break
        out.append(axis)
        axis += 0 if is_new(part) else 1
    if dots:
        rest = parts[dots[0] + 1 :]
        if any(is_new(p) for p in rest):
            return None
        out.append(None)
        for offset in range(len(rest)):
            back = offset - len(rest)
            out.append(back if rank is None else rank + back)
    return out


def _bounds(part: ast.expr, r: Reader) -> tuple[list[Part] | None, list[Part]]:
    constant = int_constant(part)
    if constant is not None:
        return [str(constant)], ["None" if constant == -1 else str(constant + 1)]
    value = r.value(part)
    if value.kind not in ("int", "number", "config") or value.integer:
        return None, []
    if isinstance(part, ast.Name) and _range_variable(part, r):
        return [part], [part, " + 1"]
    if isinstance(part, ast.Name | ast.Attribute | ast.BinOp):
        wrapped: list[Part] = [part] if not isinstance(part, ast.BinOp) else ["(", part, ")"]
        return [part], ["(", *wrapped, " + 1) or None"]
    return None, []


def _range_variable(name: ast.Name, r: Reader) -> bool:
    """Whether a name is the variable of a loop over ``range(n)``, and nothing else."""
    stores = [
        n for n in walk(r.function) if isinstance(n, ast.Name) and n.id == name.id and isinstance(n.ctx, ast.Store)
    ]
    if len(stores) != 1:
        return False
    parent = r.parent(stores[0])
    source = parent.iter if isinstance(parent, ast.For | ast.comprehension) else None
    return isinstance(source, ast.Call) and r.qualified(source.func) == "builtins.range" and len(source.args) == 1


def _slice(inner: list[Part], part: ast.Slice, axis: int, r: Reader) -> list[Part] | None:
    """Return the operator for one slice."""
    if is_full(part):
        return inner
    step = int_constant(part.step) if part.step is not None else 1
    upper_owner = shape_owner(part.upper, r) if part.upper is not None else None
    if upper_owner is not None and part.lower is None and part.step is None and isinstance(part.upper, ast.Subscript):
        if r.value(part.upper.slice).const == axis and axis >= 0:
            return ["F.slice_like(", *inner, ", ", upper_owner, f", axes=({axis},))"]
        return None
    for bound in (part.lower, part.upper, part.step):
        if bound is not None and not _number(bound, r):
            return None
    if step == -1 and part.lower is None and part.upper is None:
        return ["F.flip(", *inner, f", axis={axis})"]
    lower: list[Part] = [part.lower] if part.lower is not None else ["0"]
    upper: list[Part] = [part.upper] if part.upper is not None else ["None"]
    # slice_axis refuses bounds beyond the axis, which an index cuts off; slice cuts them off too.
    ends = [
        0 if part.lower is None else int_constant(part.lower),
        0 if part.upper is None else int_constant(part.upper),
    ]
    small = all(e is not None and (abs(e) <= 1 or axis < 0) for e in ends)
    if step == 1 and small:
        return ["F.slice_axis(", *inner, f", axis={axis}, begin=", *lower, ", end=", *upper, ")"]
    if axis < 0 or step is None:
        return None
    blank = "None, " * axis
    single = "," * (axis == 0)
    first: list[Part] = [part.lower] if part.lower is not None else ["None"]
    out: list[Part] = ["F.slice(", *inner, f", begin=({blank}", *first, single]
    out += [f"), end=({blank}", *upper, single, ")"]
    if step != 1:
        out += [f", step=({blank}{step}" + "," * (axis == 0) + ")"]
    return [*out, ")"]


def _np_index(
    node: ast.Subscript, parts: list[ast.expr], axes: list[int | None], rank: int | None, r: Reader
) -> list[Part] | None:
    """Return an index that a NumPy-style Symbol takes: explicit axes, then squeeze and expand_dims."""
    like: list[tuple[int, ast.expr]] = []
    plain: list[list[Part]] = []
    squeeze: list[int] = []
    out_axis = 0
    pad = False
    for part, axis in zip(parts, axes, strict=True):
        if is_new(part):
            continue
        if is_ellipsis(part):
            if rank is None:
                return _through_legacy(node, parts, r)
            count = rank - sum(1 for p in parts if not is_new(p) and not is_ellipsis(p))
            plain += [[":"]] * count
            out_axis += count
            continue
        if isinstance(part, ast.Slice):
            owner = shape_owner(part.upper, r) if part.upper is not None else None
            if owner is not None and part.lower is None and part.step is None and isinstance(part.upper, ast.Subscript):
                if axis is None or axis < 0 or r.value(part.upper.slice).const != axis:
                    return None
                like.append((axis, owner))
                plain.append([":"])
            elif all(b is None or _number(b, r) for b in (part.lower, part.upper, part.step)):
                plain.append([_slice_text(part, r)])
            else:
                return None
            out_axis += 1
            continue
        constant = int_constant(part)
        if constant is not None and constant < 0:
            plain.append([f"{constant}:" + ("" if constant == -1 else str(constant + 1))])
            squeeze.append(out_axis)
            out_axis += 1
        elif _number(part, r):
            whole = constant is not None or _whole(part, r) and (len(parts) > 1 or (rank or 0) > 1)
            if not whole and _maybe_negative(part, r):
                return None
            plain.append([part])
            pad = constant is None and len(parts) == 1 and _maybe_negative(part, r)
        else:
            return None
    base: list[Part] = [node.value]
    for axis, owner in like:
        base = [
            "F.slice_like(",
            *base,
            ".as_nd_ndarray(), ",
            owner,
            f".as_nd_ndarray(), axes=({axis},)).as_np_ndarray()",
        ]
    while plain and plain[-1] == [":"]:
        plain.pop()
    if pad:
        plain.append([":"])  # alone, a negative number is refused
    if plain:
        inner: list[Part] = []
        for index, piece in enumerate(plain):
            inner += [", ", *piece] if index else piece
        base = [*base, "[", *inner, "]"]
    if squeeze:
        text = str(squeeze[0]) if len(squeeze) == 1 else "(" + ", ".join(map(str, squeeze)) + ")"
        base = ["F.np.squeeze(", *base, f", axis={text})"]
    for position in _new_after_ellipsis(parts, rank):
        base = ["F.np.expand_dims(", *base, f", axis={position})"]
    return base


def _new_after_ellipsis(parts: list[ast.expr], rank: int | None) -> list[int]:
    out: list[int] = []
    position = 0
    for part in parts:
        if is_new(part):
            out.append(position)
            position += 1
        elif is_ellipsis(part):
            position += (rank or 0) - sum(1 for p in parts if not is_new(p) and not is_ellipsis(p))
        elif isinstance(part, ast.Slice):
            position += 1
    return out


def _slice_text(part: ast.Slice, r: Reader) -> str:
    text = [r.text(b) if b is not None else "" for b in (part.lower, part.upper)]
    return ":".join(text) + (f":{r.text(part.step)}" if part.step is not None else "")


def _through_legacy(node: ast.Subscript, parts: list[ast.expr], r: Reader) -> list[Part] | None:
    """``x[..., k]`` of unknown rank: the last axis by the legacy operator, which takes negative axes."""
    if len(parts) != 2 or not is_ellipsis(parts[0]):
        return None
    part = parts[1]
    if isinstance(part, ast.Slice):
        if part.step is not None:
            return None
        done = _slice(
            ["(", node.value, ").as_nd_ndarray()"]
            if not isinstance(node.value, ast.Name)
            else [node.value, ".as_nd_ndarray()"],
            part,
            -1,
            r,
        )
        return [*done, ".as_np_ndarray()"] if done is not None else None
    begin, end = _bounds(part, r)
    if begin is None:
        return None
    return [
        "F.squeeze(F.slice_axis(",
        node.value,
        ".as_nd_ndarray(), axis=-1, begin=",
        *begin,
        ", end=",
        *end,
        "), axis=-1).as_np_ndarray()",
    ]
