"""Python's random numbers and the clock in what ``torch.compile`` reads.

What it does
    Finds ``random.random()``, ``random.choice(...)``, ``time.time()``, seeds and the like in what is compiled.

Why is this bad
    They are written in C, and Dynamo doesn't look into them: "Attempted to call function marked as skipped".  The graph
    breaks there, and with ``fullgraph=True`` nothing compiles.  It knows ``random.uniform``, ``randint`` and
    ``randrange``, which it draws anew at each call.

Fix safety
    Safe for ``random.random()``: ``random.uniform(0.0, 1.0)`` is ``0.0 + 1.0 * random()``, the same number of the same
    stream.  Of the others none is made: draw with ``torch.rand``, or outside.

References
    https://docs.pytorch.org/docs/stable/compile/programming_model.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import CLOCKS, is_compiled

EXAMPLES = [
    Example(
        before="""
import random

from torch import nn


class Noise(nn.Module):
    def forward(self, x):
        return x * random.random()
""",
        after="""
import random

from torch import nn


class Noise(nn.Module):
    def forward(self, x):
        return x * random.uniform(0.0, 1.0)
""",
    ),
    Example(
        title="no other name is known",
        before="""
import random

from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        return x * random.choice([1, 2])
""",
    ),
]

VALID = [
    """
import random

import torch
from torch import nn


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = random.random()

    def forward(self, x):
        return x * random.uniform(0.0, 2.0) * self.scale * random.randint(1, 3) + torch.rand_like(x)
""",
]

_SKIPPED = frozenset(
    {f"random.{word}" for word in ("random", "choice", "choices", "sample", "gauss", "seed")}
    | CLOCKS
    | {"uuid.uuid4", "torch.manual_seed"}
)


@rule(
    "THT405",
    "outside-of-graph",
    targets=("torch.compile",),
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.Call,),
)
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name not in _SKIPPED or not is_compiled(ctx.unit, ctx):
        return
    fix = None
    if name == "random.random" and isinstance(node.func, ast.Attribute) and not node.args:
        fix = Fix((replace(ctx.source, node, node.func.value, ".uniform(0.0, 1.0)"),))
    yield Finding(
        node,
        f"Dynamo doesn't look into `{ast.unparse(node.func)}`, and the graph breaks",
        help="draw with `torch.rand`, or do it outside of what is compiled",
        fix=fix,
    )
