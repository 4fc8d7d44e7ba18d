"""A part of an array is assigned.

What it does
    Finds ``a[0] = v``, ``a[:, 1:3] = t`` and ``a[mask] = v`` on tensors in a forward.

Why is this bad
    A Symbol can't be written to: it raises once the block is hybridized.

Fix safety
    Safe where nothing else can see the write: ``a[mask] = v`` becomes ``where``, a slice a concat of what
    stands before, the value and what stands behind. Where only the rank is known, ``a[:, 1] = v`` and
    ``a[:, i] += v`` become a ``where`` on the numbers along the axis. Otherwise it is reported: so is
    ``a[x > 0] = v`` in the legacy API, whose comparisons give numbers, which choose rows.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._index import int_constant
from ._plan import Item, Reader, finder, findings
from ._values import Val
from .thm201_in_place import unsafe_reason

CODE = "THM202"
EXAMPLES = [
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        a = np.tanh(x)
        a[a > 0] = 0
        return a
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        a = F.np.tanh(x)
        a = F.np.where(a > 0, F.np.ones_like(a) * 0, a)
        return a
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        x[0] = 1
        return nd.relu(x)
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        parts = [x, x]
        parts[0] = x * 2
        return parts[0] + parts[1]
""",
]


@finder(ast.Assign)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Assign)
    if id(node) in r.consumed:
        return
    for target in node.targets:
        if not isinstance(target, ast.Subscript):
            continue
        if (
            isinstance(target.slice, ast.Slice)
            and target.slice.lower is None
            and target.slice.upper is None
            and (target.slice.step is None and len(node.targets) == 1 and isinstance(target.value, ast.Name))
        ):
            continue  # THM201
        before = r.value(target.value)
        if before.kind not in ("tensor", "unknown") or before.kind == "unknown" and not r.converting:
            continue
        message = f"`{r.quote(target)} = ...` writes into an array: it raises once hybridized"
        edits: tuple[Edit, ...] | None = None
        reason = ""
        if before.is_tensor and isinstance(target.value, ast.Name) and len(node.targets) == 1:
            reason = unsafe_reason(node, r, target.value.id)
            edits = None if reason else build(node, target, target.value, r)
        yield Item(CODE, node, message, why=reason, help="build a new array with where or concat", edits=edits)


@finder(ast.AugAssign)
def augmented(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``a[0] += v``."""
    assert isinstance(node, ast.AugAssign)
    if not isinstance(node.target, ast.Subscript):
        return
    before = r.value(node.target.value)
    if before.is_tensor or before.kind == "unknown" and r.converting:
        edits: tuple[Edit, ...] | None = None
        reason = ""
        if before.is_tensor and isinstance(node.target.value, ast.Name):
            reason = unsafe_reason(node, r, node.target.value.id)
            edits = None if reason else _changed(node, node.target, r)
        yield Item(
            CODE,
            node,
            f"`{r.quote(node)}` writes into an array: it raises once hybridized",
            why=reason,
            help="build a new array with where or concat",
            edits=edits,
        )


def build(node: ast.Assign, target: ast.Subscript, name: ast.Name, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit that makes a new array."""
    prefix = "F.np." if r.is_np else "F."
    before, value, index = r.value(name), r.value(node.value), r.value(target.slice)
    number = value.kind in ("int", "number") and value.free
    if (before.whole or before.boolean) and not isinstance(value.const, int):
        return None  # the array would cast the value to its own type
    if index.is_tensor:
        if not r.is_np or not index.boolean or not number:
            return None  # a comparison of the legacy API gives numbers, which choose rows
        if index.shape is None or before.shape is None or not index.shape.same(before.shape):
            return None
        parts: list[Part] = [
            name.id,
            f" = {prefix}where(",
            target.slice,
            f", {prefix}ones_like({name.id}) * ",
            operand(node.value),
            f", {name.id})",
        ]
        return (replace(r.source, node, *parts),)
    return assigned(node, target, name, r)


def _axes(target: ast.Subscript, r: Reader) -> list[ast.expr]:
    """Return what an index says of each axis; an ellipsis stands for whole ones where the rank is known."""
    parts = list(target.slice.elts) if isinstance(target.slice, ast.Tuple) else [target.slice]
    shape = r.value(target.value).shape
    dots = [i for i, p in enumerate(parts) if isinstance(p, ast.Constant) and p.value is ...]
    if len(dots) == 1 and shape is not None and shape.rank is not None and len(parts) <= shape.rank + 1:
        parts[dots[0] : dots[0] + 1] = [ast.Slice() for _ in range(shape.rank + 1 - len(parts))]
    return parts


def _counts_up(part: ast.expr, r: Reader) -> bool:
    """Whether an index is the number of a loop's turn, which starts at 0 or above."""
    if not isinstance(part, ast.Name):
        return False
    stores = [
        n for n in walk(r.function) if isinstance(n, ast.Name) and n.id == part.id and isinstance(n.ctx, ast.Store)
    ]
    loop = r.parent(stores[0]) if len(stores) == 1 else None
    if not (isinstance(loop, ast.For) and loop.target is stores[0] and isinstance(loop.iter, ast.Call)):
        return False
    args = loop.iter.args
    if r.qualified(loop.iter.func) != "builtins.range" or len(args) > 2 or not all(r.value(a).free for a in args):
        return False
    return len(args) == 1 or (int_constant(args[0]) or -1) >= 0 or int_constant(args[0]) == 0


def assigned(node: ast.Assign, target: ast.Subscript, name: ast.Name, r: Reader) -> tuple[Edit, ...] | None:
    """Return the concat for one integer or slice along one axis, the others whole."""
    parts = _axes(target, r)
    special = [
        i
        for i, p in enumerate(parts)
        if not (isinstance(p, ast.Slice) and p.lower is None and p.upper is None and p.step is None)
    ]
    if len(special) != 1 or any(isinstance(p, ast.Constant) and p.value in (None, ...) for p in parts):
        return None
    axis = special[0]
    part = parts[axis]
    if isinstance(part, ast.Slice):
        low = 0 if part.lower is None else int_constant(part.lower)
        high = None if part.upper is None else int_constant(part.upper)
        if low is None or part.upper is not None and high is None or part.step is not None or low < 0:
            return None
        single = False
    else:
        constant = int_constant(part)
        if constant is None and _counts_up(part, r):
            return _masked(node, target, axis, r.text(part), r)
        if constant is None:
            return None
        low, high, single = constant, (constant + 1 if constant != -1 else None), True
    value = r.value(node.value)
    a = name.id
    middle = _cut(a, axis, low, high, r)
    if value.kind in ("int", "number") and value.free:
        filled: list[Part] = [
            f"F.np.ones_like({middle}) * " if r.is_np else f"F.ones_like({middle}) * ",
            operand(node.value),
        ]
    elif (
        value.is_tensor and value.shape is not None and value.shape.rank is not None and r.value(name).shape is not None
    ):
        want = r.value(name).shape.rank  # type: ignore[union-attr]
        if want is None or value.shape.rank != (want - 1 if single else want):
            return None
        filled = [node.value]
        if single:
            filled = [f"F.{'np.' if r.is_np else ''}expand_dims(", node.value, f", axis={axis})"]
        if r.is_np:
            filled = [*filled, f" * F.np.ones_like({middle})"]
        else:
            filled = ["F.broadcast_like(", *filled, f", {middle})"]
    else:
        return None
    if (axis == 0 and low >= 0 and single and value.kind in ("int", "number")) and not (
        high is not None and _fits(r.value(name), 0, high)
    ):
        return _row(node, a, low, r)
    pieces: list[list[Part]] = []
    if low != 0:
        pieces.append([_cut(a, axis, 0, low, r)])
    pieces.append(filled)
    if high is not None:
        if high < 0 or low < 0:
            return None
        if not _fits(r.value(name), axis, high):
            return _masked(node, target, axis, str(low) if single else (low, high), r)
        pieces.append([_cut(a, axis, high, None, r)])
    elif low < 0 and low != -1:
        return None
    inner: list[Part] = []
    for index, piece in enumerate(pieces):
        inner += [", ", *piece] if index else piece
    call = "F.np.concatenate([" if r.is_np else "F.concat("
    end = f"], axis={axis})" if r.is_np else f", dim={axis})"
    return (replace(r.source, node, f"{a} = ", *([call, *inner, end] if len(pieces) > 1 else inner)),)


def _row(node: ast.Assign, a: str, row: int, r: Reader) -> tuple[Edit, ...]:
    """Return ``where`` on the number of the row: right for any number of rows and any rank."""
    if not r.is_np:
        parts: list[Part] = [
            f"{a} = F.where(F.contrib.arange_like({a}, axis=0) == {row}, F.ones_like({a}) * ",
            operand(node.value),
            f", {a})",
        ]
    else:
        parts = [
            f"{a} = F.np.where(F.npx.arange_like({a}, axis=0) == {row}, F.np.ones_like({a}.T) * ",
            operand(node.value),
            f", {a}.T).T",
        ]
    return (replace(r.source, node, *parts),)


def _masked(
    node: ast.Assign | ast.AugAssign, target: ast.Subscript, axis: int, at: str | tuple[int, int], r: Reader
) -> tuple[Edit, ...] | None:
    """Return ``where`` on the numbers along one axis: right for any size, where only the rank is known.

    ``at`` is the number that is written to, or where a slice begins and ends.
    """
    before, value, a = r.value(target.value), r.value(node.value), r.text(target.value)
    rank = before.shape.rank if before.shape is not None else None
    number = value.kind in ("int", "number") and value.free
    if rank is None or not number and not (isinstance(at, str) and _rank(value) == rank - 1):
        return None
    along = ", ".join("-1" if i == axis else "1" for i in range(rank)) + "," * (rank == 1)
    prefix, numbers = ("F.np.", "F.npx.arange_like") if r.is_np else ("F.", "F.contrib.arange_like")
    index = f"{numbers}({a}, axis={axis})"
    if isinstance(at, str):
        mask = f"{index} == {at}"
    else:
        mask = f"{index} < {at[1]}" if at[0] == 0 else f"({index} >= {at[0]}) * ({index} < {at[1]})"
    if number and isinstance(node, ast.Assign):
        filled: list[Part] = [f"{prefix}ones_like({a}) * ", operand(node.value)]
    elif number:
        filled = [f"{a} {_SIGNS[type(node.op)]} ", operand(node.value)]  # type: ignore[union-attr]
    else:
        spread: list[Part] = [f"{prefix}expand_dims(", node.value, f", axis={axis})"]
        filled = [*spread, f" * F.np.ones_like({a})"] if r.is_np else ["F.broadcast_like(", *spread, f", {a})"]
        if isinstance(node, ast.AugAssign):
            filled = [f"{a} {_SIGNS[type(node.op)]} ", *filled]
            filled = [filled[0], "(", *filled[1:], ")"] if r.is_np else filled
    if r.is_np:
        head = f"{a} = F.np.where(({mask}).reshape(({along})), "
    else:
        head = f"{a} = F.where(F.broadcast_like(F.reshape({mask}, shape=({along})), {a}), "
    return (replace(r.source, node, head, *filled, f", {a})"),)


def _rank(value: Val) -> int | None:
    return value.shape.rank if value.is_tensor and value.shape is not None else None


_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def _changed(node: ast.AugAssign, target: ast.Subscript, r: Reader) -> tuple[Edit, ...] | None:
    """Return the ``where`` for ``a[:, 1] += v``."""
    before = r.value(target.value)
    if type(node.op) not in _SIGNS or before.whole or before.boolean:
        return None
    parts = _axes(target, r)
    special = [i for i, p in enumerate(parts) if not (isinstance(p, ast.Slice) and not (p.lower or p.upper or p.step))]
    if len(special) != 1 or isinstance(parts[special[0]], ast.Constant) and int_constant(parts[special[0]]) is None:
        return None
    part = parts[special[0]]
    if isinstance(part, ast.Slice):
        low, high = 0 if part.lower is None else int_constant(part.lower), int_constant(part.upper)
        if low is None or high is None or part.step is not None or low < 0 or high < 0:
            return None
        return _masked(node, target, special[0], (low, high), r)
    at = int_constant(part)
    if at is not None and at >= 0 or at is None and _counts_up(part, r):
        return _masked(node, target, special[0], r.text(part), r)
    return None


def _fits(value: Val, axis: int, high: int) -> bool:
    """Whether something certainly stands behind ``high``: an empty piece is refused by concat."""
    if value.shape is None or value.shape.dims is None or not -len(value.shape.dims) <= axis < len(value.shape.dims):
        return False
    size = value.shape.dims[axis]
    return len(size) == 1 and isinstance(size[0], int) and size[0] > high


def _cut(name: str, axis: int, low: int, high: int | None, r: Reader) -> str:
    if r.is_np:
        text = f"{low or ''}:{'' if high is None else high}"
        return f"{name}[{':, ' * axis}{text}]"
    return f"F.slice_axis({name}, axis={axis}, begin={low}, end={high})"


@rule(CODE, "item-assignment", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
