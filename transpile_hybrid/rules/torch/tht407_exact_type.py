"""``type(x) is torch.Tensor``, which ``torch.export`` answers for its stand-ins.

What it does
    Finds comparisons of a tensor's exact class: ``type(x) is torch.Tensor``, ``x.__class__ == nn.Parameter``,
    ``type(x).__name__``.

Why is this bad
    While ``torch.export`` traces, tensors are instances of classes of its own (``FunctionalTensor``).  ``isinstance``
    is answered as for tensors, the exact class is not: the branch that is exported is the other one, and nothing says
    so.  ``torch.compile`` answers as Python does.

Fix safety
    There is no fix: ``isinstance(x, torch.Tensor)`` also holds for parameters and other subclasses.

References
    https://docs.pytorch.org/docs/stable/export.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, UnitContext, rule
from ._classes import whose_class
from ._common import is_compiled

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x, factor):
        if type(x) is torch.Tensor:
            return x * 2
        return x
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = (size, size) if type(size) is int else size

    def forward(self, x, sizes=(1, 2)):
        if isinstance(x, torch.Tensor) and type(self.size) is tuple:
            return x * 2
        return x if type(sizes) is list else x + 1
""",
]

_CLASSES = frozenset({"torch.Tensor", "torch.nn.Parameter", "torch.nn.parameter.Parameter"})


@rule(
    "THT407",
    "exact-type",
    targets=("torch.export",),
    consequence=Consequence.SILENT,
    on=(ast.Compare,),
)
def check(node: ast.Compare, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx) or len(node.ops) != 1:
        return
    for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        named = isinstance(side, ast.Attribute) and side.attr == "__name__"
        asked = side.value if named and isinstance(side, ast.Attribute) else side
        held = whose_class(asked, ctx.qualified)
        if held is None or not ctx.value(held).may_be_tensor:
            continue
        if any(_is_text(one) if named else ctx.qualified(one) in _CLASSES for one in _members(other)):
            yield Finding(
                node,
                f"torch.export answers `{ast.unparse(asked)}` for a stand-in of its own, not for a tensor",
                help="ask `isinstance(..., torch.Tensor)`",
            )
            return


def _members(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in ("Tensor", "Parameter")
