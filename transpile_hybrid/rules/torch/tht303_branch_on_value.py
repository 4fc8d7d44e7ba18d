"""A branch on the numbers in a tensor, in what is compiled to one graph.

What it does
    Finds ``if``, ``while`` and conditional expressions whose condition is a tensor, a number read out of one
    (``x.sum().item() > 0``) or a length that hangs on some (``rows.shape[0]`` of ``rows = torch.nonzero(x)``), and
    assertions on a tensor: for ``torch.export`` all, for ``torch.compile`` those whose message is made on the spot.

Why is this bad
    The graph can't contain Python's choice: ``torch.compile(fullgraph=True)`` says "Data-dependent branching", and
    ``torch.export`` "Could not guard on data-dependent expression".

Fix safety
    Safe: a guard that raises becomes, while a compiler traces, an assertion in the graph (``torch._assert_async``); in
    Python it stays what it is, and Python's own conditions in front of it are asked as before.  A choice between two
    results becomes ``torch.where`` where both are made of the same tensor by ``+``, ``-``, ``*`` with whole or with
    broken numbers, so that both have the same shape and dtype, neither can fail, and neither has an infinite
    derivative.  While a compiler traces, and only then, so do a variable that is clamped or freed of NaN, and two
    tensors made of lists.  Other branches are reported: ``torch.cond`` takes both sides as functions, and where
    nothing else will do, ``torch.compiler.disable`` keeps a function out of the graph, at the price of a break.

References
    https://docs.pytorch.org/docs/stable/cond.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._branches import on_tensor
from ._common import TRACED, reports
from ._guards import checked, guard
from ._reached import where_reached
from ._reads import asks_number
from ._reports import Report
from ._wheres import choice, while_compiling

EXAMPLES = [
    Example(
        title="a number that was read",
        before="""
import torch
from torch import nn


class Global(nn.Module):
    def forward(self, x, mask):
        some = mask.any().item()
        if some:
            x = x + x.mean()
        rows, columns = torch.where(x > 1)
        if rows.shape[0] == 0:
            return x
        return x[rows] if float(x.sum()) > 0 else -x
""",
    ),
    Example(
        before="""
import torch
from torch import nn


class Checked(nn.Module):
    def forward(self, x):
        if torch.isnan(x).any():
            raise ValueError("not a number")
        if x.sum() > 0:
            y = x * 2
        else:
            y = x - 1
        return y
""",
        after="""
import torch
from torch import nn


class Checked(nn.Module):
    def forward(self, x):
        if torch.compiler.is_compiling():
            torch._assert_async(torch.logical_not(torch.isnan(x).any()), "not a number")
        elif torch.isnan(x).any():
            raise ValueError("not a number")
        y = torch.where(x.sum() > 0, x * 2, x - 1)
        return y
""",
    ),
    Example(
        title="conditions that Python knows, and a message made on the spot",
        before="""
from typing import Optional

import torch
from torch import nn


class Checked(nn.Module):
    def __init__(self, words=10):
        super().__init__()
        self.words = words

    def forward(self, x, labels: Optional[torch.Tensor] = None):
        if labels is not None and labels.max() >= self.words:
            raise ValueError(f"labels must be below {self.words}")
        if torch.min(x) < 0 or not torch.isfinite(x).all():
            raise ValueError("x is out of its domain")
        assert (x < 100).all(), f"too large for {self.words} words"
        return x
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Checked(nn.Module):
    def __init__(self, words=10):
        super().__init__()
        self.words = words

    def forward(self, x, labels: Optional[torch.Tensor] = None):
        if torch.compiler.is_compiling():
            if labels is not None:
                torch._assert_async(torch.logical_not(labels.max() >= self.words), "labels must be below ...")
        elif labels is not None and labels.max() >= self.words:
            raise ValueError(f"labels must be below {self.words}")
        if torch.compiler.is_compiling():
            torch._assert_async(torch.logical_not(torch.min(x) < 0), "x is out of its domain")
            torch._assert_async(torch.isfinite(x).all(), "x is out of its domain")
        elif torch.min(x) < 0 or not torch.isfinite(x).all():
            raise ValueError("x is out of its domain")
        if torch.compiler.is_compiling():
            torch._assert_async((x < 100).all(), "too large for ...")
        else:
            assert (x < 100).all(), f"too large for {self.words} words"
        return x
""",
    ),
    Example(
        title="while a compiler traces",
        before="""
import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, short, long, limit):
        super().__init__()
        self.short, self.long, self.limit = short, long, limit

    def forward(self, x, positions):
        if x.dtype == torch.float16 and (torch.isinf(x).any() or torch.isnan(x).any()):
            bound = torch.finfo(x.dtype).max - 1000
            x = torch.clamp(x, min=-bound, max=bound)
        length = torch.max(positions) + 1
        if length > 32:
            factors = torch.tensor(self.long, dtype=torch.float32, device=x.device)
        else:
            factors = torch.tensor(self.short, dtype=torch.float32, device=x.device)
        return x * factors
""",
        after="""
import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, short, long, limit):
        super().__init__()
        self.short, self.long, self.limit = short, long, limit

    def forward(self, x, positions):
        if torch.compiler.is_compiling() and x.dtype == torch.float16:
            bound = torch.finfo(x.dtype).max - 1000
            x = torch.where(torch.logical_or(torch.isinf(x).any(), torch.isnan(x).any()), torch.clamp(x, min=-bound, max=bound), x)
        elif x.dtype == torch.float16 and (torch.isinf(x).any() or torch.isnan(x).any()):
            bound = torch.finfo(x.dtype).max - 1000
            x = torch.clamp(x, min=-bound, max=bound)
        length = torch.max(positions) + 1
        if torch.compiler.is_compiling() and len(self.long) == len(self.short):
            factors = torch.where(length > 32, torch.tensor(self.long, dtype=torch.float32, device=x.device), torch.tensor(self.short, dtype=torch.float32, device=x.device))
        elif length > 32:
            factors = torch.tensor(self.long, dtype=torch.float32, device=x.device)
        else:
            factors = torch.tensor(self.short, dtype=torch.float32, device=x.device)
        return x * factors
""",  # noqa: E501
    ),
]

VALID = [
    """
from torch import nn


class Warm(nn.Module):
    def forward(self, x, step):
        return x.sum() if step < 100 else x.mean()
""",
    """
import torch
from torch import nn


class Sized(nn.Module):
    def __init__(self, flag=True):
        super().__init__()
        self.flag = flag

    def forward(self, x):
        if x.size(0) > 1 and self.flag:
            x = x * 2
        assert x.dim() == 2
        return x if x.is_floating_point() else x.float()
""",
    """
import torch
from torch import nn


class Reversible(nn.Module):
    def forward(self, x, reverse=False):
        return x.flip(0) if reverse else x
""",
    """
import torch
from torch import nn


class Asked(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale.max().item()

    def forward(self, x):
        if not torch.compiler.is_compiling() and x.sum() > 0:
            raise ValueError("positive")
        if self.scale > 1 or float(x.shape[0]) > 2:
            x = x * 2
        return x
""",
]


@rule("THT303", "branch-on-value", targets=TRACED, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
@where_reached(TRACED)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
                continue
            if id(node.test) not in report.types and not isinstance(node.test, ast.BoolOp | ast.UnaryOp):
                continue  # a dead branch, or a nested function
            if asks_compiling(node, ctx) or not (on_tensor(node.test, report, ctx) or asks_number(node.test, ctx)):
                continue
            yield Finding(
                node.test,
                "this branches on the numbers in a tensor, which a graph can't",
                help="use `torch.where` or `torch.cond`; for a check, `torch._assert_async`",
                targets=_refusing(node, report, ctx),
                fix=_fix(node, report, ctx),
            )


def _refusing(node: ast.AST, report: Report, ctx: UnitContext) -> tuple[str, ...]:
    """Return who refuses: Dynamo takes assertions into the graph, with a message that is a literal or none."""
    if not isinstance(node, ast.Assert) or not (node.msg is None or isinstance(node.msg, ast.Constant)):
        return TRACED
    return TRACED if _negated(node.test, report, ctx) else ("torch.export",)


def _negated(test: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether Python asks a tensor for its truth before the assertion does: ``not t``, ``t and u``, ``0 < t < 1``."""
    if isinstance(test, ast.BoolOp):
        before = any(on_tensor(one, report, ctx) for one in test.values[:-1])
        return before or _negated(test.values[-1], report, ctx)
    negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    return negated or isinstance(test, ast.Compare) and len(test.ops) > 1


def _fix(node: ast.AST, report: Report, ctx: UnitContext) -> Fix | None:
    edit = None
    if isinstance(node, ast.If):
        edit = guard(node, report, ctx) or choice(node, report, ctx) or while_compiling(node, report, ctx)
    elif isinstance(node, ast.Assert):
        edit = checked(node, report, ctx)
    return Fix((edit,)) if edit is not None else None
