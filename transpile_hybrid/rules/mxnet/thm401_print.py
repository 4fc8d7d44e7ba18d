"""A forward prints or logs.

What it does
    Finds ``print``, ``logging`` and ``warnings.warn`` in code that runs inside a block's forward.

Why is this bad
    Python runs once, while the graph is traced: the line shows a Symbol, once, and nothing in later calls.

Fix safety
    Unsafe: with ``--unsafe`` the class is converted and the line stays; it will be printed once.

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
from ._sizes import siblings
from ._words import names

CODE = "THM401"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Talkative(nn.Block):
    def forward(self, x):
        print("mean", x.mean())
        return x * 2
""",
    ),
    Example(
        unsafe=True,
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Talkative(nn.Block):
    def forward(self, x):
        print("forward")
        return x * 2
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Talkative(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        print("forward")
        return x * 2
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Quiet(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        print("built")

    def forward(self, x):
        return x * 2
""",
]
_LOGGERS = ("logging.", "warnings.warn", "sys.stdout.", "sys.stderr.")
_LEVELS = names(
    "debug info warning warn error critical log exception",
)


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    name = r.qualified(node.func)
    logger = (
        isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS and "log" in r.text(node.func.value).lower()
    )
    if (
        name == "builtins.print"
        or name.startswith(_LOGGERS)
        or logger
        and name.split(".")[0] != "mxnet"
        and not _array(node, r)
    ):
        if not r.converting and _before_error(node, r):
            return
        safe = not any(
            isinstance(n, ast.Attribute) and n.attr in ("shape", "dtype", "context", "ctx") for n in walk(node)
        )
        yield Item(
            CODE,
            node,
            f"`{r.text(node.func)}` in a forward runs once, when the graph is traced, and never again",
            help="print outside of forward, or keep the block imperative while debugging (--unsafe converts it)",
            edits=() if safe else None,
            safety="unsafe",
        )


def _before_error(node: ast.Call, r: Reader) -> bool:
    """Whether an error follows in the same block."""
    statement = r.parent(node)
    final = siblings(statement, r)[-1] if isinstance(statement, ast.Expr) else None
    if isinstance(final, ast.Assert):
        return isinstance(final.test, ast.Constant) and not final.test.value
    return isinstance(final, ast.Raise)


def _array(node: ast.Call, r: Reader) -> bool:
    """Whether ``x.log()`` is a method of a tensor."""
    return isinstance(node.func, ast.Attribute) and r.value(node.func.value).kind in ("tensor", "F", "namespace")


@rule(
    CODE, "print-in-forward", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="sometimes", scope="unit"
)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
