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
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model
from ._common import is_compiled

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
        return _held(node.target, ctx, int) if isinstance(node.op, ast.Add | ast.Sub) else None
    if isinstance(node, ast.Assign):
        target, value = node.targets[0], node.value
        same = isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(target)
        return _held(target, ctx, int) if same and isinstance(value.op, ast.Add | ast.Sub) else None  # type: ignore[attr-defined]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _GROWS:
        return _held(node.func.value, ctx, list)
    return None


def _held(target: ast.expr, ctx: UnitContext, kind: type) -> str | None:
    """Return the name of the attribute ``target`` if the constructor makes it a whole number (a list)."""
    name = ctx.self_attribute(target) if isinstance(target, ast.Attribute) else None
    if name is None or not ctx.unit.cls:
        return None
    model = class_model(ctx.unit.cls, ctx.project)
    values = [write.value for write in model.built.get(name, [])]
    wanted = all(
        isinstance(value, ast.List) if kind is list else isinstance(value, ast.Constant) and type(value.value) is int
        for value in values
    )
    if not values or not wanted or name in model.registered or _begun_anew(name, ctx):
        return None
    return name


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
        isinstance(parent, ast.If | ast.IfExp | ast.Try) and not _on_training(parent)
        for parent in ctx.module.ancestors(node)
    )


def _on_training(parent: ast.If | ast.IfExp | ast.Try) -> bool:
    return not isinstance(parent, ast.Try) and "training" in ast.unparse(parent.test)
