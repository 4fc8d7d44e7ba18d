"""A size and a tuple can't be added in TorchScript.

What it does
    Finds ``x.size()[:-1] + (a, b)``: a size, which is a list to TorchScript, added to a tuple, and ``tuple(sizes)``.

Why is this bad
    ``x.size()`` is a ``torch.Size``, a tuple, to Python, and a ``List[int]`` to TorchScript.  Their sum with a tuple
    is no operation there.

Fix safety
    Safe: both sides become lists, ``list(x.size()[:-1]) + [a, b]``.  It is made where the sum is used only as a size
    of a tensor (given to ``view``, spread into it, indexed, measured by ``len``), where a list is as good as a tuple.
    A tuple that is given to functions stays one in Python, and is a list to TorchScript alone.  ``tuple(outs)`` of a
    list that grows in loops over modules, which TorchScript writes out, is a tuple that grows: ``outs = outs + (x,)``.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, replace, shares_line
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, in_place_of, problems, reports
from ._grown import as_tuple
from ._reports import Report
from ._writing import of_torch
from .tht503_starred_size import as_list

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Heads(nn.Module):
    def __init__(self, heads=4):
        super().__init__()
        self.heads = heads

    def forward(self, x):
        shape = x.size()[:-1] + (self.heads, -1)
        return x.view(shape)
""",
        after="""
from torch import nn


class Heads(nn.Module):
    def __init__(self, heads=4):
        super().__init__()
        self.heads = heads

    def forward(self, x):
        shape = list(x.size()[:-1]) + [self.heads, -1]
        return x.view(shape)
""",
    ),
    Example(
        title="dimensions that are counted",
        before="""
from torch import nn


class Center(nn.Module):
    def forward(self, x):
        dims = tuple(range(1, x.dim()))
        return x - x.mean(dim=dims, keepdim=True)
""",
        after="""
from torch import nn


class Center(nn.Module):
    def forward(self, x):
        dims = list(range(1, x.dim()))
        return x - x.mean(dim=dims, keepdim=True)
""",
    ),
]

EXAMPLES += [
    Example(
        title="dimensions that a function gets",
        before="""
from typing import List

import torch
from torch import nn


def total(x, axes: List[int]):
    for axis in axes:
        x = x.sum(axis, keepdim=True)
    return x


class Center(nn.Module):
    def forward(self, x):
        axes = tuple([0] + list(range(2, x.dim())))
        return x - total(x, axes)
""",
        after="""
from typing import List

import torch
from torch import nn


def total(x, axes: List[int]):
    for axis in axes:
        x = x.sum(axis, keepdim=True)
    return x


class Center(nn.Module):
    def forward(self, x):
        axes = [0] + list(range(2, x.dim())) if torch.jit.is_scripting() else tuple([0] + list(range(2, x.dim())))
        return x - total(x, axes)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a tuple of what layers give",
        before="""
from torch import nn


class Stages(nn.Module):
    def __init__(self, number=3):
        super().__init__()
        self.stages = nn.ModuleList([nn.Linear(4, 4) for _ in range(number)])

    def forward(self, x):
        outs = []
        for stage in self.stages:
            x = stage(x)
            outs.append(x)
        return tuple(outs)
""",
        after="""
from torch import nn


class Stages(nn.Module):
    def __init__(self, number=3):
        super().__init__()
        self.stages = nn.ModuleList([nn.Linear(4, 4) for _ in range(number)])

    def forward(self, x):
        outs = ()
        for stage in self.stages:
            x = stage(x)
            outs = outs + (x,)
        return outs
""",
    ),
]

VALID = [
    """
from torch import nn


class Heads(nn.Module):
    def forward(self, x):
        return x.view((2,) + (3, 4))
""",
]

_SIZES = frozenset(
    ("view", "reshape", "permute", "expand", "repeat", "new_zeros", "new_ones", "new_empty", "zeros", "ones", "empty")
    + ("rand", "randn", "len", "new_full", "full", "resize_", "broadcast_to")
)


_DIMENSIONS = frozenset(("sum", "mean", "amax", "amin", "std", "var", "logsumexp", "flip", "prod"))


@rule("THT506", "size-plus-tuple", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if isinstance(node, ast.Call) and id(node) in report.types and _of_range(node, ctx):
                yield _made(node, report, ctx)
    for problem, report in problems(unit, ctx, "size-plus-tuple", "starred-tuple", "tuple-of-list"):
        node = problem.node
        if isinstance(node, ast.Call):
            yield _made(node, report, ctx)
            continue
        if isinstance(node, ast.Tuple):
            yield from _starred(node, report, ctx)
            continue
        assert isinstance(node, ast.BinOp | ast.AugAssign)
        fix = None
        if isinstance(node, ast.BinOp) and _only_a_size(node, ctx):
            sides = [_as_list(side, report) for side in (node.left, node.right)]
            if all(sides):
                span = ctx.source.span(node)
                fix = Fix((Edit(span.start, span.end, (*sides[0], " + ", *sides[1])),))
        yield Finding(
            node,
            "a size is a List[int] to TorchScript and can't be added to a tuple",
            help="add lists: `list(x.size()[:-1]) + [a, b]`",
            fix=fix,
        )


def _of_range(node: ast.Call, ctx: UnitContext) -> bool:
    """``tuple(range(2, x.dim()))``."""
    inner = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if ctx.qualified(node.func) != "builtins.tuple" or not isinstance(inner, ast.Call):
        return False
    return ctx.qualified(inner.func) == "builtins.range"


def _made(node: ast.Call, report: Report, ctx: UnitContext) -> Finding:
    """``tuple(x.shape[1:])``."""
    made = ctx.qualified(node.func) == "builtins.tuple" and isinstance(node.func, ast.Name)
    edits: tuple[Edit, ...] = ()
    if made and _only_a_size(node, ctx):
        edits = (replace(ctx.source, node.func, "list"),)
    elif made and len(node.args) == 1 and _stays_within(node, ctx):
        edits = _list_in_script(node, report, ctx)
    if made and not edits:
        edits = as_tuple(node, report, ctx)
    return Finding(
        node,
        "TorchScript makes no tuple of a list, whose length it does not know",
        help="leave it a list: `list(x.shape[1:])`",
        fix=Fix(edits) if edits else None,
    )


def _list_in_script(node: ast.Call, report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    """``a = tuple(b)``: a list to TorchScript, and the same tuple to Python."""
    given, statement = node.args[0], ctx.module.parent(node)
    asked = of_torch("torch.jit.is_scripting", ctx, node)
    if asked is None or not isinstance(statement, ast.Assign) or shares_line(ctx.source, statement):
        return ()
    head: tuple[Part, ...] = ("list(", given, ")")
    if isinstance(given, ast.ListComp | ast.List) or report.type(given).kind == "list" and _is_new(given):
        head = (given,)
    parts = (*head, f" if {asked[0]}() else ", node)
    return (in_place_of(node, parts, ctx), *asked[1])


def _is_new(node: ast.expr) -> bool:
    """``list(a) + [b]``: a list that nothing else holds."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)


def _stays_within(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether the tuple is the value of a variable that is only measured, gone through, indexed or given to calls."""
    assigned, function = ctx.module.parent(node), ctx.module.enclosing_function(node)
    target = assigned.targets[0] if isinstance(assigned, ast.Assign) and len(assigned.targets) == 1 else None
    if function is None or not isinstance(target, ast.Name):
        return False
    for one in walk(function):
        if not isinstance(one, ast.Name) or one.id != target.id or one is target:
            continue
        parent = ctx.module.parent(one)
        whole = isinstance(parent, ast.Subscript) and parent.value is one and not isinstance(parent.slice, ast.Slice)
        looped = isinstance(parent, ast.For | ast.comprehension) and parent.iter is one
        given = isinstance(parent, ast.Call) and one in parent.args or isinstance(parent, ast.keyword)
        asked = isinstance(parent, ast.Compare)
        if not (isinstance(one.ctx, ast.Store) or whole or looped or given or asked):
            return False
    return True


def _starred(node: ast.Tuple, report: Report, ctx: UnitContext) -> Iterator[Finding]:
    """``(*x.size()[:-1], n)``."""
    if report.type(node).kind != "list":
        return
    parts = as_list(node.elts)
    yield Finding(
        node,
        "a size is a List[int] to TorchScript and can't be spread into a tuple",
        help="add lists: `list(x.size()[:-1]) + [a, b]`",
        fix=Fix((in_place_of(node, parts, ctx),)) if parts and _only_a_size(node, ctx) else None,
    )


def _as_list(side: ast.expr, report: Report) -> tuple[Part, ...]:
    """Return the parts of a list with the items of ``side``; nothing where that is not known."""
    if isinstance(side, ast.Tuple):
        if any(isinstance(one, ast.Starred) for one in side.elts):
            return ()
        parts: list[Part] = ["["]
        for index, one in enumerate(side.elts):
            parts += [", ", one] if index else [one]
        return (*parts, "]")
    if report.type(side).kind == "list":
        made = isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id in ("tuple", "list")
        inner = side.args[0] if isinstance(side, ast.Call) and made and len(side.args) == 1 else side
        return ("list(", inner, ")")
    return ()


def _only_a_size(node: ast.expr, ctx: UnitContext, depth: int = 0) -> bool:
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Starred):
        return True
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return not isinstance(parent.slice, ast.Slice) or _only_a_size(parent, ctx, depth)
    if isinstance(parent, ast.keyword) and parent.arg in ("dim", "dims", "axis"):
        call = ctx.module.parent(parent)
        name = call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
        return name in _DIMENSIONS
    if isinstance(parent, ast.Call) and node in parent.args:
        name = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
        return name in _SIZES or name in _DIMENSIONS
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
        name = parent.targets[0].id
        function = ctx.module.enclosing_function(node)
        if function is None or depth > 2:
            return False
        uses = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == name and n is not parent.targets[0]]
        stores = [n for n in uses if not isinstance(n.ctx, ast.Load)]
        return all(_only_a_size(n, ctx, depth + 1) for n in uses if n not in stores) and all(
            isinstance(ctx.module.parent(n), ast.Assign) for n in stores
        )
    return False
