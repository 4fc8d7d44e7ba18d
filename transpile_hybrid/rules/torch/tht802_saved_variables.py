"""``ctx.saved_variables``, the old name of ``ctx.saved_tensors``.

What it does
    Finds ``saved_variables`` in an ``autograd.Function``.

Why is this bad
    ``torch.compile`` traces the functions' ``backward`` and does not know the old name.

Fix safety
    Safe: both names give the same tuple; the old one is deprecated.

References
    https://docs.pytorch.org/docs/stable/notes/extending.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, ModuleContext, rule

EXAMPLES = [
    Example(
        before="""
import torch


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_variables
        return grad * 2 * x
""",
        after="""
import torch


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 * x
""",
        targets=("torch.compile",),
    ),
]

VALID = [
    """
import torch


class Store:
    def get(self, ctx):
        return ctx.saved_variables
""",
]


@rule(
    "THT802",
    "saved-variables",
    targets=("torch.compile",),
    consequence=Consequence.ERROR,
    fix="always",
    scope="file",
    on=(ast.Attribute,),
)
def check(node: ast.Attribute, ctx: ModuleContext) -> Iterator[Finding]:
    if node.attr != "saved_variables" or not isinstance(node.value, ast.Name):
        return
    function = ctx.module.enclosing_function(node)
    if function is None or function.name != "backward" or not function.args.args:
        return
    if function.args.args[0].arg != node.value.id:
        return
    end = ctx.source.span(node).end
    owner = ctx.module.parent(function)
    yield Finding(
        node,
        "`saved_variables` is the old name of `saved_tensors`",
        help="write `ctx.saved_tensors`",
        unit=owner.name if isinstance(owner, ast.ClassDef) else None,
        fix=Fix((Edit(end - len(node.attr), end, ("saved_tensors",)),)),
    )
