"""Warnings that are caught in what TorchScript compiles.

What it does
    Finds ``with warnings.catch_warnings():`` in what TorchScript compiles.

Why is this bad
    TorchScript compiles what it enters, down to the standard library: "Compiled functions can't take variable number
    of arguments" in ``warnings.__exit__``.  A scripted module gives no warnings of Python's.

Fix safety
    Safe: Python does what it did (``if not torch.jit.is_scripting():``), and TorchScript gets the statements without
    the block.  It is made for blocks of a few lines.

References
    https://docs.python.org/3/library/warnings.html#warnings.catch_warnings
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, problems

EXAMPLES = [
    Example(
        before="""
import warnings

import torch
from torch import nn


class Pool(nn.Module):
    def forward(self, x):
        y = x * 2
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes
            return torch.cat([x, y], 1)
""",
        after="""
import warnings

import torch
from torch import nn


class Pool(nn.Module):
    def forward(self, x):
        y = x * 2
        if not torch.jit.is_scripting():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about sizes
                return torch.cat([x, y], 1)
        else:
            return torch.cat([x, y], 1)
""",
    ),
]

VALID = [
    """
import warnings

import torch
from torch import nn


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.pool = nn.MaxPool1d(2)

    def forward(self, x):
        warnings.warn("old")
        return self.pool(x)
""",
]

_LINES = 8
_FILTERS = ("warnings.simplefilter", "warnings.filterwarnings")


@rule("THT623", "warnings-caught", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "warnings-caught"):
        node = problem.node
        assert isinstance(node, ast.With)
        edit = None
        if len(node.items) == 1 and node.items[0].optional_vars is None and report.module is ctx.module:
            edit = _apart(node, ctx)
        yield Finding(
            node,
            "TorchScript can't compile `warnings.catch_warnings()`",
            help="put the block under `if not torch.jit.is_scripting():`, and its statements under `else:`",
            fix=Fix((edit,)) if edit is not None else None,
        )


def _apart(node: ast.With, ctx: UnitContext) -> Edit | None:
    """Return the edit that gives Python the block, and TorchScript what it does without the filters."""
    source = ctx.source
    scripting = name_for("torch.jit.is_scripting", ctx, node)
    kept = list(node.body)
    while kept and _is_filter(kept[0], ctx):
        kept.pop(0)
    last = node.end_lineno or node.lineno
    if scripting is None or scripting[1] or not kept or last - node.lineno > _LINES:
        return None
    if any(_is_filter(one, ctx) for one in kept) or kept[0].lineno == node.lineno:
        return None
    strings = [n for n in walk(node) if isinstance(n, ast.Constant | ast.JoinedStr) and n.lineno != n.end_lineno]
    span = source.span(node)
    start = source.line_starts[node.lineno - 1]
    indent = source.indent_of(node)
    if strings or source.text[start : span.start].strip():
        return None
    lines = source.text[start : span.end].split(source.newline)
    again = lines[kept[0].lineno - node.lineno :]
    text = [f"{indent}if not {scripting[0]}():", *(f"    {one}" if one.strip() else one for one in lines)]
    text += [f"{indent}else:", *again]
    return Edit(start, span.end, (source.newline.join(text),))


def _is_filter(statement: ast.stmt, ctx: UnitContext) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ctx.qualified(call.func) in _FILTERS
