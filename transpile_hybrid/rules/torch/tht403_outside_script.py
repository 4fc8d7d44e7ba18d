"""Code for several GPUs, for the log or for the clock in what TorchScript compiles.

What it does
    Finds branches that hand the work to ``data_parallel``, and statements that only log or read the clock, in what
    TorchScript compiles.

Why is this bad
    TorchScript has none of it: the module doesn't compile, though a scripted model never takes the branch.

Fix safety
    Safe: ``not torch.jit.is_scripting() and`` is put before the condition of a ``data_parallel`` branch (the other
    branch computes the same on one device), and a statement that only logs stands under ``if not
    torch.jit.is_scripting():``.  TorchScript drops both unread; Python runs them as before.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#torch.jit.is_scripting
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, reports
from ._logging import alone_under, logs

EXAMPLES = [
    Example(
        before="""
import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Net(nn.Module):
    def __init__(self, gpus=1):
        super().__init__()
        self.gpus = gpus
        self.main = nn.Linear(3, 3)

    def forward(self, x):
        logger.info("shape %s", x.shape)
        if x.is_cuda and self.gpus > 1:
            y = nn.parallel.data_parallel(self.main, x, range(self.gpus))
        else:
            y = self.main(x)
        return y
""",
        after="""
import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Net(nn.Module):
    def __init__(self, gpus=1):
        super().__init__()
        self.gpus = gpus
        self.main = nn.Linear(3, 3)

    def forward(self, x):
        if not torch.jit.is_scripting():
            logger.info("shape %s", x.shape)
        if not torch.jit.is_scripting() and x.is_cuda and self.gpus > 1:
            y = nn.parallel.data_parallel(self.main, x, range(self.gpus))
        else:
            y = self.main(x)
        return y
""",
    ),
]

VALID = [
    """
import warnings

from torch import nn


class Net(nn.Module):
    def forward(self, x):
        print(x.shape)
        warnings.warn("old")
        return x * 2
""",
]

_PARALLEL = ("torch.nn.parallel.data_parallel", "torch.nn.parallel.data_parallel.data_parallel")


@rule("THT403", "outside-script", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            if ctx.qualified(node.func) in _PARALLEL:
                yield _parallel(node, ctx)
            elif logs(node, ctx):
                yield _guarded(node, "TorchScript has no logging", ctx)
        for problem in report.problems:
            if problem.kind == "flattened" and isinstance(problem.node, ast.Call):
                yield _guarded(problem.node, "TorchScript can't compile `flatten_parameters`", ctx)


def _scripting(ctx: UnitContext, at: ast.AST) -> str | None:
    found = name_for("torch.jit.is_scripting", ctx, at)
    return f"not {found[0]}()" if found is not None and not found[1] else None


def _parallel(node: ast.Call, ctx: UnitContext) -> Finding:
    """The branch with a call of ``data_parallel``."""
    edit: Edit | None = None
    text = _scripting(ctx, node)
    inner: ast.AST = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If):
            if text is not None and inner in parent.body and parent.orelse:
                test = parent.test
                kept = test if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else operand(test)
                plain = isinstance(test, ast.Compare | ast.UnaryOp | ast.Name | ast.Call | ast.Attribute)
                edit = replace(ctx.source, test, f"{text} and ", test if plain else kept)
            break
        if isinstance(parent, ast.FunctionDef):
            break
        inner = parent
    return Finding(
        node,
        "TorchScript has no `data_parallel`",
        help="ask `not torch.jit.is_scripting()` first, and compute on one device otherwise",
        fix=Fix((edit,)) if edit is not None else None,
    )


def _guarded(node: ast.Call, message: str, ctx: UnitContext) -> Finding:
    text = _scripting(ctx, node)
    edit = alone_under(node, text, ctx) if text is not None else None
    return Finding(
        node,
        message,
        help="put it under `if not torch.jit.is_scripting():`",
        fix=Fix((edit,)) if edit is not None else None,
    )
