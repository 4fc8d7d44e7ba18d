"""A call of Acme's old `legacy_relu`.

What it does
    Finds calls of ``acme.ops.legacy_relu`` in what is compiled.

Why is this bad
    It is written in NumPy: no compiler can read it.

Fix safety
    Safe: ``torch.relu`` computes the same.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from transpile_hybrid.diagnostics import Consequence
from transpile_hybrid.rewrite.edit import Fix, replace
from transpile_hybrid.rules.rule import Example, Finding, UnitContext, rule

EXAMPLES = [
    Example(
        before="""
import torch
from acme.ops import legacy_relu


class Net(torch.nn.Module):
    def forward(self, x):
        return legacy_relu(x)
""",
        after="""
import torch
from acme.ops import legacy_relu


class Net(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x)
""",
    ),
]


@rule(
    "ACME101",
    "legacy-relu",
    targets=("torch.script", "torch.compile", "torch.export"),
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.Call,),
)
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    """Report each call; mend it where ``torch`` itself is imported."""
    if ctx.qualified(node.func) != "acme.ops.legacy_relu":
        return
    known = (
        ctx.qualified(ast.Name("torch", ast.Load())) == "torch"
        if ctx.scope is None
        else (ctx.scope.qualified(ast.Name("torch", ast.Load())) == "torch")
    )
    fix = Fix((replace(ctx.source, node.func, "torch.relu"),)) if known else None
    yield Finding(node, "`legacy_relu` is written in NumPy", "use `torch.relu`", fix=fix)
