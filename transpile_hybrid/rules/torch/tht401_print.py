"""Printing and logging inside of what ``torch.compile`` takes in one graph.

What it does
    Finds ``print``, ``warnings.warn`` and the calls of loggers (those like ``logger.warning_once`` too) in what
    ``torch.compile(fullgraph=True)`` compiles.

Why is this bad
    They break the graph: an error with ``fullgraph=True``.  ``torch.export`` runs them once, while it traces, and never
    again.  TorchScript prints.

Fix safety
    Safe: a statement that only prints, warns or logs is put under ``if not torch.compiler.is_compiling():``.  Eager
    runs print as before; a compiled one, which was refused, does not print.

References
    https://docs.pytorch.org/docs/stable/generated/torch.compiler.is_compiling.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Fix
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import is_compiled, name_for
from ._logging import alone_under, logs

EXAMPLES = [
    Example(
        before="""
import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Net(nn.Module):
    def forward(self, x):
        print("shape", x.shape)
        logger.info("width %d", x.size(1))
        return torch.relu(x)
""",
        after="""
import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Net(nn.Module):
    def forward(self, x):
        if not torch.compiler.is_compiling():
            print("shape", x.shape)
        if not torch.compiler.is_compiling():
            logger.info("width %d", x.size(1))
        return torch.relu(x)
""",
        targets=("torch.compile",),
    ),
    Example(
        title="a logger of the package, and a warning over several lines",
        before="""
import logging
import warnings

import torch
from torch import nn


def get_logger(name):
    return logging.getLogger(name)


logger = get_logger(__name__)


class Net(nn.Module):
    def forward(self, x, mask=None, cache=False):
        if mask is not None:
            warnings.warn(
                "`mask` is not used, and will be taken out",
                FutureWarning,
            )  # since 2.0
        if cache and self.training:
            logger.warning("no cache in training")
            cache = False
        return torch.relu(x)
""",
        after="""
import logging
import warnings

import torch
from torch import nn


def get_logger(name):
    return logging.getLogger(name)


logger = get_logger(__name__)


class Net(nn.Module):
    def forward(self, x, mask=None, cache=False):
        if mask is not None:
            if not torch.compiler.is_compiling():
                warnings.warn(
                    "`mask` is not used, and will be taken out",
                    FutureWarning,
                )  # since 2.0
        if cache and self.training:
            if not torch.compiler.is_compiling():
                logger.warning("no cache in training")
            cache = False
        return torch.relu(x)
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if not torch.compiler.is_compiling():
            print("shape", x.shape)
        return x * 2


def report(x):
    print(x)
""",
]


@rule(
    "THT401",
    "print-in-graph",
    targets=("torch.compile",),
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.Call,),
)
def check(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if not is_compiled(ctx.unit, ctx):
        return
    if (name in ("builtins.print", "warnings.warn") or logs(node, ctx)) and not asks_compiling(node, ctx):
        found = name_for("torch.compiler.is_compiling", ctx, node)
        lines = alone_under(node, f"not {found[0]}()", ctx) if found is not None else None
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` breaks the graph",
            help="guard it: `if not torch.compiler.is_compiling():`",
            fix=Fix((lines, *found[1])) if lines is not None and found is not None else None,
        )
