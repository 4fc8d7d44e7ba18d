"""An operator of two legacy arrays broadcasts eagerly and not in a graph.

What it does
    Finds ``a + b``, ``a > b`` and the other operators of two tensors of the legacy API whose shapes aren't
    provably the same, and ``@``, ``//``, ``&``, ``|``, ``~`` on tensors of either.

Why is this bad
    ``a + b`` of NDArrays broadcasts; of Symbols it is ``elemwise_add``, which raises for shapes that differ:
    late, when the graph is first run.

Fix safety
    Safe: ``F.broadcast_add`` is the very function that the eager ``+`` calls, as ``F.np.bitwise_and`` is for
    ``&`` and ``F.np.matmul`` for ``@`` of NumPy arrays. In a
    HybridBlock that was written as one, only shapes that provably differ are reported.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/legacy/symbol/symbol.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._plan import Item, Reader, finder, findings
from ._tables import BINARY_OPERATORS, OPERATOR_TEXT
from ._values import Val

CODE = "THM805"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Center(nn.Block):
    def forward(self, x):
        centered = x - nd.mean(x, axis=0, keepdims=True)
        return centered * 2 + centered
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Center(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        centered = F.broadcast_sub(x, F.mean(x, axis=0, keepdims=True))
        return centered * 2 + centered
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x, y):
        return x + y * 2 + F.relu(x) > 0
""",
]


_BITWISE = {"BitAnd": "bitwise_and", "BitOr": "bitwise_or", "BitXor": "bitwise_xor"}


@finder(ast.UnaryOp)
def inverted(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``~x`` is ``bitwise_not``, which turns booleans around."""
    assert isinstance(node, ast.UnaryOp)
    if not isinstance(node.op, ast.Invert) or not r.value(node.operand).is_tensor or id(node) in r.consumed:
        return
    edits = (replace(r.source, node, "F.np.bitwise_not(", node.operand, ")"),) if r.is_np else None
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}`: a Symbol has no such operator",
        help="use F.np.bitwise_not" if r.is_np else "use an operator that F has",
        edits=edits,
    )


@finder(ast.BinOp, ast.Compare)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    if id(node) in r.consumed:
        return
    if isinstance(node, ast.BinOp):
        left, right, op = node.left, node.right, type(node.op).__name__
    else:
        assert isinstance(node, ast.Compare)
        if len(node.ops) != 1:
            return
        left, right, op = node.left, node.comparators[0], type(node.ops[0]).__name__
    a, b = r.value(left), r.value(right)
    if a.cls == "block" and b.is_tensor or b.cls == "block" and a.is_tensor:
        a, b = (v if v.is_tensor else Val("tensor") for v in (a, b))  # what a block gives is no number
    given = [v.kind == "unknown" and v.assumed for v in (a, b)]
    if r.converting and any(given) and all(one or v.is_tensor for one, v in zip(given, (a, b), strict=True)):
        a, b = (v.but(kind="tensor") for v in (a, b))  # a HybridBlock is given arrays, and lists of them
    if not (a.is_tensor or b.is_tensor):
        if (
            a.kind == b.kind == "unknown"
            and r.converting
            and not r.is_np
            and op in BINARY_OPERATORS
            and op not in ("Eq", "NotEq")
        ):
            yield Item(
                CODE,
                node,
                f"`{r.quote(node)}`: whether these are arrays can't be told; the operator differs in a graph",
                help=f"use F.{BINARY_OPERATORS[op]} for arrays",
            )
        return
    if op in ("BitAnd", "BitOr", "BitXor", "LShift", "RShift", "FloorDiv", "MatMult"):
        yield from other_operator(node, op, left, right, r)  # type: ignore[arg-type]
        return
    if r.is_np or op not in BINARY_OPERATORS:
        return
    if "unknown" in (a.kind, b.kind) or "seq" in (a.kind, b.kind):
        if r.converting:
            unsure = right if b.kind in ("unknown", "seq") else left
            yield Item(
                CODE,
                node,
                f"`{r.quote(unsure)}` may be an array or a number; the operator for the two differs in a graph",
                help=f"use F.{BINARY_OPERATORS[op]} for arrays",
            )
        return
    if not (a.is_tensor and b.is_tensor) or same(a, b):
        return
    if not r.converting and not differ(a, b):
        return
    name = BINARY_OPERATORS[op]
    gap = r.source.text[r.source.span(left).end : r.source.span(right).start]
    whole = r.source.span(node)
    sign = OPERATOR_TEXT.get(op, gap.strip(" ()"))
    if "#" in gap:
        middle = gap.replace(sign, ",", 1)
        first = r.source.span(left)
        edits: tuple[Edit, ...] = (
            insert(whole.start, f"F.{name}("),
            Edit(first.end, r.source.span(right).start, (middle,)),
            insert(whole.end, ")"),
        )
    else:
        edits = (replace(r.source, node, f"F.{name}(", left, ", ", right, ")"),)
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}`: the operator broadcasts arrays and not Symbols",
        help=f"use F.{name}",
        edits=edits,
    )


def other_operator(node: ast.BinOp, op: str, left: ast.expr, right: ast.expr, r: Reader) -> Iterator[Item]:
    """``&`` is ``bitwise_and`` and ``@`` is ``matmul``, what arrays of the NumPy API call for them; the rest raises."""
    a, b = r.value(left), r.value(right)
    edits: tuple[Edit, ...] | None = None
    name = ""
    if op == "MatMult" and a.is_tensor and b.is_tensor:
        name = "dot" if all(v.shape is not None and v.shape.rank == 2 for v in (a, b)) else "matmul"
    elif op in _BITWISE and a.is_tensor and (b.is_tensor or b.kind == "int"):
        name = _BITWISE[op]
    if name and r.is_np:
        edits = (replace(r.source, node, f"F.np.{name}(", left, ", ", right, ")"),)
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}`: a Symbol has no such operator",
        help="use an operator that F has",
        edits=edits,
    )


def same(a: Val, b: Val) -> bool:
    """Whether two tensors provably have one shape."""
    return a.shape is not None and b.shape is not None and a.shape.same(b.shape)


def differ(a: Val, b: Val) -> bool:
    """Whether two tensors provably need broadcasting: another rank, or a 1 against a symbol."""
    if a.shape is None or b.shape is None or a.shape.dims is None or b.shape.dims is None:
        return False
    if len(a.shape.dims) != len(b.shape.dims):
        return True
    return any(
        (x == (1,)) != (y == (1,))
        for x, y in zip(a.shape.dims, b.shape.dims, strict=True)
        if _certain(x) and _certain(y)
    )


def _certain(factors: tuple) -> bool:  # type: ignore[type-arg]
    """Whether a dim is a known number."""
    return len(factors) == 1 and isinstance(factors[0], int)


@rule(CODE, "broadcast", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
