"""Random numbers of Python and NumPy, the clock and the like in what ``torch.compile`` reads.

What it does
    Finds ``random.random()``, ``random.choice(...)``, ``np.random.rand()``, ``time.time()``, seeds and the like in what
    is compiled, and branches on random numbers.

Why is this bad
    They are written in C, and Dynamo doesn't look into them: "Attempted to call function marked as skipped".  The graph
    breaks there, and with ``fullgraph=True`` nothing compiles.  It knows ``random.uniform``, ``randint`` and
    ``randrange``, which it draws anew at each call: a graph can compute with such a number, and can't branch on it.  Of
    NumPy's it knows arrays of some distributions, for which PyTorch draws: other numbers than NumPy's, and nothing says
    so.  A single number of NumPy is read at once, and fails.

Fix safety
    Safe for ``random.random()`` that is computed with: ``random.uniform(0.0, 1.0)`` is ``0.0 + 1.0 * random()``, the
    same number of the same stream.  Of the others none is made: draw with ``torch.rand``, or outside.

References
    https://docs.pytorch.org/docs/stable/compile/programming_model.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import CLOCKS, is_compiled, is_condition
from ._reached import where_reached

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
        title="a branch",
        before="""
import random

import numpy as np
from torch import nn


class Sometimes(nn.Module):
    def forward(self, x):
        if random.uniform(0, 1) > 0.5:
            x = x * 2
        return x * np.random.rand()
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

import numpy as np
import torch
from torch import nn


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = random.random() + np.random.rand()

    def forward(self, x):
        return x * random.uniform(0.0, 2.0) * self.scale * random.randint(1, 3) + torch.rand_like(x)
""",
]

_SKIPPED = frozenset(
    {f"random.{word}" for word in ("random", "choice", "choices", "sample", "gauss", "seed", "shuffle")}
    | CLOCKS
    | {"uuid.uuid4", "torch.manual_seed"}
    | {"numpy.random.seed", "numpy.random.shuffle"}
)
_KNOWN = frozenset({"random.uniform", "random.randint", "random.randrange"})
# what draws an array where it is given a size; of all others Dynamo knows none
_ARRAYS = {"rand": 1, "randn": 1, "random": 1, "random_sample": 1, "sample": 1, "normal": 3, "uniform": 3, "randint": 3}


@rule(
    "THT405",
    "outside-of-graph",
    targets=("torch.compile",),
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.Call,),
)
@where_reached(("torch.compile",))
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name is None or not is_compiled(ctx.unit, ctx):
        return
    if _is_array(name, node):
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` draws other numbers when it is compiled: PyTorch's, whatever NumPy's seed",
            help="draw with `torch.rand`, or outside of what is compiled",
            consequence=Consequence.SILENT,
        )
        return
    asked = name in _KNOWN | {"random.random"} and _is_asked(node, ctx)
    if name not in _SKIPPED and not asked and not _is_number(name):
        return
    if asked:
        yield Finding(
            node,
            f"a graph can't branch on `{ast.unparse(node)}`, a random number",
            help="draw and decide outside of what is compiled",
        )
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


def _is_asked(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether a branch, or the number of rounds of a loop, hangs on ``node``."""
    at: ast.AST = node
    parent = ctx.module.parent(at)
    while isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Compare):
        at, parent = parent, ctx.module.parent(parent)
    if isinstance(parent, ast.Call):
        return at in parent.args and ctx.qualified(parent.func) == "builtins.range"
    return is_condition(at, ctx)


def _is_number(name: str) -> bool:
    """Whether NumPy draws a single number, or something that Dynamo doesn't know."""
    word = name.removeprefix("numpy.random.")
    if word == name or word in ("default_rng", "RandomState", "Generator", "get_state", "set_state"):
        return False
    if word in ("choice", "permutation", "beta", "binomial", "exponential", "gamma", "poisson", "laplace"):
        return True
    return word in _ARRAYS  # arrays were told already


def _is_array(name: str, node: ast.Call) -> bool:
    """Whether NumPy draws an array of a kind that Dynamo knows."""
    place = _ARRAYS.get(name.removeprefix("numpy.random.")) if name.startswith("numpy.random.") else None
    return place is not None and (len(node.args) >= place or any(k.arg in ("size", None) for k in node.keywords))
