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
from ._copies import parameter_names
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

EXAMPLES += [
    Example(
        title="two tests",
        before="""
import torch
from torch import nn


class Encoder(nn.Module):
    def forward(self, x):
        is_list = isinstance(x, tuple) or isinstance(x, list)
        if is_list:
            count = len(x)
            x = torch.cat(x, dim=0)
        x = torch.relu(x)
        if is_list:
            x = torch.chunk(x, count, dim=0)
        return x
""",
        after="""
import torch
from torch import nn


class Encoder(nn.Module):
    def forward(self, x):
        x_given = x
        is_list = isinstance(x, tuple) or isinstance(x, list)
        if isinstance(x_given, (tuple, list)):
            count = len(x)
            x = torch.cat(x, dim=0)
        x = torch.relu(x)
        if isinstance(x_given, (tuple, list)):
            x = torch.chunk(x, count, dim=0)
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
            subject, kind = test
            reads = [
                n for n in walk(function) if isinstance(n, ast.Name) and n.id == name and n is not statement.targets[0]
            ]
            asked = [n for n in reads if isinstance(n.ctx, ast.Load) and is_condition(n, ctx)]
            if not asked:
                continue
            once = all(isinstance(n.ctx, ast.Load) for n in reads) and subject.id in parameter_names(function)
            edits = _edits(statement, subject, kind, asked, function, ctx) if once else ()
            yield Finding(
                asked[0],
                f"`{name}` is a bool to TorchScript, which compiles both branches",
                help=f"ask `isinstance({subject.id}, {kind})` here",
                fix=Fix(edits) if edits else None,
            )


def _saved_test(statement: ast.stmt, ctx: UnitContext) -> tuple[ast.Name, str] | None:
    """Return ``x`` and ``T`` of ``name = isinstance(x, T)``; several tests of one variable ask for a tuple of types."""
    if not (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
        return None
    value = statement.value
    tests = value.values if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or) else [value]
    kinds: list[ast.expr] = []
    names: list[ast.Name] = []
    for one in tests:
        plain = isinstance(one, ast.Call) and ctx.qualified(one.func) == "builtins.isinstance" and not one.keywords
        if not isinstance(one, ast.Call) or not plain or len(one.args) != 2 or not isinstance(one.args[0], ast.Name):
            return None
        names.append(one.args[0])
        kinds.append(one.args[1])
    if not isinstance(statement.targets[0], ast.Name) or len({name.id for name in names}) != 1:
        return None
    if len(kinds) == 1:
        return names[0], ctx.source.segment(kinds[0])
    if any(isinstance(kind, ast.Tuple) for kind in kinds):
        return None
    return names[0], f"({', '.join(ctx.source.segment(kind) for kind in kinds)})"


def _edits(
    statement: ast.Assign, subject: ast.Name, kind: str, asked: list[ast.Name], function: FunctionNode,
    ctx: UnitContext,
) -> tuple[Edit, ...]:  # fmt: skip
    stores = [
        n for n in walk(function) if isinstance(n, ast.Name) and n.id == subject.id and not isinstance(n.ctx, ast.Load)
    ]
    if any(one.lineno <= statement.lineno for one in stores):
        return ()
    kept = free_name(f"{subject.id}_given", function) if stores else subject.id
    text = f"isinstance({kept}, {kind})"
    edits = [replace(ctx.source, one, text) for one in asked]
    if stores:
        line = ctx.source.line_text(statement.lineno)
        if line.strip() != ctx.source.segment(statement):
            return ()
        edits.insert(0, insert_line_before(ctx.source, statement, f"{kept} = {subject.id}"))
    return tuple(edits)
