"""A forward asks for the shape of an array.

What it does
    Finds ``x.shape``, ``x.size`` and ``x.ndim`` of a tensor in a forward.

Why is this bad
    A Symbol has no shape: it raises once the block is hybridized. A number taken from a shape outside of the
    trace would be frozen.

Fix safety
    Safe where the same can be said without asking: a reshape by its special codes (``0``, ``-3``, ``-4``;
    ``-2``, ``-5``, ``-6`` of ``npx.reshape``), ``zeros_like``, ``arange_like``, ``broadcast_like``,
    ``slice_like``, ``reshape_like`` (also of axes that were merged before, or to what an argument was),
    ``BilinearResize2D`` in the mode "like", a size that the constructor knows, or
    a size that only scales a tensor (then it is counted with operators). Everything else is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/legacy/ndarray/ndarray.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, delete_statement, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._arguments import PART, kept_argument, shape_of_argument, unmerged
from ._gather import in_rows, repeated, taken_apart
from ._grow import along, resized, sized_by, spread
from ._like import arange, broadcast, like, random_like
from ._names import operator_name
from ._plan import Item, Reader, finder, findings, last
from ._shapes import config_text, join_parts, reshape_codes, shape_owner, targets_of
from ._sizes import MESSAGE, consume_callee, counted, shaped, siblings

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
        title="a size made of another",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Merge(nn.Block):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def forward(self, x):
        n, t, d = x.shape
        b = n // self.heads
        x = x.reshape((b, self.heads, t, d))
        return nd.relu(x.transpose((0, 2, 1, 3)).reshape((b, t, self.heads * d)))
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Merge(nn.HybridBlock):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def hybrid_forward(self, F, x):
        x = x.reshape((-1, self.heads, 0, 0), reverse=True)
        return F.relu(x.transpose((0, 2, 1, 3)).reshape((-1, 0, -3)))
""",
    ),
    Example(
        title="as long as another array",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Context(nn.Block):
    def forward(self, x, query):
        query = nd.broadcast_axis(query.expand_dims(0), axis=0, size=x.shape[0])
        return nd.concat(x, query, dim=2)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Context(nn.HybridBlock):
    def hybrid_forward(self, F, x, query):
        query = F.broadcast_like(query.expand_dims(0), x, lhs_axes=(0,), rhs_axes=(0,))
        return F.concat(x, query, dim=2)
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


@finder(ast.Call)
def calls(node: ast.AST, r: Reader) -> Iterator[Item]:
    """Rewrite the calls that take a shape."""
    assert isinstance(node, ast.Call)
    callee = node.func
    owner = r.value(callee.value) if isinstance(callee, ast.Attribute) else None
    op = operator_name(callee, r, owner)
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
        elif name == "repeat" and len(node.args) == 2 and not node.keywords:
            yield from repeated(node, node.args[0], node.args[1], r)
        elif name in ("repeat", "tile") and node.args:
            yield from spread(node, node.args[0], node.args[1:], name, r)
        elif name in ("broadcast_axis", "broadcast_axes") and node.args:
            yield from along(node, node.args[0], node.args[1:], r)
        elif name == "BilinearResize2D":
            yield from resized(node, r)
        elif name == "slice_axis" and op[0] == "nd":
            yield from to_the_end(node, r)
        elif name in ("uniform", "normal") and op[0] == "nd" and "random" in op[1]:
            yield from random_like(node, name, r)
    elif isinstance(callee, ast.Attribute) and owner is not None and owner.kind in ("tensor", "unknown"):
        if callee.attr == "reshape":
            yield from reshape(node, callee.value, node.args, r)
        elif callee.attr == "broadcast_to" and len(node.args) == 1:
            yield from broadcast(node, callee.value, node.args[0], r)
        elif callee.attr == "repeat" and len(node.args) == 1 and not node.keywords:
            yield from repeated(node, callee.value, node.args[0], r)
        elif callee.attr in ("repeat", "tile"):
            yield from spread(node, callee.value, node.args, callee.attr, r)
        elif callee.attr == "broadcast_axes":
            yield from along(node, callee.value, node.args, r)


def to_the_end(node: ast.Call, r: Reader) -> Iterator[Item]:
    """``slice_axis(x, axis=1, begin=0, end=x.shape[1] - 1)``: counted from the end."""
    given = dict(zip(("data", "axis", "begin", "end"), node.args, strict=False))
    given.update({k.arg: k.value for k in node.keywords if k.arg is not None})
    if not {"data", "axis", "end"} <= set(given) or not shaped([given["end"]], r):
        return
    end, less = given["end"], 0
    if isinstance(end, ast.BinOp) and isinstance(end.op, ast.Sub):
        taken = r.value(end.right).const
        if not isinstance(taken, int) or taken <= 0:
            return
        end, less = end.left, taken
    owner, axis = sized_by(end, r)
    wanted, shape = r.value(given["axis"]).const, r.value(given["data"]).shape
    if owner is None or not isinstance(axis, int) or wanted != axis or shape is None:
        return
    theirs = r.value(owner).shape
    if theirs is None or theirs.at(axis) != shape.at(axis):
        return
    r.consume(given["end"])
    yield Item(
        CODE,
        given["end"],
        MESSAGE,
        help="count from the end",
        edits=(replace(r.source, given["end"], str(-less) if less else "None"),),
    )


def reshape(node: ast.Call, what: ast.expr, args: list[ast.expr], r: Reader) -> Iterator[Item]:
    keywords = {k.arg: k.value for k in node.keywords}
    if not args and set(keywords) in ({"shape"}, {"newshape"}):
        args = list(keywords.values())
    elif keywords:
        return
    targets = targets_of(args, r)
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
            yield Item(
                "" if r.converting else CODE,
                node,
                "a Symbol's reshape takes one tuple: what stands behind the first number means something else",
                edits=edits,
                consequence=Consequence.SILENT,
            )
        return
    if source.shape is None:
        return
    if len(targets) == 1 and (whole := r.value(targets[0])).kind == "shape":
        other = shape_owner(targets[0], r) if isinstance(targets[0], ast.Attribute) else None
        if other is not None and (not r.is_np or r.value(other).is_tensor):
            r.consume(*args)
            r.consumed -= {id(n) for n in walk(other)}
            consume_callee(node, what, r)
            yield from like_this(node, what, other, "", (), r)
        elif isinstance(targets[0], ast.Name) and (named := shape_of_argument(whole, r)) is not None:
            r.consume(*args)
            consume_callee(node, what, r)
            yield from like_this(node, what, named[0], "", named[1], r)
        return
    found = reshape_codes(source.shape, targets, r)
    if found is None:
        yield from reshape_as(node, what, args, targets, r)
        return
    codes, reverse = found
    r.consume(*args)
    if r.is_np or not method:
        consume_callee(node, what, r)
    kept = {id(inner) for element in codes for part in element if isinstance(part, ast.expr) for inner in walk(part)}
    r.consumed -= kept - {id(n) for n in walk(what)}
    if r.is_np:
        edit = replace(
            r.source, node, "F.npx.reshape(", what, ", ", *join_parts(codes), ", reverse=True)" if reverse else ")"
        )
    elif method:
        open_at = r.source.text.index("(", r.source.span(node.func).end) + 1
        edit = Edit(open_at, r.source.span(node).end - 1, (*join_parts(codes), ", reverse=True" * reverse))
    else:
        edit = replace(
            r.source, node, "F.reshape(", what, ", shape=", *join_parts(codes), ", reverse=True)" if reverse else ")"
        )
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}` asks for a shape, which a Symbol has not",
        help="reshape by special codes",
        edits=(edit,),
    )


def reshape_as(
    node: ast.Call, what: ast.expr, args: list[ast.expr], targets: list[ast.expr], r: Reader
) -> Iterator[Item]:
    """A reshape to the very shape of an argument of the forward, or of a merged first axis to the axes it was."""
    wanted = tuple(r.value(t).dim for t in targets)
    source = r.value(what).shape
    stored = {n.id for n in walk(r.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {a.arg for a in r.function.args.args} - stored
    part = ""
    for inner in walk(r.function):
        if isinstance(inner, ast.Name) and inner.id in names and r.value(inner).is_tensor:
            shape = r.value(inner).shape
            if shape is None or shape.dims is None:
                continue
            if shape.dims == wanted:
                break
            taken = unmerged(source, shape.dims, [r.value(t) for t in targets])
            if taken:
                part = PART.format(taken)
                break
    else:
        kept = kept_argument(source, [r.value(t) for t in targets], r)
        if kept is None:
            yield from in_rows(node, what, args, targets, r) or taken_apart(node, what, args, targets, r)
            return
        name, part, first = kept
        r.consume(*args)
        consume_callee(node, what, r)
        yield from like_this(node, what, name, part, first, r)
        return
    r.consume(*args)
    consume_callee(node, what, r)
    yield from like_this(node, what, inner.id, part, (), r)


def like_this(
    node: ast.Call, what: ast.expr, other: ast.expr | str, part: str, first: tuple[Edit, ...], r: Reader
) -> Iterator[Item]:
    """Yield the rewrite of a reshape to one like the array ``other``."""
    if r.is_np:
        theirs = other if isinstance(other, str) else operand(other)
        last = f".as_nd_ndarray(){part}).as_np_ndarray()"
        edit = replace(r.source, node, "F.reshape_like(", operand(what), ".as_nd_ndarray(), ", theirs, last)
    else:
        edit = replace(r.source, node, "F.reshape_like(", what, ", ", other, f"{part})")
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}` asks for a shape, which a Symbol has not",
        help="use reshape_like",
        edits=(edit, *first),
    )


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
            yield Item(CODE, size, MESSAGE, help="count it with operators", edits=(replace(r.source, size, *done),))
        else:
            name = "broadcast_mul" if isinstance(node.op, ast.Mult) else "broadcast_div"
            edit = replace(r.source, node, f"F.{name}(", tensor, ", ", *done, ")")
            r.consumed.add(id(node))
            yield Item(CODE, size, MESSAGE, help="count it with operators", edits=(edit,))


@last
def left_over(function: ast.AST, r: Reader) -> Iterator[Item]:
    """Drop the statements that only name sizes, where every use is taken care of; report what remains."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    for unneeded in _unneeded(function, r):
        r.consume(unneeded.value)
        edit = delete_statement(r.source, unneeded, siblings(unneeded, r))
        yield Item(CODE, unneeded.value, MESSAGE, help="leave it out: nothing needs it", edits=(edit,))
    for node in walk(function):
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
            CODE,
            whole,
            f"`{r.quote(whole)}`: {MESSAGE}",
            edits=edits,
            help="take the size from the constructor, or say it with reshape codes, arange_like, slice_like",
        )


def _unneeded(function: ast.AST, r: Reader) -> list[ast.Assign]:
    """Return the statements that only name sizes which nothing uses, or only others of these, in their order."""
    loads: dict[str, list[ast.Name]] = {}
    naming: list[tuple[ast.Assign, set[str]]] = []
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            loads.setdefault(node.id, []).append(node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and _sizes(node.value, r):
            names = _names(node.targets[0])
            if names is not None:
                naming.append((node, names))
    dropped: set[int] = set()
    before = -1
    while len(dropped) > before:  # `b = n // heads` goes first, then `n, t = x.shape`
        before = len(dropped)
        for statement, names in naming:
            uses = [use for name in names for use in loads.get(name, ())]
            if all(id(use) in r.consumed or _in_dropped(use, dropped, r) for use in uses):
                dropped.add(id(statement))
    return [statement for statement, _ in naming if id(statement) in dropped]


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
        return (
            out
            if len(out) == len({ast.dump(e) for e in target.elts}) and all(isinstance(e, ast.Name) for e in target.elts)
            else None
        )
    return None


@rule(CODE, "shape", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
