"""A tensor is iterated, counted or summed as a Python sequence.

What it does
    Finds ``for row in x``, ``len(x)``, ``sum(x)``, ``list(x)``, ``zip(x)``, ``max(a, b)`` and ``abs(x)`` of
    tensors, and loops over a size.

Why is this bad
    A legacy Symbol is a list of its outputs: ``len`` gives 1, a loop runs once over the whole array,
    **silently**. A NumPy-style one raises.

Fix safety
    Safe: ``max`` and ``min`` of two tensors become ``maximum`` and ``minimum``, ``abs`` the operator. How many
    rows an array has isn't known while tracing, so a loop over them is reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, replace
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings

CODE = "THM303"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        s = 0
        for row in x:
            s = s + nd.tanh(row)
        return s
""",
    ),
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        a = np.tanh(x)
        return max(a, 3 * a) if False else abs(a)
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        out = 0
        for part in F.split(x, num_outputs=2, axis=1):
            out = out + part
        return out + sum([x, x])
""",
]


@finder(ast.For, ast.comprehension)
def loops(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.For | ast.comprehension)
    source = r.value(node.iter)
    if source.is_tensor:
        yield Item(
            CODE,
            node.iter,
            f"`{r.text(node.iter)[:40]}` is an array: a loop over a Symbol goes over its outputs, not its rows",
            help="split it with a number that the constructor knows, or use F.contrib.foreach",
            consequence=Consequence.ERROR if r.is_np else Consequence.SILENT,
        )
    elif source.kind == "unknown" and r.converting:
        yield Item(
            CODE,
            node.iter,
            f"`{r.text(node.iter)[:40]}` may be an array: a loop over a Symbol goes over its outputs",
            help="say what it is",
        )
    elif isinstance(node.iter, ast.Call) and r.qualified(node.iter.func) == "builtins.range":
        for arg in node.iter.args:
            value = r.value(arg)
            if r.converting and value.kind == "unknown":
                yield Item(
                    CODE,
                    arg,
                    f"how often this loop runs, `{r.text(arg)[:40]}`, can't be told",
                    help="set it in the constructor",
                )


@finder(ast.Call)
def builtins(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    name = r.qualified(node.func).removeprefix("builtins.")
    if not r.qualified(node.func).startswith("builtins.") or not node.args:
        return
    values = [r.value(a) for a in node.args]
    silent = None if r.is_np else Consequence.SILENT
    if name in (
        "len",
        "sum",
        "list",
        "tuple",
        "sorted",
        "reversed",
        "enumerate",
        "iter",
        "map",
        "zip",
        "any",
        "all",
        "next",
    ):
        if any(v.is_tensor for v in values) and not (name == "sum" and not values[0].is_tensor):
            yield Item(
                CODE,
                node,
                f"`{name}` takes an array for its rows, and a Symbol for its outputs",
                consequence=silent,
                help="use the operator of that name, or a number that the constructor knows",
            )
        elif r.converting and values[0].kind == "unknown" and name in ("len", "sum", "list", "zip", "enumerate"):
            yield Item(
                CODE,
                node,
                f"`{r.text(node)[:40]}`: whether this is an array or a list can't be told",
                help="say what it is",
            )
    elif name in ("max", "min", "abs", "pow", "round", "divmod") and any(v.is_tensor for v in values):
        edits: tuple[Edit, ...] | None = None
        if name == "abs":
            if not r.is_np:
                return
            edits = (replace(r.source, node, "F.np.abs(", node.args[0], ")"),)
        elif name in ("max", "min") and len(values) == 2 and all(v.is_tensor for v in values):
            edits = None
        yield Item(
            CODE,
            node,
            f"`{name}` of tensors compares in Python: it raises once hybridized",
            help="use maximum, minimum, abs",
            edits=edits,
        )


@rule(CODE, "iterate-tensor", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
