"""A tuple that a loop goes through side by side with a list.

What it does
    Finds ``zip(x.shape[-1:], self.padding)``: a size, which is a list to TorchScript, beside a tuple, also one that a
    class has from PyTorch's convolutions and poolings.

Why is this bad
    TorchScript writes a loop over a tuple out, turn by turn, and can't do that with a list, whose length it doesn't
    know: "Can not iterate over a module list or tuple with a value that does not have a statically determinable
    length".

Fix safety
    Safe: ``list(self.padding)`` has the same items.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#for-loops-over-tuples
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model
from ._common import SCRIPT, reports
from ._reports import Report
from ._types import PLAIN, T

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Conv1d):
    def __init__(self):
        super().__init__(3, 3, 1)

    def forward(self, x):
        sizes = [n + 2 * p for n, p in zip(x.shape[-1:], self.padding)]
        return x.new_zeros(sizes)
""",
        after="""
from torch import nn


class Net(nn.Conv1d):
    def __init__(self):
        super().__init__(3, 3, 1)

    def forward(self, x):
        sizes = [n + 2 * p for n, p in zip(x.shape[-1:], list(self.padding))]
        return x.new_zeros(sizes)
""",
    ),
    Example(
        title="several, and one's own",
        before="""
from torch import nn


class Net(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 3, 2)
        self.extra = (1, 2)

    def forward(self, x):
        sides = [n + p * k + e for n, p, k, e in zip(x.shape[-2:], self.padding, self.kernel_size, self.extra)]
        return x.new_zeros(sides)
""",
        after="""
from torch import nn


class Net(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 3, 2)
        self.extra = (1, 2)

    def forward(self, x):
        sides = [n + p * k + e for n, p, k, e in zip(x.shape[-2:], list(self.padding), list(self.kernel_size), list(self.extra))]
        return x.new_zeros(sides)
""",  # noqa: E501
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.padding = (1, 2)
        self.stride = [1, 2]
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x):
        for layer, padding in zip(self.layers, self.padding):
            x = layer(x) * padding
        return x.new_zeros([n + p for n, p in zip(x.shape[-2:], self.stride)])
""",
]

# what PyTorch's own convolutions and poolings hold as tuples
_SIZES = frozenset({"kernel_size", "stride", "padding", "dilation", "output_padding"})


@rule("THT527", "tuple-beside-list", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types or node.keywords:
                continue
            if ctx.qualified(node.func) != "builtins.zip" or not _is_gone_through(node, ctx):
                continue
            if not any(report.type(one).kind == "list" for one in node.args):
                continue
            for one in node.args:
                if _is_even(report.type(one)) or _is_inherited_size(one, report, ctx):
                    yield Finding(
                        one,
                        f"`{ast.unparse(one)}` is a tuple beside a list: TorchScript can't write the loop out",
                        help=f"write `list({ast.unparse(one)})`",
                        fix=Fix((replace(ctx.source, one, "list(", one, ")"),)),
                    )


def _is_gone_through(node: ast.Call, ctx: UnitContext) -> bool:
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Call) and ctx.qualified(parent.func) == "builtins.enumerate":
        node, parent = parent, ctx.module.parent(parent)
    return isinstance(parent, ast.For | ast.comprehension) and parent.iter is node


def _is_even(held: T) -> bool:
    """Whether a value is a tuple of which TorchScript makes a list: its items have one type."""
    return held.kind == "tuple" and len({one.bare for one in held.args}) == 1 and held.args[0].kind in PLAIN


def _is_inherited_size(node: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether an attribute comes from one of PyTorch's convolutions or poolings."""
    name = ctx.self_attribute(node)
    if name not in _SIZES or report.info is None or report.type(node).known:
        return False
    model = class_model(report.info, ctx.project)
    if name in model.built or name in model.later:
        return False
    bases = {base for owner in ctx.project.mro(report.info) for base in owner.bases if base}
    return any(base.startswith(("torch.nn.Conv", "torch.nn.MaxPool", "torch.nn.AvgPool")) for base in bases)
