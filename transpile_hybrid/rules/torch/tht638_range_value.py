"""A range that is kept: it is given a name twice, or is asked for its length.

What it does
    Finds names that are given a ``range`` where TorchScript needs a value: in the branches of an ``if``, where the name
    had another value before, or where it is measured, indexed or searched.

Why is this bad
    A ``range`` is no value to TorchScript, which knows it in front of a loop only: "range cannot be used as a value",
    or "undefined value" for a name that got one in a branch.

Fix safety
    Safe: ``list(range(...))`` holds the same numbers.  It is made where all that is done with the name is to loop over
    it, to measure it, to index it and to search it.

References
    ``RangeValue`` in ``torch/csrc/jit/frontend/sugared_value.h``
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import Binding, FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, count: int = 3, first: bool = True):
        super().__init__()
        self.count = count
        self.first = first

    def forward(self, x):
        if self.first:
            steps = range(1, self.count)
        else:
            steps = range(self.count)
        for step in steps:
            x = x * step
        rows = range(0, x.size(0), 2)
        return x / len(rows)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, count: int = 3, first: bool = True):
        super().__init__()
        self.count = count
        self.first = first

    def forward(self, x):
        if self.first:
            steps = list(range(1, self.count))
        else:
            steps = list(range(self.count))
        for step in steps:
            x = x * step
        rows = list(range(0, x.size(0), 2))
        return x / len(rows)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        rows = range(x.size(0))
        for row in rows:
            x = x * row
        for _, row in enumerate(rows):
            x = x + row
        return x
""",
]

_LOOPS = ("builtins.enumerate", "builtins.zip")


@rule("THT638", "range-value", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        for name, found in ctx.module.scopes.of(function).bindings.items():
            if any(_is_range(one.value, ctx) for one in found):
                yield from _kept(name, found, function, report, ctx)


def _is_range(node: ast.AST | None, ctx: UnitContext) -> bool:
    return isinstance(node, ast.Call) and ctx.qualified(node.func) == "builtins.range"


def _kept(
    name: str, found: list[Binding], function: FunctionNode, report: Report, ctx: UnitContext
) -> Iterator[Finding]:
    """Yield what is told of a name that is given ranges: each of them, if TorchScript needs one of them as a value."""
    uses = {
        _use(node, ctx)
        for node in walk(function)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    }
    ranges = [one.value for one in found if one.value is not None and _is_range(one.value, ctx)]
    in_branch = len(found) > 1 and any(ctx.module.statement_of(one) not in function.body for one in ranges)
    if not in_branch and "asked" not in uses:
        return
    mended = len(ranges) == len(found) and "other" not in uses
    for one in ranges:
        if id(one) not in report.types:
            continue  # in a branch that TorchScript leaves out
        yield Finding(
            one,
            f"`{name}` is a range here, which is no value to TorchScript",
            help="make a list of it: `list(range(...))`",
            fix=Fix((replace(ctx.source, one, "list(", one, ")"),)) if mended else None,
        )


def _use(node: ast.Name, ctx: UnitContext) -> str:
    """Return how a range is used: ``looped`` over, ``asked`` for what a list has as well, or ``other``."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
        return "looped"
    if isinstance(parent, ast.Call) and node in parent.args:
        name = ctx.qualified(parent.func)
        return "looped" if name in _LOOPS else "asked" if name == "builtins.len" else "other"
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return "other" if isinstance(parent.slice, ast.Slice) else "asked"
    if isinstance(parent, ast.Compare) and node in parent.comparators:
        return "asked" if all(isinstance(op, ast.In | ast.NotIn) for op in parent.ops) else "other"
    return "other"
