"""A loop over the table of a module's parts.

What it does
    Finds ``for layer in self._modules.values()`` and ``for name, layer in self.net._modules.items()``.

Why is this bad
    TorchScript has no ``_modules``: "Module 'Net' has no attribute '_modules'".  It writes a loop over ``children()``
    or ``named_children()`` out, and goes through the same modules in the same order, those that have two names too,
    which Python's ``children()`` gives once.

Fix safety
    Safe: a loop of up to eight lines is written twice, TorchScript's under ``if torch.jit.is_scripting()``.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_children
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert, shares_line
from ..rule import Example, Finding, UnitContext, rule
from ._classes import self_name
from ._common import SCRIPT, is_method, reports
from ._loops import indent_statements
from ._reports import Report
from ._types import CONTAINERS
from ._writing import of_torch

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Chain(nn.Module):
    def __init__(self, *parts):
        super().__init__()
        for number, part in enumerate(parts):
            self.add_module(str(number), part)

    def forward(self, x):
        for part in self._modules.values():
            x = part(x)  # one after the other
        return x
""",
        after="""
import torch
from torch import nn


class Chain(nn.Module):
    def __init__(self, *parts):
        super().__init__()
        for number, part in enumerate(parts):
            self.add_module(str(number), part)

    def forward(self, x):
        if torch.jit.is_scripting():
            for part in self.children():
                x = part(x)  # one after the other
        else:
            for part in self._modules.values():
                x = part(x)  # one after the other
        return x
""",
    ),
    Example(
        title="by name",
        before="""
import torch
from torch import nn


class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))

    def forward(self, x):
        found = []
        for name, layer in self.net._modules.items():
            x = layer(x)
            if name == "1":
                found.append(x)
        return found
""",
        after="""
import torch
from torch import nn


class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))

    def forward(self, x):
        found = []
        if torch.jit.is_scripting():
            for name, layer in self.net.named_children():
                x = layer(x)
                if name == "1":
                    found.append(x)
        else:
            for name, layer in self.net._modules.items():
                x = layer(x)
                if name == "1":
                    found.append(x)
        return found
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Chain(nn.Module):
    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x

    def names(self):
        return [name for name in self._modules]
""",
]

_SHORT = 8  # lines
_INSTEAD = {"values": "children", "items": "named_children"}


@rule("THT629", "module-table-loop", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        me = self_name(function) if report.module is ctx.module and is_method(function, ctx) else ""
        for loop in walk(function):
            if not isinstance(loop, ast.For) or id(loop.iter) not in report.types:
                continue
            row = loop.iter.func if isinstance(loop.iter, ast.Call) else None
            if not isinstance(row, ast.Attribute) or row.attr not in _INSTEAD or loop.iter.args:  # type: ignore[attr-defined]
                continue
            table = row.value
            if not isinstance(table, ast.Attribute) or table.attr != "_modules":
                continue
            if not _is_module(table.value, me, report, unit, ctx):
                continue
            edits = _twice(loop, table.value, _INSTEAD[row.attr], ctx)
            yield Finding(
                loop.iter,
                "TorchScript has no `_modules`",
                help=f"go through `{ast.unparse(table.value)}.{_INSTEAD[row.attr]}()`",
                fix=Fix(edits) if edits else None,
            )


def _is_module(node: ast.expr, me: str, report: Report, unit: Unit, ctx: UnitContext) -> bool:
    """Whether ``node`` is a module; a list of modules that goes through itself is what THT607 looks at."""
    if isinstance(node, ast.Name):
        base = ctx.project.framework_base(unit.cls) if unit.cls is not None else None
        own = base is not None and base.name in CONTAINERS and not ctx.project.method(unit.cls, "__iter__")  # type: ignore[arg-type]
        return bool(me) and node.id == me and not own
    return bool(me) and report.type(node).kind in ("module", "vary", "?")  # nothing else has a `_modules`


def _twice(loop: ast.For, owner: ast.expr, instead: str, ctx: UnitContext) -> tuple[Edit, ...]:
    source, newline = ctx.source, ctx.source.newline
    last = loop.end_lineno or loop.lineno
    scripting = of_torch("torch.jit.is_scripting", ctx, loop)
    indented = indent_statements([loop], ctx)
    if indented is None or scripting is None or shares_line(source, loop) or last - loop.lineno >= _SHORT:
        return ()
    start = source.line_starts[loop.lineno - 1]
    end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    row, indent = source.span(loop.iter), source.indent_of(loop)
    text = source.text[start : row.start] + f"{source.segment(owner)}.{instead}()" + source.text[row.end : end]
    lines = [("    " + line if line.strip() else line) for line in text.splitlines()]
    head = [f"{indent}if {scripting[0]}():", *lines, f"{indent}else:"]
    return (insert(start, newline.join(head) + newline), *indented, *scripting[1])
