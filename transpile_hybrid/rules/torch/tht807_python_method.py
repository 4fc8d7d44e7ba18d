"""A method of tensors that PyTorch writes in Python: TorchScript finds another one of that name, or none.

What it does
    Finds ``x.norm(dim=-1)``, ``x.norm("fro")``, ``x.unique()``, ``x.unique_consecutive()``, ``x.stft(...)``,
    ``x.istft(...)`` and ``x.lu()``.

Why is this bad
    In Python these are functions of ``torch`` under another name.  TorchScript looks for a method of that name among
    the operators below.  ``norm`` there must be told ``p`` before ``dim``, and ``unique`` and ``lu`` don't exist:
    nothing of the module compiles.  ``unique_consecutive`` there gives three tensors instead of one, and ``stft``
    does not pad: those **compile, and give something else**.

Fix safety
    Safe: calling the function is what the method does.

References
    ``torch/_tensor.py``, ``torch/functional.py`` and the schemas of ``aten::norm`` and ``aten::stft`` of PyTorch 2.13
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, call_of, name_for, problems

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        x = x / x.norm(dim=-1, keepdim=True)
        return x * x.unique().numel()
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        x = x / torch.norm(x, dim=-1, keepdim=True)
        return x * torch.unique(x).numel()
""",
    ),
    Example(
        title="what compiles and gives something else",
        before="""
import torch
from torch import nn


class Spectrum(nn.Module):
    def forward(self, x):
        return x.flatten().stft(8, return_complex=True).abs()
""",
        after="""
import torch
from torch import nn


class Spectrum(nn.Module):
    def forward(self, x):
        return torch.stft(x.flatten(), 8, return_complex=True).abs()
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x.norm() + x.norm(2, 1).sum() + x.norm(p=1, dim=[0, 1], keepdim=True) + torch.norm(x, dim=-1).sum()
""",
]

_OTHER_RESULT = frozenset({"unique_consecutive", "stft", "istft"})


@rule("THT807", "python-method", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, _ in problems(unit, ctx, "python-method"):
        node = problem.node
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        name = node.func.attr
        other = name in _OTHER_RESULT
        text = ast.unparse(node.func)
        yield Finding(
            node,
            f"in TorchScript `{text}(...)` is the operator `aten::{name}`, which gives something else"
            if other
            else f"TorchScript has no method `{name}` of tensors that takes these arguments",
            consequence=Consequence.SILENT if other else Consequence.ERROR,
            help=f"call `torch.{name}({ast.unparse(node.func.value)}, ...)`, which the method does in Python",
            fix=_fix(node, node.func, ctx),
        )


def _fix(node: ast.Call, method: ast.Attribute, ctx: UnitContext) -> Fix | None:
    found = name_for(f"torch.{method.attr}", ctx, node)
    if found is None or found[1] or any(keyword.arg is None for keyword in node.keywords):
        return None
    return Fix((replace(ctx.source, node, *call_of(found[0], method.value, node.args, node.keywords)),))
