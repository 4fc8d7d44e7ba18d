"""An integer or boolean NumPy-style array meets a float.

What it does
    Finds arithmetic of an integer or boolean tensor of the np API with a Python float, and a number on the left of
    ``-``, ``**`` and ``%`` (``1 - mask``, ``2 ** n``), and ``-n``.

Why is this bad
    Eagerly the result is an integer array (the float is cut off); in a graph it is float64: another value,
    another dtype.

Fix safety
    Safe: ``-n`` of integers becomes ``F.np.negative(n)``. For the others there is no fix: which of the two is meant
    has to be said, by ``astype``.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import replace
from ..rule import Example, Finding, UnitContext, rule
from ._names import operator_name
from ._plan import Item, Reader, finder, findings
from ._words import names

CODE = "THM503"
EXAMPLES = [
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        n = x.astype("int32")
        return n * 1.5
""",
    ),
    Example(
        title="the number on the left",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        return 2 ** x.astype("int32")
""",
    ),
    Example(
        title="turned around",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        n = x.astype("int32")
        return -n
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        n = x.astype("int32")
        return F.np.negative(n)
""",
    ),
]
VALID = [
    """
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        n = x.astype("int32")
        return n * 2 + (x > 0) * x
""",
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return (x > 0) * 1.5
""",
    """
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x, index):
        kept = F.np.where(x > 0, F.np.ones_like(x) * 0, x)
        rows = F.np.take(kept, index.astype("int32"), axis=0)
        return rows * 0.5 + F.npx.one_hot(index, 4) * 0.1
""",
]


_SCALARS = names(
    "add subtract multiply power mod maximum minimum fmod arctan2 hypot",
)


@finder(ast.BinOp)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.BinOp)
    if r.is_np and not isinstance(node.op, ast.Div):
        yield from judge(node, node.left, node.right, isinstance(node.op, ast.Sub | ast.Pow | ast.Mod), r)


@finder(ast.UnaryOp)
def turned_around(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``-x`` of a Symbol multiplies by the float -1.0."""
    assert isinstance(node, ast.UnaryOp)
    value = r.value(node.operand)
    if not r.is_np or not isinstance(node.op, ast.USub) or not value.is_tensor or id(node) in r.consumed:
        return
    if value.whole or value.boolean:
        yield Item(
            CODE,
            node,
            f"`{r.quote(node)}` of integers gives integers eagerly, and float64 in a graph",
            help="use F.np.negative",
            edits=(replace(r.source, node, "F.np.negative(", node.operand, ")"),) if not value.boolean else None,
        )


@finder(ast.Call)
def called(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not r.is_np or len(node.args) < 2:
        return
    op = operator_name(node.func, r, r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None)
    if op is not None and op[1] in _SCALARS:
        yield from judge(node, node.args[0], node.args[1], op[1] in ("subtract", "power", "mod"), r)


def judge(node: ast.expr, left: ast.expr, right: ast.expr, ordered: bool, r: Reader) -> Iterator[Item]:
    """Yield what is wrong with an operator; one whose sides are ``ordered`` takes a number on its left for a float."""
    for array, number, reflected in ((left, right, False), (right, left, True)):
        a, n = r.value(array), r.value(number)
        if not a.is_tensor or not (a.whole or a.boolean) or n.is_tensor:
            continue
        cut = n.kind in ("number", "config") and not isinstance(n.const, bool) and (n.const is not None or r.converting)
        if cut or ordered and reflected and n.kind in ("int", "number", "config"):
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: integers and a number give integers eagerly, and float64 in a graph",
                help="say the type: `.astype('float32')`",
            )


@rule(CODE, "integer-float", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
