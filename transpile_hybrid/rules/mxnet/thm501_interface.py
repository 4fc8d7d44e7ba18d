"""A forward takes or gives something that is no array.

What it does
    Finds forwards that return ``None``, a number, a string, a dict or a shape, or take a dict or a number.

Why is this bad
    A HybridBlock takes and gives arrays, in lists and tuples; anything else raises once it is hybridized.

Fix safety
    No fix: the interface has to change.

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
from ._values import NONE, Val

CODE = "THM501"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return {"out": nd.relu(x)}
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, scale=2.0):
        return nd.relu(x) * scale
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x, mask=None):
        h = F.relu(x)
        return h, [h * 2]
""",
]


@finder(ast.Return)
def returned(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Return)
    if r.function is not r.unit.entry or _nested(node, r):
        return
    value = NONE if node.value is None else r.value(node.value)
    bad = wrong(value, r)
    if bad and not (bad.startswith("None") and not r.converting):
        yield Item(
            CODE,
            node,
            f"the forward gives {bad}: a HybridBlock gives arrays, in lists and tuples",
            help="return arrays only",
        )


def _nested(node: ast.AST, r: Reader) -> bool:
    return r.module.enclosing_function(node) is not r.function


def wrong(value: Val, r: Reader) -> str:
    """Return what is wrong with a result (empty where nothing is)."""
    if value.kind in ("none",):
        return "None"
    if value.kind in ("int", "number", "shape", "dict", "array", "context", "dtype"):
        return {"array": "a NumPy array", "int": "a number", "number": "a number"}.get(value.kind, f"a {value.kind}")
    if value.kind == "seq":
        for part in value.contents():
            if found := wrong(part, r):
                return found
    return ""


@finder(ast.arguments)
def taken(node: ast.AST, r: Reader) -> Iterator[Item]:
    """A default that is a number tells that the argument is one."""
    assert isinstance(node, ast.arguments)
    if r.unit.entry is None or node is not r.unit.entry.args:
        return
    positional = [*node.posonlyargs, *node.args]
    for arg, default in zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True):
        absent = isinstance(default, ast.Constant) and default.value is None
        literal = isinstance(default, ast.Constant | ast.UnaryOp | ast.Tuple | ast.List | ast.Dict)
        if literal and not absent and r.converting:
            yield Item(
                CODE,
                arg,
                f"`{arg.arg}` is no array (its default is {r.text(default)}): a HybridBlock takes arrays only",
                help="set it in the constructor",
            )
    if not r.converting:
        return
    for arg in positional[1:]:
        text = ast.unparse(arg.annotation) if arg.annotation is not None else ""
        if text in ("int", "float", "bool", "str") or text.lower().startswith("dict"):
            yield Item(
                CODE, arg, f"`{arg.arg}` is no array: a HybridBlock takes arrays only", help="set it in the constructor"
            )


@finder(ast.Subscript)
def keyed(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Subscript)
    if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) and isinstance(node.value, ast.Name):
        value = r.value(node.value)
        if value.kind in ("unknown", "tensor") and r.converting:
            yield Item(
                CODE,
                node,
                f"`{node.value.id}` is a dict: a HybridBlock takes arrays, in lists and tuples",
                help="take the arrays one by one",
            )


@rule(CODE, "hybrid-interface", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
