"""A forward asks for the shape of an array.

What it does
    Finds ``x.shape``, ``x.size`` and ``x.ndim`` of a tensor in a forward.

Why is this bad
    A Symbol has no shape: it raises once the block is hybridized. A number taken from a shape outside of the trace would be
    frozen.

Fix safety
    Safe where the same can be said without asking: a reshape by its special codes (``0``, ``-3``, ``-4``; ``-2``, ``-5``, ``-6`` of
    ``npx.reshape``), ``zeros_like``, ``arange_like``, ``broadcast_like``, ``slice_like``, a size that the constructor knows, or a
    size that only scales a tensor (then it is counted with operators). Everything else is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/legacy/ndarray/ndarray.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, delete_statement, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._names import operator_name
from ._plan import Item, Reader, finder, findings, last
from ._shapes import config_text, join_parts, reshape_codes, shape_owner, targets_of

CODE = "THM804"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Heads(nn.Block):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def forward(self, x):
        b, t, d = x.shape
        y = x.reshape((b, t, self.heads, d // self.heads))
        y = y.transpose((0, 2, 1, 3)).reshape((b * self.heads, t, -1))
        return y + nd.zeros(y.shape)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Heads(nn.HybridBlock):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def hybrid_forward(self, F, x):
        y = x.reshape((0, 0, self.heads, -1))
        y = y.transpose((0, 2, 1, 3)).reshape((-3, 0, -1))
        return y + F.zeros_like(y)
""",
    ),
    Example(
        title="a loop over a size",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Steps(nn.Block):
    def forward(self, x):
        h = x[:, 0]
        for t in range(x.shape[1]):
            h = np.tanh(h + x[:, t])
        return h
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return x.reshape((0, -1))
""",
]
_LIKE = {"zeros": "zeros_like", "ones": "ones_like"}
_MESSAGE = "a Symbol has no shape: this raises once hybridized"


@finder(ast.Call)
def calls(node: ast.AST, r: Reader) -> Iterator[Item]:
    """Rewrite the calls that take a shape."""
    assert isinstance(node, ast.Call)
    callee = node.func
    owner = r.value(callee.value) if isinstance(callee, ast.Attribute) else None
    op = operator_name(callee, r.module, owner)
    if op is not None:
        name = op[1].rsplit(".", 1)[-1]
        if name in ("reshape", "Reshape") and node.args:
            yield from reshape(node, node.args[0], node.args[1:], r)
        elif name in ("zeros", "ones", "full", "empty"):
            yield from like(node, name, op[0], r)
        elif name == "arange":
            yield from arange(node, r)
        elif name == "broadcast_to" and len(node.args) == 2:
            yield from broadcast(node, node.args[0], node.args[1], r)
        elif name in ("uniform", "normal") and op[0] == "nd" and "random" in op[1]:
            yield from random_like(node, name, r)
    elif isinstance(callee, ast.Attribute) and owner is not None and owner.kind in ("tensor", "unknown"):
        if callee.attr == "reshape":
            yield from reshape(node, callee.value, node.args, r)
        elif callee.attr == "broadcast_to" and len(node.args) == 1:
            yield from broadcast(node, callee.value, node.args[0], r)


def shaped(nodes: list[ast.expr], r: Reader) -> bool:
    """Whether any of ``nodes`` depends on the shape of a tensor."""
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.expr):
                value = r.value(inner)
                if value.kind == "shape" or value.integer:
                    return True
    return False


def reshape(node: ast.Call, what: ast.expr, args: list[ast.expr], r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k.value for k in node.keywords}
    if not args and set(keywords) in ({"shape"}, {"newshape"}):
        args = list(keywords.values())
    elif keywords:
        return
    targets = targets_of(args)
    source = r.value(what)
    method = isinstance(node.func, ast.Attribute) and node.func.value is what
    if targets is None or not args:
        return
    if not shaped(args, r):
        if method and len(args) > 1 and not r.is_np and source.kind in ("tensor", "unknown"):
            first, end = r.source.span(args[0]).start, r.source.span(args[-1]).end
            parts: list[Part] = ["("]
            for index, arg in enumerate(args):
                parts += [", ", arg] if index else [arg]
            edits = (Edit(first, end, (*parts, ")")),)
            yield Item("" if r.converting else CODE, node, "a Symbol's reshape takes one tuple", edits=edits)
        return
    if source.shape is None:
        return
    if len(targets) == 1 and (whole := r.value(targets[0])).kind == "shape":
        other = shape_owner(targets[0], r)
        if whole.items is None and other is not None and not r.is_np and isinstance(targets[0], ast.Attribute):
            r.consume(*args)
            consume_callee(node, what, r)
            yield Item(CODE, targets[0], _MESSAGE, help="use reshape_like",
                       edits=(replace(r.source, node, "F.reshape_like(", what, ", ", other, ")"),))  # fmt: skip
        return
    found = reshape_codes(source.shape, targets, r)
    if found is None:
        yield from reshape_as(node, what, args, targets, r)
        return
    codes, reverse = found
    r.consume(*args)
    if r.is_np or not method:
        consume_callee(node, what, r)
    kept = {id(inner) for element in codes for part in element if isinstance(part, ast.expr) for inner in ast.walk(part)}
    r.consumed -= kept - {id(n) for n in ast.walk(what)}
    if r.is_np:
        edit = replace(r.source, node, "F.npx.reshape(", what, ", ", *join_parts(codes), ", reverse=True)" if reverse else ")")
    elif method:
        open_at = r.source.text.index("(", r.source.span(node.func).end) + 1
        edit = Edit(open_at, r.source.span(node).end - 1, (*join_parts(codes), ", reverse=True" * reverse))
    else:
        edit = replace(r.source, node, "F.reshape(", what, ", shape=", *join_parts(codes), ", reverse=True)" if reverse else ")")
    yield Item(CODE, node, f"`{r.text(node)[:60]}` asks for a shape, which a Symbol has not",
               help="reshape by special codes", edits=(edit,))  # fmt: skip


def reshape_as(
    node: ast.Call, what: ast.expr, args: list[ast.expr], targets: list[ast.expr], r: Reader
) -> Iterator[Item]:
    """A reshape to the very shape of an argument of the forward."""
    wanted = tuple(r.value(t).dim for t in targets)
    stored = {n.id for n in ast.walk(r.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {a.arg for a in r.function.args.args} - stored
    for inner in ast.walk(r.function):
        if isinstance(inner, ast.Name) and inner.id in names and r.value(inner).is_tensor:
            shape = r.value(inner).shape
            if shape is not None and shape.dims == wanted:
                break
    else:
        return
    r.consume(*args)
    consume_callee(node, what, r)
    if r.is_np:
        edit = replace(
            r.source, node, "F.reshape_like(", operand(what), f".as_nd_ndarray(), {inner.id}.as_nd_ndarray()).as_np_ndarray()"
        )
    else:
        edit = replace(r.source, node, "F.reshape_like(", what, f", {inner.id})")
    yield Item(CODE, node, f"`{r.text(node)[:60]}` asks for a shape, which a Symbol has not", help="use reshape_like", edits=(edit,))


def consume_callee(node: ast.Call, what: ast.expr, r: Reader) -> None:
    """Mark the name of a call that is replaced as a whole; the array that it is a method of stays."""
    if isinstance(node.func, ast.Attribute) and node.func.value is what:
        r.consumed.add(id(node.func))
    else:
        r.consume(node.func)


def _whole_shape(node: ast.expr, r: Reader) -> ast.expr | None:
    """Return a tensor whose shape ``node`` is, said by ``x.shape`` or all its sizes."""
    if isinstance(node, ast.Attribute) and node.attr == "shape" and r.value(node).kind == "shape":
        return node.value
    if isinstance(node, ast.Tuple) and node.elts:
        owner = shape_owner(node.elts[0], r)
        value = r.value(owner) if owner is not None else None
        if owner is not None and value is not None and value.shape is not None and value.shape.rank == len(node.elts):
            if all(r.value(e).dim == value.shape.at(i) for i, e in enumerate(node.elts)):
                return owner
    return None


def like(node: ast.Call, name: str, api: str, r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k for k in node.keywords}
    at = node.args[0] if node.args else keywords["shape"].value if "shape" in keywords else None
    if at is None or not shaped([at], r) or name == "empty":
        return
    tensor = _whole_shape(at, r)
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
        parts: tuple[Part, ...] = (f"{prefix}ones_like(", tensor, ") * ", node.args[1])
    else:
        parts = (f"{prefix}{_LIKE[name]}(", tensor, ")")
    if dtype is not None:
        owner = dtype.value.value if isinstance(dtype.value, ast.Attribute) and dtype.value.attr == "dtype" else None
        if owner is None:
            parts = (*parts, ".astype(", dtype.value, ")")
        elif r.text(owner) != r.text(tensor):
            return
    elif value.integer or value.boolean and r.is_np:
        return
    r.consume(at, node.func, *node.keywords)
    yield Item(CODE, at, _MESSAGE, help=f"use {name}_like", edits=(replace(r.source, node, *parts),))


def one_size(node: ast.Call, name: str, at: ast.Tuple, keywords: dict[str | None, ast.keyword], r: Reader) -> Iterator[Item]:
    """``zeros((x.shape[0], self.units))``: zeros as long as one axis of ``x``, spread over the sizes that are known."""
    sized = [i for i, e in enumerate(at.elts) if shaped([e], r)]
    context, dtype = keywords.get("ctx"), keywords.get("dtype")
    if name not in _LIKE or len(sized) != 1 or set(keywords) - {"shape", "ctx", "dtype"}:
        return
    if context is not None and r.value(context.value).kind != "context" or dtype is not None and not isinstance(
        dtype.value, ast.Constant
    ):
        return
    if any(not r.value(e).free for i, e in enumerate(at.elts) if i != sized[0]):
        return
    size = at.elts[sized[0]]
    owner, axis = shape_owner(size, r), r.value(size.slice).const if isinstance(size, ast.Subscript) else None
    if isinstance(size, ast.Name) and (made := _definition(size, r)) is not None:
        owner, axis = (shape_owner(made[0], r), None) if made[1] is None else made
        if made[1] is None and isinstance(made[0], ast.Subscript):
            axis = r.value(made[0].slice).const
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
        parts: list[Part] = ["(F.npx.reshape(F.np.zeros_like(", owner, f'), (-2, -1)).sum(axis=1).astype("{kind}").reshape({ones}) + ']
        parts += [f"F.np.{name}(", *base, last, ")"]
    else:
        parts = ["F.broadcast_add(F.reshape(F.cast(F.sum(F.zeros_like(", owner, f'), axis={axis}, exclude=True), dtype="{kind}"), shape={ones}), ']
        parts += [f"F.{name}(", *base, last, ")"]
    r.consume(at, node.func, *node.keywords)
    r.consumed -= {id(n) for i, e in enumerate(at.elts) if i != sized[0] for n in ast.walk(e)}
    yield Item(CODE, at, _MESSAGE, help="spread zeros_like over the known sizes", edits=(replace(r.source, node, *parts),))


def arange(node: ast.Call, r: Reader) -> Iterator[Item]:
    keywords = {k.arg for k in node.keywords}
    if len(node.args) != 1 or keywords - {"ctx"} or not shaped(node.args, r):
        return
    size = node.args[0]
    owner = shape_owner(size, r)
    axis = r.value(size.slice).const if isinstance(size, ast.Subscript) else None
    if owner is None or not isinstance(axis, int):
        return
    r.consume(size, node.func, *node.keywords)
    prefix = "F.npx." if r.is_np else "F.contrib."
    yield Item(CODE, size, _MESSAGE, help="use arange_like",
               edits=(replace(r.source, node, f"{prefix}arange_like(", owner, f", axis={axis})"),))  # fmt: skip


def random_like(node: ast.Call, name: str, r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k for k in node.keywords}
    at = keywords.get("shape")
    if at is None or not shaped([at.value], r):
        return
    tensor = _whole_shape(at.value, r)
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
    yield Item(CODE, at.value, _MESSAGE, help=f"use random.{name}_like", edits=(replace(r.source, node, *parts, ")"),))


def broadcast(node: ast.Call, what: ast.expr, at: ast.expr, r: Reader) -> Iterator[Item]:
    if not shaped([at], r):
        return
    tensor = _whole_shape(at, r)
    if tensor is None:
        return
    r.consume(at)
    consume_callee(node, what, r)
    if r.is_np:
        edit = replace(r.source, node, "(", operand(what), " * F.np.ones_like(", tensor, "))")
    else:
        edit = replace(r.source, node, "F.broadcast_like(", what, ", ", tensor, ")")
    yield Item(CODE, at, _MESSAGE, help="use broadcast_like", edits=(edit,))


@finder(ast.BinOp)
def scaled(node: ast.AST, r: Reader) -> Iterator[Item]:
    """A size that only scales a tensor is counted with operators."""
    assert isinstance(node, ast.BinOp)
    for tensor, size in ((node.left, node.right), (node.right, node.left)):
        if not r.value(tensor).is_tensor or r.value(size).is_tensor or not shaped([size], r):
            continue
        if not isinstance(node.op, ast.Mult | ast.Div) or isinstance(node.op, ast.Div) and size is node.left:
            return
        done = counted(size, r)
        if done is None:
            return
        r.consume(size)
        if r.is_np:
            yield Item(CODE, size, _MESSAGE, help="count it with operators", edits=(replace(r.source, size, *done),))
        else:
            name = "broadcast_mul" if isinstance(node.op, ast.Mult) else "broadcast_div"
            edit = replace(r.source, node, f"F.{name}(", tensor, ", ", *done, ")")
            r.consumed.add(id(node))
            yield Item(CODE, size, _MESSAGE, help="count it with operators", edits=(edit,))


def counted(node: ast.expr, r: Reader) -> list[Part] | None:
    """Return an expression of tensors for a number made of sizes."""
    prefix = "F.np." if r.is_np else "F."
    value = r.value(node)
    if value.free and not value.integer:
        return ["(", node, ")"] if not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Call) else [node]
    known = config_text(value.dim, r)
    if known is not None and value.kind == "int":
        return [known]
    if isinstance(node, ast.Subscript):
        owner, axis = shape_owner(node, r), r.value(node.slice).const
        if owner is None or not isinstance(axis, int):
            return None
        return [f"{prefix}mean({prefix}sum({prefix}ones_like(", owner, f"), axis={axis}))"]
    if isinstance(node, ast.Name):
        made = _definition(node, r)
        if made is None:
            return None
        whole, axis = made
        if axis is None:
            return counted(whole, r)
        return [f"{prefix}mean({prefix}sum({prefix}ones_like(", whole, f"), axis={axis}))"]
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        name = r.qualified(node.func)
        inner = counted(node.args[0], r)
        if inner is None:
            return None
        if name in ("math.sqrt", "numpy.sqrt", "mxnet.np.sqrt"):
            return [f"{prefix}sqrt(", *inner, ")"]
        return inner if name in ("builtins.float", "builtins.int") and r.value(node.args[0]).kind == "int" else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv) and r.value(node.right).free:
        left = counted(node.left, r)
        return [f"{prefix}floor(", *left, " / ", operand(node.right), ")"] if left is not None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.Pow | ast.Add | ast.Sub):
        left, right = counted(node.left, r), counted(node.right, r)
        if left is None or right is None:
            return None
        sign = {ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Add: "+", ast.Sub: "-"}[type(node.op)]
        return ["(", *left, f" {sign} ", *right, ")"]
    return None


def _definition(name: ast.Name, r: Reader) -> tuple[ast.expr, int | None] | None:
    """Return the only value of a local, where what it is made of still means the same at ``name``.

    For ``b, t, d = x.shape`` it is ``x`` and the axis.
    """
    stores = [n for n in ast.walk(r.function) if isinstance(n, ast.Name) and n.id == name.id and isinstance(n.ctx, ast.Store)]
    if len(stores) != 1:
        return None
    statement = next(p for p in r.module.ancestors(stores[0]) if isinstance(p, ast.stmt))
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    for inner in ast.walk(statement.value):
        if isinstance(inner, ast.Name):
            for other in ast.walk(r.function):
                rebound = isinstance(other, ast.Name) and other.id == inner.id and isinstance(other.ctx, ast.Store)
                if rebound and other.lineno >= statement.lineno:
                    return None
    target = statement.targets[0]
    if target is stores[0]:
        return statement.value, None
    whole = statement.value
    if isinstance(target, ast.Tuple | ast.List) and stores[0] in target.elts and isinstance(whole, ast.Attribute):
        return (whole.value, target.elts.index(stores[0])) if whole.attr == "shape" else None
    return None


@last
def left_over(function: ast.AST, r: Reader) -> Iterator[Item]:
    """Drop the statements that only name sizes, where every use is taken care of; report what remains."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    dropped: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and _sizes(node.value, r):
            names = _names(node.targets[0])
            if names is None:
                continue
            loads = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id in names and isinstance(n.ctx, ast.Load)]
            if all(id(n) in r.consumed or _in_dropped(n, dropped, r) for n in loads):
                dropped.add(id(node))
                r.consume(node.value)
                edit = delete_statement(r.source, node, _siblings(node, r))
                yield Item(CODE, node.value, _MESSAGE, help="leave it out: nothing needs it", edits=(edit,))
    for node in ast.walk(function):
        if not isinstance(node, ast.Attribute) or id(node) in r.consumed or not isinstance(node.ctx, ast.Load):
            continue
        owner = r.value(node.value)
        if node.attr not in ("shape", "ndim", "size") or owner.kind not in ("tensor", "unknown"):
            continue
        if owner.kind == "unknown" and not r.converting and not owner.assumed:
            continue
        parent = r.parent(node)
        whole = parent if isinstance(parent, ast.Subscript) and parent.value is node else node
        assert isinstance(whole, ast.expr)
        known = config_text(r.value(whole).dim, r) if node.attr == "shape" else None
        if node.attr == "ndim" and owner.shape is not None and owner.shape.rank is not None:
            known = str(owner.shape.rank)
        edits = (replace(r.source, whole, known),) if known is not None else None
        yield Item(
            CODE, whole, f"`{r.text(whole)[:50]}`: {_MESSAGE}", edits=edits,
            help="take the size from the constructor, or say it with operators (reshape codes, arange_like, slice_like)",
        )  # fmt: skip


def _sizes(node: ast.expr, r: Reader) -> bool:
    value = r.value(node)
    return value.kind == "shape" or value.integer and not value.is_tensor


def _in_dropped(node: ast.AST, dropped: set[int], r: Reader) -> bool:
    return any(id(parent) in dropped for parent in r.module.ancestors(node))


def _names(target: ast.expr) -> set[str] | None:
    if isinstance(target, ast.Name):
        return {target.id}
    if isinstance(target, ast.Tuple | ast.List):
        out = {e.id for e in target.elts if isinstance(e, ast.Name)}
        return out if len(out) == len({ast.dump(e) for e in target.elts}) and all(
            isinstance(e, ast.Name) for e in target.elts) else None
    return None


def _siblings(statement: ast.stmt, r: Reader) -> list[ast.stmt]:
    parent = r.parent(statement)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block
    return [statement]


@rule(CODE, "shape", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
