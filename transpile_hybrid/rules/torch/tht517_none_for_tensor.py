"""A parameter that is annotated as a Tensor and is ``None`` by default.

What it does
    Finds ``mask: torch.Tensor = None`` (and ``size: int = None``) in what TorchScript compiles.

Why is this bad
    TorchScript believes the annotation: a Tensor is never None, so it takes ``mask is None`` for false and drops what
    stands under it, unread.  Called without a mask, the compiled function goes on with an undefined tensor: it fails
    inside, or gives another result than Python does.  Of other types it says "Expected a default value of type int".

Fix safety
    Safe: ``Optional[...]`` is what the annotation means, and an annotation changes nothing at run time.  It is written
    where the function asks whether it has the value, or only hands it on to code that takes ``None``.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#optional-type-refinement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._annotations import annotation_type
from ._common import SCRIPT, is_condition, reports
from ._parameters import parameters_with_defaults, wanted_type
from ._reports import Report
from ._types import TENSOR, T
from ._writing import optional_word

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, x, y, weights: torch.Tensor = None):
        loss = (x - y).abs()
        if weights is None:
            return loss.mean()
        return (loss * weights).sum()
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Loss(nn.Module):
    def forward(self, x, y, weights: Optional[torch.Tensor] = None):
        loss = (x - y).abs()
        if weights is None:
            return loss.mean()
        return (loss * weights).sum()
""",
    ),
]

VALID = [
    """
from typing import Any, Optional

import torch
from torch import nn


class Loss(nn.Module):
    def __init__(self, weights: torch.Tensor = None):
        super().__init__()
        self.weights = weights

    def forward(self, x, y, weights: Optional[torch.Tensor] = None, more: Any = None):
        loss = (x - y).abs()
        if weights is None:
            return loss.mean()
        return (loss * weights).sum()
""",
]

_KINDS = ("tensor", "int", "float", "bool", "str", "list", "tuple", "dict")


@rule("THT517", "none-for-tensor", targets=SCRIPT, consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for arg, default in parameters_with_defaults(function.args):
            if arg.annotation is None or not (isinstance(default, ast.Constant) and default.value is None):
                continue
            kind = annotation_type(arg.annotation, ctx.module)
            if kind.kind not in _KINDS:
                continue
            asked = _asks(function, arg.arg, ctx)
            if kind == TENSOR and not asked and not _hands_on(function, arg.arg, report, ctx):
                continue  # it can't do without: None raises, compiled or not
            word = None if isinstance(arg.annotation, ast.Constant) else optional_word(ctx, function)
            fix = None
            if word is not None and (kind != TENSOR or asked or _hands_on(function, arg.arg, report, ctx)):
                fix = Fix((replace(ctx.source, arg.annotation, f"{word[0]}[", arg.annotation, "]"), *word[1]))
            yield Finding(
                arg,
                f"`{arg.arg}` is None by default, and TorchScript takes it for a {kind} in any case",
                help=f"annotate it: `{arg.arg}: Optional[{ast.unparse(arg.annotation)}] = None`",
                fix=fix,
                consequence=Consequence.SILENT if kind == TENSOR else Consequence.ERROR,
            )


def _asks(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether the function asks for the value before it needs it: ``is None``, or its truth."""
    for node in walk(function):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            parent = ctx.module.parent(node)
            if isinstance(parent, ast.Compare) and any(
                isinstance(one, ast.Constant) and one.value is None for one in (parent.left, *parent.comparators)
            ):
                return True
            if is_condition(node, ctx):
                return True
    return False


def _hands_on(function: FunctionNode, name: str, report: Report, ctx: UnitContext) -> bool:
    """Whether all that the function does with the value is to give it to code that takes ``None``."""
    found = False
    for node in walk(function):
        if not (isinstance(node, ast.Name) and node.id == name):
            continue
        parent = ctx.module.parent(node)
        call = ctx.module.parent(parent) if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call) or node is call.func:
            return False
        wanted: set[T] | None = wanted_type(node, call, report, ctx)
        if not wanted or any(one.kind != "optional" for one in wanted):
            return False
        found = True
    return found
