"""A variable that is ``None`` at first and a tensor later, and an optional tensor used as if it were there.

What it does
    Finds ``y = None`` that a branch or a loop below gives a tensor, and arithmetic, methods and calls that need the
    tensor where TorchScript only knows that there may be one.

Why is this bad
    A variable has one type: "Variable 'y' previously had type NoneType but is now being assigned to a value of type
    Tensor".  And of an ``Optional[Tensor]`` nothing can be asked but whether it is ``None``.

Fix safety
    Safe: an annotation, which Python doesn't look at, and ``assert y is not None`` above a statement in which ``None``
    would raise in any case.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#optional-type-refinement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode, statements
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_scripted, reports
from ._optional import assertion, declared
from ._reports import Report
from ._typer import Problem
from ._types import T, optional, unify

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Running(nn.Module):
    def forward(self, x):
        total = None
        for row in x:
            if total is None:
                total = row
            else:
                total = total + row
        return total * 2
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Running(nn.Module):
    def forward(self, x):
        total: Optional[torch.Tensor] = None
        for row in x:
            if total is None:
                total = row
            else:
                total = total + row
        assert total is not None
        return total * 2
""",
    ),
    Example(
        title="an optional parameter that is used in any case",
        before="""
from typing import Optional

import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[torch.Tensor] = None):
        x = x * 2
        return x * mask
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[torch.Tensor] = None):
        x = x * 2
        assert mask is not None
        return x * mask
""",
    ),
]

EXAMPLES += [
    Example(
        title="the state of a recurrent module",
        before="""
import torch
from torch import nn


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 3)

    def forward(self, x):
        state = None
        for _ in range(2):
            x, state = self.lstm(x, state)
        return x
""",
        after="""
from typing import Optional, Tuple

import torch
from torch import nn


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 3)

    def forward(self, x):
        state: Optional[Tuple[torch.Tensor, torch.Tensor]] = None
        for _ in range(2):
            x, state = self.lstm(x, state)
        return x
""",
    ),
]

VALID = [
    """
from typing import Optional

import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[torch.Tensor] = None):
        y = None
        if mask is not None:
            x = x * mask
        return x, y
""",
]


@rule("THT514", "optional-value", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        changed: set[str] = set()
        for problem in report.problems:
            if problem.kind in ("reassign", "conflict"):
                name = getattr(problem.node, "id", "")
                if name in changed or not any(isinstance(t, T) and t.kind == "none" for t in problem.detail[:1]):
                    continue
                changed.add(name)
                yield from _first_none(name, function, report, ctx)
        first: dict[str, ast.expr] = {}  # once a name: what stands below may be known then
        for problem in report.problems:
            for node in _needing(problem, report, ctx):
                known = first.setdefault(ast.unparse(node), node)
                if (node.lineno, node.col_offset) < (known.lineno, known.col_offset):
                    first[ast.unparse(node)] = node
        for name, node in first.items():
            if name not in changed:
                edit = assertion(node, ctx)
                yield Finding(
                    node,
                    f"`{name}` may be None here for all that TorchScript knows",
                    help=f"ask `if {name} is not None`, or `assert {name} is not None`",
                    fix=Fix((edit,)) if edit is not None else None,
                )


def _needing(problem: Problem, report: Report, ctx: UnitContext) -> Iterator[ast.expr]:
    """Yield the variables and attributes whose value the problem's expression can't do without."""
    if problem.kind == "operand-none" and isinstance(problem.node, ast.Attribute):
        yield problem.node
    if problem.kind == "optional-used":
        if isinstance(problem.node, ast.Name):
            yield problem.node
    elif problem.kind == "argument" and isinstance(problem.node, ast.Name):
        wanted, given, function = problem.detail[1:4]
        assert isinstance(wanted, T)
        if isinstance(function, ast.FunctionDef) and is_scripted(function, ctx) and given == optional(wanted):
            yield problem.node  # it was compiled as it is: its parameter can't be declared otherwise
    elif problem.kind == "operand" and isinstance(problem.node, ast.BinOp | ast.AugAssign):
        node = problem.node
        sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
        for side in sides:
            if isinstance(side, ast.Name) and report.type(side).kind == "optional":
                yield side


def _first_none(name: str, function: FunctionNode, report: Report, ctx: UnitContext) -> Iterator[Finding]:
    starts: list[ast.Assign] = []
    kind: T | None = None
    certain = name not in report.parameters
    for statement in statements(function.body):
        for target in statement.targets if isinstance(statement, ast.Assign) else ():
            if isinstance(target, ast.Name) and target.id == name and isinstance(statement, ast.Assign):
                given = report.type(statement.value)
                if isinstance(statement.value, ast.Constant) and statement.value.value is None:
                    starts.append(statement)
                elif kind is None:
                    kind = given.bare
                else:
                    kind = unify(kind, given.bare)
                    certain = certain and kind is not None
            elif any(isinstance(n, ast.Name) and n.id == name for n in walk(target)):
                item = _item(name, target, report.type(statement.value)) if isinstance(statement, ast.Assign) else None
                kind = item if kind is None or item is None else unify(kind, item)
                certain = certain and kind is not None
        if isinstance(statement, ast.AnnAssign) and getattr(statement.target, "id", "") == name:
            certain = False
    edits: tuple[Edit, ...] = ()
    if certain and starts and len(starts[0].targets) == 1 and kind is not None and kind.known:
        edits = declared(starts[0].targets[0], kind, ctx, function)
    if starts:
        yield Finding(
            starts[0],
            f"`{name}` is None at first and gets another value: TorchScript gives it one type",
            help=f"annotate it: `{name}: Optional[...] = None`",
            fix=Fix(edits) if edits else None,
        )


def _item(name: str, target: ast.expr, value: T) -> T | None:
    """Return what ``a, name = value`` gives ``name``, in one of its targets alone."""
    if not isinstance(target, ast.Tuple) or value.kind != "tuple" or len(value.args) != len(target.elts):
        return None
    found = [kind.bare for one, kind in zip(target.elts, value.args, strict=True) if getattr(one, "id", "") == name]
    return found[0] if len(found) == 1 and all(isinstance(one, ast.Name) for one in target.elts) else None
