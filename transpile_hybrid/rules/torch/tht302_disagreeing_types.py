"""Paths that give a variable, or the result, different types.

What it does
    Finds functions whose ``return`` statements, and variables whose branches, don't agree on a type; and modules that
    are picked while the model runs, as one of several.

Why is this bad
    Everything has one type in TorchScript: "Previous return statement returned a value of type Tensor but this
    return statement returns a value of type Tuple[Tensor, Tensor]".  Each module has a type of its own, so that what is
    picked has none.

Fix safety
    There is none here: where a flag of the constructor decides, THT508 declares it constant; elsewhere the author has
    to say what the function returns.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if x.dim() == 2:
            return x, x * 2
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if x.dim() == 2:
            return x * 2
        return x
""",
]

# what is told of each kind of problem, and what to write
_ONE = "or decide by a constant of the class (`__constants__`)"
_TEXTS = {
    "return": ("the results of this function disagree: {} and {}", f"return one type on all paths, {_ONE}"),
    "conflict": ("its branches give this different types: {} and {}", f"make them one type, {_ONE}"),
    "reassign": ("this has the type {} above and gets {} here", "give the second value a name of its own"),
    "modules-called": (
        "TorchScript makes a tuple of a part of the modules, which can't be called",
        "keep that part in an `nn.Sequential` or `nn.ModuleList` of its own, made in `__init__`",
    ),
    "chosen": (
        "TorchScript has no variable for one {} or another: call each in a branch of its own",
        "write the call in both branches: `if flag: y = self.a(x)`, `else: y = self.b(x)`",
    ),
    "modules-in-row": (
        "a loop over several modules: TorchScript calls those of a ModuleList only",
        "put them in an `nn.ModuleList` in `__init__` and loop over that",
    ),
}


@rule("THT302", "disagreeing-types", targets=SCRIPT, consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, *_TEXTS):
        at: ast.AST = problem.node if hasattr(problem.node, "lineno") else report.function
        if isinstance(at, ast.FunctionDef):
            at = at.body[-1]
        text, instead = _TEXTS[problem.kind]
        yield Finding(at, text.format(*problem.detail), help=instead)
