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
from ...rewrite.edit import Edit, Fix, insert_line_before, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, reports
from ._logging import alone_under, logs
from ._loops import free_name
from ._reports import Report

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
    Example(
        title="a condition that TorchScript can't read either",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, gpu_ids=[]):
        super().__init__()
        self.gpu_ids = gpu_ids
        self.main = nn.Linear(3, 3)

    def forward(self, x):
        if self.gpu_ids and isinstance(x.data, torch.cuda.FloatTensor):
            return nn.parallel.data_parallel(self.main, x, self.gpu_ids)
        else:
            return self.main(x)
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, gpu_ids=[]):
        super().__init__()
        self.gpu_ids = gpu_ids
        self.main = nn.Linear(3, 3)

    def forward(self, x):
        parallel = False
        if not torch.jit.is_scripting():
            parallel = bool(self.gpu_ids and isinstance(x.data, torch.cuda.FloatTensor))
        if not torch.jit.is_scripting() and parallel:
            return nn.parallel.data_parallel(self.main, x, self.gpu_ids)
        else:
            return self.main(x)
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
                yield _parallel(node, report, ctx)
            elif logs(node, ctx):
                yield _guarded(node, "TorchScript has no logging", ctx)
        for problem in report.problems:
            if problem.kind == "flattened" and isinstance(problem.node, ast.Call):
                yield _guarded(problem.node, "TorchScript can't compile `flatten_parameters`", ctx)


def _scripting(ctx: UnitContext, at: ast.AST) -> str | None:
    found = name_for("torch.jit.is_scripting", ctx, at)
    return f"not {found[0]}()" if found is not None and not found[1] else None


def _parallel(node: ast.Call, report: Report, ctx: UnitContext) -> Finding:
    """The branch with a call of ``data_parallel``."""
    edits: tuple[Edit, ...] = ()
    text = _scripting(ctx, node)
    inner: ast.AST = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If):
            if text is not None and inner in parent.body and (parent.orelse or isinstance(inner, ast.Return)):
                edits = _unread(parent, text, report, ctx)
            break
        if isinstance(parent, ast.FunctionDef):
            break
        inner = parent
    return Finding(
        node,
        "TorchScript has no `data_parallel`",
        help="ask `not torch.jit.is_scripting()` first, and compute on one device otherwise",
        fix=Fix(edits) if edits else None,
    )


def _unread(branch: ast.If, text: str, report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    """Keep a branch from TorchScript, and its condition too where that has no type."""
    test = branch.test
    parts = [n for n in walk(test) if isinstance(n, ast.Attribute | ast.Call) and not _names_type(n, ctx)]
    if all(any(kind.known for kind in report.type(one).alternatives) for one in parts):
        kept = test if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else operand(test)
        plain = isinstance(test, ast.Compare | ast.UnaryOp | ast.Name | ast.Call | ast.Attribute)
        return (replace(ctx.source, test, f"{text} and ", test if plain else kept),)
    above = ctx.module.parent(branch)
    if isinstance(above, ast.If) and branch in above.orelse and not _starts_line(branch, ctx):
        return ()  # an `elif`
    name = free_name("parallel", report.function)
    start = ctx.source.newline + ctx.source.indent_of(branch)
    lines = f"{name} = False{start}if {text}:{start}    {name} = bool({ctx.source.segment(test)})"
    return (insert_line_before(ctx.source, branch, lines), replace(ctx.source, test, f"{text} and {name}"))


def _names_type(node: ast.expr, ctx: UnitContext) -> bool:
    """``torch.Tensor`` in ``isinstance(x, torch.Tensor)``: a name that has no type, and needs none."""
    return isinstance(node, ast.Attribute) and ctx.qualified(node) == "torch.Tensor"


def _starts_line(branch: ast.If, ctx: UnitContext) -> bool:
    start = ctx.source.span(branch).start
    return ctx.source.text.startswith("if", start)


def _guarded(node: ast.Call, message: str, ctx: UnitContext) -> Finding:
    text = _scripting(ctx, node)
    edit = alone_under(node, text, ctx) if text is not None else None
    return Finding(
        node,
        message,
        help="put it under `if not torch.jit.is_scripting():`",
        fix=Fix((edit,)) if edit is not None else None,
    )
