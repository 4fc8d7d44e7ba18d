"""A forward gives back one of its inputs as it is.

What it does
    Finds ``return x`` where ``x`` is still the argument itself, also inside of a tuple.

Why is this bad
    The graph's output is then its input: forward works, but ``backward`` raises once hybridized.

Fix safety
    Safe: ``F.identity(x)`` (``F.np.copy(x)``) is the same array with an operator in between.

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
from ._plan import Item, Reader, finder, findings
from ._values import OUTSIDE

CODE = "THM502"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return nd.relu(x), x
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.relu(x), F.identity(x)
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        x = F.relu(x)
        return x
""",
]


@finder(ast.Return)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Return)
    if r.function is not r.unit.entry or node.value is None or r.module.enclosing_function(node) is not r.function:
        return
    yield from _judge(node.value, r)


def _judge(node: ast.expr, r: Reader) -> Iterator[Item]:
    if isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            yield from _judge(element, r)
        return
    if isinstance(node, ast.IfExp):
        yield from _judge(node.body, r)
        yield from _judge(node.orelse, r)
        return
    if not isinstance(node, ast.Name) or not r.converting and True:
        return
    value = r.value(node)
    arguments = {a.arg for a in r.function.args.args[1:]}
    if (
        node.id not in arguments
        or value.kind not in ("tensor", "unknown")
        or value.kind == "unknown"
        and not value.assumed
    ):
        return
    if value.shape is None or value.shape.name != node.id or OUTSIDE not in value.bases:
        return
    name = "F.np.copy" if r.is_np else "F.identity"
    yield Item(
        CODE,
        node,
        f"`{node.id}` is given back as it came: backward raises once hybridized",
        help=f"return {name}({node.id})",
        edits=(replace(r.source, node, f"{name}(", node, ")"),),
    )


@rule(CODE, "returned-input", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
