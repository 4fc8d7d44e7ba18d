"""Printing and logging inside of what ``torch.compile`` takes in one graph.

What it does
    Finds ``print``, ``warnings.warn`` and ``logging`` calls in what ``torch.compile(fullgraph=True)`` compiles.

Why is this bad
    They break the graph: an error with ``fullgraph=True``.  ``torch.export`` runs them once, while it traces, and never
    again.  TorchScript prints.

Fix safety
    There is no fix: whether the text is still wanted, the author knows.  ``if not torch.compiler.is_compiling():``
    around it keeps it in eager runs.

References
    https://docs.pytorch.org/docs/stable/generated/torch.compiler.is_compiling.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, UnitContext, rule
from ._common import TRACED, is_compiled

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        print("shape", x.shape)
        return x * 2
""",
        targets=("torch.compile",),
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if not torch.compiler.is_compiling():
            print("shape", x.shape)
        return x * 2


def report(x):
    print(x)
""",
]


@rule("THT401", "print-in-graph", targets=TRACED, consequence=Consequence.ERROR, on=(ast.Call,))
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name is None or not is_compiled(ctx.unit, ctx):
        return
    logs = name == "builtins.print" or name.startswith(("logging.", "warnings.warn"))
    if logs and not _guarded(node, ctx):
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` breaks the graph",
            help="guard it: `if not torch.compiler.is_compiling():`",
        )


def _guarded(node: ast.AST, ctx: UnitContext) -> bool:
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If) and "is_compiling" in ast.unparse(parent.test):
            return True
    return False
