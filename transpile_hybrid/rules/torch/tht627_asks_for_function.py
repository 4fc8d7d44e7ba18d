"""A question whether a value is a function, or of a type that it never is to TorchScript.

What it does
    Finds ``callable(d)``, ``isfunction(d)`` and ``type(x) is tuple`` as conditions in what TorchScript compiles, where
    what is asked about is a tensor or a number there.

Why is this bad
    TorchScript has no functions as values and none of these questions: "Python builtin <built-in function callable> is
    currently not supported in Torchscript".  What stands behind the question (``d()``) doesn't compile either.

Fix safety
    Safe: Python goes on asking.  For TorchScript the answer is no, and ``torch.jit.is_scripting()`` keeps the rest from
    it.  An ``if`` with an ``else`` is reported only.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_before, shares_line
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, in_place_of, reports
from ._loops import indent_statements
from ._optional import is_elif
from ._reports import Report
from ._writing import of_torch

EXAMPLES = [
    Example(
        before="""
from inspect import isfunction
from typing import Optional

import torch
from torch import nn


def default(value: Optional[torch.Tensor], otherwise):
    if value is not None:
        return value
    return otherwise() if isfunction(otherwise) else otherwise


class Attend(nn.Module):
    def __init__(self, dim=3, context=None):
        super().__init__()
        self.keys = nn.Linear(default(context, lambda: dim), dim)

    def forward(self, x, context: Optional[torch.Tensor] = None):
        return self.keys(default(context, x))
""",
        after="""
from inspect import isfunction
from typing import Optional

import torch
from torch import nn


def default(value: Optional[torch.Tensor], otherwise):
    if value is not None:
        return value
    return otherwise if torch.jit.is_scripting() else otherwise() if isfunction(otherwise) else otherwise


class Attend(nn.Module):
    def __init__(self, dim=3, context=None):
        super().__init__()
        self.keys = nn.Linear(default(context, lambda: dim), dim)

    def forward(self, x, context: Optional[torch.Tensor] = None):
        return self.keys(default(context, x))
""",
    ),
    Example(
        title="statements of their own",
        before="""
import torch
from torch import nn


class Add(nn.Module):
    def forward(self, x, y):
        if callable(y):
            y = y(x)
        if type(x) is tuple:
            x = x[0]
        return x + y
""",
        after="""
import torch
from torch import nn


class Add(nn.Module):
    def forward(self, x, y):
        if not torch.jit.is_scripting():
            if callable(y):
                y = y(x)
        if not torch.jit.is_scripting():
            if type(x) is tuple:
                x = x[0]
        return x + y
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.act = act() if callable(act) else nn.ReLU()

    def forward(self, x):
        return self.act(x)
""",
]

_QUESTIONS = frozenset({"builtins.callable", "inspect.isfunction", "inspect.ismethod", "inspect.isclass"})
_TYPES = {f"builtins.{name}": name for name in ("tuple", "list", "dict", "str", "int", "float", "bool")}
_VALUES = ("tensor", "int", "float", "bool", "str", "list", "tuple", "optional")


@rule("THT627", "asks-for-function", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if isinstance(node, ast.If | ast.IfExp) and is_never(node.test, report, ctx):
                edits = _kept_from_script(node, ctx)
                yield Finding(
                    node.test,
                    f"TorchScript can't ask `{ast.unparse(node.test)}`",
                    help="ask in Python alone: `if not torch.jit.is_scripting():`",
                    fix=Fix(edits) if edits else None,
                )


def is_never(test: ast.AST | None, report: Report, ctx: UnitContext) -> bool:
    """Whether ``test``, a condition, is a question whose answer is no for all that TorchScript can have there."""
    if not isinstance(ctx.module.parent(test) if test is not None else None, ast.If | ast.IfExp):
        return False
    if isinstance(test, ast.Call):
        named = ctx.qualified(test.func) in _QUESTIONS and len(test.args) == 1 and not test.keywords
        return named and id(test) in report.types and _is_value(test.args[0], report)
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Is | ast.Eq) or len(test.ops) != 1:
        return False
    asked, wanted = test.left, _TYPES.get(ctx.qualified(test.comparators[0]) or "")
    if not isinstance(asked, ast.Call) or ctx.qualified(asked.func) != "builtins.type" or len(asked.args) != 1:
        return False
    kind = report.type(asked.args[0])
    return wanted is not None and kind.kind == "tensor" and id(asked) in report.types


def _is_value(node: ast.expr, report: Report) -> bool:
    return isinstance(node, ast.Name) and report.type(node).kind in _VALUES


def _kept_from_script(node: ast.If | ast.IfExp, ctx: UnitContext) -> tuple[Edit, ...]:
    asked = of_torch("torch.jit.is_scripting", ctx, node)
    if asked is None:
        return ()
    if isinstance(node, ast.IfExp):
        inner = ctx.source.segment(node)
        parts = (ctx.source.segment(node.orelse), f" if {asked[0]}() else ", inner)
        return (in_place_of(node, parts, ctx), *asked[1]) if "\n" not in inner else ()
    indented = indent_statements([node], ctx)
    if node.orelse or indented is None or shares_line(ctx.source, node) or is_elif(node, ctx):
        return ()
    return (insert_line_before(ctx.source, node, f"if not {asked[0]}():"), *indented, *asked[1])
