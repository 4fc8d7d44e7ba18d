"""NumPy's names for PyTorch's parameters: ``axis`` and ``keepdims``.

What it does
    Finds ``torch.mean(x, axis=1, keepdims=True)`` and the like in what TorchScript compiles.

Why is this bad
    PyTorch takes NumPy's names in Python only; the operators that TorchScript knows have ``dim`` and ``keepdim``.

Fix safety
    Safe: the names mean the same.  It is made for functions and tensor methods that have the parameter under PyTorch's
    name.

References
    https://docs.pytorch.org/docs/stable/generated/torch.mean.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._reports import Report
from ._types import Signature, function_signatures, method_signatures

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Center(nn.Module):
    def forward(self, x):
        return x - torch.mean(x, axis=1, keepdims=True) + x.sum(axis=0)
""",
        after="""
import torch
from torch import nn


class Center(nn.Module):
    def forward(self, x):
        return x - torch.mean(x, dim=1, keepdim=True) + x.sum(dim=0)
""",
    ),
]

VALID = [
    """
import numpy as np
import torch
from torch import nn


class Center(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.scale = float(np.mean(table, axis=0, keepdims=True)[0])

    def forward(self, x):
        return x - torch.mean(x, dim=1, keepdim=True) * self.scale
""",
]

_NAMES = {"axis": "dim", "keepdims": "keepdim"}


@rule("THT803", "numpy-keyword", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            for keyword in node.keywords:
                name = _NAMES.get(keyword.arg or "")
                if name is None or not _has(name, keyword.arg or "", _signatures(node, ctx, report)):
                    continue
                start = ctx.source.span(keyword).start
                yield Finding(
                    keyword,
                    f"`{keyword.arg}` is NumPy's name: TorchScript knows `{name}`",
                    help=f"write `{name}=`",
                    fix=Fix((Edit(start, start + len(keyword.arg or ""), (name,)),)),
                )


def _has(name: str, alias: str, signatures: tuple[Signature, ...]) -> bool:
    words = {parameter.name for one in signatures for parameter in one.parameters}
    return name in words and alias not in words


def _signatures(node: ast.Call, ctx: UnitContext, report: Report) -> tuple[Signature, ...]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name is not None and function_signatures(name):
        return function_signatures(name) if name.startswith("torch.") else ()
    if isinstance(node.func, ast.Attribute) and report.type(node.func.value).kind == "tensor":
        return method_signatures(node.func.attr)
    return ()
