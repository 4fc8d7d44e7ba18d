"""A flag that is set at construction decides types, and TorchScript reads both branches.

What it does
    Finds values of the class (``expansion = 4`` in its body) that ``forward`` reads, and ``if self.flag:`` where the
    branches don't agree for TorchScript: different return types, a variable that only one branch has, an attribute
    that only some instances have.

Why is this bad
    An attribute is a variable to TorchScript: it compiles both branches and wants them to fit together.  A name in
    ``__constants__`` is a constant: the compiler drops the branch that an instance never takes, unread.

Fix safety
    Safe: ``__constants__`` means nothing to Python.  It is made for attributes that hold a ``bool``, are written by
    the constructor and by methods that TorchScript never compiles (a scripted module has none of those), and stand as a
    condition by themselves (``self.flag``, with ``not``, ``and``, ``or``): the compiler decides no others.

References
    https://docs.pytorch.org/docs/stable/jit.html#attributes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Fix
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model
from ._common import SCRIPT, problems
from ._flags import KINDS, declare, flags_of, plain_flags
from ._settings import some_have

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, both=False):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.both = both

    def forward(self, x):
        y = self.fc(x)
        if self.both:
            return x, y
        return y
""",
        after="""
from torch import nn


class Block(nn.Module):
    __constants__ = ["both"]

    def __init__(self, dim, both=False):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.both = both

    def forward(self, x):
        y = self.fc(x)
        if self.both:
            return x, y
        return y
""",
    ),
    Example(
        title="an attribute that only some instances have",
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.same = inside == outside
        if not self.same:
            self.fc = nn.Linear(inside, outside)

    def forward(self, x):
        if not self.same:
            x = self.fc(x)
        return x
""",
        after="""
from torch import nn


class Block(nn.Module):
    __constants__ = ["same"]

    def __init__(self, inside, outside):
        super().__init__()
        self.same = inside == outside
        if not self.same:
            self.fc = nn.Linear(inside, outside)

    def forward(self, x):
        if not self.same:
            x = self.fc(x)
        return x
""",
    ),
    Example(
        title="a module that is None in some instances",
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, inside=3, outside=3):
        super().__init__()
        self.same = inside == outside
        self.fc = None if self.same else nn.Linear(inside, outside)

    def forward(self, x):
        return x if self.same else self.fc(x)
""",
        after="""
from torch import nn


class Block(nn.Module):
    __constants__ = ["same"]

    def __init__(self, inside=3, outside=3):
        super().__init__()
        self.same = inside == outside
        self.fc = None if self.same else nn.Linear(inside, outside)

    def forward(self, x):
        return x if self.same else self.fc(x)
""",
    ),
    Example(
        title="a branch for replicas, in a class whose base has constants of its own",
        before="""
from torch import nn


class Norm(nn.BatchNorm2d):
    def __init__(self, size=3):
        super().__init__(size)
        self.parallel = False
        self.rank = None

    def forward(self, x):
        if not (self.parallel and self.training):
            return x + self.eps
        if self.rank == 0:
            x = x * 2
        return x

    def replicate(self, rank):
        self.parallel = True
        self.rank = rank
""",
        after="""
from torch import nn


class Norm(nn.BatchNorm2d):
    __constants__ = [*nn.BatchNorm2d.__constants__, "parallel"]

    def __init__(self, size=3):
        super().__init__(size)
        self.parallel = False
        self.rank = None

    def forward(self, x):
        if not (self.parallel and self.training):
            return x + self.eps
        if self.rank == 0:
            x = x * 2
        return x

    def replicate(self, rank):
        self.parallel = True
        self.rank = rank
""",
    ),
]

VALID = [
    """
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, double=False):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.double = double

    def forward(self, x):
        if self.double:
            x = x * 2
        return self.fc(x)
""",
]


@rule("THT508", "construction-flag", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    found = plain_flags(unit, ctx)
    if unit.cls is None or not found:
        return
    edit = declare(list(found), unit.cls, ctx)
    others = _for_other_settings(unit, ctx)
    for flag, test in found.items():
        decides = flag in class_model(unit.cls, ctx.project).built
        yield Finding(
            test,
            f"`self.{flag}` belongs to the class: TorchScript sees the attributes of instances only"
            if not decides
            else f"`self.{flag}` decides here what exists, and TorchScript reads both branches",
            help=f'declare it constant: `__constants__ = ["{flag}"]` in the class',
            fix=Fix((edit,)) if edit is not None else None,
            consequence=Consequence.SETTINGS if flag in others else None,
        )


def _for_other_settings(unit: Unit, ctx: UnitContext) -> set[str]:
    """Return the flags that decide nothing but attributes which some instances are known to have: those compile."""
    assert unit.cls is not None
    harmless: set[str] = set()
    harmful: set[str] = set()
    for problem, report in problems(unit, ctx, "class-attribute", *KINDS):
        missing = problem.node if problem.kind == "maybe-missing" else None
        plain = isinstance(missing, ast.Attribute) and some_have(missing.attr, unit.cls, ctx)
        (harmless if plain else harmful).update(flag for flag, _ in flags_of(problem, report, ctx))
    return harmless - harmful
