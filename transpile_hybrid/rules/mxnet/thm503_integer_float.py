"""An integer or boolean NumPy-style array meets a float.

What it does
    Finds arithmetic of an integer or boolean tensor of the np API with a Python float, and ``1 - mask``.

Why is this bad
    Eagerly the result is an integer array (the float is cut off); in a graph it is float64: another value,
    another dtype.

Fix safety
    No fix: which of the two is meant has to be said, by ``astype``.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
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
        yield from judge(node, node.left, node.right, isinstance(node.op, ast.Sub), r)


@finder(ast.Call)
def called(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not r.is_np or len(node.args) < 2:
        return
    op = operator_name(node.func, r, r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None)
    if op is not None and op[1] in _SCALARS:
        yield from judge(node, node.args[0], node.args[1], op[1] == "subtract", r)


def judge(node: ast.expr, left: ast.expr, right: ast.expr, minus: bool, r: Reader) -> Iterator[Item]:
    for array, number, reflected in ((left, right, False), (right, left, True)):
        a, n = r.value(array), r.value(number)
        if not a.is_tensor or not (a.whole or a.boolean) or n.is_tensor:
            continue
        cut = n.kind in ("number", "config") and not isinstance(n.const, bool) and (n.const is not None or r.converting)
        if cut or minus and reflected and a.boolean:
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: integers and a float give integers eagerly, and float64 in a graph",
                help="say the type: `.astype('float32')`",
            )


@rule(CODE, "integer-float", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
