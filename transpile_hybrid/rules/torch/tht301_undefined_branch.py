"""A variable that an ``if`` without ``else`` may leave undefined.

What it does
    Finds variables that every branch of an ``if``/``elif`` chain sets, but that have no value where no branch is taken.

Why is this bad
    Python finds out when it runs; TorchScript wants to know before: "y is not defined in the false branch".

Fix safety
    Safe: ``else: raise UnboundLocalError`` is added where the variable is used in any case later in the same block.
    Python would raise that very error there.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#variable-resolution
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Fix, insert_line_after
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Reduce(nn.Module):
    def __init__(self, how="sum"):
        super().__init__()
        self.how = how

    def forward(self, x):
        if self.how == "sum":
            y = x.sum()
        elif self.how == "mean":
            y = x.mean()
        return y
""",
        after="""
from torch import nn


class Reduce(nn.Module):
    def __init__(self, how="sum"):
        super().__init__()
        self.how = how

    def forward(self, x):
        if self.how == "sum":
            y = x.sum()
        elif self.how == "mean":
            y = x.mean()
        else:
            raise UnboundLocalError("none of the cases above")
        return y
""",
    ),
]

VALID = [
    """
from torch import nn


class Reduce(nn.Module):
    def forward(self, x):
        if x.dim() == 2:
            y = x.sum()
        else:
            y = x.mean()
        return y
""",
]


@rule("THT301", "undefined-branch", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "undefined"):
        node, made = problem.node, problem.detail[0]
        assert isinstance(node, ast.Name)
        fix = None
        if (
            isinstance(made, ast.If)
            and _all_branches(made, node.id)
            and _first_made_by(made, node.id, report)
            and _always_used(node, made, ctx)
        ):
            indent, newline = ctx.source.indent_of(made), ctx.source.newline
            line = f'else:{newline}{indent}    raise UnboundLocalError("none of the cases above")'
            if ctx.source.text[ctx.source.span(made).start :].startswith("if"):
                fix = Fix((insert_line_after(ctx.source, made, line),))
        yield Finding(
            node,
            f"`{node.id}` may have no value here, which TorchScript refuses",
            help="give it a value on every path, or raise on the others",
            fix=fix,
        )


def _all_branches(made: ast.If, name: str) -> bool:
    """Whether every branch sets ``name`` or leaves, and there is no ``else``."""
    if not _sets(made.body, name):
        return False
    if len(made.orelse) == 1 and isinstance(made.orelse[0], ast.If):
        return _all_branches(made.orelse[0], name)
    return not made.orelse


def _first_made_by(made: ast.If, name: str, report: Report) -> bool:
    """Whether nothing gives ``name`` a value before ``made``: no statement, no earlier turn of a loop, no caller."""
    if name in report.parameters:
        return False
    for node in ast.walk(report.function):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            if node.lineno < made.lineno:
                return False
        elif isinstance(node, ast.For | ast.While | ast.Try) and any(one is made for one in ast.walk(node)):
            return False
    return True


def _sets(body: list[ast.stmt], name: str) -> bool:
    for statement in body:
        if isinstance(statement, ast.Return | ast.Raise):
            return True
        if isinstance(statement, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == name for target in statement.targets for one in ast.walk(target)
        ):
            return True
        if (
            isinstance(statement, ast.If)
            and statement.orelse
            and _sets(statement.body, name)
            and _sets(statement.orelse, name)
        ):
            return True
    return False


def _always_used(node: ast.Name, made: ast.If, ctx: UnitContext) -> bool:
    """Whether ``node`` is evaluated whenever the block of ``made`` goes on below it."""
    parent = ctx.module.parent(made)
    if isinstance(parent, ast.If) and parent.orelse == [made]:
        return False  # an elif
    block = next((b for b in _blocks(parent) if made in b), None)
    if block is None:
        return False
    for statement in block[block.index(made) + 1 :]:
        if any(one is node for one in ast.walk(statement)):
            return _evaluated(node, statement, ctx)
        if not isinstance(statement, ast.Assign | ast.Expr | ast.AugAssign | ast.AnnAssign | ast.Assert):
            return False
    return False


def _blocks(parent: ast.AST) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        value = getattr(parent, field, None)
        if isinstance(value, list):
            yield value


def _evaluated(node: ast.AST, statement: ast.stmt, ctx: UnitContext) -> bool:
    if not isinstance(statement, ast.Assign | ast.Expr | ast.AugAssign | ast.Return | ast.If):
        return False
    inner: ast.AST = node
    for parent in ctx.module.ancestors(node):
        if isinstance(
            parent, ast.IfExp | ast.BoolOp | ast.Lambda | ast.comprehension | ast.ListComp | ast.GeneratorExp
        ):
            return False
        if parent is statement:
            return not isinstance(statement, ast.If) or inner is statement.test
        inner = parent
    return False
