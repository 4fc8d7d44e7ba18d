"""``x == None`` in what TorchScript compiles.

What it does
    Finds comparisons with ``None`` by ``==`` and ``!=``.

Why is this bad
    TorchScript compares values of one type, and there is no ``==`` for ``None``: "Expected a value of type 'Tensor' for
    argument 'other' but instead found type 'NoneType'".  Nor does it learn from it that the value is there.

Fix safety
    Safe: ``x is None``.  A tensor, a number, a text and a list are never equal to ``None``, so both ask the same.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#optional-type-refinement
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
from typing import Optional

from torch import Tensor, nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[Tensor] = None):
        if mask != None:
            x = x * mask
        return x
""",
        after="""
from typing import Optional

from torch import Tensor, nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[Tensor] = None):
        if mask is not None:
            x = x * mask
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def forward(self, x, mask=None):
        return x if mask is None else x * mask
""",
]

_PLAIN = ("tensor", "int", "float", "bool", "str", "list", "tuple", "none", "optional", "scalar")


@rule("THT520", "equals-none", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.Compare) or len(node.ops) != 1 or id(node.left) not in report.types:
                continue
            word = {ast.Eq: "is", ast.NotEq: "is not"}.get(type(node.ops[0]))
            if word is None or not _is_none(node.comparators[0]):
                continue
            plain = all(one.kind in _PLAIN for one in report.type(node.left).alternatives)
            start, end = ctx.source.span(node.left).end, ctx.source.span(node.comparators[0]).start
            joint = ctx.source.text[start:end]
            edit = Edit(start, end, (joint.replace("==" if word == "is" else "!=", word),))
            if not joint.strip().startswith(("==", "!=")):  # the value stands in brackets
                plain = False
            yield Finding(
                node,
                f"TorchScript has no `{'==' if word == 'is' else '!='}` for None",
                help=f"write `{ast.unparse(node.left)} {word} None`",
                fix=Fix((edit,)) if plain else None,
            )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
