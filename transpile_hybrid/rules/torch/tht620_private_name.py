"""A private name (``self.__size``) in what TorchScript compiles.

What it does
    Finds attributes and methods whose names begin with two underscores.

Why is this bad
    Inside of a class Python reads ``self.__size`` as ``self._Net__size``; TorchScript takes the name as it is written:
    "Module 'Net' has no attribute '__size'".

Fix safety
    Safe: the name that Python makes of it is written out.

References
    https://docs.python.org/3/reference/expressions.html#private-name-mangling
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.__scale = 2.0

    def forward(self, x):
        return x * self.__scale
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.__scale = 2.0

    def forward(self, x):
        return x * self._Net__scale
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.__kept = 2.0
        self.__used__ = 3.0

    def forward(self, x):
        return x * self.__used__
""",
]


@rule("THT620", "private-name", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        cls = next((one for one in ctx.module.ancestors(function) if isinstance(one, ast.ClassDef)), None)
        if cls is None or not cls.name.strip("_") or report.module is not ctx.module:
            continue
        for node in walk(function):
            if not isinstance(node, ast.Attribute) or id(node) not in report.types:
                continue
            if not node.attr.startswith("__") or node.attr.endswith("__"):
                continue
            name = f"_{cls.name.lstrip('_')}{node.attr}"
            end = ctx.source.span(node).end
            yield Finding(
                node,
                f"TorchScript looks for `{node.attr}`, and Python for `{name}`",
                help=f"write `{ast.unparse(node.value)}.{name}`, or give it a name with one underscore",
                fix=Fix((Edit(end - len(node.attr), end, (name,)),)),
            )
