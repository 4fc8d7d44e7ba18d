"""A recurrent layer is called without a state, with NumPy arrays.

What it does
    Finds calls of an LSTM, GRU or RNN layer of ``gluon.rnn`` (alone or in a Sequential) that hand in no state, in a
    forward that works with ``mx.np`` arrays.

Why is this bad
    The layer then makes a state for a batch of size 0 while the graph is traced, which stands for "not known" only
    without NumPy shapes: with ``npx.set_np()`` it raises ``Shape inconsistent`` once hybridized.

Fix safety
    Safe: zeros are handed in that have the batch of the input, and the output alone is taken. A layer in a
    Sequential, and an input that is no plain name, are reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/rnn/index.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import replace
from ..rule import Example, Finding, UnitContext, rule
from ._callsite import CONTAINERS
from ._plan import Item, Reader, finder, findings
from ._values import Val
from .thm806_begin_state import LAYERS, spread_zeros

CODE = "THM807"
EXAMPLES = [
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(8)

    def forward(self, x):
        y = self.rnn(x)
        return np.tanh(y)
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Encoder(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(8)

    def hybrid_forward(self, F, x):
        y = self.rnn(x, self.rnn.begin_state(func=lambda shape, **_: F.broadcast_axis(F.reshape(F.cast(F.sum("""
        """F.zeros_like(x.as_nd_ndarray()), axis=1, exclude=True), dtype="float32"), shape=(1, -1, 1)), """
        """axis=(0, 2), size=(shape[0], shape[2]))))[0]
        return F.np.tanh(y)
""",
    ),
    Example(
        title="in a Sequential",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.body = nn.HybridSequential()
        self.body.add(rnn.GRU(8))

    def forward(self, x):
        return np.tanh(self.body(x))
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn, rnn


class Encoder(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(8)

    def hybrid_forward(self, F, x):
        return self.rnn(x)
""",
]


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not r.is_np or len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        return
    callee = node.func
    name = r.self_attribute(callee)
    layer = r.value(callee)
    if name is None or layer.kind != "module":
        return
    message = f"`{r.text(callee)}` is handed no state: with NumPy arrays this raises once hybridized"
    if not is_fused(layer):
        if layer.cls.rsplit(".", 1)[-1] in CONTAINERS and holds_fused(layer, r.interp.added):
            yield Item(CODE, node, message, help="keep the recurrent layer apart, and hand it a state")
        return
    edits = None
    axis = batch_axis(layer)
    given = node.args[0]
    if axis is not None and isinstance(given, ast.Name) and r.value(given).is_tensor:
        zeros = spread_zeros(given, axis, layer.cls.rsplit(".", 1)[-1], r)
        parts = [callee, "(", given, ", ", callee, ".begin_state(func=lambda shape, **_: ", *zeros, "))[0]"]
        edits = (replace(r.source, node, *parts),)
    yield Item(CODE, node, message, help="hand in begin_state, and take the first of the two results", edits=edits)


def is_fused(value: Val) -> bool:
    """Whether a value is a layer of ``gluon.rnn`` that goes over all steps."""
    return value.cls.startswith("mxnet.gluon.rnn.") and value.cls.rsplit(".", 1)[-1] in LAYERS


def holds_fused(value: Val, added: dict[str, list[Val]]) -> bool:
    """Whether a Sequential holds such a layer."""
    return any(is_fused(part) for key in value.bases for part in added.get(key, []))


def batch_axis(layer: Val) -> int | None:
    """Return which axis of the input is the batch, where that can be told."""
    for part in layer.contents():
        if part.kind == "kw" and part.cls == "layout":
            const = part.item.const if part.item is not None else None
            return const.find("N") if isinstance(const, str) and "N" in const else None
    return 1 if sum(part.kind != "kw" for part in layer.contents()) <= 2 else None


@rule(CODE, "state-left-out", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
