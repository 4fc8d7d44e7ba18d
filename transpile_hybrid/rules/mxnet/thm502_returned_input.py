"""A forward gives back one of its inputs, or a parameter, as it is.

What it does
    Finds ``return x`` where ``x`` may still be the argument itself, also inside of a tuple, through names, lists that
    are filled and helpers of the class, and parameters that are given back.

Why is this bad
    The graph's output is then its input: forward works, but ``backward`` raises once hybridized. Beside other outputs
    it doesn't raise: no gradient flows into the input through that output, silently.

Fix safety
    Safe: ``F.identity(x)`` (``F.np.copy(x)``) is the same array with an operator in between. Unsafe where nothing tells
    whether ``x`` is an array or a list of them.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._given_back import GivenBack
from ._plan import Item, Reader, findings, last
from ._values import Val

CODE = "THM502"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return nd.relu(x), x
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.relu(x), F.identity(x)
""",
    ),
    Example(
        title="through a list, a choice and a parameter",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, norm=True, **kwargs):
        super().__init__(**kwargs)
        self.norm = nn.LayerNorm() if norm else None
        self.scale = self.params.get("scale", shape=(1, 4))

    def forward(self, x):
        steps = [x]
        if self.norm is not None:
            x = self.norm(x)
        steps.append(x)
        steps.append(nd.relu(x))
        return steps, self.scale.data()
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def __init__(self, norm=True, **kwargs):
        super().__init__(**kwargs)
        self.norm = nn.LayerNorm() if norm else None
        self.scale = self.params.get("scale", shape=(1, 4))

    def hybrid_forward(self, F, x, scale):
        steps = [F.identity(x)]
        if self.norm is not None:
            x = self.norm(x)
        steps.append(F.identity(x))
        steps.append(F.relu(x))
        return steps, F.identity(scale)
""",
    ),
    Example(
        title="an array, or a list of them",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, extra):
        return nd.relu(x), extra
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        x = F.relu(x)
        return x
""",
]


@last
def find(function: ast.AST, r: Reader) -> Iterator[Item]:
    if not r.converting or function is not r.unit.entry:
        return
    for node in GivenBack(r).of(r.unit.entry):
        value = r.value(node)
        if value.kind in ("none", "F", "config", "number", "int") or value.kind == "unknown" and not value.assumed:
            continue
        yield Item(
            CODE,
            node,
            f"`{r.quote(node)}` is given back as it came: backward raises once hybridized, or gives it no gradient",
            help="give back F.np.copy of it" if r.is_np else "give back F.identity of it",
            edits=_copied(node, value, r),
            safety="unsafe" if value.kind == "unknown" else "safe",  # it may be a list
        )


def _copied(node: ast.expr, value: Val, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit that puts an operator between what came in and what is given back."""
    name = "F.np.copy" if r.is_np else "F.identity"
    if value.kind in ("tensor", "unknown"):
        if value.none and not isinstance(node, ast.Name):
            return None
        whole = f" if {node.id} is not None else None" if value.none and isinstance(node, ast.Name) else ""
        if isinstance(node, ast.Name):
            return (replace(r.source, node, f"{name}(", node, f"){whole}"),)
        span = r.source.span(node)
        return (insert(span.start, f"{name}("), insert(span.end, ")"))
    parts = value.contents()
    if isinstance(node, ast.Name) and value.kind == "seq" and parts and all(p.is_tensor and not p.none for p in parts):
        if value.none:
            return None
        return (replace(r.source, node, f"[{name}(one) for one in ", node, "]"),)
    return None


@rule(CODE, "returned-input", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
