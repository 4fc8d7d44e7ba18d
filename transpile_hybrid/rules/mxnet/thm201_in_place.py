"""An array is changed in place.

What it does
    Finds ``a += b`` and its sisters, and ``a[:] = value``, on tensors inside a forward.

Why is this bad
    A Symbol can't be changed in place: both raise once the block is hybridized.

Fix safety
    Safe where nothing else can see the write: the array was made in this forward, and no other name, list or
    attribute shares its storage. Otherwise ``a = a + b`` would compute something else, eagerly too, and nothing
    is rewritten. ``a[:] = scalar`` becomes ``ones_like(a) * scalar``.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings
from ._tables import BINARY_OPERATORS, OPERATOR_TEXT

CODE = "THM201"
EXAMPLES = [
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Residual(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(8)

    def forward(self, x):
        y = self.fc(x)
        y += x
        y[:] = npx.relu(y)
        return y
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Residual(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(8)

    def hybrid_forward(self, F, x):
        y = self.fc(x)
        y = y + x
        y = F.npx.relu(y)
        return y
""",
    ),
    Example(
        title="another name sees the write",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Twice(nn.Block):
    def forward(self, x):
        a = x * 2
        b = a
        a += 1
        return a + b
""",
    ),
    Example(
        title="the caller's array is changed",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Shift(nn.Block):
    def forward(self, x):
        x += 1
        return x * 2
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Count(nn.Block):
    def forward(self, x):
        n = 0
        for i in range(3):
            n += i
        return x * n
""",
]


@finder(ast.AugAssign)
def augmented(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.AugAssign)
    if not isinstance(node.target, ast.Name):
        return
    value = r.value(node.target)
    if value.kind == "unknown" and r.converting and r.interp.inplace.get(id(node)) is not None:
        yield Item(
            CODE,
            node,
            f"`{r.quote(node)}` may change an array in place: what `{node.target.id}` is can't be told",
            help="write it out as an assignment",
        )
        return
    if not value.is_tensor:
        return
    symbol = type(node.op).__name__
    name = node.target.id
    message = f"`{name} {OPERATOR_TEXT.get(symbol, '?')}= ...` changes a tensor in place: it raises once hybridized"
    reason = unsafe_reason(node, r, name)
    if reason:
        yield Item(
            CODE, node, message, why=reason, help="make a new array under a new name, if nobody relies on the change"
        )
        return
    other = r.value(node.value)
    edits: tuple[Edit, ...] | None
    between_start, between_end = r.source.span(node.target).end, r.source.span(node.value).start
    gap = r.source.text[between_start:between_end]
    sign = OPERATOR_TEXT.get(symbol)
    written = f"{name} {sign} ..."
    if not r.is_np and symbol in BINARY_OPERATORS and broadcasts(value, other, r):
        written = f"F.{BINARY_OPERATORS[symbol]}({name}, ...)"
    elif not r.is_np and symbol in BINARY_OPERATORS and other.kind == "unknown":
        written += f"`, or for two arrays `{name} = F.{BINARY_OPERATORS[symbol]}({name}, ...)"
    if sign is None or "\\" in gap or symbol in ("FloorDiv", "MatMult"):
        edits = None
    elif broadcasts(value, other, r) and symbol in BINARY_OPERATORS:
        edits = (
            Edit(between_start, between_end, (f" = F.{BINARY_OPERATORS[symbol]}({name}, {_opening(gap)}",)),
            insert(statement_end(node, r), ")"),
        )
    elif other.kind == "unknown" and not r.is_np or r.is_np and (value.whole or value.boolean) and other.kind != "int":
        edits = None
    else:
        wrap = needs_parentheses(node.value, symbol) and "(" not in gap
        edits = (Edit(between_start, between_end, (f" = {name} {sign} " + ("(" if wrap else _opening(gap)),)),)
        if wrap:
            edits += (insert(r.source.span(node.value).end, ")"),)
    yield Item(CODE, node, message, help=f"write `{name} = {written}`", edits=edits)


def _opening(gap: str) -> str:
    """Return the parentheses that open between the operator and the value."""
    return "".join(c for c in gap if c == "(")


def statement_end(node: ast.stmt, r: Reader) -> int:
    """Return the offset behind a statement."""
    return r.source.span(node).end


def broadcasts(a: object, b: object, r: Reader) -> bool:
    """Whether a legacy operator of two tensors needs its ``broadcast_`` form: their shapes aren't provably the same."""
    from ._values import Val

    assert isinstance(a, Val) and isinstance(b, Val)
    if r.is_np or not (a.is_tensor and b.is_tensor):
        return False
    return a.shape is None or b.shape is None or not a.shape.same(b.shape)


def needs_parentheses(value: ast.expr, symbol: str) -> bool:
    """Whether the right side binds weaker than the operator that it becomes an operand of."""
    if isinstance(value, ast.BinOp):
        weak = isinstance(value.op, ast.Add | ast.Sub)
        return not (symbol == "Add" and isinstance(value.op, ast.Mult | ast.Div | ast.Pow | ast.Mod)) or weak
    return isinstance(
        value, ast.IfExp | ast.Lambda | ast.BoolOp | ast.Compare | ast.UnaryOp | ast.NamedExpr | ast.Tuple
    )


def unsafe_reason(node: ast.stmt, r: Reader, name: str) -> str:
    """Return who else may see an in-place write (empty where nobody can)."""
    answer = r.interp.inplace.get(id(node))
    if answer is None:
        return "what else shares its storage is not known"
    if answer.outside:
        return f"the array that `{name}` names comes from outside of this forward, where the change can be seen"
    if answer.others:
        return f"`{answer.others[0]}` may share its storage"
    return ""


@finder(ast.keyword)
def out_argument(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``nd.relu(x, out=y)``."""
    assert isinstance(node, ast.keyword)
    call = r.parent(node)
    if node.arg != "out" or not isinstance(call, ast.Call) or isinstance(node.value, ast.Constant):
        return
    if not r.converting and "._internal." in r.text(call.func):
        return
    if r.value(node.value).kind in ("tensor", "unknown", "config"):
        yield Item(CODE, node.value, "`out=` writes into an array: a graph has no such argument", help="use the result")


@finder(ast.Assign)
def whole(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Assign)
    target = node.targets[0]
    if not (isinstance(target, ast.Subscript) and len(node.targets) == 1 and isinstance(target.slice, ast.Slice)):
        return
    part = target.slice
    if (
        part.lower is not None
        or part.upper is not None
        or part.step is not None
        or not isinstance(target.value, ast.Name)
    ):
        return
    name = target.value.id
    before = r.value(target.value)
    if before.kind not in ("tensor", "unknown"):
        return
    message = f"`{name}[:] = ...` writes into an array: it raises once hybridized"
    if not before.is_tensor:
        if r.converting:
            yield Item(CODE, node, message, help=f"make a new array: `{name} = ...`")
        return
    reason = unsafe_reason(node, r, name)
    value = r.value(node.value)
    edits: tuple[Edit, ...] | None = None
    span = r.source.span(target)
    if (
        value.is_tensor
        and value.shape
        and before.shape
        and (value.shape.same(before.shape) or _same_by_use(node.value, name, r))
    ):
        edits = (Edit(span.start, span.end, (name,)),)
    elif value.kind in ("int", "number"):
        ones = "F.np.ones_like" if r.is_np else "F.ones_like"
        inner = "" if isinstance(node.value, ast.Constant) else "("
        start = r.source.span(node.value)
        edits = (
            Edit(span.start, span.end, (name,)),
            insert(start.start, f"{ones}({name}) * {inner}"),
            insert(start.end, ")" if inner else ""),
        )
    if reason or before.whole or before.boolean and r.is_np:
        edits = None
    yield Item(CODE, node, message, why=reason, help=f"make a new array: `{name} = ...`", edits=edits)


def _same_by_use(value: ast.expr, name: str, r: Reader) -> bool:
    """Whether ``value`` is an elementwise operation on ``name`` itself with something no bigger.

    An eager ``a[:] = a + b`` only runs where ``a + b`` fits into ``a``; and ``a + b`` is at least as big as ``a``.
    """
    if isinstance(value, ast.BinOp):
        return any(
            isinstance(side, ast.Name) and side.id == name or _same_by_use(side, name, r)
            for side in (value.left, value.right)
        )
    return False


@rule(CODE, "in-place", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
