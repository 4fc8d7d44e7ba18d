"""A submodule as a condition: TorchScript can't make a bool of a module.

What it does
    Finds ``if self.downsample:`` and ``self.norm != None`` where the attribute holds a module, or ``None``.

Why is this bad
    TorchScript takes a condition of type ``bool`` only, and compares a module with nothing.  What it understands, and
    even decides when it compiles, is ``is not None``.

Fix safety
    Safe where the attribute is ``None`` or a module that is true: one whose class has neither ``__len__`` nor
    ``__bool__``.  An ``nn.Sequential`` or ``nn.ModuleList`` is asked for its ``len``: empty ones are false.  For an
    attribute that a caller gives, the fix is unsafe, unless the constructor can answer (``THT513``).

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#optional-type-refinement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Fix, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_condition, problems
from ._truth import always_true, counted
from ._types import T
from .tht513_construction_decision import decided_at_construction

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, shortcut=False):
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, 1)
        self.down = None
        if shortcut:
            self.down = nn.Conv2d(dim, dim, 1)

    def forward(self, x):
        y = self.conv(x)
        if self.down:
            x = self.down(x)
        return x + y
""",
        after="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, shortcut=False):
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, 1)
        self.down = None
        if shortcut:
            self.down = nn.Conv2d(dim, dim, 1)

    def forward(self, x):
        y = self.conv(x)
        if self.down is not None:
            x = self.down(x)
        return x + y
""",
    ),
    Example(
        title="an empty Sequential is false",
        before="""
from torch import nn


class Chain(nn.Module):
    def __init__(self, layers=()):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        if self.body:
            x = self.body(x)
        return x
""",
        after="""
from torch import nn


class Chain(nn.Module):
    def __init__(self, layers=()):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        if len(self.body) > 0:
            x = self.body(x)
        return x
""",
    ),
    Example(
        title="a Sequential, or none",
        before="""
from torch import nn


class Chain(nn.Module):
    def __init__(self, layers=None):
        super().__init__()
        self.body = nn.Sequential(*layers) if layers is not None else None

    def forward(self, x):
        if self.body:
            x = self.body(x)
        return x
""",
        after="""
from torch import nn


class Chain(nn.Module):
    def __init__(self, layers=None):
        super().__init__()
        self.body = nn.Sequential(*layers) if layers is not None else None

    def forward(self, x):
        if self.body is not None and len(self.body) > 0:
            x = self.body(x)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Block(nn.Module):
    def __init__(self, down=None):
        super().__init__()
        self.down = down

    def forward(self, x):
        if self.down is not None:
            x = self.down(x)
        return x
""",
]


@rule("THT505", "module-truth", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "module-truth", "none-equal"):
        node = problem.node
        held = problem.detail[0]
        assert isinstance(held, T) and isinstance(node, ast.expr)
        if problem.kind == "none-equal":
            yield from _equality(node, ctx)
            continue
        if decided_at_construction(problem, report, unit, ctx):
            continue  # THT513
        safety = "safe" if always_true(held, ctx) else "unsafe"
        text = ast.unparse(node)
        asked = f"{text} is not None"
        parts: tuple[Part, ...] = (node, " is not None")
        if safety == "unsafe" and counted(held, ctx) and ctx.module.scope_at(node).lookup("len") is None:
            maybe = any(one.kind == "none" for one in held.alternatives)
            parts = (*parts, " and len(", node, ") > 0") if maybe else ("len(", node, ") > 0")
            asked = f"{asked} and len({text}) > 0" if maybe else f"len({text}) > 0"
            safety = "unsafe" if maybe and not isinstance(node, ast.Name | ast.Attribute) else "safe"
        if _needs_parentheses(node, ctx) or " and " in asked and isinstance(ctx.module.parent(node), ast.UnaryOp):
            parts = ("(", *parts, ")")
        yield Finding(
            node,
            f"`{text}` is a module, of which TorchScript can't make a bool",
            help=f"ask `{asked}`",
            fix=Fix((replace(ctx.source, node, *parts),), safety) if is_condition(node, ctx) else None,
        )


def _equality(node: ast.expr, ctx: UnitContext) -> Iterator[Finding]:
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return
    word = " is not " if isinstance(node.ops[0], ast.NotEq) else " is "
    edit = replace(ctx.source, node, node.left, word, node.comparators[0])
    yield Finding(
        node,
        "TorchScript compares with None by `is` only",
        help=f"write `{ast.unparse(node.left)}{word}None`",
        fix=Fix((edit,)),
    )


def _needs_parentheses(node: ast.expr, ctx: UnitContext) -> bool:
    return isinstance(ctx.module.parent(node), ast.Compare | ast.BinOp)
