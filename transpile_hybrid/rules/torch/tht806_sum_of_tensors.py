"""``sum`` of a list of tensors.

What it does
    Finds ``sum(tensors)`` and ``sum(tensor)`` in what TorchScript compiles.

Why is this bad
    ``sum`` is the sum of a tensor's elements, or of a list of numbers, to TorchScript: "Arguments for call are not
    valid".  Of one tensor Python makes the sum over its first axis, TorchScript the sum of all its elements: silently
    another result.

Fix safety
    Safe: of a tensor that was computed, ``unbind(0)`` names the parts (a parameter may be a list to Python); tensors
    that are named one by one are added, in the same order; for a list a small function that does what ``sum`` does is
    added to the file.  Of an empty list it makes a tensor of the number that ``sum`` makes.

References
    https://docs.pytorch.org/docs/stable/jit_python_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode, statements
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import targets_of
from ._common import SCRIPT, reports
from ._copies import parameter_names
from ._helper import add_function, first_definition
from ._reports import Report
from ._types import TENSOR, T
from ._writing import of_torch, writable

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Total(nn.Module):
    def forward(self, x, y):
        parts = [x, y]
        return sum(parts) * sum([x, y, x])
""",
        after="""
from typing import List

import torch
from torch import nn


def _sum_of_tensors(tensors: List[torch.Tensor]) -> torch.Tensor:
    if not torch.jit.is_scripting():
        return sum(tensors)
    total = torch.tensor(0)
    for tensor in tensors:
        total = total + tensor
    return total


class Total(nn.Module):
    def forward(self, x, y):
        parts = [x, y]
        return _sum_of_tensors(parts) * (0 + x + y + x)
""",
    ),
    Example(
        title="a list that grows",
        before="""
from typing import List

import torch
from torch import nn


class Total(nn.Module):
    def forward(self, x, y):
        parts = []
        for one in (x, y):
            parts.append(one)
        return sum(parts)
""",
        after="""
from typing import List

import torch
from torch import nn


def _sum_of_tensors(tensors: List[torch.Tensor]) -> torch.Tensor:
    if not torch.jit.is_scripting():
        return sum(tensors)
    total = torch.tensor(0)
    for tensor in tensors:
        total = total + tensor
    return total


class Total(nn.Module):
    def forward(self, x, y):
        parts = []
        for one in (x, y):
            parts.append(one)
        return _sum_of_tensors(parts)
""",
    ),
]

EXAMPLES += [
    Example(
        title="what modules give",
        before="""
from typing import List

import torch
from torch import nn


class Sum(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return sum([branch(x) for branch in self.branches])
""",
        after="""
from typing import List

import torch
from torch import nn


def _sum_of_tensors(tensors: List[torch.Tensor]) -> torch.Tensor:
    if not torch.jit.is_scripting():
        return sum(tensors)
    total = torch.tensor(0)
    for tensor in tensors:
        total = total + tensor
    return total


class Sum(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return _sum_of_tensors([branch(x) for branch in self.branches])
""",
    ),
    Example(
        title="one tensor",
        before="""
import torch
from torch import nn


class Total(nn.Module):
    def forward(self, x):
        y = torch.relu(x)
        return sum(y * y) + sum(y)
""",
        after="""
from typing import List

import torch
from torch import nn


def _sum_of_tensors(tensors: List[torch.Tensor]) -> torch.Tensor:
    if not torch.jit.is_scripting():
        return sum(tensors)
    total = torch.tensor(0)
    for tensor in tensors:
        total = total + tensor
    return total


class Total(nn.Module):
    def forward(self, x):
        y = torch.relu(x)
        return _sum_of_tensors((y * y).unbind(0)) + _sum_of_tensors(y.unbind(0))
""",
    ),
    Example(
        title="a parameter",
        before="""
from torch import nn


class Total(nn.Module):
    def forward(self, parts):
        return sum(parts)
""",
    ),
]

VALID = [
    """
from torch import nn


class Total(nn.Module):
    def forward(self, x):
        return x * sum([1, 2, 3]) + sum(x.shape)
""",
]


@rule("THT806", "sum-of-tensors", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if (
                not isinstance(node, ast.Call)
                or ctx.qualified(node.func) != "builtins.sum"
                or id(node) not in report.types
                or len(node.args) != 1
                or node.keywords
            ):
                continue
            if report.type(node.args[0]) == TENSOR and not isinstance(node.args[0], ast.GeneratorExp):
                yield Finding(
                    node,
                    "Python sums a tensor over its first axis, TorchScript over all its elements",
                    help="write which sum is meant: `x.sum(0)` or `x.sum()`; annotate a list of tensors",
                    consequence=Consequence.SILENT,
                    fix=_fix(node, ctx, ".unbind(0)") if _is_computed(node.args[0], function) else None,
                )
                continue
            if not _of_tensors(node.args[0], report, ctx):
                continue
            yield Finding(
                node,
                "TorchScript has no `sum` of a list of tensors",
                help="add them in a loop, or stack them and sum over the new dimension",
                fix=_fix(node, ctx),
            )


def _is_computed(given: ast.expr, function: FunctionNode) -> bool:
    """Whether this is a tensor by what makes it, and not because TorchScript takes parameters for tensors."""
    if isinstance(given, ast.Name):
        return given.id not in parameter_names(function)
    return isinstance(given, ast.BinOp | ast.Call)


def _of_tensors(given: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether ``given`` is a list of tensors, or of what modules give that nothing is known of."""
    held = report.type(given)
    if held.kind == "iter" and held.args:
        held = T("list", (held.args[0].bare,))
    if held.bare == T("list", (TENSOR,)) or held.kind == "tuple" and all(one == TENSOR for one in held.args):
        return True
    if isinstance(given, ast.Name):
        made = [one for one in statements(report.function.body) if given.id in _names(one)]
        given = made[0].value if len(made) == 1 and isinstance(made[0], ast.Assign) else given
    if not isinstance(given, ast.ListComp | ast.GeneratorExp) or not isinstance(given.elt, ast.Call):
        return False
    return report.type(given.elt.func).kind == "module" and not report.type(given.elt).known


def _names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of its own assigns."""
    return {one.id for target, _ in targets_of(statement) for one in walk(target) if isinstance(one, ast.Name)}


def _fix(node: ast.Call, ctx: UnitContext, parts_of: str = "") -> Fix | None:
    given = node.args[0]
    if isinstance(given, ast.List | ast.Tuple):
        if not given.elts or any(isinstance(one, ast.Starred) for one in given.elts):
            return None
        parts: list[Part] = ["(0"]
        for one in given.elts:
            parts += [" + ", operand(one)]
        return Fix((replace(ctx.source, node, *parts, ")"),))
    first = first_definition(ctx)
    kind = writable(T("list", (TENSOR,)), ctx, first) if first is not None else None
    if kind is None:
        return None
    tensor = kind[0].partition("[")[2][:-1]
    assert first is not None
    asked, made = of_torch("torch.jit.is_scripting", ctx, first), of_torch("torch.tensor", ctx, first)
    if asked is None or made is None:
        return None
    imports = (*kind[1], *asked[1], *made[1])
    lines = (
        f"def _sum_of_tensors(tensors: {kind[0]}) -> {tensor}:",
        f"    if not {asked[0]}():",
        "        return sum(tensors)",
        f"    total = {made[0]}(0)",
        "    for tensor in tensors:",
        "        total = total + tensor",
        "    return total",
    )
    added = add_function("_sum_of_tensors", lines, ctx)
    if added is None:
        return None
    if isinstance(given, ast.GeneratorExp):
        text = ctx.source.segment(given)  # with the parentheses of the call where it is the only argument
        inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
        return Fix((replace(ctx.source, node, f"_sum_of_tensors([{inner}])"), *added, *imports))
    row: Part = operand(given) if parts_of else given
    return Fix((replace(ctx.source, node, "_sum_of_tensors(", row, f"{parts_of})"), *added, *imports))
