"""A tensor is iterated, counted or summed as a Python sequence.

What it does
    Finds ``for row in x``, ``len(x)``, ``sum(x)``, ``list(x)``, ``zip(x)``, ``max(a, b)`` and ``abs(x)`` of
    tensors, and loops over a size.

Why is this bad
    A legacy Symbol is a list of its outputs: ``len`` gives 1, a loop runs once over the whole array,
    **silently**. A NumPy-style one raises.

Fix safety
    Safe: ``max(a, b)`` and ``min(a, b)`` of two variables that hold one number each become the ``where`` that
    Python decides by, ``abs`` the operator, ``sum(x)`` of an array the sum along its first axis. Of other expressions
    ``max`` becomes ``maximum``, which is unsafe: it differs where the second is NaN. How many rows an array has isn't
    known while tracing, so a loop over them is reported.

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
from ._like import may_be_whole
from ._names import operator_name
from ._plan import Item, Reader, finder, findings
from ._stepped import DYNAMIC_UNROLL
from ._values import Val
from ._words import names

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
            f"`{r.quote(node.iter)}` is an array: a loop over a Symbol goes over its outputs, not its rows",
            help="split it with a number that the constructor knows, or use F.contrib.foreach",
            consequence=Consequence.ERROR if r.is_np else Consequence.SILENT,
        )
    elif source.kind == "unknown" and r.converting:
        yield Item(
            CODE,
            node.iter,
            f"`{r.quote(node.iter)}` may be an array: a loop over a Symbol goes over its outputs",
            help="say what it is",
        )
    elif isinstance(node.iter, ast.Call) and r.qualified(node.iter.func) == "builtins.range":
        for arg in node.iter.args:
            value = r.value(arg)
            if r.converting and value.kind == "unknown":
                yield Item(
                    CODE,
                    arg,
                    f"how often this loop runs, `{r.quote(arg)}`, can't be told",
                    help="set it in the constructor",
                )


_LISTS = names("stack concatenate vstack hstack dstack column_stack row_stack block")


@finder(ast.Call)
def joined(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``np.stack(x)`` goes over the rows of an array."""
    assert isinstance(node, ast.Call)
    owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
    op = operator_name(node.func, r, owner)
    if op is None or not node.args:
        return
    value = r.value(node.args[0])
    unsure = r.converting and value.kind == "unknown" and not value.cls
    if not value.is_tensor and not unsure:
        return
    if op[1] in _LISTS and (op[0] == "np" or op[1] == "concatenate"):
        told = "may be one, of which it takes the rows" if unsure else "is one: it takes its rows"
        yield Item(
            CODE,
            node,
            f"`{op[1]}` takes a list of arrays, and `{r.quote(node.args[0])}` {told}, and a Symbol has none",
            help="give it a list",
        )


@finder(ast.Starred)
def spread(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``f(*x)`` hands over the rows of an array, and the outputs of a Symbol."""
    assert isinstance(node, ast.Starred)
    value = r.value(node.value)
    if isinstance(node.ctx, ast.Store) or not (value.is_tensor or r.converting and value.assumed):
        return
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}` takes the rows of an array, and the outputs of a Symbol",
        help="split it with a number that the constructor knows",
        consequence=Consequence.ERROR if r.is_np else Consequence.SILENT,
    )


@finder(ast.Call)
def builtins(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    name = r.qualified(node.func).removeprefix("builtins.")
    if not r.qualified(node.func).startswith("builtins.") or not node.args:
        return
    if name == "list" and isinstance(call := r.parent(node), ast.Call) and r.qualified(call.func) == DYNAMIC_UNROLL:
        return  # states: a list or a tuple of arrays
    values = [r.value(a) for a in node.args]
    edits: tuple[Edit, ...] | None = None
    silent = None if r.is_np else Consequence.SILENT
    compared = name in ("max", "min", "sorted", "any", "all") and len(values) == 1 and not node.keywords
    if compared and values[0].kind == "seq" and any(part.is_tensor for part in values[0].contents()):
        yield Item(
            CODE,
            node,
            f"`{name}` asks what a list of tensors holds: it raises once hybridized",
            help="use maximum, minimum, or a product of masks",
        )
    elif name in (
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
            edits = _summed(node, values[0], r) if name == "sum" else None
            yield Item(
                CODE,
                node,
                f"`{name}` takes an array for its rows, and a Symbol for its outputs",
                consequence=silent,
                help="use the operator of that name, or a number that the constructor knows",
                edits=edits,
            )
        elif r.converting and values[0].kind == "unknown" and name in ("len", "sum", "list", "zip", "enumerate"):
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: whether this is an array or a list can't be told",
                help="say what it is",
            )
    elif name in ("max", "min", "abs", "pow", "round", "divmod") and any(v.is_tensor for v in values):
        safety = "safe"
        if name == "abs":
            if not r.is_np:
                return
            edits = (replace(r.source, node, "F.np.abs(", node.args[0], ")"),)
        elif name in ("max", "min") and len(values) == 2 and not node.keywords and all(_single(v) for v in values):
            edits, safety = _chosen(node, name, r)
        yield Item(
            CODE,
            node,
            f"`{name}` of tensors compares in Python: it raises once hybridized",
            help="use maximum, minimum, abs",
            edits=edits,
            safety=safety,
        )


def _summed(node: ast.Call, value: Val, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit for ``sum(x)``, which adds the rows of an array (of integers NumPy's own sum makes others)."""
    if len(node.args) != 1 or node.keywords or r.is_np and may_be_whole(value):
        return None
    return (replace(r.source, node, "F.np.sum(" if r.is_np else "F.sum(", node.args[0], ", axis=0)"),)


def _single(value: Val) -> bool:
    """Whether a tensor certainly holds one number."""
    dims = value.shape.dims if value.shape is not None else None
    return value.is_tensor and dims in ((), ((1,),))


def _chosen(node: ast.Call, name: str, r: Reader) -> tuple[tuple[Edit, ...], str]:
    """Return the edit for ``max(a, b)`` of two numbers in tensors: Python asks ``b > a``."""
    a, b = node.args
    prefix = "F.np." if r.is_np else "F."
    if isinstance(a, ast.Name) and isinstance(b, ast.Name):
        sign = ">" if name == "max" else "<"
        return (replace(r.source, node, f"{prefix}where({b.id} {sign} {a.id}, {b.id}, {a.id})"),), "safe"
    function = f"F.np.{name}imum(" if r.is_np else f"F.broadcast_{name}imum("
    return (replace(r.source, node, function, a, ", ", b, ")"),), "unsafe"


@rule(CODE, "iterate-tensor", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
