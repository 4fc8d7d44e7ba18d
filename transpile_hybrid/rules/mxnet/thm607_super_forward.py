"""A forward calls the forward of its base class.

What it does
    Finds ``super().forward(x)`` in a forward.

Why is this bad
    The ``forward`` of a HybridBlock calls ``self.hybrid_forward``: from a hybrid_forward that is a recursion
    without an end.

Fix safety
    Safe where the base is a class of the repository that is converted too: ``super().hybrid_forward(F, x)``,
    with the base's parameters. Otherwise it is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/hybrid_block.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert
from ..rule import Example, Finding, UnitContext, rule
from ._behind import plain_forward
from ._plan import Item, Reader, finder, findings

CODE = "THM607"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Base(nn.Block):
    def forward(self, x):
        return nd.tanh(x)


class Net(Base):
    def forward(self, x):
        return super().forward(x) * 2
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Base(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.tanh(x)


class Net(Base):
    def hybrid_forward(self, F, x):
        return super().hybrid_forward(F, x) * 2
""",
    ),
    Example(
        title="a base of the framework",
        before="""
from mxnet.gluon import nn


class Twice(nn.Dense):
    def forward(self, x):
        return super().forward(x) * 2
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn


class Twice(nn.Dense):
    def hybrid_forward(self, F, x, weight, bias=None):
        return super().hybrid_forward(F, x, weight, bias) * 2
""",
]


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    callee = node.func
    if not isinstance(callee, ast.Attribute) or callee.attr not in ("forward", "__call__"):
        return
    inner = callee.value
    if not (isinstance(inner, ast.Call) and r.qualified(inner.func) == "builtins.super"):
        return
    if not r.converting and callee.attr == "forward" and r.unit.cls and plain_forward(r.unit.cls, r.project):
        return  # HybridBlock stands behind a base that is a Block: this is the base's own forward
    yield Item(
        CODE,
        node,
        f"`{r.text(callee)}` calls this very hybrid_forward once the base is hybrid",
        help="call super().hybrid_forward(F, ...) with the base's parameters",
        edits=edits(node, callee, r),
    )


def edits(node: ast.Call, callee: ast.Attribute, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits for a base in the repository whose forward is converted with this class."""
    from ._convert import parameters
    from ._plan import plan_for_class

    info = r.unit.cls
    if not r.converting or info is None or callee.attr != "forward" or r.function is not r.unit.entry:
        return None
    if framework_loss(info, r):
        end = r.source.span(callee).end
        open_at = r.source.text.index("(", end) + 1
        return (
            Edit(end - len("forward"), end, ("hybrid_forward",)),
            insert(open_at, "F" + (", " if node.args or node.keywords else "")),
        )
    bases = [c for c in r.project.mro(info)[1:] if {"forward", "hybrid_forward"} & set(c.methods)]
    if not bases or len(info.bases) != 1 or any(isinstance(a, ast.Starred) for a in node.args):
        return None
    plan = plan_for_class(bases[0], r.project, False)
    if plan is None or not ("hybrid_forward" in bases[0].methods or plan.convertible):
        return None
    end = r.source.span(callee).end
    open_at = r.source.text.index("(", end) + 1
    names = [name for name, _ in parameters(plan)]
    taken = {a.arg for a in r.unit.entry.args.args} if r.unit.entry else set()
    if taken & set(names):
        return None
    out = [
        Edit(end - len("forward"), end, ("hybrid_forward",)),
        insert(open_at, "F" + (", " if node.args or node.keywords else "")),
    ]
    if names:
        out.append(insert(r.source.span(node).end - 1, "".join(f", {name}={name}" for name in names)))
    return tuple(out)


def framework_loss(info: ClassInfo, r: Reader) -> bool:
    """Whether a class derives from a loss or a Sequential of MXNet: their hybrid_forward takes no parameters."""
    if len(info.bases) != 1 or r.project.class_named(info.bases[0]) is not None:
        return False
    name = info.bases[0] or ""
    if name in ("mxnet.gluon.nn.Sequential", "mxnet.gluon.nn.HybridSequential"):
        return True
    return name.startswith("mxnet.gluon.loss.") and name.rsplit(".", 1)[-1] != "Loss"


@rule(CODE, "super-forward", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
