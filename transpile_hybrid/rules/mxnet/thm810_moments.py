"""``moments`` whose mean nothing uses has a wrong variance in a graph.

What it does
    Finds ``moments`` of which only the variance is taken: ``F.moments(x, axes=(1,))[1]``, ``_, var = ...``.

Why is this bad
    MXNet 1.9.1 computes the variance from the mean that it writes beside it. A graph leaves out outputs that nothing
    uses, and the variance is then computed from what was in memory: silently, a wrong number. Eagerly it is right.

Fix safety
    No fix: compute the variance by ``mean`` and ``square``, or use the mean as well.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/ndarray/index.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._names import operator_name
from ._plan import Item, Reader, finder, findings

CODE = "THM810"
EXAMPLES = [
    Example(
        before="""
from mxnet.gluon import nn


class Spread(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        _, variance = F.moments(x, axes=(1,))
        return F.sqrt(variance)
""",
    ),
    Example(
        title="in a Block",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Spread(nn.Block):
    def forward(self, x):
        return nd.moments(x, axes=(1,))[1]
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn


class Norm(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        mean, variance = F.moments(x, axes=(1,), keepdims=True)
        return F.broadcast_div(F.broadcast_sub(x, mean), F.sqrt(variance))
""",
    """
from mxnet.gluon import nn


class Mean(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.moments(x, axes=(1,))[0], F.moments(x, axes=(0,))
""",
]


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
    if operator_name(node.func, r, owner) != ("nd", "moments") or _mean_is_used(node, r):
        return
    yield Item(
        CODE,
        node,
        f"`{r.text(node.func)}` gives a wrong variance in a graph where its mean isn't used",
        help="compute the variance by mean and square, or use the mean as well",
    )


def _mean_is_used(node: ast.Call, r: Reader) -> bool:
    """Whether the first result is taken where both, or the first alone, are."""
    parent = r.parent(node)
    if isinstance(parent, ast.Subscript):
        return r.value(parent.slice).const == 0
    if not isinstance(parent, ast.Assign):
        return True  # handed on as a whole
    target = parent.targets[0]
    reads = [n for n in walk(r.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    if isinstance(target, ast.Name):  # `both = nd.moments(x)`
        parents = [r.parent(n) for n in reads if n.id == target.id]
        return any(not isinstance(p, ast.Subscript) or r.value(p.slice).const == 0 for p in parents)
    first = target.elts[0] if isinstance(target, ast.Tuple | ast.List) and target.elts else None
    return not isinstance(first, ast.Name) or any(n.id == first.id and n.lineno > parent.lineno for n in reads)


@rule(CODE, "unused-mean", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
