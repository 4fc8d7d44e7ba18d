"""A constant of the module, which TorchScript doesn't see.

What it does
    Finds module-level numbers, strings, lists, tuples, dicts and sets that are read in what TorchScript compiles, and
    numbers of ``math`` that are imported by themselves (``from math import pi``).

Why is this bad
    A global can change between calls, so TorchScript takes none: "python value of type 'int' cannot be used as a value.
    Perhaps it is a closed over global variable?".

Fix safety
    Safe for a constant in fact: a name that is assigned once, a literal, and that nothing in the repository assigns
    again, from inside or outside of the module.  The literal is put in its place.  Safe for the numbers of ``math``,
    which is asked for them.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#python-values
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, in_place_of, problems
from ._messages import f_string_around
from ._writing import import_modules

EXAMPLES = [
    Example(
        before="""
from torch import nn

SLOPE = 0.01


class Leaky(nn.Module):
    def forward(self, x):
        return nn.functional.leaky_relu(x, SLOPE)
""",
        after="""
from torch import nn

SLOPE = 0.01


class Leaky(nn.Module):
    def forward(self, x):
        return nn.functional.leaky_relu(x, 0.01)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a number of `math`",
        before="""
from math import pi

import torch
from torch import nn


class Angle(nn.Module):
    def forward(self, x):
        return torch.cos(pi * x)
""",
        after="""
from math import pi
import math

import torch
from torch import nn


class Angle(nn.Module):
    def forward(self, x):
        return torch.cos(math.pi * x)
""",
    ),
]

VALID = [
    """
from torch import nn

SLOPE = 0.01


class Leaky(nn.Module):
    def __init__(self):
        super().__init__()
        self.slope = SLOPE

    def forward(self, x):
        return nn.functional.leaky_relu(x, self.slope)
""",
]


@rule("THT511", "global-value", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from _containers(unit, ctx)
    yield from _imported(unit, ctx)
    for problem, _ in problems(unit, ctx, "global-value"):
        node, value = problem.node, problem.detail[0]
        assert isinstance(node, ast.Name) and isinstance(value, ast.expr)
        text = _text(value, node, ctx)
        edit = replace(ctx.source, node, text) if isinstance(value, ast.Constant) else in_place_of(node, (text,), ctx)
        yield Finding(
            node,
            f"`{node.id}` is a global, which TorchScript does not read",
            help="keep it in an attribute (`self.x = X` in `__init__`), or pass it",
            fix=Fix((edit,)) if text and _never_again(node.id, ctx) else None,
        )


def _text(value: ast.expr, node: ast.Name, ctx: UnitContext) -> str:
    """Return the literal as it is written in the place of ``node``; '' where it can't be.

    Before Python 3.12 an f-string holds no quotes of its own kind, and no backslash.
    """
    text, around = ctx.source.segment(value), f_string_around(node, ctx)
    if around is None or not any(mark in text for mark in "'\"\\#"):
        return text
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return ""
    written = ctx.source.segment(around)
    free = next((quote for quote in "'\"" if quote not in written), "")
    plain = value.value.isprintable() and not any(mark in value.value for mark in "'\"\\#")
    return f"{free}{value.value}{free}" if free and plain else ""


def _imported(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    """``from math import pi``: TorchScript reads numbers of a module that it is given, and none that is imported."""
    for problem, _ in problems(unit, ctx, "imported-number"):
        node, name = problem.node, problem.detail[0]
        assert isinstance(node, ast.Name) and isinstance(name, str)
        bound = ctx.module.scope_at(node).lookup("math")
        mine = bound is not None and all(one.kind == "import" and one.target == "math" for one in bound[1])
        edits = (replace(ctx.source, node, name), *(() if mine else (import_modules(["math"], ctx),)))
        yield Finding(
            node,
            f"`{node.id}` is imported by itself: TorchScript takes it for a global, which it does not read",
            help=f"write `{name}`",
            fix=Fix(edits) if mine or bound is None else None,
        )


def _containers(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, _ in problems(unit, ctx, "global-container"):
        assert isinstance(problem.node, ast.Name)
        yield Finding(
            problem.node,
            f"`{problem.node.id}` is a global, which TorchScript does not read",
            help="keep it in an attribute (`self.x = X` in `__init__`), or pass it",
        )


def _never_again(name: str, ctx: UnitContext) -> bool:
    modules = ctx.project.mentioning(name)
    if modules is None:
        return False
    return not any(name in one.attribute_stores or name in one.scopes.rebound_globals for one in modules)
