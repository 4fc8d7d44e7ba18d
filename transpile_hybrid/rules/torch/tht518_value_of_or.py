"""``or`` and ``and`` that stand for one of their values.

What it does
    Finds ``n or 3`` and ``n and 3`` where a value is wanted and ``n`` is no bool.

Why is this bad
    To Python the value is one of the two; to TorchScript it is a bool.  ``x * (n or 3)`` compiles, and multiplies by
    ``True``: another result, without a word.

Fix safety
    Safe for variables, which can be read twice: ``n if n else 3`` is what ``n or 3`` gives, and ``3 if n else n`` what
    ``n and 3`` gives.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, choose, is_condition, reports

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: int = 3):
        factor = factor or 1
        return x * factor
""",
        after="""
from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: int = 3):
        factor = factor if factor else 1
        return x * factor
""",
    ),
]

VALID = [
    """
from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: int = 3, twice: bool = False):
        both = twice and factor > 1
        if factor and both:
            x = x * factor
        return x
""",
]

_KINDS = ("int", "float", "str", "list", "tensor")


@rule("THT518", "value-of-or", targets=SCRIPT, consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.BoolOp) or id(node) not in report.types or is_condition(node, ctx):
                continue
            first, last = node.values[0], node.values[-1]
            either = isinstance(node.op, ast.Or)
            word = "or" if either else "and"
            if report.type(first).kind not in _KINDS:
                continue
            fix = None
            if isinstance(first, ast.Name) and len(node.values) == 2:
                yes, no = (first, last) if either else (last, first)
                fix = Fix((choose(node, first.id, yes, no, ctx),))
            yield Finding(
                node,
                f"`{word}` gives one of its values, and in TorchScript a bool",
                help="write `a if a else b`" if either else "write `b if a else a`",
                fix=fix,
            )
