"""A forward asks what type its argument is.

What it does
    Finds ``isinstance``, ``hasattr``, ``type`` and ``getattr`` on tensors in a forward.

Why is this bad
    A Symbol is no NDArray and lacks its attributes: the test takes the other branch, silently.

Fix safety
    No fix: which branch is meant has to be said. ``isinstance(x, (list, tuple))`` and tests of configuration
    are left alone.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings

CODE = "THM406"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        if isinstance(x, nd.NDArray):
            return nd.relu(x)
        return x * 2
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.k = 2

    def forward(self, x):
        h = x * 2
        return h if isinstance(self.k, int) else -h
""",
]


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    name = r.qualified(node.func)
    if (
        name
        not in (
            "builtins.isinstance",
            "builtins.hasattr",
            "builtins.type",
            "builtins.getattr",
            "builtins.callable",
            "builtins.issubclass",
        )
        or not node.args
    ):
        return
    value = r.value(node.args[0])
    if value.free or value.kind in ("seq", "self", "int", "number", "none", "F"):
        return
    if not r.converting and (name == "builtins.getattr" and len(node.args) == 2 or name == "builtins.type"):
        parent = r.parent(node)
        if not isinstance(parent, ast.Compare) or "NDArray" not in r.text(parent) and "ndarray" not in r.text(parent):
            return
    if not r.converting and name == "builtins.isinstance" and _other_way(node, r):
        return
    if name == "builtins.isinstance" and len(node.args) == 2:
        classes = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
        if all(r.qualified(c).startswith("builtins.") for c in classes) or any("Symbol" in r.text(c) for c in classes):
            return
        if not r.converting and all("NDArray" not in r.text(c) and "ndarray" not in r.text(c) for c in classes):
            return
    if value.is_tensor or value.assumed or r.converting:
        yield Item(
            CODE,
            node,
            f"`{r.quote(node)}` is another thing for a Symbol: the other branch is taken, silently",
            help="decide by configuration, not by the type of an array",
        )


def _other_way(node: ast.Call, r: Reader) -> bool:
    """Whether the chain of ``elif`` that a test stands in has a branch for Symbols."""
    for parent in r.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef):
            return False
        if not isinstance(parent, ast.If):
            continue
        while isinstance(up := r.parent(parent), ast.If) and parent in up.orelse:
            parent = up
        tests = [n.test for n in walk(parent) if isinstance(n, ast.If)]
        return any("Symbol" in r.text(test) and "isinstance" in r.text(test) for test in tests)
    return False


@rule(CODE, "type-test", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
