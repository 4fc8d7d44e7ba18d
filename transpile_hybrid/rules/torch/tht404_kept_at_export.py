"""What Python does once, while a module is exported.

What it does
    Finds random numbers of Python and NumPy, the clock, the environment, and counters and lists that ``forward`` keeps
    in the module, in what ``torch.export`` reads.

Why is this bad
    ``torch.export.export`` runs the Python of ``forward`` once and keeps the tensor operations: a number that was drawn
    or read then is a constant of the program from then on, and a counter stands still.  Nothing says so.
    ``torch.compile`` guards what it saw and keeps state up to date; what it can't guard (a random number, the clock)
    breaks the graph.

Fix safety
    There is no fix: draw with ``torch.rand``, give the value as an argument, or keep it in a buffer.

References
    https://docs.pytorch.org/docs/stable/export.html#limitations-of-torch-export
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ..rule import Example, Finding, UnitContext, rule
from ._classes import only_holds
from ._common import CLOCKS, in_training, is_compiled

EXAMPLES = [
    Example(
        before="""
import random

from torch import nn


class Noise(nn.Module):
    def forward(self, x):
        return x + random.random()
""",
    ),
    Example(
        title="a counter",
        before="""
from torch import nn


class Warm(nn.Module):
    def __init__(self):
        super().__init__()
        self.step = 0

    def forward(self, x):
        self.step += 1
        return x / self.step
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
        self.register_buffer("step", torch.zeros(()))

    def forward(self, x):
        self.step += 1
        parts = []
        parts.append(x)
        return torch.rand_like(parts[0]) * self.scale + self.step
""",
]

_RANDOM = ("random", "randint", "uniform", "choice", "randrange", "gauss", "normalvariate", "sample", "choices")
_READ = {
    **{f"random.{word}": "draws" for word in _RANDOM},
    **dict.fromkeys(CLOCKS, "reads the clock"), "datetime.datetime.utcnow": "reads the clock",
    "os.getenv": "reads the environment", "os.environ.get": "reads the environment", "uuid.uuid4": "draws",
}  # fmt: skip
_NO_DRAWS = ("seed", "RandomState", "default_rng", "get_state", "set_state", "Generator")
_GROWS = ("append", "extend", "insert", "pop", "clear", "add", "update")


@rule(
    "THT404",
    "kept-at-export",
    targets=("torch.export",),
    consequence=Consequence.SILENT,
    on=(ast.Call, ast.AugAssign),
)
def check(node: ast.Call | ast.AugAssign, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx) or in_training(node, ctx):
        return
    if isinstance(node, ast.AugAssign):
        name = _state(node.target, ctx)
        if name is not None:
            yield _still(node, name)
        return
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    drawn = name is not None and name.startswith("numpy.random.") and name.rpartition(".")[2] not in _NO_DRAWS
    done = "draws" if drawn else _READ.get(name or "")
    if done is not None and not _for_training(node, ctx):
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` {done} once, while the module is exported",
            help="draw with `torch.rand`, or give the value as an argument",
        )
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _GROWS:
        held = _state(node.func.value, ctx)
        if held is not None:
            yield _still(node, held)


def _for_training(node: ast.Call, ctx: UnitContext) -> bool:
    """Whether what the call gives has a name that is only asked for under such questions."""
    parent = ctx.module.parent(node)
    if not (isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name)) or ctx.function is None:
        return False
    name = parent.targets[0].id
    read = [n for n in walk(ctx.function) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
    return all(in_training(one, ctx) for one in read)


def _still(node: ast.AST, name: str) -> Finding:
    return Finding(
        node,
        f"`{name}` changes once, while the module is exported, and stands still from then on",
        help="keep it in a buffer, or outside of the module",
    )


def _state(target: ast.expr, ctx: UnitContext) -> str | None:
    """Return the attribute of plain Python that ``target`` is, where what it holds is read in the region."""
    if isinstance(target, ast.Attribute) and (name := ctx.self_attribute(target)) is not None and ctx.unit.cls:
        plain = only_holds(name, ctx.unit.cls, ctx.project, _plain)
        return f"self.{name}" if plain and _reads(name, target, ctx) else None
    return None


def _plain(value: ast.expr | None) -> bool:
    """Whether a value is a number, a text, or an empty container."""
    if isinstance(value, ast.List | ast.Dict):
        return not ast.unparse(value).strip("[]{}")
    return isinstance(value, ast.Constant) and value.value is not None


def _reads(name: str, target: ast.expr, ctx: UnitContext) -> bool:
    """Whether what is compiled reads the attribute elsewhere: then the result hangs on it."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and node is not target and isinstance(node.ctx, ast.Load)
        for function in ctx.unit.region
        for node in walk(function)
    )
