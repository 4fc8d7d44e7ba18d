"""Syntax that TorchScript's parser doesn't take.

What it does
    Finds statements and expressions that ``torch.jit.script`` refuses before it looks at any type: ``try``, nested
    functions, ``yield``, ``lambda``, sets, ``:=``, conditions in comprehensions, ``**`` in calls, ``else`` of a loop,
    formats in f-strings, ``global``.  (Imports: THT630.)

Why is this bad
    One of them stops the whole module, also in a branch that is never taken.

Fix safety
    Safe for a format in the message of an exception: ``f"{x:.2f}"`` becomes ``"{:.2f}".format(x)``, the same text in
    Python (TorchScript's own message then shows ``{:.2f}``).  Safe for the annotation of a local variable,
    which is written where the variable gets its values.  There is no fix for the others: say it with other words,
    or move it to a method with ``@torch.jit.ignore`` (stays Python) or ``@torch.jit.unused`` (raises when called).

References
    https://docs.pytorch.org/docs/stable/jit_unsupported.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, delete_statement, insert_after
from ..rule import Example, Finding, UnitContext, rule
from ._annotations import annotation_type
from ._common import SCRIPT, block_of, is_compiled, is_read, reports
from ._messages import readable
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        try:
            return x * 2
        except RuntimeError:
            return x
""",
    ),
    Example(
        title="an annotation without a value",
        before="""
from typing import List

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, twice: bool = False):
        rows: List[torch.Tensor]
        if twice:
            rows = [x, x]
        else:
            rows = [x]
        return torch.cat(rows)
""",
        after="""
from typing import List

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, twice: bool = False):
        if twice:
            rows: List[torch.Tensor] = [x, x]
        else:
            rows: List[torch.Tensor] = [x]
        return torch.cat(rows)
""",
    ),
    Example(
        title="formats in the messages of exceptions",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, limit: float = 9.5):
        super().__init__()
        self.limit = limit

    def forward(self, x):
        if x.dim() > 4:
            raise ValueError(f"{x.dim()} axes in {self.__class__.__name__}: {self.limit:.2f} {{at most}} {x.shape!r}")
        assert x.dim() > 1, "no batch: " f"{self.limit:>{x.dim()}}"
        return x * self.limit
""",
        after="""
from torch import nn
import torch


class Net(nn.Module):
    def __init__(self, limit: float = 9.5):
        super().__init__()
        self.limit = limit

    def forward(self, x):
        if x.dim() > 4:
            raise ValueError("{} axes in {}: {:.2f} {{at most}} {!r}".format(x.dim(), "Net" if torch.jit.is_scripting() else self.__class__.__name__, self.limit, x.shape))
        assert x.dim() > 1, "no batch: {:>{}}".format(self.limit, x.dim())
        return x * self.limit
""",  # noqa: E501  formatting is not the rule's
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        try:
            self.scale = 2.0
        except RuntimeError:
            self.scale = 1.0

    def forward(self, x):
        parts = [x * i for i in range(3)]
        return parts[0] * self.scale
""",
]

_WORDS: dict[type[ast.AST], str] = {
    ast.Try: "`try`", ast.ClassDef: "a nested class", ast.Global: "`global`", ast.Nonlocal: "`nonlocal`",
    ast.Match: "`match`",
    ast.Lambda: "a lambda", ast.Set: "a set", ast.SetComp: "a set", ast.Yield: "`yield`", ast.YieldFrom: "`yield`",
    ast.NamedExpr: "`:=`", ast.Await: "`await`",
}  # fmt: skip


@rule("THT605", "unsupported-syntax", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.entry is None or not is_compiled(unit, ctx):
        return
    entry = next((report for function, report in reports(unit, ctx) if function is unit.entry), None)
    for report in _reached(entry):
        function = report.function
        if report.module is not ctx.module or not is_read(function, ctx):
            continue
        for statement in function.body:
            for node in walk(statement):
                word = _refused(node)
                if isinstance(node, ast.Lambda) and isinstance(
                    ctx.module.parent(node), ast.Assign | ast.Call | ast.keyword
                ):
                    continue  # THT608, THT616
                if word is not None:
                    edits = readable(node.value, unit, ctx) if isinstance(node, ast.FormattedValue) else ()
                    if isinstance(node, ast.AnnAssign):
                        edits = _at_its_values(node, function, ctx)
                    yield Finding(
                        node,
                        f"TorchScript's parser does not take {word}",
                        help=_instead(node),
                        fix=Fix(edits) if edits else None,
                    )


def _at_its_values(node: ast.AnnAssign, function: FunctionNode, ctx: UnitContext) -> tuple[Edit, ...]:
    """Write an annotation where the variable gets its values; Python asks for none of a local variable."""
    name = node.target
    if not isinstance(name, ast.Name) or not annotation_type(node.annotation, ctx.module).known:
        return ()
    edits = [delete_statement(ctx.source, node, block_of(node, ctx.module))]
    for one in ctx.module.scopes.of(function).bindings.get(name.id, []):
        if one.node is node:
            continue
        given = one.node
        if not isinstance(given, ast.Assign) or len(given.targets) > 1 or not isinstance(given.targets[0], ast.Name):
            return ()
        edits.append(insert_after(ctx.source, given.targets[0], ": ", node.annotation))
    return tuple(edits) if len(edits) > 1 else ()


def _instead(node: ast.AST) -> str:
    """Say what to write."""
    if isinstance(node, ast.Call):
        return "name the arguments that are given, one by one"
    return "write it in plain statements, or put it into a method with `@torch.jit.ignore`"


def _reached(report: Report | None) -> list[Report]:
    """The functions that TorchScript compiles with this one."""
    found: list[Report] = []
    work = [report] if report is not None else []
    while work:
        one = work.pop()
        if one not in found:
            found.append(one)
            work += one.callees
    return found


def _refused(node: ast.AST) -> str | None:
    word = _WORDS.get(type(node))
    if word is not None:
        return word
    if isinstance(node, ast.Call) and any(keyword.arg is None for keyword in node.keywords):
        return "`**` in a call"
    if isinstance(node, ast.For | ast.While) and node.orelse:
        return "`else` of a loop"
    if isinstance(node, ast.FormattedValue) and (node.format_spec is not None or node.conversion != -1):
        return "a format in an f-string"
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return "an annotation without a value"
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.FloorDiv | ast.MatMult):
        return "this augmented assignment"
    if isinstance(node, ast.Dict) and None in node.keys:
        return "`**` in a dict"
    return None
