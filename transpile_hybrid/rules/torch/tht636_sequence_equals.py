"""A list beside a tuple, or beside one item: never equal in Python, and equal for TorchScript.

What it does
    Finds ``==`` and ``!=``, in what TorchScript compiles, between a list and a tuple (``x.shape == [2, 3]``; a
    ``torch.Size`` is a tuple), and between a list, or a tuple of one item, and a number or text
    (``self.conv.kernel_size == 1`` of a ``Conv1d``, where it is ``(1,)``).

Why is this bad
    In Python ``[2, 3] == (2, 3)`` and ``(1,) == 1`` are false.  TorchScript makes a list of both sides and compares
    the items: another answer, without a word.

Fix safety
    There is no fix: which answer is meant only you can say.  Write both sides as lists (``list(x.shape) == [2, 3]``),
    or ask the item (``self.conv.kernel_size[0] == 1``).

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#comparison-operators
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._reports import Report
from ._types import PLAIN, T

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 4, 1)

    def forward(self, x):
        if self.conv.kernel_size == 1:
            x = x * 2
        if x.shape == [4, 4]:
            x = x + 1
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes=(2, 3), stride=1):
        super().__init__()
        self.sizes = sizes
        self.stride = stride
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, x, y):
        if x.shape == y.shape and list(x.shape) == [4, 4] and x.shape[2:] == self.sizes:
            x = x + 1
        if self.stride == 1 and self.conv.stride == (1, 1) and x.size(0) == 4:
            x = x * 2
        return x
""",
]


@rule("THT636", "sequence-equals", targets=SCRIPT, consequence=Consequence.SILENT, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        for node in walk(function):
            if not isinstance(node, ast.Compare) or len(node.ops) != 1:
                continue
            if not isinstance(node.ops[0], ast.Eq | ast.NotEq) or id(node.left) not in report.types:
                continue
            left, right = node.left, node.comparators[0]
            if _is_item_of(report.type(left), report.type(right)):
                yield Finding(
                    node,
                    f"Python never finds `{ast.unparse(left)}` equal to one value, TorchScript compares its only item",
                    help=f"ask for the item: `{ast.unparse(left)}[0]`",
                )
            elif _differ(left, right, report, ctx) or _differ(right, left, report, ctx):
                yield Finding(
                    node,
                    "Python never finds a list equal to a tuple, TorchScript compares their items",
                    help="make both the same kind: `list(x.shape) == [2, 3]`, `x.shape == (2, 3)`",
                )


def _is_item_of(row: T, one: T) -> bool:
    """Whether ``one`` is of the type of the items of ``row``, which TorchScript may compare it with."""
    if one.kind not in PLAIN or not row.args:
        return False
    held = {item.kind for item in row.args}
    fits = held == {one.kind} or held == {"int"} and one.kind == "bool"
    return fits and (row.kind == "list" or row.kind == "tuple" and len(row.args) == 1)


def _differ(left: ast.expr, right: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether ``left`` is a list for certain and ``right`` a tuple, with items of one type."""
    first, second = report.type(left), report.type(right)
    items = {item.kind for item in (*first.args, *second.args)}
    return _is_list(left, ctx) and _is_tuple(right, second, ctx) and len(items) == 1 and items <= set(PLAIN)


def _is_list(node: ast.expr, ctx: UnitContext) -> bool:
    if isinstance(node, ast.Call):
        return ctx.qualified(node.func) == "builtins.list"
    return isinstance(node, ast.List | ast.ListComp)


def _is_tuple(node: ast.expr, held: T, ctx: UnitContext) -> bool:
    """Whether this is a tuple, or the size of a tensor: TorchScript's type of that is a list."""
    if held.kind == "tuple" or isinstance(node, ast.Tuple):
        return True
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        node = node.value
    if isinstance(node, ast.Call):
        size = isinstance(node.func, ast.Attribute) and node.func.attr == "size" and not node.args and not node.keywords
        return held.kind == "list" and (size or ctx.qualified(node.func) == "torch.Size")
    return held.kind == "list" and isinstance(node, ast.Attribute) and node.attr == "shape"
