"""A forward uses a member that arrays have and Symbols have not.

What it does
    Finds ``x.context``, ``as_in_context``, ``dtype``, ``copy``, ``detach``, ``T``, ``wait_to_read``,
    ``copyto``, ``attach_grad`` and others on tensors in a forward.

Why is this bad
    A Symbol has no device, no dtype and no storage: it raises once the block is hybridized.

Fix safety
    Safe: moving to the context of an input is dropped (a block's arrays are on one device), ``copy`` becomes
    ``identity``, ``detach`` BlockGrad, ``T`` transpose, ``any`` and ``all`` functions.
    ``astype(x.dtype)`` of a mask becomes ``where``. ``astype(..., copy=False)`` loses its ``copy``, and
    ``expand_dims``, ``squeeze`` and ``flatten`` their ``inplace``. The rest is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, delete_statement, replace
from ..rule import Example, Finding, UnitContext, rule
from ._names import operator_name
from ._plan import Item, Reader, finder, findings, last
from ._sizes import siblings
from ._words import names

CODE = "THM802"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        y = nd.ones((1, 4), ctx=x.context)
        return nd.broadcast_add(x.copy(), y.as_in_context(x.context)).detach()
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.ones((1, 4))
        return F.BlockGrad(F.broadcast_add(F.identity(x), y))
""",
    ),
    Example(
        title="what only arrays can share",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return nd.relu(x).astype("float32", copy=False).expand_dims(0, inplace=True)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.relu(x).astype("float32").expand_dims(0)
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        x.attach_grad()
        return nd.relu(x)
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def __init__(self, ctx, **kwargs):
        super().__init__(**kwargs)
        self.ctx = ctx

    def hybrid_forward(self, F, x):
        return F.relu(x)
""",
]


_GONE = names(
    "copyto attach_grad backward grad stype tostype to_dlpack_for_read to_dlpack_for_write",
)
_NP_GONE = frozenset({"all", "any", "nonzero", "sort", "broadcast_to"})
_DEVICE = frozenset({"context", "ctx"})


@finder(ast.keyword)
def context_keyword(node: ast.AST, r: Reader) -> Iterator[Item]:
    """Drop ``ctx=x.context``."""
    assert isinstance(node, ast.keyword)
    if node.arg not in ("ctx", "device") or r.value(node.value).kind != "context" or id(node) in r.consumed:
        return
    call = r.parent(node)
    if not isinstance(call, ast.Call):
        return
    op = operator_name(call.func, r, r.value(call.func.value) if isinstance(call.func, ast.Attribute) else None)
    if op is None or r.value(node.value).free:
        return
    r.consume(node)
    yield Item(
        CODE,
        node.value,
        _DEVICE_MESSAGE,
        help="leave it out: what is made in a forward is made there",
        edits=(drop_argument(call, node, r),),
    )


_DEVICE_MESSAGE = "a Symbol has no device: this raises once hybridized"


# Arguments that methods of legacy arrays have and those of Symbols have not: by keyword, and by position.
_EAGER_ONLY = {
    "astype": ("copy", 1),
    "expand_dims": ("inplace", 1),
    "squeeze": ("inplace", 1),
    "flatten": ("inplace", 0),
}


def eager_only_argument(call: ast.Call, name: str, r: Reader) -> Iterator[Item]:
    """``x.astype("float32", copy=False)``: whether storage is shared is no question of a graph."""
    keyword, position = _EAGER_ONLY[name]
    named: ast.expr | ast.keyword | None = next((k for k in call.keywords if k.arg == keyword), None)
    if named is None and len(call.args) > position and not any(isinstance(a, ast.Starred) for a in call.args):
        named = call.args[position]
    if r.is_np or named is None or id(call) in r.consumed:
        return
    value = named.value if isinstance(named, ast.keyword) else named
    yield Item(
        CODE,
        value,
        f"`{name}` of a Symbol takes no `{keyword}`: it raises once hybridized",
        help="leave it out",
        edits=(drop_argument(call, named, r),) if isinstance(value, ast.Constant) else None,
    )


def drop_argument(call: ast.Call, argument: ast.expr | ast.keyword, r: Reader) -> Edit:
    """Return the edit that takes an argument and its comma out of a call."""
    every = sorted([*call.args, *call.keywords], key=lambda n: r.source.span(n).start)
    index = every.index(argument)
    span = r.source.span(argument)
    if index > 0:
        return Edit(r.source.span(every[index - 1]).end, span.end, ())
    if len(every) > 1:
        return Edit(span.start, r.source.span(every[1]).start, ())
    return Edit(span.start, span.end, ())


@finder(ast.Call)
def methods(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not isinstance(node.func, ast.Attribute):
        return
    what, name = node.func.value, node.func.attr
    owner = r.value(what)
    if owner.kind not in ("tensor", "unknown") or owner.kind == "unknown" and not (r.converting or owner.assumed):
        return
    edit: Edit | None = None
    hint = "use an operator that F has"
    sure = owner.is_tensor
    if name in ("as_in_context", "as_in_ctx") and len(node.args) == 1:
        if r.value(node.args[0]).kind == "context" and not r.value(node.args[0]).free:
            r.consume(*node.args)
            r.consumed.add(id(node.func))
            edit = replace(r.source, node, what)
        hint = "leave it out: the arrays of a block are on one device"
    elif name == "copy" and not node.args and sure:
        edit = replace(r.source, node, "F.np.copy(" if r.is_np else "F.identity(", what, ")")
    elif name == "detach" and sure:
        if r.is_np:
            edit = replace(r.source, node, "F.BlockGrad(", what, ".as_nd_ndarray()).as_np_ndarray()")
        else:
            edit = replace(r.source, node, "F.BlockGrad(", what, ")")
    elif name == "wait_to_read":
        statement = r.parent(node)
        if isinstance(statement, ast.Expr):
            edit = delete_statement(r.source, statement, siblings(statement, r))
    elif name == "astype" and len(node.args) + len(node.keywords) >= 1:
        items = list(astype(node, what, r))
        yield from items or eager_only_argument(node, name, r)
        return
    elif name in _EAGER_ONLY:
        yield from eager_only_argument(node, name, r)
        return
    elif name == "broadcast_to" and r.is_np and sure and len(node.args) == 1 and id(node.args[0]) not in r.consumed:
        if (
            r.value(node.args[0]).free
            or all(v.free for v in r.value(node.args[0]).contents())
            and r.value(node.args[0]).items
        ):
            edit = replace(r.source, node, "F.np.broadcast_to(", what, ", ", node.args[0], ")")
    elif name in ("any", "all", "sort") and r.is_np and sure and not any(k.arg == "out" for k in node.keywords):
        edit = _as_function(node, what, name, r)
    elif not (name in _GONE or r.is_np and name in _NP_GONE and sure):
        return
    if name == "copy" and not sure:
        if owner.kind == "unknown" and not node.args and r.converting:
            yield Item(CODE, node, f"`{r.quote(node)}`: a Symbol can't be copied, if this is an array", help=hint)
        return
    if id(node) in r.consumed:
        return
    yield Item(
        CODE,
        node,
        f"`{name}` is no method of a Symbol: it raises once hybridized",
        help=hint,
        edits=(edit,) if edit is not None else None,
    )


def _as_function(call: ast.Call, what: ast.expr, name: str, r: Reader) -> Edit:
    """Return the edit that makes ``F.np.any(x, axis=1)`` of ``x.any(axis=1)``."""
    parts: list[str | ast.expr] = [f"F.np.{name}(", what]
    for arg in call.args:
        parts += [", ", arg]
    for keyword in call.keywords:
        parts += [f", {keyword.arg}=" if keyword.arg else ", **", keyword.value]
    return replace(r.source, call, *parts, ")")


def astype(node: ast.Call, what: ast.expr, r: Reader) -> Iterator[Item]:
    """``mask.astype(x.dtype)`` is ones where the mask is, and zeros."""
    at = node.args[0] if node.args else node.keywords[0].value
    if r.value(at).kind != "dtype" or not (isinstance(at, ast.Attribute) and at.attr == "dtype"):
        return
    edit: Edit | None = None
    mask, other = r.value(what), r.value(at.value)
    if (
        mask.boolean
        and other.is_tensor
        and mask.shape is not None
        and other.shape is not None
        and mask.shape.same(other.shape)
    ):
        prefix = "F.np." if r.is_np else "F."
        edit = replace(
            r.source,
            node,
            f"{prefix}where(",
            what,
            f", {prefix}ones_like(",
            at.value,
            f"), {prefix}zeros_like(",
            at.value,
            "))",
        )
        r.consume(at)
        r.consumed.add(id(node.func))
    yield Item(
        CODE,
        node,
        "a Symbol has no dtype: this raises once hybridized",
        help="name the dtype: astype('float32')",
        edits=(edit,) if edit is not None else None,
    )


@last
def attributes(function: ast.AST, r: Reader) -> Iterator[Item]:
    """Report the members that nothing else took care of; drop names that only hold a context."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    for node in walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            if r.value(node.value).kind != "context" or not isinstance(node.value, ast.Attribute):
                continue
            name = node.targets[0].id
            loads = [
                n for n in walk(function) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
            ]
            if all(id(n) in r.consumed or _parameter_read(n, r) for n in loads):
                r.consume(node.value)
                yield Item(
                    CODE,
                    node.value,
                    _DEVICE_MESSAGE,
                    help="leave it out",
                    edits=(delete_statement(r.source, node, siblings(node, r)),),
                )
    for node in walk(function):
        if not isinstance(node, ast.Attribute) or id(node) in r.consumed or not isinstance(node.ctx, ast.Load):
            continue
        owner = r.value(node.value)
        if owner.kind not in ("tensor", "unknown") or owner.kind == "unknown" and not (r.converting or owner.assumed):
            continue
        if node.attr in _DEVICE and not _parameter_read(node, r):
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: {_DEVICE_MESSAGE}",
                help="leave the device to the arrays that come in",
            )
        elif node.attr == "dtype" and not _in_astype(node, r):
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: a Symbol has no dtype, and this raises once hybridized",
                help="name the dtype",
            )
        elif node.attr == "T" and not r.is_np and owner.is_tensor:
            yield Item(
                CODE,
                node,
                "`T` is no member of a Symbol: it raises once hybridized",
                help="use F.transpose",
                edits=(replace(r.source, node, "F.transpose(", node.value, ")"),),
            )


def _parameter_read(node: ast.AST, r: Reader) -> bool:
    """Whether a context is an argument of ``self.weight.data(...)``, which becomes a keyword."""
    for parent in r.module.ancestors(node):
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "data":
            return r.value(parent.func.value).kind == "param"
        if isinstance(parent, ast.stmt):
            return False
    return False


def _in_astype(node: ast.AST, r: Reader) -> bool:
    parent = r.parent(node)
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr == "astype"


@rule(CODE, "array-member", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
