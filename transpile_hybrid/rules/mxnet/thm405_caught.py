"""A forward catches exceptions.

What it does
    Finds ``try`` with handlers in a forward.

Why is this bad
    What raises while the graph is traced (a host read, a shape) is caught, and the handler's branch becomes the
    graph.

Fix safety
    No fix: what the handler is for has to be said.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings

CODE = "THM405"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        try:
            k = float(x.sum().asnumpy().item())
        except Exception:
            k = 5.0
        return x * k
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        try:
            self.k = int("3")
        except ValueError:
            self.k = 1

    def hybrid_forward(self, F, x):
        return x * self.k
""",
]


@finder(ast.Try)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Try)
    for handler in node.handlers[:1]:
        yield Item(
            CODE,
            handler,
            "an error while the graph is traced is caught here, and this branch becomes the graph",
            help="decide in the constructor",
        )


@rule(CODE, "try-in-forward", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
