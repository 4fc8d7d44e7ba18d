"""Paths that give a variable, or the result, different types.

What it does
    Finds functions whose ``return`` statements, and variables whose branches, don't agree on a type.

Why is this bad
    Everything has one type in TorchScript: "Previous return statement returned a value of type Tensor but this
    return statement returns a value of type Tuple[Tensor, Tensor]".

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

_TEXTS = {
    "return": "the results of this function disagree: {} and {}",
    "conflict": "its branches give this different types: {} and {}",
    "reassign": "this has the type {} above and gets {} here",
    "modules-called": "TorchScript makes a tuple of a part of the modules, which can't be called",
    "chosen": "TorchScript has no variable for one {} or another: call each in a branch of its own",
    "modules-in-row": "a loop over several modules: TorchScript calls those of a ModuleList only",
    "module-index": "TorchScript indexes modules by literals only",
}


@rule("THT302", "disagreeing-types", targets=SCRIPT, consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, *_TEXTS):
        at: ast.AST = problem.node if hasattr(problem.node, "lineno") else report.function
        if isinstance(at, ast.FunctionDef):
            at = at.body[-1]
        yield Finding(
            at,
            _TEXTS[problem.kind].format(*problem.detail),
            help="make them one type, or decide by a constant of the class (`__constants__`)",
        )
