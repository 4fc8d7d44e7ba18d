"""An empty list is a list of tensors to TorchScript.

What it does
    Finds ``out = []`` that is filled with something else than tensors.

Why is this bad
    ``[]`` without annotation is ``List[Tensor]``: appending an ``int``, a tuple or a list is refused.

Fix safety
    Safe: an annotation of a local variable is not even evaluated by Python.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import statements
from ...meaning.units import Unit
from ...rewrite.edit import Fix, insert_after
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems
from ._types import T
from ._writing import writable

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Sizes(nn.Module):
    def forward(self, x):
        sizes = []
        for i in range(x.dim()):
            sizes.append(x.size(i))
        return x.reshape(sizes)
""",
        after="""
from typing import List

from torch import nn


class Sizes(nn.Module):
    def forward(self, x):
        sizes: List[int] = []
        for i in range(x.dim()):
            sizes.append(x.size(i))
        return x.reshape(sizes)
""",
    ),
]

VALID = [
    """
from torch import nn


class Parts(nn.Module):
    def forward(self, x):
        parts = []
        for i in range(x.size(0)):
            parts.append(x[i])
        return parts
""",
]


@rule("THT509", "empty-list", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    found = list(problems(unit, ctx, "empty-list"))
    gets: dict[tuple[int, object], set[object]] = {}
    for problem, report in found:
        gets.setdefault((id(report.function), problem.detail[0]), set()).add(problem.detail[1])
    fixed: set[tuple[int, object]] = set()
    for problem, report in found:
        name, element = problem.detail
        key = (id(report.function), name)
        assert isinstance(name, str) and isinstance(element, T)
        made = [
            statement
            for statement in statements(report.function.body)
            if isinstance(statement, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == name for t in statement.targets)
            and isinstance(statement.value, ast.List)
            and not statement.value.elts
        ]
        fix = None
        text = writable(T("list", (element,)), ctx, report.function)
        if (
            len(made) == 1
            and len(gets[key]) == 1
            and key not in fixed
            and len(made[0].targets) == 1
            and text is not None
        ):
            fixed.add(key)
            fix = Fix((insert_after(ctx.source, made[0].targets[0], f": {text[0]}"), *text[1]))
        yield Finding(
            problem.node,
            f"`{name}` starts empty, which is a List[Tensor] to TorchScript, and gets {element}",
            help=f"annotate it: `{name}: {text[0] if text else 'List[...]'} = []`",
            fix=fix,
        )
