"""A loop over modules, in a branch, whose variable has a value already.

What it does
    Finds ``for layer in self.second`` inside of an ``if`` or of a loop, where ``layer`` was the variable of another
    loop above it.

Why is this bad
    A module is no value to TorchScript, which writes such loops out.  In a branch it would have to change what the name
    holds around it: "Cannot re-assign 'layer' to a value of type module because layer is not a first-class value".

Fix safety
    Safe: the variable gets a name of its own in that loop.  It is made where the name is read inside of loops alone
    that give it a value.

References
    ``Environment.setSugaredVar`` in ``torch/csrc/jit/frontend/ir_emitter.cpp``
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import declared_constants
from ._common import SCRIPT, reports
from ._grown import is_written_out
from ._loops import free_name
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.ModuleList([nn.Linear(4, 4)])
        self.second = nn.ModuleList([nn.Linear(4, 4)])

    def forward(self, x, more: bool = True):
        for layer in self.first:
            x = layer(x)
        if more:
            for layer in self.second:
                x = layer(x)
        return x
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.ModuleList([nn.Linear(4, 4)])
        self.second = nn.ModuleList([nn.Linear(4, 4)])

    def forward(self, x, more: bool = True):
        for layer in self.first:
            x = layer(x)
        if more:
            for layer_2 in self.second:
                x = layer_2(x)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.ModuleList([nn.Linear(4, 4)])
        self.second = nn.ModuleList([nn.Linear(4, 4)])

    def forward(self, x):
        for layer in self.first:
            x = layer(x)
        for layer in self.second:
            x = layer(x)
        if x.dim() > 2:
            for module in self.first:
                x = module(x)
        return x
""",
]


@rule("THT637", "module-name-again", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        loops = [node for node in walk(function) if isinstance(node, ast.For) and id(node.iter) in report.types]
        if len(loops) < 2 or report.module is not ctx.module:
            continue
        for loop in loops:
            name = _module_of(loop, report, ctx)
            same = [one for one in loops if name is not None and _module_of(one, report, ctx) == name]
            branches = _branches_around(loop, report, ctx) if len(same) > 1 else []
            if name is None or not any(_is_above(one, branch, ctx) for one in same for branch in branches):
                continue
            yield Finding(
                loop.target,
                f"TorchScript can't give `{name}`, which is a module of another loop, another one in a branch",
                help="give the variable of this loop a name of its own",
                fix=_renamed(loop, name, report, ctx),
            )


def _module_of(loop: ast.For, report: Report, ctx: UnitContext) -> str | None:
    """Return the variable that a loop over modules gives them to: the last one where they are counted."""
    if not is_written_out(loop.iter, report, ctx):
        return None
    target = loop.target
    if isinstance(loop.iter, ast.Call):
        counted = ctx.qualified(loop.iter.func) == "builtins.enumerate" and isinstance(target, ast.Tuple)
        target = target.elts[-1] if counted and isinstance(target, ast.Tuple) and len(target.elts) == 2 else loop.iter
    return target.id if isinstance(target, ast.Name) else None


def _branches_around(loop: ast.For, report: Report, ctx: UnitContext) -> list[ast.stmt]:
    """Return each ``if`` and loop around that TorchScript doesn't settle, or write out, when it compiles."""
    found: list[ast.stmt] = []
    for parent in ctx.module.ancestors(loop):
        if parent is report.function:
            break
        asked = isinstance(parent, ast.If) and not _is_settled(parent.test, report, ctx)
        turned = isinstance(parent, ast.For) and not is_written_out(parent.iter, report, ctx)
        if isinstance(parent, ast.While | ast.If | ast.For) and (asked or turned or isinstance(parent, ast.While)):
            found.append(parent)
    return found


def _is_settled(test: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether TorchScript may know the answer when it compiles: what is None or there, or declared constant."""
    constants = declared_constants(report.info, ctx.project) if report.info is not None else frozenset()
    return any(
        isinstance(one, ast.Is | ast.IsNot)
        or isinstance(one, ast.Name)
        and one.id in ("hasattr", "isinstance")
        or isinstance(one, ast.Attribute)
        and one.attr in (*constants, "is_scripting")
        for one in walk(test)
    )


def _is_above(loop: ast.For, branch: ast.stmt, ctx: UnitContext) -> bool:
    """Whether a loop stands in the statements above ``branch``, or above what that stands in; in no other branch."""
    if (loop.end_lineno or loop.lineno) >= branch.lineno:
        return False
    parent = ctx.module.parent(loop)
    return parent is ctx.module.parent(branch) or any(parent is one for one in ctx.module.ancestors(branch))


def _renamed(loop: ast.For, name: str, report: Report, ctx: UnitContext) -> Fix | None:
    """Give the variable another name in the loop; ``None`` where the name is read outside of loops that bind it."""
    function = report.function
    inside: set[int] = set()
    for other in walk(function):
        if isinstance(other, ast.For) and any(isinstance(n, ast.Name) and n.id == name for n in walk(other.target)):
            inside |= {id(n) for part in (other.target, *other.body) for n in walk(part)}
    mentions = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == name]
    closed = any(isinstance(n, ast.Lambda | ast.FunctionDef) for n in walk(loop))
    if closed or not all(id(n) in inside for n in mentions):
        return None
    own = {id(n) for part in (loop.target, *loop.body) for n in walk(part)}
    mine = [n for n in mentions if id(n) in own]
    if sum(isinstance(n.ctx, ast.Store) for n in mine) != 1:
        return None
    word, count = re.sub(r"_\d+$", "", name) or name, 2
    while free_name(f"{word}_{count}", function) != f"{word}_{count}":
        count += 1
    new = f"{word}_{count}"
    edits: tuple[Edit, ...] = tuple(replace(ctx.source, n, new) for n in mine)
    return Fix(edits)
