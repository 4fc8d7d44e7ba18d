"""A counter that has the module compiled anew at each call.

What it does
    Finds whole numbers that ``forward`` counts up in an attribute, and lists that it adds to.

Why is this bad
    ``torch.compile`` takes a whole number in a module, and the length of a list, for a constant and guards it: when it
    has changed, the function is compiled again.  After eight times it gives up, and runs the function as Python from
    then on; with ``fullgraph=True`` the call raises ``FailOnRecompileLimitHit``.  (Measured with torch 2.13: the ninth
    call.  Floating numbers and buffers are no constants.)

Fix safety
    There is no fix: a buffer is part of the ``state_dict``, unless it is registered with ``persistent=False``.

References
    https://docs.pytorch.org/docs/main/user_guide/torch_compiler/compile/programming_model.recompilation.html
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ..rule import Example, Finding, UnitContext, rule
from ._classes import only_holds
from ._common import asks_training, is_compiled

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Warm(nn.Module):
    def __init__(self):
        super().__init__()
        self.step = 0

    def forward(self, x):
        if self.training:
            self.step += 1
        return x * 2
""",
    ),
    Example(
        title="a list that grows",
        before="""
from torch import nn


class Kept(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(x.shape[0])
        return x * 2
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Warm(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("step", torch.zeros((), dtype=torch.int64), persistent=False)
        self.scale = 1.0
        self.limit = 3

    def forward(self, x):
        self.step += 1
        self.scale *= 0.9
        parts = []
        for i in range(self.limit):
            parts.append(x * i)
        return torch.cat(parts) * self.scale

    def reset(self):
        self.limit += 1
""",
    """
from torch import nn


class Maps(nn.Module):
    def __init__(self):
        super().__init__()
        self.maps = []

    def forward(self, x):
        self.maps = []
        self.maps.append(x)
        return x * 2
""",
]
_GROWS = ("append", "extend", "insert")


@rule(
    "THT703",
    "recompiling-counter",
    targets=("torch.compile",),
    consequence=Consequence.SPEED,
    on=(ast.AugAssign, ast.Assign, ast.Call),
)
def check(node: ast.AugAssign | ast.Assign | ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx) or _perhaps(node, ctx):
        return
    name = _counted(node, ctx)
    if name is not None:
        yield Finding(
            node,
            f"`self.{name}` changes with each call: torch.compile compiles anew for each value, eight at most",
            help="keep it in a buffer, or count where the module is called",
        )


def _counted(node: ast.AugAssign | ast.Assign | ast.Call, ctx: UnitContext) -> str | None:
    """Return the attribute that ``node`` counts up or adds to."""
    if isinstance(node, ast.AugAssign):
        return _held(node.target, ctx, _is_whole) if isinstance(node.op, ast.Add | ast.Sub) else None
    if isinstance(node, ast.Assign):
        target, value = node.targets[0], node.value
        same = isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(target)
        return _held(target, ctx, _is_whole) if same and isinstance(value.op, ast.Add | ast.Sub) else None  # type: ignore[attr-defined]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _GROWS:
        return _held(node.func.value, ctx, _is_list)
    return None


def _held(target: ast.expr, ctx: UnitContext, fits: Callable[[ast.expr | None], bool]) -> str | None:
    """Return the name of the attribute ``target`` if the constructor gives it what ``fits``."""
    name = ctx.self_attribute(target) if isinstance(target, ast.Attribute) else None
    if name is None or not ctx.unit.cls:
        return None
    held = only_holds(name, ctx.unit.cls, ctx.project, fits)
    return name if held and not _begun_anew(name, ctx) else None


def _is_list(value: ast.expr | None) -> bool:
    return isinstance(value, ast.List)


def _is_whole(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and type(value.value) is int


def _begun_anew(name: str, ctx: UnitContext) -> bool:
    """Whether what is compiled gives the attribute a value that doesn't hang on the last one."""
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Attribute) and t.attr == name for t in node.targets)
        and not any(isinstance(n, ast.Attribute) and n.attr == name for n in walk(node.value))
        for function in ctx.unit.region
        for node in walk(function)
    )


def _perhaps(node: ast.AST, ctx: UnitContext) -> bool:
    """Whether ``node`` runs under a condition other than training: then it may never run."""
    return any(
        isinstance(parent, ast.Try) or isinstance(parent, ast.If | ast.IfExp) and not asks_training(parent)
        for parent in ctx.module.ancestors(node)
    )
