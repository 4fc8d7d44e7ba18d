"""A size given as ``*shape`` has no length that TorchScript knows.

What it does
    Finds ``x.view(*shape)`` and the like: a starred argument of a tensor method or torch function that takes a size.

Why is this bad
    A size is a ``List[int]`` to TorchScript, and a list can't be spread over arguments: "cannot statically infer the
    expected size of a list in this context".  ``torch.compile`` and ``torch.export`` take it.

Fix safety
    Safe where the function takes the sizes as one sequence too, which is so for the functions named in this rule: the
    sequence is given instead.  With other arguments beside the star, a list is put together.  Other starred calls are
    reported only.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#function-calls
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, only_holds, self_name
from ._common import SCRIPT, problems
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Flat(nn.Module):
    def forward(self, x):
        shape = x.size()[:-2]
        return x.view(*shape, -1)
""",
        after="""
from torch import nn


class Flat(nn.Module):
    def forward(self, x):
        shape = x.size()[:-2]
        return x.view(list(shape) + [-1])
""",
    ),
    Example(
        before="""
import torch
from torch import nn


class Noise(nn.Module):
    def forward(self, x):
        return x + torch.randn(*x.shape)
""",
        after="""
import torch
from torch import nn


class Noise(nn.Module):
    def forward(self, x):
        return x + torch.randn(x.shape)
""",
    ),
]

VALID = [
    """
from torch import nn


class Flat(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)
""",
    """
import torch
from torch import nn


class Sizes(nn.Module):
    def forward(self, x):
        shape = (2, 3)
        return x.view(*shape)
""",
    """
from torch import nn


class Reshape(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(x.size(0), *self.shape)
""",
]

_METHODS = frozenset(
    ("view", "reshape", "permute", "expand", "repeat", "resize", "new_zeros", "new_ones", "new_empty", "flip", "tile")
)
_FUNCTIONS = frozenset(f"torch.{name}" for name in ("zeros", "ones", "empty", "rand", "randn"))


@rule("THT503", "starred-size", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "starred"):
        starred, call = problem.node, problem.detail[0]
        assert isinstance(starred, ast.Starred) and isinstance(call, ast.Call)
        if report.type(starred.value).kind == "tuple" or _kept_tuple(starred.value, report.function, unit, ctx):
            continue  # a tuple has a length: TorchScript spreads it
        edit = _as_sequence(call, ctx, report)
        yield Finding(
            starred,
            f"`*{ast.unparse(starred.value)}` spreads a sequence whose length TorchScript does not know",
            help="give the sequence itself, as a list: `x.view(list(shape) + [n])`",
            fix=Fix((edit,)) if edit is not None else None,
        )


def _kept_tuple(node: ast.expr, function: FunctionNode, unit: Unit, ctx: UnitContext) -> bool:
    """Whether ``node`` is an attribute, or a part of one, that construction makes a tuple of whatever length."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        node = node.value
    if unit.cls is None or not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    if node.value.id != self_name(function) or node.attr in class_model(unit.cls, ctx.project).later:
        return False
    init = unit.cls.methods.get("__init__")
    star = init.args.vararg.arg if init is not None and init.args.vararg is not None else ""
    if init is not None and any(
        isinstance(one, ast.Name) and one.id == star and isinstance(one.ctx, ast.Store) for one in walk(init)
    ):
        star = ""

    def is_tuple(value: ast.expr | None) -> bool:
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
            value = value.value
        if isinstance(value, ast.Call):
            return ctx.qualified(value.func) == "builtins.tuple"
        return isinstance(value, ast.Tuple) or isinstance(value, ast.Name) and value.id == star and star != ""

    return only_holds(node.attr, unit.cls, ctx.project, is_tuple)


def _as_sequence(call: ast.Call, ctx: UnitContext, report: Report) -> Edit | None:
    if not _takes_sequence(call, ctx, report):
        return None
    if any(keyword.arg is None or keyword.arg == "size" for keyword in call.keywords):
        return None
    first, last = ctx.source.span(call.args[0]), ctx.source.span(call.args[-1])
    only = call.args[0]
    if len(call.args) == 1 and isinstance(only, ast.Starred) and report.type(only.value).kind == "list":
        return Edit(first.start, last.end, (only.value,))
    parts = as_list(call.args)
    return Edit(first.start, last.end, parts) if parts else None


def as_list(items: list[ast.expr]) -> tuple[Part, ...]:
    """Return the parts of a list with ``items``, some of them starred: ``list(a) + [b, c]``."""
    parts: list[Part] = []
    plain: list[ast.expr] = []
    for item in [*items, None]:
        if isinstance(item, ast.expr) and not isinstance(item, ast.Starred):
            plain.append(item)
            continue
        if plain:
            parts += [" + ["] if parts else ["["]
            for index, node in enumerate(plain):
                parts += [", ", node] if index else [node]
            parts.append("]")
            plain = []
        if isinstance(item, ast.Starred):
            parts += [" + list(" if parts else "list(", item.value, ")"]
    return tuple(parts)


def _takes_sequence(call: ast.Call, ctx: UnitContext, report: Report) -> bool:
    if isinstance(call.func, ast.Attribute):
        name = ctx.qualified(call.func)
        if name is not None and name in _FUNCTIONS:
            return True
        return call.func.attr in _METHODS and report.type(call.func.value).kind == "tensor"
    return False
