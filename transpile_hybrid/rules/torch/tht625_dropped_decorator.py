"""A decorator that TorchScript drops.

What it does
    Finds decorators that set a mode (``no_grad``, ``enable_grad``, ``inference_mode``, ``autocast``), and those of the
    repository that wrap the function by ``functools.wraps`` and do more than call it, on what TorchScript compiles.

Why is this bad
    TorchScript compiles the function that stands below the decorator, and never calls the decorator: gradients flow
    where Python has none, and what the decorator makes of the result is not made.  Names of the file are not found in a
    function under PyTorch's own ("undefined value torch").

Fix safety
    Safe for ``no_grad``: the body goes into ``with torch.no_grad():``, which TorchScript takes.  Safe for a function of
    the file where all that its decorator does is to make a wrapper, which calls the function once and hands on its
    keywords: the body moves into a function of its own, and another one does for TorchScript what the wrapper does;
    Python goes on calling the decorated function.  Others are reported.

References
    https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
    https://docs.python.org/3/library/inspect.html#inspect.unwrap
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_before, shares_line
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._copies import body_of
from ._loops import indent_statements
from ._reports import function_named
from ._wrapped import calls_in, specialised, wrapped

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    @torch.no_grad()
    def forward(self, x):
        \"\"\"Return targets.\"\"\"
        x = torch.relu(x)  # as the student does
        if x.dim() == 1:
            return self.fc(x)

        return self.fc(x).softmax(-1)
""",
        after="""
import torch
from torch import nn


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        \"\"\"Return targets.\"\"\"
        with torch.no_grad():
            x = torch.relu(x)  # as the student does
            if x.dim() == 1:
                return self.fc(x)

            return self.fc(x).softmax(-1)
""",
    ),
    Example(
        title="no such block",
        before="""
import torch
from torch import nn


class Teacher(nn.Module):
    @torch.inference_mode()
    def forward(self, x):
        return x * 2
""",
    ),
]

EXAMPLES += [
    Example(
        title="a decorator of one's own",
        before="""
import functools

import torch
from torch import nn


def weighted(function):
    @functools.wraps(function)
    def wrapper(x, y, weight=1.0, mean=True, **kwargs):
        loss = function(x, y, **kwargs)
        loss = loss * weight
        return loss.mean() if mean else loss

    return wrapper


@weighted
def smooth(x, y, beta=1.0):
    \"\"\"Return a loss for each item.\"\"\"
    gap = (x - y).abs()
    return torch.where(gap < beta, 0.5 * gap * gap / beta, gap - 0.5 * beta)


class Loss(nn.Module):
    def __init__(self, weight=2.0):
        super().__init__()
        self.weight = weight

    def forward(self, x, y):
        return smooth(x, y, self.weight, beta=0.5)
""",
        after="""
import functools

import torch
from torch import nn


def weighted(function):
    @functools.wraps(function)
    def wrapper(x, y, weight=1.0, mean=True, **kwargs):
        loss = function(x, y, **kwargs)
        loss = loss * weight
        return loss.mean() if mean else loss

    return wrapper


@weighted
def smooth(x, y, beta: float = 1.0):
    \"\"\"Return a loss for each item.\"\"\"
    return _plain_smooth(x, y, beta)


def _plain_smooth(x, y, beta: float = 1.0):
    gap = (x - y).abs()
    return torch.where(gap < beta, 0.5 * gap * gap / beta, gap - 0.5 * beta)


def _scripted_smooth(x, y, weight: float = 1.0, mean: bool = True, beta: float = 1.0):
    if not torch.jit.is_scripting():
        return smooth(x, y, weight, mean, beta=beta)
    loss = _plain_smooth(x, y, beta=beta)
    loss = loss * weight
    return loss.mean() if mean else loss


class Loss(nn.Module):
    def __init__(self, weight=2.0):
        super().__init__()
        self.weight = weight

    def forward(self, x, y):
        return _scripted_smooth(x, y, self.weight, beta=0.5)
""",
    ),
    Example(
        title="a decorator that keeps state",
        before="""
import functools

import torch
from torch import nn


def counted(function):
    @functools.wraps(function)
    def wrapper(x, y):
        wrapper.calls += 1
        return function(x, y).mean() * 0.5

    wrapper.calls = 0
    return wrapper


@counted
def squared(x, y):
    return (x - y) ** 2


class Loss(nn.Module):
    def forward(self, x, y):
        return squared(x, y)
""",
    ),
]

VALID = [
    """
import functools

import torch
from torch import nn


def compiled_for_traces(function):
    @functools.wraps(function)
    def wrapper(*args):
        if not torch.jit.is_tracing():
            return function(*args)
        compiled = torch.jit.script(wrapper.original)
        return compiled(*args)

    wrapper.original = function
    return wrapper


@compiled_for_traces
def squared(x, y):
    return (x - y) ** 2


class Loss(nn.Module):
    def forward(self, x, y):
        return squared(x, y)
""",
    """
import functools

import torch
from torch import nn


def counted(function):
    @functools.wraps(function)
    def wrapper(*args):
        wrapper.calls += 1
        return function(*args)

    wrapper.calls = 0
    return wrapper


@counted
def squared(x, y):
    return (x - y) ** 2


class Loss(nn.Module):
    def forward(self, x, y):
        return squared(x, y)
""",
    """
import torch
from torch import nn


class Student(nn.Module):
    @torch.no_grad()
    def reset(self):
        self.scale.fill_(1.0)

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.reset()

    def forward(self, x):
        with torch.no_grad():
            y = x * 2
        return y * self.scale
""",
]

_NO_GRAD = ("torch.no_grad", "torch.autograd.no_grad", "torch.autograd.grad_mode.no_grad")
_OTHERS = (
    "torch.enable_grad", "torch.inference_mode", "torch.set_grad_enabled", "torch.autocast", "torch.amp.autocast",
    "torch.cuda.amp.autocast", "torch.amp.autocast_mode.autocast", "torch.cuda.amp.autocast_mode.autocast",
)  # fmt: skip


@rule("THT625", "dropped-decorator", targets=SCRIPT, consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, _ in reports(unit, ctx):
        for decorator in function.decorator_list:
            name = ctx.qualified(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if isinstance(decorator, ast.Name | ast.Attribute) and _wraps(name, ctx):
                yield from _dropped(decorator, function, unit, ctx)
            if name not in (*_NO_GRAD, *_OTHERS):
                continue
            last = decorator is function.decorator_list[-1]
            edits = _as_block(decorator, function, ctx) if name in _NO_GRAD and last else ()
            yield Finding(
                decorator,
                f"TorchScript compiles `{function.name}` without `@{ast.unparse(decorator)}`",
                help="write `with torch.no_grad():` inside"
                if name in _NO_GRAD
                else "set the mode where the module is called",
                fix=Fix(edits) if edits else None,
            )


def _dropped(decorator: ast.expr, function: FunctionNode, unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    found = wrapped(function, ctx) if isinstance(function, ast.FunctionDef) else None
    calls = calls_in(found, unit, ctx) if found is not None else []
    if found is not None and not calls and unit.entry is not function:
        return  # only what Python runs calls it
    edits = specialised(found, calls, ctx) if found is not None and calls else ()
    yield Finding(
        decorator,
        f"TorchScript compiles `{function.name}` without `@{ast.unparse(decorator)}`, which does more",
        help="call one function from the other, without a decorator",
        fix=Fix(edits) if edits else None,
    )


def _wraps(name: str | None, ctx: UnitContext) -> bool:
    """Whether a decorator of the repository keeps the function for `inspect.unwrap`, and does more than call it."""
    found = function_named(name, ctx.module, ctx.project) if name is not None else None
    if found is None or not found[0].args.args:
        return False
    function, module = found
    given = function.args.args[0].arg
    for inner in (one for one in function.body if isinstance(one, ast.FunctionDef)):
        for decorator in inner.decorator_list:
            wrapped = [ast.unparse(one) for one in decorator.args] if isinstance(decorator, ast.Call) else []
            if wrapped == [given] and isinstance(decorator, ast.Call):
                kept = module.qualified(decorator.func) == "functools.wraps"
                return kept and not _only_calls(inner, given, module)
    return False


def _only_calls(inner: ast.FunctionDef, given: str, module: Module) -> bool:
    """Whether all that is returned is what the wrapped function gives, or the same function compiled."""
    same = {given}
    for node in walk(inner):
        made = node.value if isinstance(node, ast.Assign) else None
        if isinstance(made, ast.Call) and module.qualified(made.func) == "torch.jit.script":
            same |= {ast.unparse(target) for target in node.targets}  # type: ignore[attr-defined]
    returned = [one.value for one in walk(inner) if isinstance(one, ast.Return)]
    return all(isinstance(one, ast.Call) and ast.unparse(one.func) in same for one in returned)


def _as_block(decorator: ast.expr, function: FunctionNode, ctx: UnitContext) -> tuple[Edit, ...]:
    source = ctx.source
    body = body_of(function)
    if not body or shares_line(source, body[0]) or body[0].lineno == function.lineno:
        return ()
    if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in walk(function)):
        return ()  # the decorator sets the mode at each step of a generator, the block once
    indented = indent_statements(body, ctx)
    if indented is None or decorator.lineno != decorator.end_lineno:
        return ()
    line = source.line_starts[decorator.lineno - 1], source.line_starts[decorator.lineno]
    if source.text[line[0] : line[1]].strip() != "@" + source.segment(decorator):
        return ()
    call = source.segment(decorator) if isinstance(decorator, ast.Call) else f"{source.segment(decorator)}()"
    return (Edit(*line, ()), insert_line_before(source, body[0], f"with {call}:"), *indented)
