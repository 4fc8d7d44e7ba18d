"""A variable that an ``if`` without ``else`` may leave undefined.

What it does
    Finds variables that a loop or the branches of an ``if`` set, and that have no value where neither is run.

Why is this bad
    Python finds out when it runs; TorchScript wants to know before: "y is not defined in the false branch".

Fix safety
    Safe: ``else: raise UnboundLocalError`` is added where the variable is used in any case later in the same block.
    Python would raise that very error there.  A tensor that a loop or a branch sets and that is used elsewhere starts
    as ``y: Optional[torch.Tensor] = None``, with ``assert y is not None`` above its uses.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#variable-resolution
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, insert_line_after
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems
from ._optional import assertion, first_as_none, statement_of
from ._reports import Report
from ._typer import Problem
from ._types import TENSOR, UNKNOWN, T

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
    seen: set[tuple[int, str]] = set()
    for problem, report in problems(unit, ctx, "undefined"):
        node = problem.node
        assert isinstance(node, ast.Name)
        fix = mended(problem, report, ctx)
        if fix is None:
            if (id(report), node.id) in seen:
                continue
            seen.add((id(report), node.id))
            fix = _declared(node.id, report, ctx)
        yield Finding(
            node,
            f"`{node.id}` may have no value here, which TorchScript refuses",
            help="give it a value on every path, or raise on the others",
            fix=fix,
        )


def _declared(name: str, report: Report, ctx: UnitContext) -> Fix | None:
    """Start with ``name: Optional[torch.Tensor] = None`` and assert that it has a value where it is used."""
    function = report.function
    if name in report.parameters or not all(kind.kind == "tensor" for kind in _values(name, report)):
        return None
    first = next((s for s in function.body if any(_stores(n, name) for n in walk(s))), None)
    edits = first_as_none(name, first, ctx, function) if first is not None else ()
    if not edits:
        return None
    asserted: list[ast.stmt] = []
    for problem in report.problems:
        if problem.kind != "undefined" or not isinstance(problem.node, ast.Name) or problem.node.id != name:
            continue
        edit, statement = assertion(problem.node, ctx), statement_of(problem.node, ctx)
        if edit is None or statement is None:
            return None
        block = next((b for b in _blocks(ctx.module.parent(statement)) if statement in b), [])
        if any(one in block and one.lineno <= statement.lineno for one in asserted):
            continue
        asserted.append(statement)
        edits += (edit,)
    return Fix(edits)


def _stores(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


def _values(name: str, report: Report) -> Iterator[T]:
    """Yield the types of what the function gives to the variable.

    What an unknown call or operation gives counts as a tensor: the annotation that follows from it is no more than
    that, and without it nothing compiles.
    """
    for statement in walk(report.function):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    given = report.type(statement.value)
                    yield given if given.known or not isinstance(statement.value, ast.Call | ast.BinOp) else TENSOR
                elif isinstance(target, ast.Tuple) and any(_stores(n, name) for n in walk(target)):
                    held = report.type(statement.value)
                    names = [getattr(one, "id", "") for one in target.elts]
                    if name in names and held.kind == "tuple" and len(held.args) == len(names):
                        yield held.args[names.index(name)]
                    else:
                        yield held.args[0] if name in names and held.kind == "list" and held.args else UNKNOWN
        elif any(_stores(n, name) for part in _targets(statement) for n in walk(part)):
            yield T("other")


def _targets(statement: ast.AST) -> Iterator[ast.AST]:
    if isinstance(statement, ast.With):
        yield from (item.optional_vars for item in statement.items if item.optional_vars is not None)
    elif isinstance(statement, ast.For | ast.AnnAssign | ast.NamedExpr):
        yield statement.target


def mended(problem: Problem, report: Report, ctx: UnitContext) -> Fix | None:
    """Return the ``else`` that is missing, where Python would raise in it in any case."""
    node, made = problem.node, problem.detail[0]
    if not (
        isinstance(node, ast.Name)
        and isinstance(made, ast.If)
        and _all_branches(made, node.id)
        and _first_made_by(made, node.id, report)
        and _always_used(node, made, ctx)
    ):
        return None
    indent, newline = ctx.source.indent_of(made), ctx.source.newline
    line = f'else:{newline}{indent}    raise UnboundLocalError("none of the cases above")'
    if not ctx.source.text[ctx.source.span(made).start :].startswith("if"):
        return None
    return Fix((insert_line_after(ctx.source, made, line),))


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
    for node in walk(report.function):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            if node.lineno < made.lineno:
                return False
        elif isinstance(node, ast.For | ast.While | ast.Try) and any(one is made for one in walk(node)):
            return False
    return True


def _sets(body: list[ast.stmt], name: str) -> bool:
    for statement in body:
        if isinstance(statement, ast.Return | ast.Raise):
            return True
        if isinstance(statement, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == name for target in statement.targets for one in walk(target)
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
        if any(one is node for one in walk(statement)):
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
