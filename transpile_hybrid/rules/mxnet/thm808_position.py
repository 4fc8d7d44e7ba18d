"""An argument whose place means something else for Symbols.

What it does
    Finds calls of operators with more arguments by position than arrays and Symbols agree on: ``nd.relu(x, y)``,
    ``nd.broadcast_add(a, b, c)``, ``nd.zeros(shape, ctx)``. Also arguments that are left out, where Symbols take
    another value for them than arrays: ``nd.random.multinomial(p)``.

Why is this bad
    The array that takes the result (``out``) comes first for arrays; for Symbols that place is the ``name``, and the
    call raises once the block is hybridized.

Fix safety
    Safe: an argument that is left out is given the value that it has for arrays. For a place there is no fix: give
    it by its name, or leave ``out`` away, since a graph can't be told where to write. Which of the two
    was meant only the writer knows.

References
    ``inspect.signature`` of the operators of ``mxnet.nd`` and ``mxnet.sym`` of MXNet 1.9.1
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import insert
from ..rule import Example, Finding, UnitContext, rule
from ._names import operator_name
from ._plan import Item, Reader, finder, findings

CODE = "THM808"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Twice(nn.Block):
    def forward(self, x):
        return nd.broadcast_add(x, x, x)
""",
    ),
    Example(
        title="another value where it is left out",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Draw(nn.Block):
    def forward(self, x):
        return nd.random.multinomial(nd.softmax(x))
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Draw(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.random.multinomial(F.softmax(x), get_prob=False)
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Twice(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.concat(F.broadcast_add(x, x), F.softmax(x, x, -1), F.reshape(x, (0, -1)), dim=0)
""",
]


@cache
def _positions() -> dict[str, int]:
    found: dict[str, int] = json.loads((Path(__file__).parent / "_positions.json").read_text(encoding="utf-8"))
    return found


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not isinstance(node.func, ast.Attribute | ast.Name) or id(node) in r.consumed:
        return
    owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
    op = operator_name(node.func, r, owner)
    agreed = _positions().get(f"{op[0]}.{op[1]}") if op is not None else None
    if agreed is None or len(node.args) <= agreed or any(isinstance(one, ast.Starred) for one in node.args):
        return
    yield Item(
        CODE,
        node.args[agreed],
        f"`{r.quote(node.args[agreed])}`, argument {agreed + 1} of `{r.text(node.func)}`, is another parameter for"
        " Symbols: it raises once hybridized",
        help="give it by its name; leave `out` away",
    )


# What is taken where an argument is left out: for arrays, and another value for Symbols (one result more, zeros).
_DEFAULTS = {("nd", "random.multinomial"): ("get_prob", 2, "False"), ("np", "random.rayleigh"): ("scale", 0, "1.0")}


@finder(ast.Call)
def default(node: ast.AST, r: Reader) -> Iterator[Item]:
    """``nd.random.multinomial(p)`` gives one array, ``sym.random.multinomial(p)`` two."""
    assert isinstance(node, ast.Call)
    owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
    op = operator_name(node.func, r, owner)
    if op not in _DEFAULTS or id(node) in r.consumed:
        return
    name, position, value = _DEFAULTS[op]
    starred = any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords)
    if len(node.args) > position or any(k.arg == name for k in node.keywords):
        return
    last = max((r.source.span(a).end for a in [*node.args, *node.keywords]), default=None)
    end = r.source.span(node).end - 1 if last is None else last
    yield Item(
        CODE,
        node,
        f"`{name}` of `{r.text(node.func)}`, which is left out, is another value for Symbols",
        help=f"say {name}={value}",
        consequence=Consequence.SILENT,
        edits=None if starred else (insert(end, f"{name}={value}" if last is None else f", {name}={value}"),),
    )


@rule(
    CODE, "argument-position", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit"
)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
