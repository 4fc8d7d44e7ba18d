"""Adaptive pooling that keeps the size of some dimensions.

What it does
    Finds ``nn.AdaptiveAvgPool2d((None, 1))`` and the like: layers whose output is as large as the input where ``None``
    stands.

Why is this bad
    PyTorch's own ``forward`` gives ``None`` on to an operation that takes whole numbers: TorchScript refuses the layer,
    called or not, "Expected a value of type 'List[int]' for argument 'output_size' but instead found type
    'Tuple[NoneType, int]'".

Fix safety
    Safe where the size is written out: a subclass takes the layer's place, which has its name, its attributes and its
    hooks, and asks the input for the size first.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_compiled
from ._helper import add_function, first_definition
from ._writing import functional_name, of_torch

EXAMPLES = [
    Example(
        before="""
import torch.nn.functional as F
from torch import nn


class Coordinates(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.AdaptiveAvgPool2d((None, 1))
        self.columns = nn.Sequential(nn.AdaptiveAvgPool2d((1, None)), nn.ReLU())

    def forward(self, x):
        x = x[None]
        return F.relu(self.rows(x)) + self.columns(x)
""",
        after="""
import torch.nn.functional as F
from torch import nn


class AdaptiveAvgPool2dOfAnySize(nn.AdaptiveAvgPool2d):
    # TorchScript: PyTorch's own gives `None` on to an operation that takes whole numbers
    def forward(self, x):
        a, b = self.output_size
        return F.adaptive_avg_pool2d(x, (x.shape[-2] if a is None else a, x.shape[-1] if b is None else b))


class Coordinates(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = AdaptiveAvgPool2dOfAnySize((None, 1))
        self.columns = nn.Sequential(AdaptiveAvgPool2dOfAnySize((1, None)), nn.ReLU())

    def forward(self, x):
        x = x[None]
        return F.relu(self.rows(x)) + self.columns(x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((2, 1))

    def forward(self, x):
        return self.pool(x)
""",
]

_POOL = re.compile(r"torch\.nn\.(Adaptive(Avg|Max)Pool([23])d)")


@rule("THT633", "pool-any-size", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or unit.init is None or unit.cls.module is not ctx.module or not is_compiled(unit, ctx):
        return
    for node in walk(unit.init):
        found = _POOL.fullmatch(ctx.qualified(node.func) or "") if isinstance(node, ast.Call) else None
        if found is None or not isinstance(node, ast.Call) or not _keeps(node):
            continue
        edits = _edits(node, found, ctx)
        yield Finding(
            node,
            f"`{ast.unparse(node)}` keeps the size of a dimension, which TorchScript can't compile",
            help="use a subclass that asks its input for the size",
            fix=Fix(edits) if edits else None,
        )


def _size(call: ast.Call) -> ast.expr | None:
    return call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "output_size"), None)


def _keeps(call: ast.Call) -> bool:
    size = _size(call)
    items = size.elts if isinstance(size, ast.Tuple | ast.List) else [size]
    return any(isinstance(one, ast.Constant) and one.value is None for one in items)


def _edits(node: ast.Call, found: re.Match[str], ctx: UnitContext) -> tuple[Edit, ...]:
    size, count = _size(node), int(found[3])
    first = first_definition(ctx)
    if not isinstance(size, ast.Tuple) or len(size.elts) != count or first is None:
        return ()
    functional, base = functional_name(first, ctx), of_torch(f"torch.nn.{found[1]}", ctx, first)
    if functional is None or base is None:
        return ()
    letters = "abc"[:count]
    items = ", ".join(f"x.shape[{i - count}] if {one} is None else {one}" for i, one in enumerate(letters))
    more = ", self.return_indices" if found[2] == "Max" else ""
    lines = (
        f"class {found[1]}OfAnySize({base[0]}):",
        "    # TorchScript: PyTorch's own gives `None` on to an operation that takes whole numbers",
        "    def forward(self, x):",
        f"        {', '.join(letters)} = self.output_size",
        f"        return {functional[0]}.adaptive_{found[2].lower()}_pool{count}d(x, ({items}){more})",
    )
    added = add_function(f"{found[1]}OfAnySize", lines, ctx)
    if added is None:
        return ()
    return (replace(ctx.source, node.func, f"{found[1]}OfAnySize"), *added, *functional[1], *base[1])
