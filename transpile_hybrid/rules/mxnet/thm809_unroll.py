"""A recurrent cell is unrolled as often as the shape of an array says.

What it does
    Finds ``self.cell.unroll(x.shape[0], x, states, merge_outputs=True)`` in a forward.

Why is this bad
    A Symbol has no shape: it raises once hybridized.

Fix safety
    Safe: for cells of ``gluon.rnn`` whose states are known, ``dynamic_unroll`` of ``gluon.contrib`` makes the steps,
    as many as there are. It is given the states as a list. Unsafe where a ``DropoutCell`` is among them: each step
    draws a mask of its own then, and with one seed the numbers are others. Any other ``unroll`` is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/contrib/index.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, add_import, replace
from ..rule import Example, Finding, UnitContext, rule
from ._copied import is_array
from ._plan import Item, Reader, finder, findings
from ._shapes import shape_owner
from ._sizes import definition, shaped
from ._stepped import DYNAMIC_UNROLL, stepped
from .thm806_begin_state import spread_zeros

CODE = "THM809"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn, rnn


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.GRUCell(8)

    def forward(self, x, states):
        steps = x.shape[1]
        outputs, states = self.cell.unroll(steps, x, states, layout="NTC", merge_outputs=True)
        return nd.relu(outputs), states
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn, rnn
from mxnet.gluon.contrib.rnn.rnn_cell import dynamic_unroll


class Encoder(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.GRUCell(8)

    def hybrid_forward(self, F, x, states):
        outputs, states = dynamic_unroll(self.cell, x, list(states), layout="NTC")
        return F.relu(outputs), states
""",
    ),
    Example(
        title="from a state of zeros",
        before="""
from mxnet.gluon import nn, rnn


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.LSTMCell(8)

    def forward(self, x):
        return self.cell.unroll(x.shape[0], x, layout="TNC", merge_outputs=True)[0]
""",
        after="""
from mxnet.gluon import nn, rnn
from mxnet.gluon.contrib.rnn.rnn_cell import dynamic_unroll


class Encoder(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.LSTMCell(8)

    def hybrid_forward(self, F, x):
        return dynamic_unroll(self.cell, x, self.cell.begin_state(func=lambda shape, **_: F.broadcast_axis(F.reshape("""
        """F.cast(F.sum(F.zeros_like(x), axis=1, exclude=True), dtype="float32"), shape=(-1, 1)), axis=1, """
        """size=shape[1])), layout="TNC")[0]
""",
    ),
    Example(
        title="a cell that looks at both ends",
        before="""
from mxnet.gluon import nn, rnn


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.BidirectionalCell(rnn.GRUCell(8), rnn.GRUCell(8))

    def forward(self, x, states):
        return self.cell.unroll(x.shape[1], x, states, merge_outputs=True)[0]
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn, rnn
from mxnet.gluon.contrib.rnn.rnn_cell import dynamic_unroll


class Encoder(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = rnn.GRUCell(8)

    def hybrid_forward(self, F, x, states):
        outputs, states = dynamic_unroll(self.cell, x, list(states), layout="NTC")
        return F.relu(outputs), states
""",
]
_ARGUMENTS = ("length", "inputs", "begin_state", "layout", "merge_outputs", "valid_length")


def by_shape(node: ast.Call, r: Reader) -> ast.expr | None:
    """Return the number of steps of an ``unroll`` of one of MXNet's cells that a shape decides."""
    callee = node.func
    if not (isinstance(callee, ast.Attribute) and callee.attr == "unroll"):
        return None
    cell = r.value(callee.value)
    length = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "length"), None)
    known = [way.cls for way in (cell.contents() if cell.kind == "either" else [cell])]
    cells = all(name.startswith("mxnet.gluon.") for name in known)
    return length if cells and known and length is not None and shaped([length], r) else None


def dynamic(node: ast.Call, length: ast.expr, r: Reader) -> tuple[tuple[Edit, ...], str] | None:
    """Return the edits that leave the number of steps to ``dynamic_unroll``, and how safe they are."""
    callee = node.func
    assert isinstance(callee, ast.Attribute)
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords) or r.is_np:
        return None
    given = dict(zip(_ARGUMENTS, node.args, strict=False)) | {str(k.arg): k.value for k in node.keywords}
    how = stepped(r.value(callee.value), r.interp.added)
    inputs, begin = given.get("inputs"), given.get("begin_state")
    if not how or inputs is None or "valid_length" in given:
        return None
    merged = r.value(given["merge_outputs"]).const if "merge_outputs" in given else None
    layout = r.value(given["layout"]).const if "layout" in given else "NTC"
    if merged is not True or layout not in ("TNC", "NTC") or not _whole(inputs, length, r):
        return None
    states = _states(callee.value, inputs, begin, str(layout), r)
    name, imported = _imported(r)
    if states is None or not name:
        return None
    text = (f"{name}(", callee.value, ", ", inputs, ", ", *states, f', layout="{layout}")')
    return (replace(r.source, node, *text), *imported), "safe" if how == "same" else "unsafe"


def _whole(inputs: ast.expr, length: ast.expr, r: Reader) -> bool:
    """Whether what is stepped through surely is one array, and no list: it was made by MXNet, or has the shape."""
    if is_array(inputs, r, set()):
        return True
    made = definition(length, r) if isinstance(length, ast.Name) else None
    owner = shape_owner(length, r) if made is None else made[0] if made[1] is not None else shape_owner(made[0], r)
    same = isinstance(owner, ast.Name) and isinstance(inputs, ast.Name) and owner.id == inputs.id
    return same and r.value(inputs).is_tensor


def _states(cell: ast.expr, inputs: ast.expr, begin: ast.expr | None, layout: str, r: Reader) -> list[Part] | None:
    """Return the first states as a list."""
    if begin is None or isinstance(begin, ast.Constant) and begin.value is None:
        if not isinstance(inputs, ast.Name):
            return None
        zeros = spread_zeros(inputs, layout.index("N"), "LSTMCell", r)
        return [cell, ".begin_state(func=lambda shape, **_: ", *zeros, ")"]
    value = r.value(begin)
    if value.none:
        return None
    return [begin] if isinstance(begin, ast.List) else ["list(", begin, ")"]


def _imported(r: Reader) -> tuple[str, tuple[Edit, ...]]:
    """Return the name of ``dynamic_unroll`` in the file, with the import that it needs."""
    owner, _, name = DYNAMIC_UNROLL.rpartition(".")
    bound = r.module.scope_at(r.function.body[0]).lookup(name)
    if bound is None:
        return name, (add_import(r.source, f"from {owner} import {name}"),)
    known = all(b.kind == "import" and b.target == DYNAMIC_UNROLL for b in bound[1])
    return (name, ()) if known else ("", ())


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    length = by_shape(node, r)
    if length is None or id(node) in r.consumed:
        return
    found = dynamic(node, length, r)
    if found is not None:
        r.consumed.add(id(node.func))
        r.consume(length)
    yield Item(
        CODE,
        length,
        f"`{r.quote(length)}`: how often a cell is unrolled is read from a shape, which a Symbol has not",
        help="use dynamic_unroll of mxnet.gluon.contrib, or a number that the constructor knows",
        edits=found[0] if found is not None else None,
        safety=found[1] if found is not None else "safe",
    )


@rule(CODE, "unroll-by-shape", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
