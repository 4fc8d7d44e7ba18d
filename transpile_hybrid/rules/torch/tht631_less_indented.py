"""A line of a module's constructor that is indented less than the constructor.

What it does
    Finds ``__init__`` methods of modules with a line that doesn't begin as the ``def`` does: in a docstring or another
    text of several lines (often with tabs), or within brackets.

Why is this bad
    ``torch.jit.script`` reads the source of each module's constructor, takes away the indentation that all its lines
    share, and parses what is left: "IndentationError: unexpected indent (<unknown>, line 1)".  Comments don't matter.

Fix safety
    Safe: lines of a docstring, and lines within brackets, are indented as the ``def`` is.  Only blanks of the docstring
    change, which ``inspect.getdoc`` takes away again.  Other texts of several lines are reported: their value would
    change.

References
    https://github.com/pytorch/pytorch/blob/v2.13.0/torch/jit/_check.py (``AttributeTypeIsSupportedChecker.check``)
"""

from __future__ import annotations

import ast
import os.path
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT

EXAMPLES = [
    Example(
        before='''
from torch import nn


class Net(nn.Module):
    def __init__(self, dim=3):
        """A layer.

  dim: how many features there are
        """
        super().__init__()
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        return self.fc(x)
''',
        after='''
from torch import nn


class Net(nn.Module):
    def __init__(self, dim=3):
        """A layer.

      dim: how many features there are
        """
        super().__init__()
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        return self.fc(x)
''',
    ),
    Example(
        title="within brackets",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.layers = nn.Sequential(
nn.Linear(dim, dim),
        )

    def forward(self, x):
        return self.layers(x)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.layers = nn.Sequential(
    nn.Linear(dim, dim),
        )

    def forward(self, x):
        return self.layers(x)
""",
    ),
    Example(
        title="a text that is a value",
        before='''
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.license = """first line
second line"""

    def forward(self, x):
        return x
''',
    ),
]

VALID = [
    '''
from torch import nn


class Net(nn.Module):
    def __init__(self):
        """A layer.

        Nothing in it.
        """
        super().__init__()
# a comment
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        """
x: what comes in
        """
        return self.fc(x)
''',
]


@rule("THT631", "less-indented", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    init = unit.init
    if unit.cls is None or init is None or not any(init is one for one in ctx.module.scopes.functions):
        return
    numbers = _less_indented(init, ctx)
    if not numbers:
        return
    lead = ctx.source.indent_of(init)
    texts = {number for node in walk(init) for number in _lines_of_text(node, init)}
    edits: list[Edit] = []
    for number in numbers:
        start = ctx.source.line_starts[number - 1]
        blank = _blank(_line(number, ctx))
        edits.append(Edit(start, start + len(blank), (lead + blank.expandtabs(8),)))
    yield Finding(
        init,
        f"line {numbers[0]} is indented less than `__init__`, and TorchScript can't read it",
        help="indent the line at least as the `def`",
        fix=Fix(tuple(edits)) if not texts & set(numbers) else None,
    )


def _less_indented(init: FunctionNode, ctx: UnitContext) -> list[int]:
    """Return the lines without which all lines of a function would begin alike: none if they do."""
    first = min([init.lineno, *(one.lineno for one in init.decorator_list)])
    lines = {number: _line(number, ctx) for number in range(first, (init.end_lineno or first) + 1)}
    read = {number: line for number, line in lines.items() if line.strip() and not _is_comment(line)}
    lead = ctx.source.indent_of(init)
    if os.path.commonprefix([_blank(line) for line in read.values()]) == lead:
        return []
    return [number for number, line in read.items() if not line.startswith(lead)]


def _line(number: int, ctx: UnitContext) -> str:
    starts, text = ctx.source.line_starts, ctx.source.text
    return text[starts[number - 1] : starts[number] if number < len(starts) else len(text)]


def _blank(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _is_comment(line: str) -> bool:
    """Whether the reader leaves a line out."""
    return line.strip().startswith("#") and not line.strip().startswith("# type:")


def _lines_of_text(node: ast.AST, init: FunctionNode) -> range:
    """Return the lines that begin within a text that is more than a docstring."""
    first = init.body[0]
    if isinstance(first, ast.Expr) and node is first.value or not isinstance(node, ast.Constant | ast.JoinedStr):
        return range(0)
    return range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
