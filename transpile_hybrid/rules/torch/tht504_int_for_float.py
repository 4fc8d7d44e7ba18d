"""TorchScript does not turn an ``int`` into the ``float`` that a function asks for.

What it does
    Finds ``int`` arguments of modules' constructors (``nn.Dropout(0)``, ``nn.BatchNorm2d(8, momentum=0)``), and
    ``int`` arguments of PyTorch's functions, and of functions of the repository, where the parameter is a ``float``:
    ``F.normalize(x, p=2)``, ``F.dropout(x, 0)``.

Why is this bad
    Python converts; TorchScript refuses: "Expected a value of type 'float' for argument 'p' but instead found type
    'int'".

Fix safety
    Safe: a literal ``2`` becomes ``2.0``; another ``int`` is wrapped in ``float(...)``.  PyTorch makes the same
    conversion on its side.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems
from ._parameters import parameters_with_defaults
from ._typer import Problem
from ._types import FLOAT, T, optional, tables

EXAMPLES = [
    Example(
        before="""
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    def __init__(self):
        super().__init__()
        self.power = 2

    def forward(self, x):
        return F.normalize(x, p=self.power) + F.normalize(x, 1)
""",
        after="""
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    def __init__(self):
        super().__init__()
        self.power = 2

    def forward(self, x):
        return F.normalize(x, p=float(self.power)) + F.normalize(x, 1.0)
""",
    ),
]

VALID = [
    """
import torch
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    def forward(self, x):
        return F.normalize(torch.clamp(x, min=0), p=2.0)
""",
]


# what these keep is given to operators that take any number
_ANY_NUMBER = ("torch.nn.Softplus", "torch.nn.Hardshrink", "torch.nn.Softshrink")


@rule("THT504", "int-for-float", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for value in _constructors(unit, ctx):
        yield Finding(
            value,
            f"`{ast.unparse(value)}` is an int where TorchScript wants a float",
            help=f"write `{ast.unparse(value)}.0`",
            fix=Fix((as_float(value, ctx),)),
        )
    for problem, _ in problems(unit, ctx, "int-for-float", "argument"):
        for argument in _arguments(problem):
            yield Finding(
                argument,
                f"`{ast.unparse(argument)}` is an int where TorchScript wants a float",
                help="write a float: `2.0`, or `float(n)`",
                fix=Fix((as_float(argument, ctx),)),
            )


def _constructors(unit: Unit, ctx: UnitContext) -> Iterator[ast.expr]:
    """Yield the integers that constructors of the class's own code keep as what should be a float."""
    if unit.kind != "class" or unit.cls is None:
        functions: list[ast.AST] = [unit.node]
    else:
        functions = [method for name, method in unit.cls.methods.items() if method not in unit.region]
    for function in functions:
        for node in walk(function):
            name = ctx.qualified(node.func) if isinstance(node, ast.Call) and not _is_deep(node.func) else None
            if name is None or name in _ANY_NUMBER:
                continue
            assert isinstance(node, ast.Call)
            for entry in tables()["floats"].get(name, ()):
                index, _, parameter = entry.partition(":")
                value = next((k.value for k in node.keywords if k.arg == parameter), None)
                if (
                    value is None
                    and int(index) < len(node.args)
                    and not any(isinstance(one, ast.Starred) for one in node.args)
                ):
                    value = node.args[int(index)]
                if value is not None and (_integer(value) or _int_parameter(value, function, ctx)):
                    yield value


def _is_deep(func: ast.expr) -> bool:
    return not isinstance(func, ast.Name | ast.Attribute)


def _int_parameter(node: ast.expr, function: ast.AST, ctx: UnitContext) -> bool:
    """Whether ``node`` is a parameter of the constructor that is an ``int`` by its default or annotation."""
    if not isinstance(node, ast.Name) or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if any(isinstance(n, ast.Name) and n.id == node.id and isinstance(n.ctx, ast.Store) for n in walk(function)):
        return False
    for arg, default in parameters_with_defaults(function.args):
        if arg.arg == node.id and arg.annotation is None:
            return isinstance(default, ast.Constant) and type(default.value) is int
    arguments = function.args
    given = next((a for a in (*arguments.args, *arguments.kwonlyargs) if a.arg == node.id), None)
    return given is not None and given.annotation is not None and ctx.qualified(given.annotation) == "builtins.int"


def _integer(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd) else node
    return isinstance(inner, ast.Constant) and type(inner.value) is int


def _arguments(problem: Problem) -> Iterator[ast.expr]:
    if problem.kind == "argument":
        _, wanted, given, _ = problem.detail
        assert isinstance(wanted, T) and isinstance(given, T) and isinstance(problem.node, ast.expr)
        if given.kind == "int" and wanted.bare in (FLOAT, optional(FLOAT)):
            yield problem.node
        return
    call, which = problem.node, problem.detail[0]
    assert isinstance(call, ast.Call) and isinstance(which, tuple)
    for one in which:
        if isinstance(one, str):
            yield from (k.value for k in call.keywords if k.arg == one)
        elif 0 <= one < len(call.args):
            yield call.args[one]


def as_float(argument: ast.expr, ctx: UnitContext) -> Edit:
    """Make a float of an int: ``2`` -> ``2.0``, ``n`` -> ``float(n)``."""
    inner = argument.operand if isinstance(argument, ast.UnaryOp) else argument
    if isinstance(inner, ast.Constant) and type(inner.value) is int and str(inner.value) == ctx.source.segment(inner):
        return replace(ctx.source, inner, f"{inner.value}.0")
    return replace(ctx.source, argument, "float(", argument, ")")
