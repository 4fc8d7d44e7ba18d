"""TorchScript does not turn an ``int`` into the ``float`` that a function asks for.

What it does
    Finds ``int`` arguments of modules' constructors (``nn.Dropout(0)``, ``nn.BatchNorm2d(8, momentum=0)``), and
    ``int`` arguments of PyTorch's functions, and of functions of the repository, where the parameter is a ``float``:
    ``F.normalize(x, p=2)``, ``F.dropout(x, 0)``.

Why is this bad
    Python converts; TorchScript refuses: "Expected a value of type 'float' for argument 'p' but instead found type
    'int'".

Fix safety
    Safe: a literal ``2`` becomes ``2.0``; another ``int`` is wrapped in ``float(...)``, and so is what is an ``int``
    for some callers only.  PyTorch makes the same conversion on its side.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._callsites import call_table
from ._classes import bind, class_model
from ._common import SCRIPT, problems, reports
from ._copies import parameter_names, stored_names
from ._parameters import given_to, parameters_with_defaults
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
    Example(
        title="a factor that may be whole",
        before="""
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return F.interpolate(x[None, None], scale_factor=self.factor)
""",
        after="""
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = float(factor) if isinstance(factor, int) else factor

    def forward(self, x):
        return F.interpolate(x[None, None], scale_factor=self.factor)
""",
    ),
]

EXAMPLES += [
    Example(
        title="an int of a caller",
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, rate):
        super().__init__()
        self.layers = self.build(dim, rate)

    def build(self, dim, rate):
        return nn.Sequential(nn.Linear(dim, dim), nn.Dropout(rate))

    def forward(self, x):
        return self.layers(x)


class Net(nn.Module):
    def __init__(self, dim=3, rate=0):
        super().__init__()
        self.block = Block(dim, rate)

    def forward(self, x):
        return self.block(x)
""",
        after="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, rate):
        super().__init__()
        self.layers = self.build(dim, rate)

    def build(self, dim, rate):
        return nn.Sequential(nn.Linear(dim, dim), nn.Dropout(float(rate) if isinstance(rate, int) else rate))

    def forward(self, x):
        return self.layers(x)


class Net(nn.Module):
    def __init__(self, dim=3, rate=0):
        super().__init__()
        self.block = Block(dim, rate)

    def forward(self, x):
        return self.block(x)
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


_RESIZING = tuple(
    f"torch.nn.functional.{name}" for name in ("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
)
# what these keep is given to operators that take any number
_ANY_NUMBER = ("torch.nn.Softplus", "torch.nn.Hardshrink", "torch.nn.Softshrink")


@rule("THT504", "int-for-float", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for value, function in _constructors(unit, ctx):
        text = ast.unparse(value)
        if _integer(value) or _int_parameter(value, function, ctx):
            yield Finding(
                value,
                f"`{text}` is an int where TorchScript wants a float",
                help=f"write `{text}.0`",
                fix=Fix((as_float(value, ctx),)),
            )
        elif _handed_int(value, function, ctx):
            yield Finding(
                value,
                f"`{text}` is given an int, and TorchScript wants a float",
                help=f"write `float({text})`",
                fix=Fix((replace(ctx.source, value, f"float({text}) if isinstance({text}, int) else {text}"),)),
                consequence=Consequence.SETTINGS if _handed_float(value, function, ctx) else None,
            )
    yield from _scale_factors(unit, ctx)
    for problem, _ in problems(unit, ctx, "int-for-float", "argument"):
        for argument in _arguments(problem):
            yield Finding(
                argument,
                f"`{ast.unparse(argument)}` is an int where TorchScript wants a float",
                help="write a float: `2.0`, or `float(n)`",
                fix=Fix((as_float(argument, ctx),)),
            )


def _scale_factors(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    """``F.interpolate(x, scale_factor=self.scale)``: many give an int, which only Python turns into a float."""
    if unit.cls is None or unit.cls.module is not ctx.module:
        return
    model = class_model(unit.cls, ctx.project)
    seen: set[str] = set()
    for function, report in reports(unit, ctx):
        for call in walk(function):
            if not isinstance(call, ast.Call) or ctx.qualified(call.func) not in _RESIZING:
                continue
            given = next((k.value for k in call.keywords if k.arg == "scale_factor"), None)
            if given is not None and _integer(given) and not any(one.node is call for one in report.problems):
                yield Finding(  # nothing else is known of the call, and this is wrong in any case
                    given,
                    f"`{ast.unparse(given)}` is an int where TorchScript wants a float",
                    help=f"write `{ast.unparse(given)}.0`",
                    fix=Fix((as_float(given, ctx),)),
                )
                continue
            name = ctx.self_attribute(given) if given is not None else None
            if given is None or name is None or name in seen or report.type(given).known:
                continue
            seen.add(name)
            writes = model.built.get(name, [])
            value = writes[0].value if len(writes) == 1 and name not in model.later else None
            if (
                not isinstance(value, ast.Name)
                or unit.init is None
                or writes[0].function is not unit.init
                or not _only_scales(name, unit, ctx)
            ):
                continue
            text = f"float({value.id}) if isinstance({value.id}, int) else {value.id}"
            yield Finding(
                value,
                f"`{value.id}` may be an int, where TorchScript wants a float",
                help=f"write `{text}`",
                fix=Fix((replace(ctx.source, value, text),)),
            )


def _only_scales(name: str, unit: Unit, ctx: UnitContext) -> bool:
    """Whether the class reads the attribute only to resize."""
    assert unit.cls is not None
    for node in walk(unit.cls.node):
        if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load):
            parent = ctx.module.parent(node)
            call = ctx.module.parent(parent) if isinstance(parent, ast.keyword) else None
            if not (isinstance(call, ast.Call) and ctx.qualified(call.func) in _RESIZING):
                return False
    return True


def _constructors(unit: Unit, ctx: UnitContext) -> Iterator[tuple[ast.expr, ast.AST]]:
    """Yield what constructors of modules keep as what should be a float, and the function of the class that says so."""
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
                if value is not None:
                    yield value, function


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


def _handed_int(node: ast.expr, function: ast.AST, ctx: UnitContext, depth: int = 0) -> bool:
    """Whether ``node`` is a parameter for which some code of this file gives an ``int``, directly or by another one."""
    if not isinstance(node, ast.Name) or not isinstance(function, ast.FunctionDef) or depth > 3:
        return False
    if node.id not in parameter_names(function) or node.id in stored_names(function):
        return False
    for value, module in _given(function, node.id, ctx):
        outer = ctx.module.enclosing_function(value) if module is ctx.module else None
        if _integer(value) or outer is not None and _int_parameter(value, outer, ctx):
            return True
        if outer is not None and outer is not function and _handed_int(value, outer, ctx, depth + 1):
            return True
    return False


def _handed_float(node: ast.expr, function: ast.AST, ctx: UnitContext) -> bool:
    """Whether other code gives the parameter a float."""
    if not isinstance(node, ast.Name) or not isinstance(function, ast.FunctionDef):
        return False
    given = [value for value, _ in _given(function, node.id, ctx)]
    given += [default for arg, default in parameters_with_defaults(function.args) if arg.arg == node.id]
    return any(isinstance(one, ast.Constant) and type(one.value) is float for one in given)


def _given(function: ast.FunctionDef, name: str, ctx: UnitContext) -> Iterator[tuple[ast.expr, Module]]:
    if function.name != "__init__":
        yield from given_to(function, name, ctx)
        return
    owner = ctx.module.scopes.of(function).parent
    if owner is None:
        return
    for site in call_table(ctx.project).of(owner.path):
        bound = bind(site.node, function, True)
        if bound is not None and name in bound:
            yield bound[name], site.module


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
