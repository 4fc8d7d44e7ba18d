"""A parameter that callers give something else than a Tensor, and that has no annotation.

What it does
    Finds functions of the repository that are compiled with their caller and get an ``int``, a list, a tuple or another
    value where TorchScript takes the parameter for a Tensor; and parameters that are only counted to (``range(n)``), or
    asked for their truth.

Why is this bad
    "Expected a value of type 'Tensor' for argument 'n' but instead found type 'int'".

Fix safety
    Safe: an annotation changes nothing at run time.  It is made where all calls in the repository agree.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#default-typing
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import takes_no_self
from ._common import SCRIPT, asked_types, is_condition, is_method, is_scripted, problems, reports
from ._optional import statement_of
from ._parameters import (
    parameters_with_defaults,
    uses_of,
)
from ._told_by_calls import kind_by_calls
from ._told_by_use import kind_by_use, kind_of_entry
from ._typer import Problem
from ._types import INT, TENSOR, UNKNOWN, T, has_no_value, list_of, optional
from ._writing import annotate, optional_word, writable

EXAMPLES = [
    Example(
        before="""
from torch import nn


def windows(x, size):
    return x.view(x.shape[0], x.shape[1] // size, size, -1)


class Net(nn.Module):
    def forward(self, x):
        return windows(x, x.shape[1] // 2)
""",
        after="""
from torch import nn


def windows(x, size: int):
    return x.view(x.shape[0], x.shape[1] // size, size, -1)


class Net(nn.Module):
    def forward(self, x):
        return windows(x, x.shape[1] // 2)
""",
    ),
    Example(
        title="a setting of the module, which nothing but its use tells the type of",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, flip, size):
        super().__init__()
        self.flip = flip
        self.size = size

    def turned(self, x, flip, size):
        if flip:
            x = x.flip(0)
        return x[:, : size // 2]

    def forward(self, x):
        return self.turned(x, self.flip, self.size)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, flip, size):
        super().__init__()
        self.flip = flip
        self.size = size

    def turned(self, x, flip: bool, size: int):
        if flip:
            x = x.flip(0)
        return x[:, : size // 2]

    def forward(self, x):
        return self.turned(x, self.flip, self.size)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a flag",
        before="""
from torch import nn


class Loss(nn.Module):
    def forward(self, x, is_real):
        return (1 - x if is_real else x).relu().mean()
""",
        after="""
from torch import nn


class Loss(nn.Module):
    def forward(self, x, is_real: bool):
        return (1 - x if is_real else x).relu().mean()
""",
    ),
]

EXAMPLES += [
    Example(
        title="sizes and a mode",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x, height, width, mode):
        x = x.view(-1, height, width)
        return x.mean() if mode == "mean" else x
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x, height: int, width: int, mode: str):
        x = x.view(-1, height, width)
        return x.mean() if mode == "mean" else x
""",
    ),
    Example(
        title="what is joined",
        before="""
import torch
from torch import nn


class Concat(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, xs):
        return torch.cat(xs, self.dim) + len(xs)
""",
        after="""
from typing import List

import torch
from torch import nn


class Concat(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, xs: List[torch.Tensor]):
        return torch.cat(xs, self.dim) + len(xs)
""",
    ),
    Example(
        title="a flag that is handed on",
        before="""
from torch import nn


class Loss(nn.Module):
    def target(self, x, is_real):
        return x.new_ones(1) if is_real else x.new_zeros(1)

    def forward(self, x, is_real):
        return (x - self.target(x, is_real)).mean()
""",
        after="""
from torch import nn


class Loss(nn.Module):
    def target(self, x, is_real: bool):
        return x.new_ones(1) if is_real else x.new_zeros(1)

    def forward(self, x, is_real: bool):
        return (x - self.target(x, is_real)).mean()
""",
    ),
    Example(
        title="modules in a list",
        before="""
import torch
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode

    def forward(self, x, size):
        return F.interpolate(x, size, mode=self.mode)


class Net(nn.Module):
    def __init__(self, count=2):
        super().__init__()
        self.ups = nn.ModuleList()
        for _ in range(count):
            self.ups.append(Up("nearest"))

    def forward(self, x):
        x = x[None, None]
        for up in self.ups:
            x = up(x, x.shape[2:])
        return x
""",
        after="""
from typing import List

import torch
import torch.nn.functional as F
from torch import nn


class Up(nn.Module):
    def __init__(self, mode):
        super().__init__()
        self.mode = mode

    def forward(self, x, size: List[int]):
        return F.interpolate(x, size, mode=self.mode)


class Net(nn.Module):
    def __init__(self, count=2):
        super().__init__()
        self.ups = nn.ModuleList()
        for _ in range(count):
            self.ups.append(Up("nearest"))

    def forward(self, x):
        x = x[None, None]
        for up in self.ups:
            x = up(x, x.shape[2:])
        return x
""",
    ),
    Example(
        title="one tensor or several",
        before="""
import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, 3)

    def forward(self, features):
        if isinstance(features, list):
            features = torch.cat(features, dim=1)
        return self.linear(features)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = Layer(6)

    def forward(self, x):
        return self.second([x, self.first(x)])
""",
        after="""
from typing import Union, List

import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, 3)

    def forward(self, features: Union[torch.Tensor, List[torch.Tensor]]):
        if isinstance(features, list):
            features = torch.cat(features, dim=1)
        return self.linear(features)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = Layer(6)

    def forward(self, x):
        return self.second([x, self.first(x)])
""",
    ),
]

VALID = [
    """
from torch import nn


def twice(x):
    return x * 2


class Net(nn.Module):
    def forward(self, x):
        return twice(x)
""",
]


@rule("THT507", "untyped-parameter", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    seen: set[int] = set()
    for problem, caller in problems(unit, ctx, "argument"):
        name, wanted, given, function = problem.detail
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and isinstance(given, T)
        arg = next((a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg == name), None)
        if arg is None or wanted != TENSOR or id(arg) in seen or has_no_value(given):
            continue  # (THT616 looks at what can be called)
        seen.add(id(arg))
        if arg.annotation is not None:
            yield from _too_narrow(arg, given, function, problem, ctx)
            continue
        default = {a.arg: d for a, d in parameters_with_defaults(function.args)}.get(arg.arg)
        if default is not None:
            continue  # THT502 looks at those
        local = any(node is function for node in ctx.module.scopes.functions)
        kind = kind_by_calls(function, arg.arg, ctx) if local else UNKNOWN
        if local and not kind.known and given.kind == "dict" and _is_dict(function, arg.arg, ctx):
            kind = given
        if local and kind == list_of(TENSOR) and _asks_for_list(function, arg.arg, ctx):
            kind = T("union", (TENSOR, kind))  # it takes the one and the other, and other callers may give either
        # a decorated function compiled when the file was imported: its calls are not known well enough to change that
        written = kind.known and kind.kind != "none" and not is_scripted(function, ctx)
        if local and kind.kind == "optional" and not _asks_for_none(function, arg.arg):
            callee = next((one for one in caller.callees if one.function is function), caller)
            uses = uses_of(function, arg.arg, callee, ctx)
            written = written and not uses.tensor and not uses.weak  # what needs a tensor takes no None
        text = writable(kind, ctx, function) if written else None
        yield Finding(
            arg if local else problem.node,
            f"`{arg.arg}` of `{function.name}` is given {given}, and TorchScript takes it for a Tensor",
            help=f"annotate it: `{arg.arg}: {text[0] if text else '...'}`",
            fix=Fix((annotate(ctx, arg, None, text[0]), *text[1])) if text is not None else None,
        )
    yield from _counted(unit, ctx, seen)
    yield from _sometimes_none(unit, ctx, seen)
    yield from _told_by_use(unit, ctx, seen)


def _asks_for_none(function: FunctionNode, name: str) -> bool:
    """Whether ``name is None`` or the like is asked."""
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Is | ast.IsNot)
        and isinstance(node.left, ast.Name)
        and node.left.id == name
        for node in walk(function)
    )


def _asks_for_list(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether ``isinstance(name, list)`` is asked, of several types or alone."""
    for node in walk(function):
        asked = asked_types(node, ctx)
        if asked is not None and isinstance(asked[0], ast.Name) and asked[0].id == name:
            return any(ctx.qualified(one) in ("builtins.list", "torch.Tensor") for one in asked[1])
    return False


def _told_by_use(unit: Unit, ctx: UnitContext, seen: set[int]) -> Iterator[Finding]:
    """Parameters that are used as flags are; those of helpers, where calls say the same, also as sizes are."""
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module or is_scripted(function, ctx):
            continue
        defaults = {arg.arg for arg, _ in parameters_with_defaults(function.args)}
        own = is_method(function, ctx) and not takes_no_self(function)
        for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs][1 if own else 0 :]:
            if arg.annotation is not None or arg.arg in defaults or id(arg) in seen:
                continue
            entry = function is unit.entry
            kind = (kind_of_entry if entry else kind_by_use)(function, arg.arg, report, ctx)
            if kind is None:
                continue
            seen.add(id(arg))
            text = writable(kind, ctx, function)
            yield Finding(
                arg,
                f"`{arg.arg}` of `{function.name}` is used as {kind}, and TorchScript takes it for a Tensor",
                help=f"annotate it: `{arg.arg}: {text[0] if text is not None else kind}`",
                fix=Fix((annotate(ctx, arg, None, text[0]), *text[1])) if text is not None else None,
            )


def _is_dict(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether the function asks of its parameter what only a dict has: no caller can give anything else."""
    for statement in function.body:
        for node in walk(statement):
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            if not isinstance(node.ctx, ast.Load):
                return False
            parent = ctx.module.parent(node)
            if isinstance(parent, ast.Attribute) and parent.attr in ("items", "keys", "values"):
                return True
            key = parent.slice if isinstance(parent, ast.Subscript) and parent.value is node else None
            if isinstance(key, ast.JoinedStr) or isinstance(key, ast.Constant) and isinstance(key.value, str):
                return True
    return False


def _counted(unit: Unit, ctx: UnitContext, seen: set[int]) -> Iterator[Finding]:
    """Parameters that nothing speaks of but a ``range``."""
    for problem, report in problems(unit, ctx, "range-tensor"):
        function = report.function
        if report.module is not ctx.module or not isinstance(problem.node, ast.Call):
            continue
        defaults = {arg.arg for arg, _ in parameters_with_defaults(function.args)}
        for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            used = any(isinstance(n, ast.Name) and n.id == arg.arg for one in problem.node.args for n in _counts(one))
            if not used or arg.annotation is not None or arg.arg in defaults or id(arg) in seen:
                continue
            uses = uses_of(function, arg.arg, report, ctx)
            if uses.tensor or uses.other or uses.text or kind_by_calls(function, arg.arg, ctx) not in (INT, UNKNOWN):
                continue
            seen.add(id(arg))
            yield Finding(
                arg,
                f"`{arg.arg}` of `{function.name}` is counted to, and TorchScript takes it for a Tensor",
                help=f"annotate it: `{arg.arg}: int`",
                fix=Fix((annotate(ctx, arg, None, "int"),)),
            )


def _sometimes_none(unit: Unit, ctx: UnitContext, seen: set[int]) -> Iterator[Finding]:
    """Numbers and texts that a caller has as an attribute which is None in some instances."""
    for problem, _ in problems(unit, ctx, "argument-none"):
        name, function = problem.detail
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        arg = next((a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg == name), None)
        local = any(node is function for node in ctx.module.scopes.functions)
        if arg is None or arg.annotation is None or not local or id(arg) in seen:
            continue
        seen.add(id(arg))
        if not _bears_none(function, arg.arg, ctx):
            continue
        word = None if isinstance(arg.annotation, ast.Constant) else optional_word(ctx, function)
        edit = replace(ctx.source, arg.annotation, f"{word[0]}[", arg.annotation, "]") if word is not None else None
        yield Finding(
            arg,
            f"`{arg.arg}` of `{function.name}` is given None by some instances",
            help=f"annotate it: `{arg.arg}: Optional[{ast.unparse(arg.annotation)}]`",
            fix=Fix((edit, *word[1])) if edit is not None and word is not None else None,
        )


def _bears_none(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether the function only asks about the value, or calculates with it where an assertion can stand before."""
    asked = False
    for statement in function.body:
        for node in walk(statement):
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            parent = ctx.module.parent(node)
            if is_condition(node, ctx) or isinstance(parent, ast.Compare) and parent.left is node:
                asked = True
            elif not (isinstance(parent, ast.BinOp) and statement_of(node, ctx) is not None):
                return False
    return asked


def _counts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what must be an ``int`` for ``node`` to be one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod):
        yield from _counts(node.left)
        yield from _counts(node.right)
    else:
        yield node


def _too_narrow(
    arg: ast.arg, given: T, function: FunctionNode, problem: Problem, ctx: UnitContext
) -> Iterator[Finding]:
    """A parameter annotated as a Tensor that a caller may give ``None``."""
    if given.kind != "none" and given != optional(TENSOR) or arg.annotation is None:
        return
    local = any(node is function for node in ctx.module.scopes.functions)
    text = writable(optional(TENSOR), ctx, function) if local else None
    yield Finding(
        arg if local else problem.node,
        f"`{arg.arg}` of `{function.name}` may be given None, and is annotated as a Tensor",
        help=f"annotate it: `{arg.arg}: Optional[torch.Tensor]`",
        fix=Fix((replace(ctx.source, arg.annotation, text[0]), *text[1])) if text is not None else None,
    )
