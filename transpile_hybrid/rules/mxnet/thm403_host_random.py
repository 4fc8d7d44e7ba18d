"""A forward draws a random number, or reads the clock, in Python.

What it does
    Finds ``random``, ``numpy.random``, ``time``, ``datetime``, ``uuid``, ``os.environ`` and ``input`` in a
    forward.

Why is this bad
    The number is drawn once, while the graph is traced, and is a constant of the graph from then on.

Fix safety
    No fix: MXNet's own operators (``F.random.uniform``) draw anew each time, from another generator.

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

CODE = "THM403"
EXAMPLES = [
    Example(
        before="""
import random

from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return x * random.random()
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return x * F.random.uniform(shape=(1,))
""",
]


_DRAWS = (
    "random.",
    "numpy.random.",
    "time.",
    "datetime.",
    "secrets.",
    "uuid.",
    "os.environ",
    "os.getenv",
    "builtins.input",
)


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    name = r.qualified(node.func)
    if (
        name.startswith(_DRAWS)
        and not name.startswith("time.sleep_")
        or isinstance(node.func, ast.Attribute)
        and r.self_attribute(node.func.value) is not None
        and node.func.attr in ("random", "rand", "randn", "randint", "uniform", "normal", "choice", "shuffle", "sample")
        and r.value(node.func.value).kind == "config"
    ):
        yield Item(
            CODE,
            node,
            f"`{r.text(node.func)}` is asked once, while the graph is traced, and its answer is kept",
            help="use MXNet's random operators, or take it as an argument",
        )


@rule(CODE, "host-random", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
