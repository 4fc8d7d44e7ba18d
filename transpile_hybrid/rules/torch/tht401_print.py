"""Printing and logging inside of what ``torch.compile`` takes in one graph.

What it does
    Finds ``print``, ``warnings.warn`` and the calls of loggers (those like ``logger.warning_once`` too) in what
    ``torch.compile(fullgraph=True)`` compiles, and in methods with tensors that a module class without ``forward``, or
    a class beside it, has for others.

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
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import is_compiled, name_for
from ._logging import alone_under, logs
from ._reached import where_reached

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
    "THT401", "print-in-graph", targets=("torch.compile",), consequence=Consequence.ERROR, fix="sometimes", scope="unit"
)
@where_reached(("torch.compile",))
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function in _read(unit, ctx):
        for node in (one for statement in function.body for one in walk(statement)):
            if isinstance(node, ast.Call):
                yield from _call(node, ctx)


def _read(unit: Unit, ctx: UnitContext) -> list[FunctionNode]:
    """Return what the compiler reads: the region, or what a class without ``forward`` has for those derived from it.

    Of the latter only methods that say that they take tensors, and what these call: others build, load and save.
    """
    if is_compiled(unit, ctx):
        return unit.region
    if unit.cls is None or unit.entry is not None:
        return []
    lineage = [one for one in ctx.project.mro(unit.cls) if one.module is ctx.module]
    methods = {name: function for one in reversed(lineage) for name, function in one.methods.items()}
    found = [function for function in methods.values() if _takes_tensor(function, ctx)]
    owners = {one.node.name for one in lineage}
    for function in found:  # grows while it is read
        own = owners | {one.arg for one in function.args.args[:1]}
        for node in walk(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            called = methods.get(node.func.attr)
            if isinstance(node.func.value, ast.Name) and node.func.value.id in own and called is not None:
                found += [called] if called not in found else []
    return found


def _takes_tensor(function: FunctionNode, ctx: UnitContext) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    annotations = [one.annotation for one in arguments if one.annotation is not None]
    named = (part for one in annotations for part in walk(one) if isinstance(part, ast.Name | ast.Attribute))
    return any(ctx.qualified(part) == "torch.Tensor" for part in named)


def _call(node: ast.Call, ctx: UnitContext) -> Iterator[Finding]:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if (name in ("builtins.print", "warnings.warn") or logs(node, ctx)) and not asks_compiling(node, ctx):
        found = name_for("torch.compiler.is_compiling", ctx, node)
        lines = alone_under(node, f"not {found[0]}()", ctx) if found is not None else None
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` breaks the graph",
            help="guard it: `if not torch.compiler.is_compiling():`",
            fix=Fix((lines, *found[1])) if lines is not None and found is not None else None,
        )
