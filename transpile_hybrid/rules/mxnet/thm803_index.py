"""An array is indexed in a way that a Symbol understands otherwise, or not at all.

What it does
    Finds ``x[i]``, ``x[a:b]``, ``x[:, 0]``, ``x[..., 0]``, ``x[:, None]``, ``x[index_array]`` and unpacking of
    a tensor.

Why is this bad
    A legacy Symbol is a list of outputs: ``x[0]`` and ``x[0:1]`` give the whole array, **silently**. The other
    forms raise. A NumPy-style Symbol takes slices and non-negative integers, nothing else.

Fix safety
    Safe: slices, squeezes and expansions of the same axes; an index array becomes ``take``, two arrays
    of which one is made by ``arange`` ``gather_nd``. A boolean mask has
    no counterpart, and what may be a list is left alone and reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/legacy/symbol/symbol.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, replace
from ..rule import Example, Finding, UnitContext, rule
from ._index import int_constant
from ._indexing import build, is_full, kept, np_fine
from ._plan import Item, Reader, finder, findings

CODE = "THM803"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Parts(nn.Block):
    def forward(self, x):
        z = nd.relu(x)
        return z[0], z[:], z[:, ::-1]
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Parts(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        z = F.relu(x)
        return F.squeeze(F.slice_axis(z, axis=0, begin=0, end=1), axis=0), z[:], F.flip(z, axis=1)
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.relu(x)
        return y[0]
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.relu(x)
        return F.squeeze(F.slice_axis(y, axis=0, begin=0, end=1), axis=0)
""",
    ),
    Example(
        title="rows picked by two arrays of numbers",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Pick(nn.Block):
    def forward(self, x, positions):
        n = positions.shape[1]
        positions = positions.reshape(-1)
        rows = np.arange(x.shape[0])
        rows = rows.repeat(n)
        return x[rows, positions] * 2
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Pick(nn.HybridBlock):
    def hybrid_forward(self, F, x, positions):
        positions_given = positions
        positions = positions.reshape(-1)
        rows = F.npx.arange_like(x, axis=0).astype("float32")
        rows = F.np.where(F.np.ones_like(F.npx.arange_like(positions_given, axis=1)), """
        """F.npx.reshape(rows, (-1, 1)), F.npx.reshape(rows, (-1, 1))).reshape((-1,))
        return F.npx.gather_nd(x, F.np.stack((rows.astype("int32") + """
        """F.np.zeros_like(positions).astype("int32"), positions.astype("int32") + """
        """F.np.zeros_like(rows).astype("int32")))) * 2
""",
    ),
    Example(
        title="what may be a list",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Last(nn.Block):
    def forward(self, x, state):
        return np.tanh(x) + state[-1]
""",
    ),
    Example(
        title="a boolean mask",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Positive(nn.Block):
    def forward(self, x):
        return x[x > 0]
""",
    ),
]
VALID = [
    """
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        parts = F.np.split(x, 2, axis=1)
        return x[0] + x[:, 1:][0] + parts[0]
""",
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        parts = F.split(x, num_outputs=2, axis=1)
        return parts[0] * parts[1]
""",
]


@finder(ast.Subscript)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Subscript)
    if not isinstance(node.ctx, ast.Load) or id(node) in r.consumed:
        return
    base = r.value(node.value)
    parts = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base.kind == "unknown":
        tuple_index = isinstance(node.slice, ast.Tuple)
        refused = any((int_constant(part) or 0) < 0 or r.value(part).is_tensor for part in parts)
        if r.converting and (not r.is_np or (tuple_index or refused) and not np_fine(parts, r)):
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: whether this is an array or a list can't be told; a Symbol's index differs",
                help="say what it is: slice_axis and squeeze for an array",
            )
        return
    if not base.is_tensor:
        return
    if not r.converting and base.cls == "param" and not r.is_np and base.shape is None:
        return
    if r.is_np and (np_fine(parts, r) or not r.converting and _untold(parts, r)):
        return
    if not r.is_np and len(parts) == 1 and isinstance(parts[0], ast.Slice) and is_full(parts[0]):
        return
    message = (
        f"`{r.quote(node)}`: a NumPy-style Symbol takes slices and non-negative integers only"
        if r.is_np
        else f"`{r.quote(node)}`: a Symbol is a list of outputs, and its index means another thing"
    )
    silent = not r.is_np and len(parts) == 1 and (int_constant(parts[0]) is not None or isinstance(parts[0], ast.Slice))
    built = build(node, parts, r)
    edits: tuple[Edit, ...] | None = None
    if built is not None:
        edits = (replace(r.source, node, *built),)
        r.consume(node.slice)
        for part in parts:
            for inner in kept(part):
                r.consumed -= {id(n) for n in walk(inner)}
    yield Item(
        CODE,
        node,
        message,
        help="slice_axis, squeeze, expand_dims and take say the same for both",
        edits=edits,
        consequence=Consequence.SILENT if silent else None,
    )


def _untold(parts: list[ast.expr], r: Reader) -> bool:
    """Whether an index is something that isn't known here: a Symbol may well take it."""
    return any(not isinstance(p, ast.Slice) and r.value(p).kind == "unknown" for p in parts)


@finder(ast.Assign)
def unpacked(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``a, b, c = x`` splits an array along its first axis."""
    assert isinstance(node, ast.Assign)
    target = node.targets[0]
    if len(node.targets) != 1 or not isinstance(target, ast.Tuple | ast.List):
        return
    value = r.value(node.value)
    if value.is_tensor:
        count = len(target.elts)
        starred = any(isinstance(e, ast.Starred) for e in target.elts)
        edits: tuple[Edit, ...] | None = None
        if not starred and count > 1:
            edits = (split_rows(node.value, count, r),)
        yield Item(
            CODE,
            node.value,
            "an array is unpacked: a Symbol has no first axis to take apart",
            help="split it with squeeze_axis=True",
            edits=edits,
        )


def split_rows(node: ast.expr, count: int, r: Reader) -> Edit:
    """Return the edit that gives the rows of an array as a list."""
    if not r.is_np:
        return replace(r.source, node, "F.split(", node, f", num_outputs={count}, axis=0, squeeze_axis=True)")
    return replace(r.source, node, "[F.np.squeeze(row, axis=0) for row in F.np.split(", node, f", {count}, axis=0)]")


@rule(CODE, "index", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
