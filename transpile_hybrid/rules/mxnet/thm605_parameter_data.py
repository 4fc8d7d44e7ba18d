"""A parameter is read by ``data()``.

What it does
    Finds ``self.weight.data()`` in a forward, for parameters made by ``self.params.get``.

Why is this bad
    ``data()`` is an array; next to Symbols it raises. A HybridBlock hands its parameters to ``hybrid_forward``
    as keywords named after the attributes.

Fix safety
    Safe: the keyword is the same array. Other uses of a parameter in a forward (``grad()``, ``set_data``)
    aren't rewritten.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/custom_layer_beginners.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import delete_statement, replace
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings
from ._sizes import siblings

CODE = "THM605"
EXAMPLES = [
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Scale(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.gamma = self.params.get("gamma", shape=(units,))

    def forward(self, x):
        return x * self.gamma.data(ctx=x.ctx)
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Scale(nn.HybridBlock):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.gamma = self.params.get("gamma", shape=(units,))

    def hybrid_forward(self, F, x, gamma):
        return x * gamma
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.gamma = self.params.get("gamma", shape=(units,))

    def forward(self, x):
        return nd.broadcast_mul(x, self.gamma.list_data()[0])
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn


class Scale(nn.HybridBlock):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.gamma = self.params.get("gamma", shape=(units,))

    def hybrid_forward(self, F, x, gamma):
        return F.broadcast_mul(x, gamma)
""",
]


_STATIC = frozenset({"shape", "name", "dtype", "grad_req", "lr_mult", "wd_mult", "init"})


@finder(ast.Attribute)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Attribute)
    value = r.value(node)
    if value.kind != "param" or not isinstance(node.ctx, ast.Load):
        owner = r.value(node.value)
        held = owner.kind == "param" and not isinstance(node.value, ast.Attribute)  # in a list, under another name
        unsure = node.attr in ("data", "list_data") and (held or owner.kind in ("unknown", "config"))
        if unsure and _called(node, r) and r.converting:
            message = f"`{r.text(node)}()` may read a parameter, which can't be told"
            yield Item(CODE, node, message, help="keep parameters in attributes of the block itself")
        return
    name = r.self_attribute(node)
    parent = r.parent(node)
    if isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.Is | ast.IsNot):
        return
    if isinstance(parent, ast.If | ast.IfExp) and parent.test is node or isinstance(parent, ast.BoolOp):
        return
    if isinstance(parent, ast.Attribute) and parent.attr in _STATIC:
        return
    call = r.parent(parent) if isinstance(parent, ast.Attribute) else None
    reads = isinstance(parent, ast.Attribute) and parent.attr == "data" and isinstance(call, ast.Call)
    if name is None or not reads:
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` is used as a Parameter object, which a graph knows nothing of",
            help="use its value, by the keyword of hybrid_forward that has the attribute's name",
        )
        return
    assert isinstance(call, ast.Call)
    message = f"`{r.text(parent)}()` is an array: next to the Symbols of a hybridized block it raises"
    if not r.converting:
        known = any(a.arg == name for a in [*r.function.args.args, *r.function.args.kwonlyargs])
        edits = (replace(r.source, call, name),) if known else None
        yield Item(CODE, call, message, help=f"take the keyword `{name}` of hybrid_forward", edits=edits)
        return
    if r.function is not r.unit.entry:
        yield Item(CODE, call, message, help="hand the parameter to the helper as an argument")
        return
    statement = r.parent(call)
    if (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
        and (statement.targets[0].id == name)
    ):
        block = siblings(statement, r)
        yield Item(CODE, call, message, edits=(delete_statement(r.source, statement, block),))
        return
    if isinstance(statement, ast.Tuple) and all_themselves(statement, r):
        assignment = r.parent(statement)
        assert isinstance(assignment, ast.Assign)
        yield Item(CODE, call, message, edits=(delete_statement(r.source, assignment, siblings(assignment, r)),))
        return
    yield Item(
        CODE, call, message, help=f"take the keyword `{name}` of hybrid_forward", edits=(replace(r.source, call, name),)
    )


def all_themselves(values: ast.Tuple, r: Reader) -> bool:
    """Whether ``a, b = self.a.data(), self.b.data()`` says nothing once ``a`` and ``b`` are keywords."""
    statement = r.parent(values)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or statement.value is not values:
        return False
    target = statement.targets[0]
    if not isinstance(target, ast.Tuple) or len(target.elts) != len(values.elts):
        return False
    for name, value in zip(target.elts, values.elts, strict=True):
        read = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "data"
        if not (read and isinstance(name, ast.Name) and r.self_attribute(value.func.value) == name.id):  # type: ignore[attr-defined]
            return False
    return True


def _called(node: ast.Attribute, r: Reader) -> bool:
    parent = r.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node


@rule(CODE, "parameter-data", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
