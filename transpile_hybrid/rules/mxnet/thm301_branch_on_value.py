"""A branch is taken on a value that only exists at run time.

What it does
    Finds ``if``, ``x if c else y``, ``assert``, ``and``/``or``/``not`` on a tensor or on a value read from one,
    and on shapes, in a forward. What the constructor decides (``if self.use_bias``) and ``if y is None`` are
    left alone.

Why is this bad
    A Symbol has no truth value: ``bool(symbol)`` raises. A number read from a tensor would be frozen at the
    first trace.

Fix safety
    Safe where both sides are sums, multiples and functions with bounded slopes of the same arrays, and of one
    shape: both are computed, and ``where`` takes one. Other branches on values have no fix: a side that isn't taken
    may be infinite, or have state, and hybridized ``F.contrib.cond`` gives wrong gradients of arrays that were
    computed before it (1.9.1). Unsafe: lengths that are one number for each batch are repeated for each row of
    another array, those that are one for each row are made flat (``if lengths.ndim == 1``). Lengths of two dimensions
    with another number of columns than that array has rows then raise. Unsafe, too: a check of shapes or dtypes that
    only raises (``assert x.shape[1] == 4``) is left out.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._checks import dropped_check, is_shaped
from ._chosen import chosen, chosen_expression
from ._lengths import one_for_each_row
from ._plan import Item, Reader, finder, findings

CODE = "THM301"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Gate(nn.Block):
    def forward(self, x):
        if x.sum() > 0:
            return nd.log(x)
        return x * -2
""",
    ),
    Example(
        title="both sides can be computed",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Gate(nn.Block):
    def forward(self, x):
        h = np.tanh(x)
        if h.sum() > 0:
            return h * 2
        return h * -2
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Gate(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        h = F.np.tanh(x)
        return F.np.where(h.sum() > 0, h * 2, h * -2)
""",
    ),
    Example(
        title="lengths for each batch, or for each row",
        unsafe=True,
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Masked(nn.Block):
    def forward(self, x, lengths):
        shape = x.shape
        if lengths.ndim == 1:
            lengths = lengths.repeat(shape[1])
        else:
            lengths = lengths.reshape(-1)
        x = npx.sequence_mask(x.reshape(-1, shape[-1]), lengths, True, value=-1e6, axis=1)
        return npx.softmax(x).reshape(shape)
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Masked(nn.HybridBlock):
    def hybrid_forward(self, F, x, lengths):
        x_given = x
        lengths = F.npx.reshape(lengths, (-2, -1))
        lengths = F.np.where(F.np.ones_like(F.npx.arange_like(x, axis=1)), lengths, lengths).reshape((-1,))
        x = F.npx.sequence_mask(F.npx.reshape(x, (-1, -2), reverse=True), lengths, True, value=-1e6, axis=1)
        return F.reshape_like(F.npx.softmax(x).as_nd_ndarray(), x_given.as_nd_ndarray()).as_np_ndarray()
""",
    ),
    Example(
        title="a check that only raises",
        unsafe=True,
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.Block):
    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels

    def forward(self, x):
        assert x.dtype != "float64"
        if x.shape[1] != self.channels:
            raise ValueError(f"{x.shape[1]} channels")
        return nd.tanh(x) * 2
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.HybridBlock):
    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels

    def hybrid_forward(self, F, x):
        return F.tanh(x) * 2
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Gate(nn.Block):
    def __init__(self, double=True, **kwargs):
        super().__init__(**kwargs)
        self.double = double

    def forward(self, x, y=None):
        if self.double and y is None:
            return x * 2
        return x * -2
""",
]


@finder(ast.If, ast.IfExp, ast.Assert, ast.comprehension)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    edits = one_for_each_row(node, r) if isinstance(node, ast.If) and r.converting else None
    if edits is not None:
        assert isinstance(node, ast.If)
        r.judged.add(id(node.test))
        yield Item(
            CODE,
            node.test,
            f"`{r.quote(node.test)}` is decided by a shape, which a Symbol has not",
            help="spread a last axis of length 1, and make the lengths flat",
            edits=edits,
            safety="unsafe",
        )
        return
    check = dropped_check(node, r) if isinstance(node, ast.Assert | ast.If) else None
    if check is not None:
        yield Item(
            CODE,
            node.test,  # type: ignore[attr-defined]
            f"`{r.quote(node.test)}` is decided by a shape or a dtype, which a Symbol has not",  # type: ignore[attr-defined]
            help="leave the check out, or make it where the arrays come from",
            edits=(check,),
            safety="unsafe",
        )
        return
    if isinstance(node, ast.If | ast.IfExp) and r.converting:
        taken = chosen(node, r) if isinstance(node, ast.If) else chosen_expression(node, r)
        if taken is not None:
            r.judged.add(id(node.test))
            yield Item(
                CODE,
                node.test,
                f"`{r.quote(node.test)}` is decided by a tensor: a Symbol has no truth value, and it raises once "
                "hybridized",
                help="compute both sides, and take one of them by where",
                edits=taken,
            )
            return
    tests = node.ifs if isinstance(node, ast.comprehension) else [node.test]  # type: ignore[attr-defined]
    for test in tests:
        yield from judge(test, r)


@finder(ast.BoolOp, ast.UnaryOp, ast.Compare)
def inside(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``a or b``, ``not a``, ``0 < x < 1`` and ``x in values`` ask for a truth value wherever they stand."""
    if id(node) in r.judged:
        return
    operands: list[ast.expr] = []
    if isinstance(node, ast.BoolOp):
        operands = node.values[:-1]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        operands = [node.operand]
    elif isinstance(node, ast.Compare) and (len(node.ops) > 1 or isinstance(node.ops[0], ast.In | ast.NotIn)):
        operands = [node.left, *node.comparators]
    for operand in operands:
        if r.value(operand).is_tensor:
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}` asks a tensor for its truth: a Symbol has none",
                help="use F.where, or a product of masks",
            )
            return


def judge(test: ast.expr, r: Reader) -> Iterator[Item]:
    """Yield what is wrong with a condition."""
    r.judged.add(id(test))
    if isinstance(test, ast.BoolOp):
        for part in test.values:
            yield from judge(part, r)
        return
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from judge(test.operand, r)
        return
    value = r.value(test)
    if value.free:
        return
    if isinstance(test, ast.Compare):
        if isinstance(test.ops[0], ast.Is | ast.IsNot):
            return
        parts = [r.value(test.left), *(r.value(c) for c in test.comparators)]
    else:
        parts = [value]
    text = r.quote(test)
    if value.is_tensor or any(p.is_tensor for p in parts):
        yield Item(
            CODE,
            test,
            f"`{text}` is decided by a tensor: a Symbol has no truth value, and it raises once hybridized",
            help="use F.np.where" if r.is_np else "use F.where",
        )
    elif any(p.kind in ("array",) or p.cls == "host" for p in parts):
        yield Item(
            CODE,
            test,
            f"`{text}` is decided by a value read from a tensor: there is none while the graph is traced",
            help="use F.np.where" if r.is_np else "use F.where",
        )
    elif any(is_shaped(p) for p in parts):
        yield Item(
            CODE,
            test,
            f"`{text}` is decided by a shape, which a Symbol has not",
            help="pass the size to the constructor, or leave the decision out",
        )
    elif r.converting and any(p.kind == "unknown" for p in parts):
        yield Item(
            CODE,
            test,
            f"`{text}`: whether this is decided by a tensor can't be told",
            help="decide by something that the constructor sets",
        )


@rule(CODE, "branch-on-value", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
