"""A condition on a value that may be ``None``.

What it does
    Finds ``if scale:``, ``mode == "mean"`` and ``scale or 1.0`` where the variable is an ``Optional`` to TorchScript,
    and ``self.scale == 1.0`` where the attribute is ``None`` in some instances.

Why is this bad
    TorchScript makes no bool of an ``Optional`` ("Could not cast value of type Optional[int] to bool") and compares
    none with a number or a text.

Fix safety
    Safe: ``x is not None and bool(x)`` is true whenever ``x`` is, ``x is not None and x == 1`` whenever ``x == 1`` is,
    and ``x if x is not None and bool(x) else y`` is what ``x or y`` gives.  It is done for variables, and comparisons
    of attributes, only: to read them again has no effect.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#optional-type-refinement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import self_name
from ._common import SCRIPT, choose, is_condition, reports
from ._reports import Report
from .tht513_construction_decision import decided_at_construction

EXAMPLES = [
    Example(
        before="""
from typing import Optional

from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: Optional[int] = None):
        if factor:
            x = x * factor
        return x
""",
        after="""
from typing import Optional

from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: Optional[int] = None):
        if factor is not None and bool(factor):
            x = x * factor
        return x
""",
    ),
    Example(
        title="a comparison",
        before="""
from typing import Optional

from torch import nn


class Loss(nn.Module):
    def forward(self, x, y, reduction: Optional[str] = None):
        loss = (x - y).abs()
        if reduction == "mean":
            loss = loss.mean()
        return loss
""",
        after="""
from typing import Optional

from torch import nn


class Loss(nn.Module):
    def forward(self, x, y, reduction: Optional[str] = None):
        loss = (x - y).abs()
        if reduction is not None and reduction == "mean":
            loss = loss.mean()
        return loss
""",
    ),
    Example(
        title="an attribute",
        before="""
from torch import nn


class Drop(nn.Module):
    def __init__(self, rate=None):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if self.rate == 0.0 or not self.training:
            return x
        return x * self.rate
""",
        after="""
from torch import nn


class Drop(nn.Module):
    def __init__(self, rate=None):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if (self.rate == 0.0 if self.rate is not None else False) or not self.training:
            return x
        assert self.rate is not None
        return x * self.rate
""",
    ),
    Example(
        title="one value or the other",
        before="""
from typing import Optional

from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: Optional[float] = None):
        factor = factor or 2.0
        return x * factor
""",
        after="""
from typing import Optional

from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: Optional[float] = None):
        factor = factor if factor is not None and bool(factor) else 2.0
        return x * factor
""",
    ),
]

VALID = [
    """
from torch import nn


class Scale(nn.Module):
    def __init__(self, factor=None):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        if self.factor is not None:
            x = x * self.factor
        return x
""",
    """
from typing import Optional

from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor: Optional[int] = None, times: int = 1, names: str = ""):
        if factor is not None and bool(factor):
            x = x * factor
        if times or names:
            x = x * times
        if factor is None or factor == 3:
            x = x + 1
        return x
""",
    """
from torch import nn


def settings(name):
    if name == "wide":
        return {"name": "wide", "width": 2}
    raise ValueError(name)


class Net(nn.Module):
    def __init__(self, name="wide"):
        super().__init__()
        self.name = settings(name)["name"]

    def forward(self, x):
        if self.name == "wide" or self.name == "deep":
            x = x + 1
        return x
""",
]


@rule("THT516", "optional-condition", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for _, report in reports(unit, ctx):
        for problem in report.problems:
            node = problem.node
            assert isinstance(node, ast.AST)
            if decided_at_construction(problem, report, unit, ctx):
                continue  # THT513
            if problem.kind == "no-bool" and isinstance(node, ast.Name) and report.type(node).kind == "optional":
                text = ast.unparse(node)
                chosen = _alternative(node, ctx)
                edit = chosen[1] if chosen is not None else _truth(node, ctx) if is_condition(node, ctx) else None
                yield Finding(
                    node if chosen is None else chosen[0],
                    f"`{text}` may be None, and TorchScript makes no bool of it",
                    help=f"ask `{text} is not None and bool({text})`",
                    fix=Fix((edit,)) if edit is not None else None,
                )
            elif problem.kind in ("optional-compare", "attribute-compare") and isinstance(node, ast.Compare):
                if not any(_may_be_none(side, report) for side in (node.left, *node.comparators)):
                    yield Finding(
                        node,
                        "TorchScript doesn't compare a value that is a text in some instances with a number",
                        help="keep one type in the attribute",
                    )
                    continue
                edit = _comparison(node, report, ctx)
                yield Finding(
                    node,
                    "TorchScript doesn't compare a value that may be None",
                    help="ask `... is not None and` before it",
                    fix=Fix((edit,)) if edit is not None else None,
                )


def _may_be_none(node: ast.expr, report: Report) -> bool:
    """Whether ``node`` is a variable that TorchScript refines when it is compared with ``None``.

    That are local variables, and attributes that are ``None`` in some instances: TorchScript compiles each by itself.
    """
    kind = report.type(node)
    if isinstance(node, ast.Name):
        return kind.kind == "optional"
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and report.info is not None):
        return False
    return node.value.id == self_name(report.function) and any(one.kind == "none" for one in kind.alternatives)


def _truth(node: ast.expr, ctx: UnitContext) -> Edit:
    text = ast.unparse(node)
    question = f"{text} is not None and bool({text})"
    return replace(ctx.source, node, question if _alone(node, ctx) else f"({question})")


def _alone(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is all of a statement's question, and needs no parentheses."""
    return isinstance(ctx.module.parent(node), ast.If | ast.IfExp | ast.While | ast.Assert)


def _alternative(node: ast.expr, ctx: UnitContext) -> tuple[ast.BoolOp, Edit] | None:
    """Return ``node or other`` where it stands for one of the two values, and the edit that says so."""
    whole = ctx.module.parent(node)
    if not (isinstance(whole, ast.BoolOp) and isinstance(whole.op, ast.Or) and len(whole.values) == 2):
        return None
    if whole.values[0] is not node or is_condition(whole, ctx):
        return None
    text = ast.unparse(node)
    return whole, choose(whole, f"{text} is not None and bool({text})", node, whole.values[1], ctx)


def _comparison(node: ast.Compare, report: Report, ctx: UnitContext) -> Edit | None:
    """Put a question for ``None`` before a comparison of one variable with plain values."""
    if len(node.ops) != 1:
        return None
    op, left, right = node.ops[0], node.left, node.comparators[0]
    name = next((side for side in (left, right) if _may_be_none(side, report)), None)
    if name is None or name is right and not isinstance(op, ast.Eq | ast.NotEq):
        return None
    other = right if name is left else left
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(other, ast.List | ast.Tuple) or not all(
            isinstance(one, ast.Constant) and one.value is not None for one in other.elts
        ):
            return None
    elif not (isinstance(other, ast.Constant) or report.type(other).kind in ("int", "float", "bool", "str")):
        return None
    text = ast.unparse(name)
    if isinstance(name, ast.Attribute):  # what `and` and `or` join is all compiled; of this one side is dropped
        otherwise = isinstance(op, ast.NotEq | ast.NotIn)
        return replace(ctx.source, node, "(", node, f" if {text} is not None else {otherwise})")
    question = f"{text} is not None and " if isinstance(op, ast.Eq | ast.In) else f"{text} is None or "
    return replace(ctx.source, node, *((question, node) if _alone(node, ctx) else ("(", question, node, ")")))
