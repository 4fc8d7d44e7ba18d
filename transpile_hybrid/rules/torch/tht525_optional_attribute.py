"""An attribute that may be None, whose value is needed.

What it does
    Finds attributes of the type ``Optional`` (caches that are None at first) that are calculated with, indexed, or
    given to what takes no None.

Why is this bad
    A condition or an assertion tells TorchScript that a *variable* isn't None; an attribute could have been changed in
    between, so there it tells nothing: "Expected a value of type 'Tensor' ... but instead found type
    'Optional[Tensor]'".

Fix safety
    Safe: the attribute is read into a variable, which is asserted not to be None where Python would raise otherwise,
    and which stands for it until something may assign the attribute again.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#optional-type-refinement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_after, insert_line_before, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, block_of, reports
from ._loops import free_name
from ._optional import is_elif, statement_of
from ._reports import Report
from ._typer import Problem
from ._types import TENSOR, T, optional

EXAMPLES = [
    Example(
        before="""
from typing import Optional

import torch
from torch import nn


class Cached(nn.Module):
    table: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.table = None

    def forward(self, x):
        if self.table is None or self.table.size(0) != x.size(0):
            self.table = torch.ones(x.size(0))
        x = x + self.table
        return x * self.table
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Cached(nn.Module):
    table: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.table = None

    def forward(self, x):
        table = self.table
        if table is None or table.size(0) != x.size(0):
            self.table = torch.ones(x.size(0))
        table_2 = self.table
        assert table_2 is not None
        x = x + table_2
        return x * table_2
""",
    ),
]

VALID = [
    """
from typing import Optional

import torch
from torch import nn


class Cached(nn.Module):
    table: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.table = None

    def forward(self, x):
        table = self.table
        if table is None:
            table = torch.ones(x.size(0))
            self.table = table
        return x + table
""",
]


@dataclass
class _Group:
    """Reads of one attribute that one variable can stand for, from the statement ``first`` on."""

    first: ast.stmt
    guarded: bool
    needed: ast.Attribute
    reads: list[ast.Attribute] = field(default_factory=list)


@rule("THT525", "optional-attribute", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module or report.info is None:
            continue
        needing: dict[str, list[ast.Attribute]] = {}
        for node in _needing(report):
            needing.setdefault(ast.unparse(node), []).append(node)
        yield from _augmented(report, ctx)
        names: set[str] = set()
        for text, nodes in needing.items():
            covered: set[int] = set()
            for node in sorted(nodes, key=lambda one: (one.lineno, one.col_offset)):
                if id(node) in covered:
                    continue
                group = _group(node, text, report, ctx)
                name = free_name(node.attr.strip("_") or "value", function)
                while name in names:
                    name = f"{name}_2"
                covered |= {id(one) for one in group.reads} if group is not None else set()
                if group is not None:
                    names.add(name)
                yield Finding(
                    node,
                    f"`{text}` may be None here for all that TorchScript knows",
                    help=f"read it into a variable first: `{name} = {text}`, `assert {name} is not None`",
                    fix=Fix(_edits(group, name, text, ctx)) if group is not None else None,
                )


def _needing(report: Report) -> Iterator[ast.Attribute]:
    """Yield the optional attributes of the module whose value an expression can't do without."""
    nodes = [*_listed(report), *(one for problem in report.problems for one in _concerned(problem))]
    for node in nodes:
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and report.type(node).kind == "optional"
        ):
            yield node


def _augmented(report: Report, ctx: UnitContext) -> Iterator[Finding]:
    """``self.total += x``: it is read, and gets what comes of it."""
    for problem in report.problems:
        node = problem.node
        target = node.target if problem.kind == "operand" and isinstance(node, ast.AugAssign) else None
        if not isinstance(node, ast.AugAssign) or not isinstance(target, ast.Attribute):
            continue
        text = ast.unparse(target)
        held = problem.detail[0] if problem.detail else None
        if not isinstance(held, T) or held.kind != "optional" or not isinstance(target.value, ast.Name):
            continue
        name = free_name(target.attr.strip("_") or "value", report.function)
        line = ctx.source.newline + ctx.source.indent_of(node)
        alone = ctx.source.line_text(node.lineno).strip() == ctx.source.segment(node)
        above = insert_line_before(ctx.source, node, f"{name} = {text}{line}assert {name} is not None")
        below = insert_line_after(ctx.source, node, f"{text} = {name}")
        yield Finding(
            node,
            f"`{text}` may be None here for all that TorchScript knows",
            help=f"read it into a variable first: `{name} = {text}`, `assert {name} is not None`",
            fix=Fix((above, replace(ctx.source, target, name), below)) if alone else None,
        )


def _concerned(problem: Problem) -> list[ast.expr]:
    """Return the expressions that a problem is about."""
    node = problem.node
    if problem.kind == "optional-used" and isinstance(node, ast.expr):
        return [node]
    if problem.kind == "operand" and isinstance(node, ast.BinOp | ast.AugAssign):
        return [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
    if problem.kind == "argument" and isinstance(node, ast.expr):
        wanted, given = problem.detail[1:3]
        assert isinstance(wanted, T) and isinstance(given, T)
        return [node] if given.kind == "optional" and given.args[0] == wanted else []
    return []


def _listed(report: Report) -> Iterator[ast.expr]:
    """``torch.cat([x, self.a])``: the items of a list that is given to a call have one type."""
    for node in walk(report.function):
        for given in node.args if isinstance(node, ast.Call) else ():
            items = given.elts if isinstance(given, ast.List) else []
            if all(report.type(one) in (TENSOR, optional(TENSOR)) for one in items):
                yield from (one for one in items if report.type(one).kind == "optional")


def _group(node: ast.Attribute, text: str, report: Report, ctx: UnitContext) -> _Group | None:
    """Return what a variable can stand for, or ``None`` where none can be made above."""
    statement = statement_of(node, ctx)
    guarded = statement is None
    if statement is None:
        statement = _asked_first(node, text, ctx)
    if statement is None or is_elif(statement, ctx):
        return None
    line = ctx.source.line_text(statement.lineno)
    start = ctx.source.span(statement).start - ctx.source.line_starts[statement.lineno - 1]
    if line[:start].strip():
        return None  # it shares its line with another
    group = _Group(statement, guarded, node)
    if guarded:
        assert isinstance(statement, ast.If)
        group.reads = _reads(statement.test, text)
        return group
    block = block_of(statement, ctx.module)
    for one in block[block.index(statement) :]:
        if _may_assign(one, node.attr, report) and not _assigns_last(one, node.attr, report):
            if one is statement and isinstance(one, ast.If):
                group.reads += _reads(one.test, text)
            break
        group.reads += _reads(one, text)
        if _may_assign(one, node.attr, report):
            break
    return group if node in group.reads else None


def _asked_first(node: ast.Attribute, text: str, ctx: UnitContext) -> ast.If | None:
    """Return the ``if self.a is None or ...`` whose condition asks for None before it reads ``node``."""
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.BoolOp):
            before = [one for one in parent.values if one.end_lineno is not None and _ends_before(one, node)]
            wanted = f"{text} is None" if isinstance(parent.op, ast.Or) else f"{text} is not None"
            if any(ast.unparse(one) == wanted for one in before):
                outer = next(one for one in ctx.module.ancestors(parent) if isinstance(one, ast.stmt))
                inside = isinstance(outer, ast.If) and any(one is parent for one in walk(outer.test))
                return outer if inside and isinstance(outer, ast.If) else None
        elif isinstance(parent, ast.stmt | ast.Lambda | ast.comprehension):
            return None
    return None


def _ends_before(one: ast.expr, node: ast.expr) -> bool:
    return (one.end_lineno or 0, one.end_col_offset or 0) <= (node.lineno, node.col_offset)


def _reads(node: ast.AST, text: str) -> list[ast.Attribute]:
    return [
        one
        for one in walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Load) and ast.unparse(one) == text
    ]


def _may_assign(statement: ast.stmt, attr: str, report: Report) -> bool:
    """Whether a statement stores the attribute, or calls a method of the module, which might."""
    assert report.info is not None
    for node in walk(statement):
        if isinstance(node, ast.Attribute) and node.attr == attr and not isinstance(node.ctx, ast.Load):
            return True
        called = node.func if isinstance(node, ast.Call) else None
        own = isinstance(called, ast.Attribute) and ast.unparse(called.value) == "self"
        if own and isinstance(called, ast.Attribute) and called.attr in report.info.methods:
            return True
    return False


def _assigns_last(statement: ast.stmt, attr: str, report: Report) -> bool:
    """``self.a = self.a * 2``: it is assigned once all has been read."""
    if not isinstance(statement, ast.Assign) or _may_assign(ast.Expr(statement.value), attr, report):
        return False
    return all(isinstance(target, ast.Attribute | ast.Name) for target in statement.targets)


def _edits(group: _Group, name: str, text: str, ctx: UnitContext) -> tuple[Edit, ...]:
    lines = f"{name} = {text}"
    if not group.guarded:
        lines += f"{ctx.source.newline}{ctx.source.indent_of(group.first)}assert {name} is not None"
    return (
        insert_line_before(ctx.source, group.first, lines),
        *(replace(ctx.source, one, name) for one in group.reads),
    )
