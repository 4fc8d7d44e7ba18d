"""An array is indexed in a way that a Symbol understands otherwise, or not at all.

What it does
    Finds ``x[i]``, ``x[a:b]``, ``x[:, 0]``, ``x[..., 0]``, ``x[:, None]``, ``x[index_array]`` and unpacking of a tensor.

Why is this bad
    A legacy Symbol is a list of outputs: ``x[0]`` and ``x[0:1]`` give the whole array, **silently**. The other forms raise. A
    NumPy-style Symbol takes slices and non-negative integers, nothing else.

Fix safety
    Safe: slices, squeezes and expansions of the same axes; an index array becomes ``take``. A boolean mask has no
    counterpart, and what may be a list is left alone and reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/legacy/symbol/symbol.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._expr import _int_constant, _is_ellipsis, _is_new
from ._plan import Item, Reader, finder, findings
from ._shapes import shape_owner

CODE = "THM803"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Parts(nn.Block):
    def forward(self, x):
        z = nd.relu(x)
        return z[0] + z[-1], z[:, 1:], z[:, None], z[:, ::-1]
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Parts(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        z = F.relu(x)
        return F.broadcast_add(F.squeeze(F.slice_axis(z, axis=0, begin=0, end=1), axis=0), F.squeeze(F.slice_axis(z, axis=0, begin=-1, end=None), axis=0)), F.slice_axis(z, axis=1, begin=1, end=None), F.expand_dims(z, axis=1), F.flip(z, axis=1)
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.relu(x)
        return y[0]
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.relu(x)
        return F.squeeze(F.slice_axis(y, axis=0, begin=0, end=1), axis=0)
""",
    ),
    Example(
        title="a boolean mask",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Positive(nn.Block):
    def forward(self, x):
        return x[x > 0]
""",
    ),
]
VALID = [
    """
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        parts = F.np.split(x, 2, axis=1)
        return x[0] + x[:, 1:][0] + parts[0]
""",
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        parts = F.split(x, num_outputs=2, axis=1)
        return parts[0] * parts[1]
""",
]


@finder(ast.Subscript)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Subscript)
    if not isinstance(node.ctx, ast.Load) or id(node) in r.consumed:
        return
    base = r.value(node.value)
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base.kind == "unknown":
        tuple_index = isinstance(node.slice, ast.Tuple)
        if r.converting and not r.is_np or r.converting and tuple_index and not _np_fine(parts, r):
            yield Item(CODE, node, f"`{r.text(node)[:50]}`: whether this is an array or a list can't be told; a Symbol's index differs",
                       help="say what it is: slice_axis and squeeze for an array")  # fmt: skip
        return
    if not base.is_tensor:
        return
    if not r.converting and base.cls == "param" and not r.is_np and base.shape is None:
        return
    if r.is_np and _np_fine(parts, r):
        return
    if not r.is_np and len(parts) == 1 and isinstance(parts[0], ast.Slice) and _is_full(parts[0]):
        return
    message = (
        f"`{r.text(node)[:50]}`: a NumPy-style Symbol takes slices and non-negative integers only" if r.is_np
        else f"`{r.text(node)[:50]}`: a Symbol is a list of outputs, and its index means another thing"
    )  # fmt: skip
    silent = not r.is_np and len(parts) == 1 and (_int_constant(parts[0]) is not None or isinstance(parts[0], ast.Slice))
    built = build(node, parts, r)
    edits: tuple[Edit, ...] | None = None
    if built is not None:
        edits = (replace(r.source, node, *built),)
        r.consume(node.slice)
        for part in parts:
            for kept in _kept(part):
                r.consumed -= {id(n) for n in ast.walk(kept)}
    yield Item(CODE, node, message, help="slice_axis, squeeze, expand_dims and take say the same for both", edits=edits,
               consequence=Consequence.SILENT if silent else None)  # fmt: skip


def _kept(part: ast.expr) -> list[ast.expr]:
    if isinstance(part, ast.Slice):
        return [p for p in (part.lower, part.upper, part.step) if p is not None and not _is_size(p)]
    return [part]





def _is_size(node: ast.expr) -> bool:
    inner = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(inner, ast.Attribute) and inner.attr == "shape"


def _is_full(part: ast.Slice) -> bool:
    return part.lower is None and part.upper is None and part.step is None


def _np_fine(parts: list[ast.expr], r: Reader) -> bool:
    """Whether a NumPy-style Symbol takes this index as an array does."""
    for part in parts:
        if isinstance(part, ast.Slice):
            if any(p is not None and not _number(p, r) for p in (part.lower, part.upper, part.step)):
                return False
            continue
        constant = _int_constant(part)
        if constant is not None and (constant >= 0 or len(parts) > 1):
            continue
        if constant is None and _number(part, r) and not _maybe_negative(part, r):
            continue
        return False
    return True


def _number(node: ast.expr, r: Reader) -> bool:
    value = r.value(node)
    return _int_constant(node) is not None or value.kind in ("int", "number", "config") and not value.integer or (
        isinstance(node, ast.Constant) and node.value is None)


def _maybe_negative(node: ast.expr, r: Reader) -> bool:
    """Whether an index that is no literal may be negative: the variable of a range is not."""
    return not isinstance(node, ast.Name | ast.BinOp)


def build(node: ast.Subscript, parts: list[ast.expr], r: Reader) -> list[Part] | None:
    """Return the operators that give the same as the index."""
    shape = r.value(node.value).shape
    rank = shape.rank if shape is not None else None
    index = r.value(parts[0])
    if len(parts) == 1 and (index.is_tensor or index.kind == "unknown" and index.assumed and isinstance(parts[0], ast.Name)):
        if index.boolean or r.value(node.value).kind != "tensor":
            return None
        prefix = "F.np." if r.is_np else "F."
        return [f"{prefix}take(", node.value, ", ", parts[0], ', axis=0, mode="wrap")']
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
        if _is_new(part):
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
            out = ["F.slice_axis(", *out, f", axis={axis}, begin=", *begin, ", end=", *end, ")"]  # type: ignore[misc]
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
        if _is_new(part):
            out.append(position)
            position += 1
        elif isinstance(part, ast.Slice):
            position += 1
    return out


def _axes(parts: list[ast.expr], rank: int | None) -> list[int | None] | None:
    """Return the axis of the array that each part is about (``None`` for an ellipsis)."""
    dots = [i for i, p in enumerate(parts) if _is_ellipsis(p)]
    if len(dots) > 1:
        return None
    out: list[int | None] = []
    axis = 0
    for index, part in enumerate(parts):
        if dots and index >= dots[0]:
            break
        out.append(axis)
        axis += 0 if _is_new(part) else 1
    if dots:
        rest = parts[dots[0] + 1 :]
        if any(_is_new(p) for p in rest):
            return None
        out.append(None)
        for offset in range(len(rest)):
            back = offset - len(rest)
            out.append(back if rank is None else rank + back)
    return out


def _bounds(part: ast.expr, r: Reader) -> tuple[list[Part] | None, list[Part]]:
    constant = _int_constant(part)
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
    stores = [n for n in ast.walk(r.function) if isinstance(n, ast.Name) and n.id == name.id and isinstance(n.ctx, ast.Store)]
    if len(stores) != 1:
        return False
    parent = r.parent(stores[0])
    source = parent.iter if isinstance(parent, ast.For | ast.comprehension) else None
    return isinstance(source, ast.Call) and r.qualified(source.func) == "builtins.range" and len(source.args) == 1


def _slice(inner: list[Part], part: ast.Slice, axis: int, r: Reader) -> list[Part] | None:
    """Return the operator for one slice."""
    if _is_full(part):
        return inner
    step = _int_constant(part.step) if part.step is not None else 1
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
    ends = [0 if part.lower is None else _int_constant(part.lower), 0 if part.upper is None else _int_constant(part.upper)]
    small = all(e is not None and (abs(e) <= 1 or axis < 0) for e in ends)
    if step == 1 and small:
        return ["F.slice_axis(", *inner, f", axis={axis}, begin=", *lower, ", end=", *upper, ")"]
    if axis < 0 or step is None:
        return None
    blank = "None, " * axis
    out: list[Part] = ["F.slice(", *inner, f", begin=({blank}", *([part.lower] if part.lower is not None else ["None"]), "," * (axis == 0),
                       f"), end=({blank}", *upper, "," * (axis == 0), ")"]  # fmt: skip
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
    for part, axis in zip(parts, axes, strict=True):
        if _is_new(part):
            continue
        if _is_ellipsis(part):
            if rank is None:
                return _through_legacy(node, parts, r)
            count = rank - sum(1 for p in parts if not _is_new(p) and not _is_ellipsis(p))
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
        constant = _int_constant(part)
        if constant is not None and constant < 0:
            plain.append([f"{constant}:" + ("" if constant == -1 else str(constant + 1))])
            squeeze.append(out_axis)
            out_axis += 1
        elif _number(part, r):
            if constant is None and _maybe_negative(part, r):
                return None
            plain.append([part])
        else:
            return None
    base: list[Part] = [node.value]
    for axis, owner in like:
        base = ["F.slice_like(", *base, ".as_nd_ndarray(), ", owner, f".as_nd_ndarray(), axes=({axis},)).as_np_ndarray()"]
    while plain and plain[-1] == [":"]:
        plain.pop()
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
        if _is_new(part):
            out.append(position)
            position += 1
        elif _is_ellipsis(part):
            position += (rank or 0) - sum(1 for p in parts if not _is_new(p) and not _is_ellipsis(p))
        elif isinstance(part, ast.Slice):
            position += 1
    return out


def _slice_text(part: ast.Slice, r: Reader) -> str:
    text = [r.text(b) if b is not None else "" for b in (part.lower, part.upper)]
    return ":".join(text) + (f":{r.text(part.step)}" if part.step is not None else "")


def _through_legacy(node: ast.Subscript, parts: list[ast.expr], r: Reader) -> list[Part] | None:
    """``x[..., k]`` of unknown rank: the last axis by the legacy operator, which takes negative axes."""
    if len(parts) != 2 or not _is_ellipsis(parts[0]):
        return None
    part = parts[1]
    if isinstance(part, ast.Slice):
        if part.step is not None:
            return None
        done = _slice(["(", node.value, ").as_nd_ndarray()"] if not isinstance(node.value, ast.Name) else [node.value, ".as_nd_ndarray()"], part, -1, r)
        return [*done, ".as_np_ndarray()"] if done is not None else None
    begin, end = _bounds(part, r)
    if begin is None:
        return None
    return ["F.squeeze(F.slice_axis(", node.value, ".as_nd_ndarray(), axis=-1, begin=", *begin, ", end=", *end, "), axis=-1).as_np_ndarray()"]


@finder(ast.Assign)
def unpacked(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``a, b, c = x`` splits an array along its first axis."""
    assert isinstance(node, ast.Assign)
    target = node.targets[0]
    if len(node.targets) != 1 or not isinstance(target, ast.Tuple | ast.List):
        return
    value = r.value(node.value)
    if value.is_tensor:
        count = len(target.elts)
        starred = any(isinstance(e, ast.Starred) for e in target.elts)
        edits: tuple[Edit, ...] | None = None
        if not starred and count > 1:
            edits = (split_rows(node.value, count, r),)
        yield Item(CODE, node.value, "an array is unpacked: a Symbol has no first axis to take apart",
                   help="split it with squeeze_axis=True", edits=edits)  # fmt: skip


def split_rows(node: ast.expr, count: int, r: Reader) -> Edit:
    """Return the edit that gives the rows of an array as a list."""
    if not r.is_np:
        return replace(r.source, node, "F.split(", node, f", num_outputs={count}, axis=0, squeeze_axis=True)")
    return replace(r.source, node, "[F.np.squeeze(row, axis=0) for row in F.np.split(", node, f", {count}, axis=0)]")


@rule(CODE, "index", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
