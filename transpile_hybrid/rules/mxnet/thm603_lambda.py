"""A Lambda is a Block.

What it does
    Finds ``nn.Lambda("relu")`` and ``nn.Lambda(lambda x: ...)``.

Why is this bad
    ``Lambda`` is a Block: no HybridBlock can hold it.

Fix safety
    Safe: ``HybridLambda`` of the same name calls the same operator. A HybridLambda's function takes ``F`` first:
    a lambda that plainly computes with operators, and an operator by its name, are given it; a Lambda of any
    other function is left alone.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/nn/index.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._imports import name_edits
from ._lambda import hybrid_function
from ._tables import missing

CODE = "THM603"
EXAMPLES = [
    Example(
        before="""
from mxnet.gluon import nn

net = nn.HybridSequential()
net.add(nn.Lambda("tanh"))
""",
        after="""
from mxnet.gluon import nn

net = nn.HybridSequential()
net.add(nn.HybridLambda("tanh"))
""",
    ),
    Example(
        title="a lambda",
        before="""
from mxnet import nd
from mxnet.gluon import nn

layer = nn.Lambda(lambda x: nd.tanh(x) * 2)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn

layer = nn.HybridLambda(lambda F, x: F.tanh(x) * 2)
""",
    ),
    Example(
        title="a function",
        before="""
from mxnet import nd
from mxnet.gluon import nn


def scaled(x):
    return nd.tanh(x) * 2


layer = nn.Lambda(scaled)
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn

layer = nn.HybridLambda("tanh")
""",
]


@rule(
    CODE,
    "lambda",
    targets=("mxnet.hybrid",),
    consequence=Consequence.SPEED,
    fix="sometimes",
    scope="file",
    on=(ast.Call,),
)
def check(node: ast.Call, ctx: ModuleContext) -> Iterator[Finding]:
    if ctx.qualified(node.func) != "mxnet.gluon.nn.Lambda" or not node.args:
        return
    first = node.args[0]
    named = isinstance(first, ast.Constant) and isinstance(first.value, str) and not missing("nd", first.value)
    function = () if named else hybrid_function(first, ctx.module)
    edits = name_edits(ctx.source, ctx.module, node.func, "HybridLambda") if function is not None else []
    if edits and function:
        edits = [*edits, *function]
    yield Finding(
        node.func,
        "a Lambda is a Block: it runs as Python, and no HybridBlock can hold it",
        help="use HybridLambda; its function takes F first",
        fix=Fix(tuple(edits)) if edits else None,
    )
