"""A parameter without an annotation is a Tensor to TorchScript, whatever its default.

What it does
    Finds parameters of functions that TorchScript compiles which have a default that is no Tensor, and no annotation.

Why is this bad
    ``torch.jit.script`` takes every parameter without an annotation for a ``Tensor``.  ``def forward(self, x,
    eps=1e-6)`` then fails: "Expected a default value of type Tensor (inferred) on parameter 'eps'".

Fix safety
    Safe: an annotation changes nothing at run time.  It is made where the default tells the type and no call in the
    repository asks for another: ``1`` that some call gives a float to is a ``float``.  For a default of ``None`` the
    uses of the parameter tell: ``Optional[torch.Tensor]`` where it is used as a tensor, or not at all.  Where all calls
    give another type (a Parameter for ``p=3``, the ``stride`` of a convolution for ``stride=1``), what TorchScript
    compiles becomes a function of its own, without that default, which those calls and the old function run.

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
from ...rewrite.edit import Fix
from ..rule import Example, Finding, UnitContext, rule
from ._callsites import call_table
from ._common import SCRIPT, reports
from ._other_default import apart, given_otherwise
from ._parameters import (
    given_to,
    is_supposed,
    literal_type,
    parameters_with_defaults,
    passed_to,
    type_at,
    uses_of,
)
from ._reports import Report
from ._types import FLOAT, TENSOR, UNKNOWN, T, optional, unify
from ._writing import annotate, writable

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale=2.0):
        return x * scale
""",
        after="""
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale: float = 2.0):
        return x * scale
""",
    ),
    Example(
        before="""
import torch
from torch import nn


class Attend(nn.Module):
    def forward(self, scores, mask=None):
        if mask is not None:
            scores = scores.masked_fill(mask, -1e9)
        return torch.softmax(scores, dim=-1)
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Attend(nn.Module):
    def forward(self, scores, mask: Optional[torch.Tensor] = None):
        if mask is not None:
            scores = scores.masked_fill(mask, -1e9)
        return torch.softmax(scores, dim=-1)
""",
    ),
    Example(
        title="a device, told by where it goes",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, device=None):
        return x + torch.arange(x.size(1), device=device)
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, device: Optional[torch.device] = None):
        return x + torch.arange(x.size(1), device=device)
""",
    ),
]

EXAMPLES += [
    Example(
        title="handed on to a function that an attribute holds",
        before="""
import torch
from torch import nn


def mean_error(x, y, weight=None):
    error = (x - y).abs()
    return error.mean() if weight is None else (error * weight).mean()


def square_error(x, y, weight=None):
    error = (x - y) ** 2
    return error.mean() if weight is None else (error * weight).mean()


class Loss(nn.Module):
    def __init__(self, square=False):
        super().__init__()
        if square:
            self.error = square_error
        else:
            self.error = mean_error

    def forward(self, x, y, weight=None):
        return self.error(x, y, weight=weight)
""",
        after="""
from typing import Optional

import torch
from torch import nn


def mean_error(x, y, weight: Optional[torch.Tensor] = None):
    error = (x - y).abs()
    return error.mean() if weight is None else (error * weight).mean()


def square_error(x, y, weight: Optional[torch.Tensor] = None):
    error = (x - y) ** 2
    return error.mean() if weight is None else (error * weight).mean()


class Loss(nn.Module):
    def __init__(self, square=False):
        super().__init__()
        if square:
            self.error = square_error
        else:
            self.error = mean_error

    def forward(self, x, y, weight: Optional[torch.Tensor] = None):
        return self.error(x, y, weight=weight)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a default of another type than what is given",
        before="""
import torch
from torch import nn


def mean_of_powers(x, p=3, eps=1e-6):
    return x.clamp(min=eps).pow(p).mean(-1).pow(1.0 / p)


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.ones(1) * 3)

    def forward(self, x):
        return mean_of_powers(x, p=self.p)
""",
        after="""
import torch
from torch import nn


def mean_of_powers(x, p=3, eps=1e-6):
    return _mean_of_powers(x, p, eps)


def _mean_of_powers(x, p: torch.Tensor, eps: float = 1e-6):
    return x.clamp(min=eps).pow(p).mean(-1).pow(1.0 / p)


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.ones(1) * 3)

    def forward(self, x):
        return _mean_of_powers(x, p=self.p)
""",
    ),
]

VALID = [
    """
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale: float = 2.0, unused=None):
        return x * scale
""",
]


@rule("THT502", "untyped-default", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        untyped = [
            (arg, default)
            for arg, default in parameters_with_defaults(function.args)
            if arg.annotation is None and not _is_never_used(function, arg.arg, default, ctx)
        ]
        kinds = {arg.arg: _kind(function, arg, default, report, ctx) for arg, default in untyped}
        others: dict[str, T] = {}
        for arg, default in untyped:
            own = literal_type(default)
            if not kinds[arg.arg].known and own.known and own.kind != "none" and report.module is ctx.module:
                others[arg.arg] = given_otherwise(function, arg.arg, own, ctx)
        edits = apart(function, kinds | others, ctx) if any(kind.known for kind in others.values()) else ()
        for arg, default in untyped:
            kind = kinds[arg.arg]
            text = writable(kind, ctx, function) if kind.known else None
            shown = ast.unparse(default)
            fix = Fix((annotate(ctx, arg, default, text[0]), *text[1])) if text is not None else None
            if edits:
                fix = Fix(edits, group=f"apart:{function.name}:{function.lineno}")
            yield Finding(
                arg,
                f"`{arg.arg}` has the default {shown} and no annotation: TorchScript takes it for a Tensor",
                help=f"annotate it: `{arg.arg}: {text[0]} = {shown}`" if text else _by_hand(arg.arg, default, shown),
                fix=fix,
            )


def _is_never_used(function: FunctionNode, name: str, default: ast.expr, ctx: UnitContext) -> bool:
    """Whether nothing reads the parameter of a ``forward`` that nothing else in the repository compiles.

    None does for a tensor then; a compiled call that leaves it out ends with "Unsupported value kind: Tensor".
    """
    if function is not ctx.unit.entry or not isinstance(default, ast.Constant) or default.value is not None:
        return False
    if ctx.unit.cls is None or call_table(ctx.project).of(ctx.unit.cls.qualified):
        return False
    read = any(isinstance(node, ast.Name) and node.id == name for one in function.body for node in walk(one))
    return not read and not given_to(function, name, ctx)


def _by_hand(name: str, default: ast.expr, shown: str) -> str:
    """Say how to annotate what nothing tells the type of."""
    if isinstance(default, ast.Constant) and default.value is None:
        return f"annotate it with what callers give: `{name}: Optional[torch.Tensor] = None` for a tensor"
    return f"annotate it with its type, before `= {shown}`"


def _kind(function: FunctionNode, arg: ast.arg, default: ast.expr, report: Report, ctx: UnitContext) -> T:
    """Return what ``arg`` holds; ``UNKNOWN`` where evidence lacks or contradicts itself."""
    given = passed_to(function, arg.arg, ctx)
    own = literal_type(default)
    if own.kind == "none":
        uses = uses_of(function, arg.arg, report, ctx)
        uses.passed = given
        verdict = uses.verdict
        # nothing says what it is: a tensor, which is what TorchScript itself takes every parameter for
        silent = not (uses.other or uses.integer or uses.exact or _handed_on(function, arg.arg, report, ctx))
        silent = silent and all(not one.known or one.kind == "none" for one in given)
        return optional(TENSOR if silent and not verdict.known else verdict) if verdict.known or silent else UNKNOWN
    result: T | None = own.bare
    if TENSOR in given and own.kind in ("bool", "str"):
        given = [type_at(node, module, ctx) for node, module in given_to(function, arg.arg, ctx)
                 if not is_supposed(node, module, ctx)]  # fmt: skip
    for one in (kind for several in given for kind in several.alternatives):
        if not one.known or result is None:
            continue
        result = FLOAT if {result.kind, one.kind} == {"int", "float"} else unify(result, one.bare)
    return UNKNOWN if result is None else result


def _handed_on(function: FunctionNode, name: str, report: Report, ctx: UnitContext) -> bool:
    """Whether the parameter is given to other code of the repository, whose parameter has a type of its own."""
    for node in walk(function):
        if isinstance(node, ast.Name) and node.id == name:
            parent = ctx.module.parent(node)
            call = ctx.module.parent(parent) if isinstance(parent, ast.keyword | ast.Starred) else parent
            if isinstance(call, ast.Call) and node is not call.func:
                called = ctx.qualified(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else None
                if called is not None and called.startswith(("torch.", "builtins.")):
                    continue
                if not _takes_tensors(call, report, ctx):
                    return True
    return False


def _takes_tensors(call: ast.Call, report: Report, ctx: UnitContext) -> bool:
    """Whether a module is called whose ``forward`` has neither annotations nor defaults: tensors to TorchScript."""
    kinds = [one for one in report.type(call.func).alternatives if one.kind not in ("none", "missing")]
    for kind in kinds:
        info = ctx.project.class_named(kind.name) if kind.kind == "module" else None
        found = ctx.project.method(info, "forward") if info is not None else None
        if found is None or found[1].args.defaults or found[1].args.vararg or found[1].args.kwarg:
            return False
        if any(one.annotation is not None for one in (*found[1].args.args, *found[1].args.kwonlyargs)):
            return False
    return bool(kinds)
