"""A chain of conditions that covers all cases and doesn't say so.

What it does
    Finds helpers whose last statement is ``if how == 0: return ... elif how == 1: return ...`` without an ``else``,
    where ``how`` can't be anything else.

Why is this bad
    TorchScript doesn't know that.  It lets the function return ``None`` at its end, so that what is returned is an
    ``Optional`` to all who call it: "Variable 'loss' previously had type Tensor but is now being assigned to a value of
    type Optional[Tensor]".

Fix safety
    Safe: an ``else`` that raises, and is never met, since an ``assert`` or a ``raise`` above lets only the values of
    the chain through, or the value comes from PyTorch's own ``get_enum`` of a reduction.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, insert_line_after
from ..rule import Example, Finding, UnitContext, rule
from ._chains import covers_all
from ._common import SCRIPT, reports
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
import torch.nn.functional as F
from torch import nn


def reduced(loss, reduction: str):
    kind = F._Reduction.get_enum(reduction)
    if kind == 0:
        return loss
    elif kind == 1:
        return loss.mean()
    elif kind == 2:
        return loss.sum()


class Loss(nn.Module):
    def forward(self, x, y, reduction: str = "mean"):
        loss = (x - y).abs()
        loss = reduced(loss, reduction)
        return loss * 2
""",
        after="""
import torch.nn.functional as F
from torch import nn


def reduced(loss, reduction: str):
    kind = F._Reduction.get_enum(reduction)
    if kind == 0:
        return loss
    elif kind == 1:
        return loss.mean()
    elif kind == 2:
        return loss.sum()
    else:
        raise AssertionError("none of the cases above")


class Loss(nn.Module):
    def forward(self, x, y, reduction: str = "mean"):
        loss = (x - y).abs()
        loss = reduced(loss, reduction)
        return loss * 2
""",
    ),
    Example(
        title="by an assertion",
        before="""
from torch import nn


class Loss(nn.Module):
    def reduced(self, loss, how: str):
        assert how in ("mean", "sum")
        if how == "mean":
            return loss.mean()
        elif how == "sum":
            return loss.sum()

    def forward(self, x, y, how: str = "mean"):
        return self.reduced((x - y).abs(), how) * 2
""",
        after="""
from torch import nn


class Loss(nn.Module):
    def reduced(self, loss, how: str):
        assert how in ("mean", "sum")
        if how == "mean":
            return loss.mean()
        elif how == "sum":
            return loss.sum()
        else:
            raise AssertionError("none of the cases above")

    def forward(self, x, y, how: str = "mean"):
        return self.reduced((x - y).abs(), how) * 2
""",
    ),
]

VALID = [
    """
from torch import nn


class Loss(nn.Module):
    def reduced(self, loss, how: str):
        if how == "mean":
            return loss.mean()
        elif how == "sum":
            return loss.sum()

    def forward(self, x, y, how: str = "mean"):
        return self.reduced((x - y).abs(), how)
""",
    """
from torch import nn


class Loss(nn.Module):
    def forward(self, x, how: str = "mean"):
        assert how in ("mean", "sum")
        if how == "mean":
            return x.mean()
        elif how == "sum":
            return x.sum()
""",
]


@rule("THT305", "chain-without-else", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    found = [(function, report) for function, report in reports(unit, ctx) if report.module is ctx.module]
    used = {id(inner.function) for _, report in found for inner in _used(report, ctx)}
    for function, _ in found:
        last = function.body[-1]
        if id(function) not in used or not isinstance(last, ast.If) or function.returns is not None:
            continue
        if not covers_all(function, ctx.module):
            continue
        indent, newline = ctx.source.indent_of(last), ctx.source.newline
        line = f'else:{newline}{indent}    raise AssertionError("none of the cases above")'
        yield Finding(
            last.test,
            f"TorchScript lets `{function.name}` return None where no case holds, which is never",
            help='end it with `else: raise AssertionError("none of the cases above")`',
            fix=Fix((insert_line_after(ctx.source, last, line),)),
        )


def _used(report: Report, ctx: UnitContext) -> Iterator[Report]:
    """Yield the reports of functions whose results the function does more with than to return them."""
    for node in walk(report.function):
        if not isinstance(node, ast.Call) or id(node) not in report.types:
            continue
        if isinstance(ctx.module.parent(node), ast.Return | ast.Expr):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        yield from (one for one in report.callees if one.function.name == name)
