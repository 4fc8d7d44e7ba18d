"""``max(x.sum(), 1)``: Python's ``max`` or ``min`` of a tensor and a number.

What it does
    Finds calls of ``max`` and ``min`` with a tensor and a number in what TorchScript compiles.

Why is this bad
    TorchScript knows ``max`` of two numbers only, and turns the tensor into one: beside a ``float`` the result is no
    tensor any more and has no gradient, beside an ``int`` a tensor of another dtype ends the call ("Cannot input a
    tensor of type Float as an integral argument").

Fix safety
    Safe for a sum, mean or extreme of a whole tensor that stands first: ``torch.clamp`` gives the same value and the
    same gradient, also at equality and for NaN, and is a tensor where Python gave the number.  Others are reported.

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
from ._common import SCRIPT, name_for, reports
from ._types import TENSOR

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, x, mask):
        return (x * mask).sum() / max(torch.sum(mask), 1)
""",
        after="""
import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, x, mask):
        return (x * mask).sum() / torch.clamp(torch.sum(mask), min=1)
""",
    ),
    Example(
        title="at equality the number has no gradient",
        before="""
import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, x, mask):
        return (x * mask).sum() / max(1.0, torch.sum(mask))
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x[: max(x.shape[0] // 2, 1)]
""",
]

_WHOLE = frozenset({"sum", "mean", "max", "min", "prod", "amax", "amin"})


@rule("THT634", "tensor-beside-number", targets=SCRIPT, consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        for node in walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and id(node) in report.types):
                continue
            if node.func.id not in ("max", "min") or len(node.args) != 2 or node.keywords:
                continue
            if ctx.qualified(node.func) != f"builtins.{node.func.id}":
                continue
            first, second = node.args
            kinds = (report.type(first), report.type(second))
            if TENSOR not in kinds or not any(kind.kind in ("int", "float") for kind in kinds):
                continue
            found = name_for("torch.clamp", ctx, node) if kinds[0] == TENSOR and _is_one_number(first, ctx) else None
            word = "min" if node.func.id == "max" else "max"
            parts = (f"{found[0]}(", first, f", {word}=", second, ")") if found is not None else ()
            yield Finding(
                node,
                f"TorchScript makes a number of the tensor that `{node.func.id}` is given beside a number",
                help=f"write `torch.clamp(x, {word}=...)`",
                fix=Fix((replace(ctx.source, node, *parts), *found[1])) if found is not None else None,
            )


def _is_one_number(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether a tensor has no dimension: a number of all its elements."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _WHOLE:
        return False
    of_torch = ctx.qualified(node.func) == f"torch.{node.func.attr}"
    return not node.keywords and len(node.args) == (1 if of_torch else 0)
