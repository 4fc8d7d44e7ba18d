"""Numbers and shapes that torch.compile takes into the graph only when it is told to.

What it does
    Finds ``x.item()``, ``int(x)``, ``float(x)`` and ``bool(x)`` of tensors, and what has a shape that hangs on numbers:
    ``nonzero``, ``torch.where(mask)``, ``x[mask]``, ``masked_select``, ``bincount`` and ``repeat_interleave``, a tensor
    as a size (``torch.arange(lengths.max())``, ``x.view(n, lengths.max())``).  And ``range`` of a tensor.

Why is this bad
    By default Dynamo leaves the graph at each of them: what comes before and after is compiled apart, and the device is
    waited for.  In a loop the whole function runs as Python.  With ``fullgraph=True`` they are part of the graph, as
    symbols; a branch that asks one is refused then.  ``range`` of a tensor is refused always.

Fix safety
    There is no fix: compile with ``fullgraph=True``, or set ``torch._dynamo.config.capture_scalar_outputs`` and
    ``capture_dynamic_output_shape_ops``; or stay with tensors (``torch.where(mask, x, 0)``, ``x * y.sum()``).

References
    https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/compile/programming_model.common_graph_breaks.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import is_compiled
from ._reached import where_reached
from ._reads import counts_by_tensor, read_number, shaped_by_numbers

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Normed(nn.Module):
    def forward(self, x):
        positive = x > 0
        return x / x.abs().max().item() + x[positive].sum()
""",
    ),
    Example(
        title="as many steps as a tensor says",
        before="""
import torch
from torch import nn


class Steps(nn.Module):
    def forward(self, x, lengths):
        positions = torch.arange(lengths.max())
        for _ in range(lengths.max()):
            x = x * 2
        return x, positions
""",
    ),
    Example(
        title="experts that take their tokens",
        before="""
import torch
from torch import nn


class Experts(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(width, width) for _ in range(count)])
        self.gate = nn.Linear(width, count)

    def forward(self, x):
        chosen = self.gate(x).argmax(-1)
        out = torch.zeros_like(x)
        for index, expert in enumerate(self.experts):
            rows = torch.where(chosen == index)[0]
            out.index_add_(0, rows, expert(x[rows]))
        return out
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = float(scale.max())
        self.rows = torch.nonzero(scale)

    def forward(self, x, n: int = 2):
        y = torch.where(x > 0, x, 0 * x)
        y[y > 1] = 1.0
        y = y.repeat_interleave(2, dim=0) * int(n) * float(x.shape[0])
        if not torch.compiler.is_compiling():
            self.last = x.sum().item()
        return y / x.abs().max() * self.scale
""",
]


@rule(
    "THT410",
    "read-in-graph",
    targets=("torch.compile",),
    consequence=Consequence.SPEED,
    on=(ast.Call, ast.Subscript),
)
@where_reached(("torch.compile",), said=Consequence.SPEED)
def check(node: ast.Call | ast.Subscript, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx):
        return
    if counts_by_tensor(node, ctx) and not asks_compiling(node, ctx):
        yield Finding(
            node,
            "`range` of a tensor breaks the graph",
            help="count to what Python knows, a size, and mask the rest",
            consequence=Consequence.ERROR,
        )
        return
    number = read_number(node, ctx)
    if not number and not shaped_by_numbers(node, ctx) or asks_compiling(node, ctx):
        return
    setting = "capture_scalar_outputs" if number else "capture_dynamic_output_shape_ops"
    yield Finding(
        node,
        f"torch.compile leaves the graph to {'read this number' if number else 'learn the shape of this'}"
        ", if not told otherwise",
        help=f"stay with tensors, compile with `fullgraph=True`, or set `torch._dynamo.config.{setting} = True`",
    )
