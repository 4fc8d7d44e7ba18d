"""Arrays made in the shape of another one: ``zeros_like``, ``arange_like``, ``uniform_like``, ``broadcast_like``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.nodes import walk
from ...rewrite.edit import Part, operand, replace
from ._grow import sized_by, widened
from ._plan import Item, Reader
from ._shapes import shape_owner
from ._sizes import MESSAGE, consume_callee, shaped
from ._values import OUTSIDE, Val

CODE = "THM804"
_LIKE = {"zeros": "zeros_like", "ones": "ones_like"}


def whole_shape(node: ast.expr, r: Reader) -> ast.expr | None:
    """Return a tensor whose shape ``node`` is, said by ``x.shape`` or all its sizes."""
    if isinstance(node, ast.Attribute) and node.attr == "shape" and r.value(node).kind == "shape":
        return node.value
    if isinstance(node, ast.Tuple) and node.elts:
        owner = shape_owner(node.elts[0], r)
        value = r.value(owner) if owner is not None else None
        shape = value.shape if value is not None else None
        same = shape is not None and shape.rank == len(node.elts)
        if same and shape and all(r.value(e).dim == shape.at(i) for i, e in enumerate(node.elts)):
            return owner
    return None


def like(node: ast.Call, name: str, api: str, r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k for k in node.keywords}
    at = node.args[0] if node.args else keywords["shape"].value if "shape" in keywords else None
    if at is None or not shaped([at], r) or name == "empty":
        return
    tensor = whole_shape(at, r)
    if tensor is None and isinstance(at, ast.Tuple):
        yield from one_size(node, name, at, keywords, r)
        return
    extra = set(keywords) - {"shape", "ctx", "dtype"}
    dtype = keywords.get("dtype")
    context = keywords.get("ctx")
    if tensor is None or extra or context is not None and r.value(context.value).kind != "context":
        return
    prefix = "F.np." if r.is_np else "F."
    value = r.value(tensor)
    if name == "full":
        if len(node.args) != 2 or not r.value(node.args[1]).free:
            return
        typed = '.astype("float32")' if dtype is None and may_be_whole(value) else ""
        parts: tuple[Part, ...] = (f"{prefix}ones_like(", tensor, f"){typed} * ", operand(node.args[1]))
        loose = ast.BinOp | ast.UnaryOp | ast.Compare | ast.Attribute | ast.Subscript
        if dtype is not None or isinstance(r.parent(node), loose):
            parts = ("(", *parts, ")")
    else:
        parts = (f"{prefix}{_LIKE[name]}(", tensor, ")")
        if dtype is None and may_be_whole(value):
            parts = (*parts, '.astype("float32")')
    if dtype is not None:
        owner = dtype.value.value if isinstance(dtype.value, ast.Attribute) and dtype.value.attr == "dtype" else None
        if owner is None:
            parts = (*parts, ".astype(", dtype.value, ")")
        elif r.text(owner) != r.text(tensor):
            return
    r.consume(at, node.func, *node.keywords)
    yield Item(CODE, at, MESSAGE, help=f"use {name}_like", edits=(replace(r.source, node, *parts),))


def one_size(
    node: ast.Call, name: str, at: ast.Tuple, keywords: dict[str | None, ast.keyword], r: Reader
) -> Iterator[Item]:
    """``zeros((x.shape[0], self.units))``: zeros as long as one axis of ``x``, spread over the sizes that are known."""
    sized = [i for i, e in enumerate(at.elts) if shaped([e], r)]
    context, dtype = keywords.get("ctx"), keywords.get("dtype")
    if name not in _LIKE or len(sized) != 1 or set(keywords) - {"shape", "ctx", "dtype"}:
        return
    if (
        context is not None
        and r.value(context.value).kind != "context"
        or dtype is not None
        and not isinstance(dtype.value, ast.Constant)
    ):
        return
    if any(not r.value(e).free for i, e in enumerate(at.elts) if i != sized[0]):
        return
    size = at.elts[sized[0]]
    owner, axis = sized_by(size, r)
    if owner is None or not isinstance(axis, int) or r.is_np and axis != 0:
        return
    kind = str(dtype.value.value) if dtype is not None else "float32"  # type: ignore[attr-defined]
    ones = ", ".join("-1" if i == sized[0] else "1" for i in range(len(at.elts)))
    ones = f"({ones},)" if len(at.elts) == 1 else f"({ones})"
    base: list[Part] = ["("]
    for index, element in enumerate(at.elts):
        base += [", "] if index else []
        base += ["1"] if index == sized[0] else [element]
    base.append(",)" if len(at.elts) == 1 else ")")
    last = f', dtype="{kind}")' if dtype is not None else ")"
    if r.is_np:
        parts: list[Part] = [
            "(F.npx.reshape(F.np.zeros_like(",
            owner,
            f'), (-2, -1)).sum(axis=1).astype("{kind}").reshape({ones}) + ',
        ]
        parts += [f"F.np.{name}(", *base, last, ")"]
    else:
        parts = [
            "F.broadcast_add(F.reshape(F.cast(F.sum(F.zeros_like(",
            owner,
            f'), axis={axis}, exclude=True), dtype="{kind}"), shape={ones}), ',
        ]
        parts += [f"F.{name}(", *base, last, ")"]
    r.consume(at, node.func, *node.keywords)
    r.consumed -= {id(n) for i, e in enumerate(at.elts) if i != sized[0] for n in walk(e)}
    yield Item(
        CODE, at, MESSAGE, help="spread zeros_like over the known sizes", edits=(replace(r.source, node, *parts),)
    )


def may_be_whole(value: Val) -> bool:
    """Whether an array may hold integers: one that is handed in, or is known to."""
    return value.whole or value.boolean or value.integer or OUTSIDE in value.bases


def arange(node: ast.Call, r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k.value for k in node.keywords}
    if len(node.args) not in (1, 2) or set(keywords) - {"ctx", "dtype"} or not shaped(node.args[-1:], r):
        return
    size, start = node.args[-1], 0
    if len(node.args) == 2:
        first = r.value(node.args[0]).const
        if not isinstance(first, int):
            return
        start = first
        if start:  # `arange(1, n + 1)`
            added = r.value(size.right).const if isinstance(size, ast.BinOp) and isinstance(size.op, ast.Add) else None
            if added != start:
                return
            assert isinstance(size, ast.BinOp)
            size = size.left
    kind = "float32"
    if "dtype" in keywords:
        said = r.value(keywords["dtype"]).const
        if not isinstance(said, str):
            return
        kind = said
    owner, axis = sized_by(size, r)
    if owner is None or not isinstance(axis, int) or not r.value(owner).is_tensor:
        return
    r.consume(node.args[-1], node.func, *node.keywords)
    prefix = "F.npx." if r.is_np else "F.contrib."
    begin = f", start={start}" if start else ""
    # Its dtype is that of the array, and arange's is float32.
    typed = f'.astype("{kind}")' if kind != "float32" or may_be_whole(r.value(owner)) else ""
    yield Item(
        CODE,
        size,
        MESSAGE,
        help="use arange_like",
        edits=(replace(r.source, node, f"{prefix}arange_like(", owner, f"{begin}, axis={axis}){typed}"),),
    )


def random_like(node: ast.Call, name: str, r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k for k in node.keywords}
    at = keywords.get("shape")
    if at is None or not shaped([at.value], r):
        return
    tensor = whole_shape(at.value, r)
    names = {"uniform": ("low", "high"), "normal": ("loc", "scale")}[name]
    if tensor is None or set(keywords) - {"shape", "ctx", *names} or any(not r.value(a).free for a in node.args):
        return
    parts: list[Part] = [f"F.random.{name}_like(", tensor]
    for key, arg in zip(names, node.args, strict=False):
        parts += [f", {key}=", arg]
    for key in names:
        if key in keywords:
            parts += [f", {key}=", keywords[key].value]
    r.consume(at, node.func, *([keywords["ctx"]] if "ctx" in keywords else []))
    yield Item(CODE, at.value, MESSAGE, help=f"use random.{name}_like", edits=(replace(r.source, node, *parts, ")"),))


def broadcast(node: ast.Call, what: ast.expr, at: ast.expr, r: Reader) -> Iterator[Item]:
    if not shaped([at], r):
        return
    tensor = whole_shape(at, r)
    if tensor is None:
        yield from widened(node, what, at, r)
        return
    r.consume(at)
    consume_callee(node, what, r)
    if r.is_np:
        edit = replace(r.source, node, "(", operand(what), " * F.np.ones_like(", tensor, "))")
        if may_be_whole(r.value(what)):  # whose product with ones would have the dtype of the ones
            edit = replace(r.source, node, "F.np.where(F.np.ones_like(", tensor, "), ", what, ", ", what, ")")
    else:
        edit = replace(r.source, node, "F.broadcast_like(", what, ", ", tensor, ")")
    yield Item(CODE, at, MESSAGE, help="use broadcast_like", edits=(edit,))
