"""A type test that is kept in a variable.

What it does
    Finds ``packed = isinstance(x, PackedSequence)`` and conditions on ``packed`` in what TorchScript compiles, where
    the answer decides which of the code has a type at all.

Why is this bad
    TorchScript drops what stands under ``if isinstance(x, T)`` unread where ``x`` is something else.  A variable says
    nothing when it compiles, so both branches have to make sense: "Tensor cannot be used as a tuple".

Fix safety
    Safe: the test is written where the variable was read.  Where ``x`` gets another value in between, what it was is
    kept under a name of its own.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#type-refinement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_before, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_condition, reports
from ._loops import free_name

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence


class Noise(nn.Module):
    def forward(self, x):
        packed = isinstance(x, PackedSequence)
        sizes = None
        if packed:
            x, sizes = x.data, x.batch_sizes
        x = x * 2
        if packed:
            return PackedSequence(x, sizes)
        return x
""",
        after="""
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence


class Noise(nn.Module):
    def forward(self, x):
        x_given = x
        packed = isinstance(x, PackedSequence)
        sizes = None
        if isinstance(x_given, PackedSequence):
            x, sizes = x.data, x.batch_sizes
        x = x * 2
        if isinstance(x_given, PackedSequence):
            return PackedSequence(x, sizes)
        return x
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, y: int):
        plain = isinstance(x, torch.Tensor)
        if isinstance(x, torch.Tensor):
            x = x + 1
        return x, plain
""",
]


@rule("THT304", "saved-type-test", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        for statement in function.body:
            test = _saved_test(statement, ctx)
            if test is None:
                continue
            assert isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
            name = statement.targets[0].id
            reads = [
                n for n in walk(function) if isinstance(n, ast.Name) and n.id == name and n is not statement.targets[0]
            ]
            asked = [n for n in reads if isinstance(n.ctx, ast.Load) and is_condition(n, ctx)]
            if not asked:
                continue
            once = all(isinstance(n.ctx, ast.Load) for n in reads) and _is_parameter(test, function)
            edits = _edits(statement, test, asked, function, ctx) if once else ()
            yield Finding(
                asked[0],
                f"`{name}` is a bool to TorchScript, which compiles both branches",
                help=f"ask `{ast.unparse(test)}` here",
                fix=Fix(edits) if edits else None,
            )


def _saved_test(statement: ast.stmt, ctx: UnitContext) -> ast.Call | None:
    """Return the ``isinstance(x, T)`` of ``name = isinstance(x, T)``."""
    if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
        return None
    value = statement.value
    if not (isinstance(statement.targets[0], ast.Name) and isinstance(value, ast.Call) and len(value.args) == 2):
        return None
    plain = isinstance(value.args[0], ast.Name) and ctx.qualified(value.func) == "builtins.isinstance"
    return value if plain and not value.keywords else None


def _is_parameter(test: ast.Call, function: FunctionNode) -> bool:
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return any(isinstance(test.args[0], ast.Name) and one.arg == test.args[0].id for one in arguments)


def _edits(
    statement: ast.Assign, test: ast.Call, asked: list[ast.Name], function: FunctionNode, ctx: UnitContext
) -> tuple[Edit, ...]:
    subject = test.args[0]
    assert isinstance(subject, ast.Name)
    stores = [
        n for n in walk(function) if isinstance(n, ast.Name) and n.id == subject.id and not isinstance(n.ctx, ast.Load)
    ]
    if any(one.lineno <= statement.lineno for one in stores):
        return ()
    kept = free_name(f"{subject.id}_given", function) if stores else subject.id
    text = f"isinstance({kept}, {ctx.source.segment(test.args[1])})"
    edits = [replace(ctx.source, one, text) for one in asked]
    if stores:
        line = ctx.source.line_text(statement.lineno)
        if line.strip() != ctx.source.segment(statement):
            return ()
        edits.insert(0, insert_line_before(ctx.source, statement, f"{kept} = {subject.id}"))
    return tuple(edits)
