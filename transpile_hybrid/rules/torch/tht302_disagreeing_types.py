"""Paths that give a variable, or the result, different types.

What it does
    Finds functions whose ``return`` statements, and variables whose branches, don't agree on a type; and modules that
    are picked while the model runs, as one of several.

Why is this bad
    Everything has one type in TorchScript: "Previous return statement returned a value of type Tensor but this
    return statement returns a value of type Tuple[Tensor, Tensor]".  Each module has a type of its own, so that what is
    picked has none.

Fix safety
    Safe where ``forward`` returns one thing or another by what the call asks for: it is annotated with the ``Union`` of
    its results, and TorchScript returns each as Python does.  A module that goes on with such a result has to say
    which one it is, by ``isinstance``.  Where a flag of the constructor decides, THT508 declares that constant;
    elsewhere the author has to say what the function returns.  Safe as well: a loop over children that are named one by
    one (``for layer in (self.a, self.b):``) is written out.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert
from ..rule import Example, Finding, UnitContext, rule
from ._classes import is_named_by_classes
from ._common import SCRIPT, problems
from ._reports import Report
from ._results import disagreeing, members
from ._types import T
from ._unrolled import local_row
from ._writing import end_of_parameters, writable

EXAMPLES = [
    Example(
        title="a loop over children that are named",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Linear(4, 2)
        self.up = nn.Linear(2, 4)

    def forward(self, x):
        parts = [self.down, self.up]
        rows = []
        for part in parts:
            x = part(x).relu()
            rows.append(x.mean())
        for part in (self.down, self.up):
            x = part(x)
        return x, rows
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Linear(4, 2)
        self.up = nn.Linear(2, 4)

    def forward(self, x):
        rows = []
        x = self.down(x).relu()
        rows.append(x.mean())
        x = self.up(x).relu()
        rows.append(x.mean())
        x = self.down(x)
        x = self.up(x)
        return x, rows
""",
    ),
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if x.dim() == 2:
            return x, x * 2
        return x
""",
        after="""
from typing import Union, Tuple

from torch import nn
import torch


class Net(nn.Module):
    def forward(self, x) -> Union[Tuple[torch.Tensor, torch.Tensor], torch.Tensor]:
        if x.dim() == 2:
            return x, x * 2
        return x
""",
    ),
    Example(
        title="by a flag of the call",
        before="""
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x, every: bool = False):
        found = []
        for layer in self.layers:
            x = torch.tanh(layer(x))
            found.append(x)
        if every:
            return found
        return x
""",
        after="""
from typing import Union, List

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x, every: bool = False) -> Union[List[torch.Tensor], torch.Tensor]:
        found = []
        for layer in self.layers:
            x = torch.tanh(layer(x))
            found.append(x)
        if every:
            return found
        return x
""",
    ),
]

EXAMPLES += [
    Example(
        title="what comes of such a module",
        before="""
from typing import Tuple, Union

import torch
from torch import nn


class Part(nn.Module):
    def forward(self, x, both: bool = False) -> Union[torch.Tensor, Tuple[torch.Tensor, torch.Tensor]]:
        if both:
            return x, x * 2
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def forward(self, x):
        return self.part(x).relu()
""",
    ),
]

EXAMPLES += [
    Example(
        title="nothing is returned",
        before="""
import torch
from torch import nn


class Part(nn.Module):
    def forward(self, x) -> torch.Tensor:
        \"\"\"Return something; subclasses say what.\"\"\"
""",
    ),
]

VALID = [
    """
from typing import Tuple, Union

import torch
from torch import nn


class Part(nn.Module):
    def forward(self, x, both: bool = False) -> Union[torch.Tensor, Tuple[torch.Tensor, torch.Tensor]]:
        if both:
            return x, x * 2
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part()

    def forward(self, x):
        y = self.part(x)
        assert isinstance(y, torch.Tensor)
        return y.relu() + 1
""",
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
    "union-used": ("this is one of several types, {}, and TorchScript doesn't know which", "ask by `isinstance` first"),
    "falls-through": (
        "this function is to return {}, and TorchScript sees a way to its end that returns nothing",
        "return something on all paths, or raise: `raise NotImplementedError`",
    ),
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

_RETURNED = ("tensor", "list", "tuple", "dict", "none")


@rule("THT302", "disagreeing-types", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, *_TEXTS):
        at: ast.AST = problem.node if hasattr(problem.node, "lineno") else report.function
        if isinstance(at, ast.FunctionDef):
            at = at.body[-1]
        text, instead = _TEXTS[problem.kind]
        edits: Sequence[Edit] | None = None
        if problem.kind == "return":
            edits = _annotated(report, unit, ctx)
        elif problem.kind == "modules-in-row" and isinstance(problem.node, ast.expr) and report.module is ctx.module:
            edits = local_row(problem.node, report.function, ctx)
        yield Finding(at, text.format(*problem.detail), help=instead, fix=Fix(tuple(edits)) if edits else None)


def _annotated(report: Report, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Say that ``forward`` returns one of several types.

    Not where the constructor may decide which one: instances that return a single type would lose it.
    """
    function = report.function
    if function is not unit.entry or unit.cls is None or not isinstance(function, ast.FunctionDef):
        return ()
    kinds = [kind for _, kind in report.returned]
    plain = all(kind.kind in _RETURNED for kind in kinds) and function.returns is None and not function.decorator_list
    various = disagreeing(report) if plain else set()
    if True not in various or False in various and is_named_by_classes(unit.cls, ctx.project):
        return ()  # a module that holds instances of one type may go on with what they return
    union = writable(T("union", tuple(members(kinds))), ctx, function)
    return (insert(end_of_parameters(function, ctx), f" -> {union[0]}"), *union[1]) if union is not None else ()
