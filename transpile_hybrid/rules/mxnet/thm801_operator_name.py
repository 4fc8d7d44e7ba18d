"""An operator is called by a name that only works on arrays.

What it does
    In a ``hybrid_forward``: finds operators of ``mxnet.nd``, ``mxnet.np`` and ``mxnet.npx`` called by their
    module instead of by ``F``. In both kinds of block: finds operators that ``F`` lacks, with what to use
    instead.

Why is this bad
    ``F`` is ``mxnet.nd`` when the block runs eagerly and ``mxnet.sym`` when it is traced. ``nd.relu`` of a
    Symbol raises, and so does a name that ``mxnet.sym`` has not.

Fix safety
    Safe: ``F.relu`` is the same operator. ``nd.add`` and its sisters become ``F.broadcast_add``, which is what
    they call; ``nd.concatenate`` becomes ``F.concat``. Where there is no equal operator nothing is rewritten.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/hybrid_block.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, delete_statement, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._held import alias_statement, held_operator
from ._names import operator_name
from ._plan import Item, Reader, finder, findings
from ._sizes import siblings
from ._tables import CONTEXTS, ND_OPERATORS, ND_RENAMED, NO_OPERATOR, missing
from ._values import OUTSIDE
from ._words import names

CODE = "THM801"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return nd.relu(x)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.relu(x)
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return nd.concatenate([nd.add(x, x), nd.multiply(x, 2)], axis=1)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.concat(*[F.broadcast_add(x, x), x * 2], dim=1)
""",
    ),
    Example(
        title="an operator without a counterpart",
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        return np.nonzero(x)[0]
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x, index):
        return F.contrib.boolean_mask(x, index)
""",
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.k = float(nd.ones((1,)).asscalar())

    def hybrid_forward(self, F, x):
        return F.relu(x) * self.k
""",
]
# Operators that carry their own gradient: that of their data, whatever comes behind them.
_LABELLED = names("LinearRegressionOutput MAERegressionOutput LogisticRegressionOutput SoftmaxOutput SVMOutput Softmax")
_ROOTS = {
    "mxnet.nd": "F", "mxnet.np": "F.np", "mxnet.npx": "F.npx", "mxnet.random": "F.random", "mxnet.sym": "F",
    "mxnet.contrib.ndarray": "F.contrib", "mxnet.contrib.nd": "F.contrib",
}  # fmt: skip


@finder(ast.Attribute, ast.Name)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Attribute | ast.Name)
    if not isinstance(node.ctx, ast.Load) or id(node) in r.consumed:
        return
    parent = r.parent(node)
    if isinstance(parent, ast.Attribute) and r.qualified(parent).startswith("mxnet."):
        return  # only the whole name is judged
    owner = r.value(node.value) if isinstance(node, ast.Attribute) else None
    op = operator_name(node, r, owner)
    if op is None or op[1].rsplit(".", 1)[-1] in NO_OPERATOR or _annotation(node, r):
        return
    if isinstance(node, ast.Attribute) and owner is not None and owner.kind == "F" and not missing(*op):
        return
    api, name = op
    if owner is not None and owner.kind == "namespace" and operator_name(node, r, None) is None:
        held = held_operator(node, r)
        same = held == r.text(node)
        yield Item(
            "" if same else CODE,
            node,
            f"`{r.text(node)}` is an operator by another name, which works on arrays only",
            help="call it by `F`",
            edits=None if held is None else () if same else (replace(r.source, node, held),),
        )
        return
    if name in CONTEXTS or name.rsplit(".", 1)[-1] in CONTEXTS:
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` names a device: a Symbol has none",
            help="leave the device to the arrays that come in",
        )
        return
    if name.split(".")[-1] == "array" or name in ("from_numpy",):
        return  # THM606
    called = isinstance(parent, ast.Call) and parent.func is node
    if missing(api, name) and (
        r.converting or name != "contrib.boolean_mask"
    ):  # a graph runs it, but can't be exported
        assert isinstance(parent, ast.AST)
        edits = recipe(parent, api, name, r) if isinstance(parent, ast.Call) and called else None
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` has no counterpart in `F`: it raises once hybridized",
            help="compute it with operators that F has",
            edits=edits,
        )
        return
    if called and name == "where" and api == "np" and len(parent.args) + len(parent.keywords) == 1:  # type: ignore[attr-defined]
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` of one argument gives as many indices as there are values: a graph has no such operator",
            help="give it the two values to choose from",
        )
        return
    if called and r.converting and name in _LABELLED and _one_array_twice(parent, r):  # type: ignore[arg-type]
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` is given one array as data and as label: its gradient differs in a graph",
            help="give it a label of its own, or the loss as operators",
        )
        return
    edits = renamed(node, r)
    if r.converting:
        yield Item("", node, f"`{r.text(node)}`", edits=edits)
    elif owner is not None and owner.kind == "F":
        return
    elif called and any(r.value(a).holds_tensor for a in parent.args):  # type: ignore[attr-defined]
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` works on arrays only: it raises for the Symbols of a hybridized block",
            help="call it by `F`",
            edits=edits,
        )


@finder(ast.Attribute, ast.Name)
def as_object(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``getattr(nd, "relu")``: the namespace itself is handed on."""
    assert isinstance(node, ast.Attribute | ast.Name)
    root = _ROOTS.get(r.qualified(node))
    parent = r.parent(node)
    if root is None or not r.converting or isinstance(parent, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return
    edits: tuple[Edit, ...] | None = None
    target = parent.targets[0] if isinstance(parent, ast.Assign) else None
    if isinstance(target, ast.Name) and alias_statement(target.id, r) is parent:
        assert isinstance(parent, ast.Assign)
        edits = (delete_statement(r.source, parent, siblings(parent, r)),)
        yield Item("", node, f"`{r.text(node)}`", edits=edits)
        return
    asked = isinstance(parent, ast.Call) and r.qualified(parent.func) == "builtins.getattr" and len(parent.args) == 2
    if asked and parent.args[0] is node:  # type: ignore[attr-defined]
        name = r.value(parent.args[1]).const  # type: ignore[attr-defined]
        below = f"{root[2:]}." if root in ("F.random", "F.contrib") else ""
        api = "nd" if below else root[2:] or "nd"
        if isinstance(name, str) and not missing(api, below + name):
            edits = (replace(r.source, node, root),)
    yield Item(
        CODE,
        node,
        f"`{r.text(node)}` is handed on as an object: its operators work on arrays only",
        help="hand on `F`",
        edits=edits,
    )


def _one_array_twice(call: ast.Call, r: Reader) -> bool:
    """Whether two arguments of a call may be one array."""
    given = [r.value(a) for a in [*call.args, *(k.value for k in call.keywords)]]
    texts = [r.text(a) for a in [*call.args, *(k.value for k in call.keywords)]]
    arrays = [v for v in given if v.is_tensor]
    if len(arrays) < 2:
        return False
    return len(set(texts)) < len(texts) or bool((arrays[0].bases & arrays[1].bases) - {OUTSIDE})


def _annotation(node: ast.expr, r: Reader) -> bool:
    return isinstance(r.parent(node), ast.arg | ast.AnnAssign)


def renamed(node: ast.expr, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit that puts ``F`` in the place of the module."""
    part: ast.expr = node
    while isinstance(part, ast.Attribute):
        part = part.value
        root = _ROOTS.get(r.qualified(part))
        if root is not None:
            return (replace(r.source, part, root),) if r.text(part) != root else ()
    qualified = r.qualified(node)
    for prefix, root in _ROOTS.items():
        if qualified.startswith(prefix + "."):
            return (replace(r.source, node, root + qualified[len(prefix) :]),)
    return None


def recipe(call: ast.Call, api: str, name: str, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that compute the same with operators that F has."""
    if api == "nd" and name in ND_RENAMED and len(call.args) == 2 and not call.keywords:
        a, b = (r.value(arg) for arg in call.args)
        if a.is_tensor and b.is_tensor:
            return (replace(r.source, call.func, f"F.{ND_RENAMED[name]}"),)
        if name in ND_OPERATORS and (
            a.is_tensor and b.kind in ("int", "number") or b.is_tensor and a.kind in ("int", "number")
        ):
            return _operator(call, ND_OPERATORS[name], r)
    if api == "nd" and name == "concatenate" and call.args:
        keywords = {k.arg: k for k in call.keywords}
        if len(call.args) == 1 and set(keywords) <= {"axis"}:
            edits = [replace(r.source, call.func, "F.concat"), insert(r.source.span(call.args[0]).start, "*")]
            if "axis" in keywords:
                start = r.source.span(keywords["axis"]).start
                edits.append(Edit(start, start + len("axis"), ("dim",)))
            else:
                edits.append(insert(r.source.span(call.args[0]).end, ", dim=0"))
            return tuple(edits)
    if api == "np" and name == "random.randn":
        return None
    return None


def _operator(call: ast.Call, sign: str, r: Reader) -> tuple[Edit, ...]:
    from ...rewrite.edit import operand

    a, b = call.args
    parent = r.parent(call)
    loose = isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Attribute | ast.Compare | ast.Subscript)
    parts = (operand(a), f" {sign} ", operand(b))
    return (replace(r.source, call, "(", *parts, ")") if loose else replace(r.source, call, *parts),)


@rule(CODE, "operator-name", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
