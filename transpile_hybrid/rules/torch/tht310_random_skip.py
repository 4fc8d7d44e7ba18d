"""A choice by a drawn number, with a rate that is often zero.

What it does
    Finds conditions that compare a number drawn from [0, 1) with a rate (``torch.rand([]) < self.layerdrop``).

Why is this bad
    The number is known when the graph runs and not before: "Data-dependent branching".  Dynamo leaves the graph at each
    such choice, once a layer, although with the rate 0, which many models have, nothing is ever skipped.

Fix safety
    Safe: ``rate > 0`` is asked first.  No number of [0, 1) is below a rate of 0, so that the answer is the same, and
    nothing is drawn more or less.  To Dynamo the rate is a constant, and the choice is gone.  Where it is above 0,
    Dynamo leaves the graph as before; draw the layers to skip outside of what is compiled.

References
    https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/compile/programming_model.common_graph_breaks.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import TRACED, is_compiled
from ._drawn import Drawn, drawn
from ._reached import where_reached

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, layers, layerdrop=0.0):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.layerdrop = layerdrop

    def forward(self, x):
        for layer in self.layers:
            if self.training:
                drawn = torch.rand([])
                if drawn < self.layerdrop:
                    continue
            x = layer(x)
        return x
""",
        after="""
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, layers, layerdrop=0.0):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.layerdrop = layerdrop

    def forward(self, x):
        for layer in self.layers:
            if self.training:
                drawn = torch.rand([])
                if self.layerdrop > 0 and drawn < self.layerdrop:
                    continue
            x = layer(x)
        return x
""",
    ),
    Example(
        title="the answer is kept in a name",
        before="""
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, layer, config):
        super().__init__()
        self.layer = layer
        self.config = config

    def forward(self, x):
        drawn = torch.rand([])
        skip = self.training and drawn < self.config.layerdrop
        keep = True if (not self.training or drawn >= self.config.layerdrop) else False
        return x if skip or not keep else self.layer(x)
""",
        after="""
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, layer, config):
        super().__init__()
        self.layer = layer
        self.config = config

    def forward(self, x):
        drawn = torch.rand([])
        skip = self.training and self.config.layerdrop > 0 and drawn < self.config.layerdrop
        keep = True if (not self.training or self.config.layerdrop <= 0 or drawn >= self.config.layerdrop) else False
        return x if skip or not keep else self.layer(x)
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, rate=0.0):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        drawn = torch.rand([])
        if self.rate > 0 and drawn < self.rate:
            return x
        kept = torch.rand(x.shape[0], 1) < self.rate
        below = drawn < self.rate
        if torch.compiler.is_compiling():
            x = 2 * x
        elif drawn < self.rate:
            x = 3 * x
        return torch.where(kept, x, 0 * x), below
""",
]


@rule(
    "THT310",
    "random-skip",
    targets=TRACED,
    consequence=Consequence.ERROR,
    fix="always",
    on=(ast.Compare,),
)
@where_reached(TRACED)
def check(node: ast.Compare, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx):
        return
    found = drawn(node, ctx)
    if found is None or found.is_guarded(ctx) or asks_compiling(node, ctx):
        return
    yield Finding(
        node,
        "a drawn number decides which code runs, which a graph can't",
        help=f"ask `{found.guard}` first: then there is no choice where the rate is 0",
        fix=Fix((_guarded(found, ctx),)),
    )


def _guarded(found: Drawn, ctx: UnitContext) -> Edit:
    word = "and" if found.skips else "or"
    parts = (f"{found.guard} {word} ", found.node)
    parent = ctx.module.parent(found.node)
    wanted = ast.And if found.skips else ast.Or
    plain = isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assign)
    plain = plain or isinstance(parent, ast.BoolOp) and (isinstance(parent.op, wanted) or word == "and")
    span, text = ctx.source.span(found.node), ctx.source.text
    enclosed = text[: span.start].rstrip()[-1:] == "(" and text[span.end :].lstrip()[:1] == ")"
    return replace(ctx.source, found.node, *(parts if plain or enclosed else ("(", *parts, ")")))
