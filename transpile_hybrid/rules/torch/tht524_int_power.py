"""A power of whole numbers, which is a ``float`` to TorchScript.

What it does
    Finds ``n ** 2`` of ints in what TorchScript compiles, where the result has to be an int: a size, an index, a count.

Why is this bad
    TorchScript has one power of ints, and it gives a ``float``: ``x.view(n ** 2, -1)`` ends with "Expected a value of
    type 'int' for argument '<varargs>' but instead found type 'float'".

Fix safety
    Safe: ``int(n ** 2)`` is the same number, and to Python it changes nothing.  It is made where the exponent is a
    literal, or counts from zero in a loop and the base is a literal: a negative exponent gives fractions.

References
    https://docs.pytorch.org/docs/stable/jit_builtin_functions.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._parameters import taken_types
from ._reports import Report
from ._types import INT, T

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.size = 2

    def forward(self, x):
        n = self.size ** 2
        x = x[: self.size ** 2, :n]
        return x.reshape(-1, n // 4) / self.size ** 2
""",
        after="""
from torch import nn


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.size = 2

    def forward(self, x):
        n = int(self.size ** 2)
        x = x[: int(self.size ** 2), :n]
        return x.reshape(-1, n // 4) / self.size ** 2
""",
    ),
]

VALID = [
    """
from torch import nn


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.size = 2

    def forward(self, x):
        return x[: int(self.size ** 2)] * self.size ** 2 / x.shape[1] ** 0.5
""",
]

_KEEPING = ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod


@rule("THT524", "int-power", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        wanted = _names_wanted(function, report, ctx)
        for node in walk(function):
            if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and id(node) in report.types):
                continue
            if not _is_int(node, report) or not _needs_int(node, wanted, report, ctx):
                continue
            sure = _not_negative(node.right) or isinstance(node.left, ast.Constant) and _counts(node.right, ctx)
            yield Finding(
                node,
                f"`{ast.unparse(node)}` is a float to TorchScript, and an int is wanted here",
                help=f"write `int({ast.unparse(node)})`",
                fix=Fix((replace(ctx.source, node, "int(", node, ")"),)) if sure else None,
            )


def _is_int(node: ast.expr, report: Report) -> bool:
    """Whether Python makes an int of an expression."""
    if isinstance(node, ast.BinOp):
        if not isinstance(node.op, _KEEPING | ast.Pow):
            return False
        return _is_int(node.left, report) and _is_int(node.right, report)
    return _whole(report.type(node))


def _whole(kind: T) -> bool:
    """Whether nothing speaks against an int: where an int is wanted, it is one."""
    return all(one.bare == INT or not one.known for one in kind.alternatives)


def _needs_int(node: ast.expr, wanted: set[str], report: Report, ctx: UnitContext) -> bool:
    """Whether what an expression gives has to be an int where it stands."""
    parent = ctx.module.parent(node)
    while isinstance(parent, ast.BinOp) and isinstance(parent.op, _KEEPING) or isinstance(parent, ast.UnaryOp):
        if isinstance(parent, ast.BinOp) and not _is_int(parent, report):
            return False
        node, parent = parent, ctx.module.parent(parent)
    if isinstance(parent, ast.Assign):
        return len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name) and parent.targets[0].id in wanted
    if isinstance(parent, ast.Slice):
        return True
    if isinstance(parent, ast.Tuple | ast.List):
        outer = ctx.module.parent(parent)
        return isinstance(outer, ast.Call) and _sizes(parent, outer, report, ctx)
    call = ctx.module.parent(parent) if isinstance(parent, ast.keyword) else parent
    return isinstance(call, ast.Call) and node is not call.func and _sizes(node, call, report, ctx)


def _sizes(node: ast.expr, call: ast.Call, report: Report, ctx: UnitContext) -> bool:
    """Whether ``call`` takes nothing but whole numbers where ``node`` is given."""
    if ctx.qualified(call.func) == "builtins.range":
        return True
    sizes = {INT, T("list", (INT,))}
    taken = taken_types(node, call, report, ctx)
    if taken is not None and taken:
        return taken <= sizes
    # x.view(a, b): the sizes may be given one by one
    if not isinstance(call.func, ast.Attribute) or report.type(call.func.value).kind != "tensor":
        return False
    first = taken_types(call.args[0], call, report, ctx) if call.args and node in call.args else None
    return bool(first and first & sizes)


def _names_wanted(function: ast.AST, report: Report, ctx: UnitContext) -> set[str]:
    """Return the variables that are used where an int has to be."""
    return {
        node.id
        for node in walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and _needs_int(node, set(), _Any(report), ctx)
    }


class _Any(Report):
    """A report to which every expression is an int: where it stands is all that is asked."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.function, report.module, report.info)
        self.known = report

    def type(self, node: ast.expr) -> T:
        kind = self.known.type(node)
        return kind if kind.kind == "tensor" else INT


def _not_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _counts(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether a variable counts up from zero: the first of ``enumerate``, or that of ``range(n)``."""
    if not isinstance(node, ast.Name):
        return False
    found = ctx.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1 or found[1][0].kind != "for":
        return False
    target = found[1][0].node
    loop = ctx.module.parent(target)
    first = isinstance(loop, ast.Tuple) and loop.elts[0] is target
    loop = ctx.module.parent(loop) if isinstance(loop, ast.Tuple) else loop
    if not isinstance(loop, ast.For | ast.comprehension) or not isinstance(loop.iter, ast.Call):
        return False
    if len(loop.iter.args) != 1 or loop.iter.keywords:
        return False
    return ctx.qualified(loop.iter.func) == ("builtins.enumerate" if first else "builtins.range")
