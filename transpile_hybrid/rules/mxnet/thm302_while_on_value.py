"""A ``while`` loop goes on as long as a tensor says so.

What it does
    Finds ``while`` whose condition is a tensor, a value read from one, or a shape, in a forward.

Why is this bad
    A Symbol has no truth value: the loop can't be unrolled while the graph is traced. ``while_loop`` exists in
    the legacy API, without a gradient.

Fix safety
    No fix: how many rounds it takes isn't known, and ``F.contrib.while_loop`` has no backward.

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
from .thm301_branch_on_value import judge

CODE = "THM302"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        while x.norm() > 1:
            x = x / 2
        return x
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.steps = 3

    def forward(self, x):
        n = 0
        while n < self.steps:
            x = x / 2
            n = n + 1
        return x
""",
]


@finder(ast.While)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.While)
    for item in judge(node.test, r):
        yield Item(CODE, item.at, item.message, help="bound the loop by a number that the constructor sets")


@rule(CODE, "while-on-value", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
