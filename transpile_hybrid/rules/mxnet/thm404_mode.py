"""A forward asks whether it is training or recording, or switches that.

What it does
    Finds ``autograd.is_training()``, ``is_recording``, ``pause``, ``record``, ``train_mode``, ``predict_mode``,
    ``grad`` and ``backward`` in a forward.

Why is this bad
    The answer at the first trace is baked into the graph, and ``pause()`` has no effect in it: gradients flow.

Fix safety
    Safe for what operators compute under ``pause()`` and give to variables: ``F.BlockGrad`` stops the same
    gradients. Layers and dropout there would follow the mode of prediction, and have no fix. Neither has the rest:
    ``F.Dropout`` and ``BatchNorm`` follow the mode by themselves.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._paused import stopped
from ._plan import Item, Reader, finder, findings

CODE = "THM404"
EXAMPLES = [
    Example(
        before="""
from mxnet import autograd, nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        if autograd.is_training():
            return x * 2
        return nd.relu(x)
""",
    ),
    Example(
        title="gradients that are stopped",
        before="""
from mxnet import autograd, nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        with autograd.pause():
            y = nd.relu(x) * 2
        return y * x
""",
        after="""
from mxnet import autograd, nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.BlockGrad(F.relu(x) * 2)
        return y * x
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.Dropout(x, p=0.5)
""",
]


@finder(ast.With)
def paused(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``with autograd.pause():`` around what operators compute."""
    assert isinstance(node, ast.With)
    call = node.items[0].context_expr
    if not isinstance(call, ast.Call) or r.qualified(call.func) != "mxnet.autograd.pause":
        return
    edits = stopped(node, r)
    if edits is not None:
        r.consume(call)
        yield Item(
            CODE,
            call,
            f"`{r.text(call.func)}` in a forward: it has no effect on the graph: gradients flow",
            help="stop the gradients by F.BlockGrad",
            edits=edits,
        )


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    name = r.qualified(node.func)
    if not name.startswith("mxnet.autograd.") or id(node) in r.consumed:
        return
    short = name.rsplit(".", 1)[-1]
    why = "its answer at the first trace is kept"
    if not short.startswith("is_"):
        flow = short in ("pause", "record")
        why = "it has no effect on the graph: " + ("gradients flow" if flow else "the mode is that of the call")
    yield Item(
        CODE,
        node,
        f"`{r.text(node.func)}` in a forward: {why}",
        help="use F.BlockGrad to stop a gradient, F.Dropout for what follows the mode, or two blocks",
    )


@rule(CODE, "autograd-state", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
