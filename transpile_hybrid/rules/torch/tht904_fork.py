"""``torch.jit.fork`` and ``wait``, which ``torch.compile`` doesn't follow.

What it does
    Finds ``torch.jit.fork(f, x)`` and ``torch.jit.wait(future)`` in what is compiled.

Why is this bad
    TorchScript runs a forked call beside the others.  Dynamo doesn't look into them: "Attempted to call function marked
    as skipped".  The graph breaks there, and with ``fullgraph=True`` nothing compiles.

Fix safety
    None is made.  In Python ``fork`` calls the function at once, so ``f(x)`` in its place, and the name itself in the
    place of ``wait``, give the same.

References
    https://docs.pytorch.org/docs/stable/generated/torch.jit.fork.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, UnitContext, rule
from ._common import is_compiled

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(4, 4)
        self.right = nn.Linear(4, 4)

    def forward(self, x):
        future = torch.jit.fork(self.left, x)
        y = self.right(x)
        return torch.jit.wait(future) + y
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(4, 4)

    def forward(self, x):
        return self.left(x)


def beside(net, x):
    return torch.jit.wait(torch.jit.fork(net, x))
""",
]


@rule("THT904", "fork", targets=("torch.compile",), consequence=Consequence.ERROR, on=(ast.Call,))
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name in ("torch.jit.fork", "torch.jit.wait") and is_compiled(ctx.unit, ctx):
        word = name.rpartition(".")[2]
        yield Finding(
            node,
            f"Dynamo doesn't look into `torch.jit.{word}`, and the graph breaks",
            help="call the function itself" if word == "fork" else "use the value itself",
        )
