"""A value is read on the host inside a forward.

What it does
    Finds ``asnumpy()``, ``asscalar()``, ``item()``, ``tolist()``, ``float(x)``, ``int(x)`` and functions of
    NumPy that are given a tensor, in code that runs inside a block's forward.

Why is this bad
    A hybridized block is traced with Symbols, which have no values: ``asnumpy`` raises. Where a ``try`` catches
    that, the except branch is baked into the graph.

Fix safety
    No fix: an operator in the place of a host read becomes part of the gradient, which the host read was not.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._calls import HOST
from ._plan import Item, Reader, finder, findings

CODE = "THM101"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Scaled(nn.Block):
    def forward(self, x):
        return x / x.max().asscalar()
""",
    ),
    Example(
        before="""
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Scaled(nn.Block):
    def forward(self, x):
        return x * float(onp.mean(x))
""",
    ),
]
VALID = [
    """
import numpy as np
from mxnet import nd
from mxnet.gluon import nn


class Scaled(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.scale = float(np.sqrt(units))

    def forward(self, x):
        return x / self.scale
""",
]


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    callee = node.func
    if isinstance(callee, ast.Attribute) and callee.attr in HOST:
        kind = r.value(callee.value).kind
        if (
            kind == "tensor"
            or kind == "unknown"
            and callee.attr != "item"
            or kind == "unknown"
            and r.converting
            and not node.args
        ):
            yield Item(
                CODE,
                node,
                f"`{callee.attr}()` reads values on the host: a Symbol has none, and it raises once hybridized",
                help="keep it out of forward, or compute with operators (which then are part of the gradient)",
            )
            return
    name = r.qualified(callee)
    if name in ("builtins.float", "builtins.int", "builtins.bool") and len(node.args) == 1:
        if r.value(node.args[0]).is_tensor:
            yield Item(
                CODE,
                node,
                f"`{name[9:]}(...)` of a tensor reads its value on the host: it raises once hybridized",
                help="keep the tensor, or move this out of forward",
            )
    elif name.startswith("numpy.") and any(r.value(a).holds_tensor for a in node.args):
        yield Item(
            CODE,
            node,
            f"`{r.text(callee)}` is NumPy's: it takes the tensor to the host, and raises once hybridized",
            help="use MXNet's operator of the same name",
        )


@rule(CODE, "host-read", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
