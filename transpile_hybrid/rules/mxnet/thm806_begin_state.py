"""The first state of a recurrent layer is made for a batch size that is read from an array.

What it does
    Finds ``self.rnn.begin_state(batch_size=x.shape[0])`` in a forward.

Why is this bad
    A Symbol has no shape: it raises once hybridized.

Fix safety
    Safe: for the layers and cells of ``gluon.rnn`` the zeros are made by operators, as many as the array has along
    that axis. Any other ``begin_state`` is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/rnn/index.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings
from ._shapes import shape_owner
from ._sizes import definition, shaped
from ._values import Val

CODE = "THM806"
EXAMPLES = [
    Example(
        before="""
from mxnet.gluon import nn, rnn


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(8)

    def forward(self, x):
        state = self.rnn.begin_state(batch_size=x.shape[1], ctx=x.context)
        return self.rnn(x, state)
""",
        after="""
from mxnet.gluon import nn, rnn


class Encoder(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(8)

    def hybrid_forward(self, F, x):
        state = self.rnn.begin_state(func=lambda shape, **_: F.broadcast_axis(F.reshape(F.cast("""
        """F.sum(F.zeros_like(x), axis=1, exclude=True), dtype="float32"), shape=(1, -1, 1)), axis=(0, 2), """
        """size=(shape[0], shape[2])))
        return self.rnn(x, state)
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn, rnn


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn.GRU(8)

    def begin_state(self, *args, **kwargs):
        return self.rnn.begin_state(*args, **kwargs)

    def forward(self, x, state):
        return self.rnn(x, state)
""",
]
# The states of a layer are (layers, batch, channels), those of a cell (batch, channels).
LAYERS = frozenset({"LSTM", "GRU", "RNN"})
CELLS = frozenset({"LSTMCell", "GRUCell", "RNNCell"})


def zero_states(node: ast.Call, r: Reader) -> list[Part] | None:
    """Return ``self.rnn.begin_state(...)`` with its batch size said by an array instead of a number."""
    callee = node.func
    if not (isinstance(callee, ast.Attribute) and callee.attr == "begin_state" and len(node.args) <= 1):
        return None
    short = made_by(r.value(callee.value))
    if short is None:
        return None
    keywords = {k.arg: k.value for k in node.keywords}
    size = node.args[0] if node.args else keywords.pop("batch_size", None)
    context = keywords.pop("ctx", None)
    if size is None or keywords or context is not None and r.value(context).kind != "context":
        return None
    found = sized_by(size, r)
    if found is None:
        return None
    return [callee, "(func=lambda shape, **_: ", *spread_zeros(*found, short, r), ")"]


def made_by(layer: Val) -> str | None:
    """Return the layer or cell of ``gluon.rnn`` that a value is (one of several with states of one form)."""
    ways = layer.contents() if layer.kind == "either" else [layer]
    found = [way.cls.removeprefix("mxnet.gluon.rnn.") for way in ways if way.kind == "module"]
    one_form = set(found) <= LAYERS or set(found) <= CELLS
    return found[0] if len(found) == len(ways) > 0 and one_form else None


def spread_zeros(owner: ast.expr, axis: int, short: str, r: Reader) -> list[Part]:
    """Return zeros of ``shape`` for the states of a layer or cell, as many as ``owner`` has along ``axis``.

    ``begin_state`` makes NumPy arrays of those of a layer itself.
    """
    array: list[Part] = [operand(owner), ".as_nd_ndarray()"] if r.is_np else [owner]
    zeros: list[Part] = ["F.cast(F.sum(F.zeros_like(", *array, f'), axis={axis}, exclude=True), dtype="float32")']
    if short in LAYERS:
        return ["F.broadcast_axis(F.reshape(", *zeros, ", shape=(1, -1, 1)), axis=(0, 2), size=(shape[0], shape[2]))"]
    spread = ["F.broadcast_axis(F.reshape(", *zeros, ", shape=(-1, 1)), axis=1, size=shape[1])"]
    return [*spread, ".as_np_ndarray()"] if r.is_np else spread


def sized_by(size: ast.expr, r: Reader) -> tuple[ast.expr, int] | None:
    """Return the array and the axis that a size comes from."""
    if isinstance(size, ast.Name):
        made = definition(size, r)
        if made is None:
            return None
        if made[1] is not None:
            return made[0], made[1]
        size = made[0]
    owner = shape_owner(size, r)
    axis = r.value(size.slice).const if isinstance(size, ast.Subscript) else None
    if owner is None or not isinstance(axis, int) or not r.value(owner).is_tensor:
        return None
    return owner, axis


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not (isinstance(node.func, ast.Attribute) and node.func.attr == "begin_state"):
        return
    given = [*node.args, *(k.value for k in node.keywords)]
    if not shaped(given, r):
        return
    parts = zero_states(node, r)
    if parts is not None:
        r.consume(*node.args, *node.keywords)
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}` needs a batch size, which a Symbol hasn't",
        help="hand the state in, or make it of zeros that have the array's batch",
        edits=(replace(r.source, node, *parts),) if parts is not None else None,
    )


@rule(CODE, "begin-state", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
