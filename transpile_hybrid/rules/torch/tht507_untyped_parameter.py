"""A parameter that callers give something else than a Tensor, and that has no annotation.

What it does
    Finds functions of the repository that are compiled with their caller and get an ``int``, a list, a tuple or another
    value where TorchScript takes the parameter for a Tensor.

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
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems
from ._parameters import annotate, parameters_with_defaults, passed_to, writable
from ._typer import Problem
from ._types import FLOAT, TENSOR, UNKNOWN, T, optional, unify

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
    for problem, _ in problems(unit, ctx, "argument"):
        name, wanted, given, function = problem.detail
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and isinstance(given, T)
        arg = next((a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg == name), None)
        if arg is None or wanted != TENSOR or id(arg) in seen:
            continue
        seen.add(id(arg))
        if arg.annotation is not None:
            yield from _too_narrow(arg, given, function, problem, ctx)
            continue
        default = {a.arg: d for a, d in parameters_with_defaults(function.args)}.get(arg.arg)
        if default is not None:
            continue  # THT502 looks at those
        local = any(node is function for node in ctx.module.scopes.functions)
        kind = _kind(function, arg.arg, ctx) if local else UNKNOWN
        text = writable(kind, ctx, function) if kind.known else None
        yield Finding(
            arg if local else problem.node,
            f"`{arg.arg}` of `{function.name}` is given {given}, and TorchScript takes it for a Tensor",
            help=f"annotate it: `{arg.arg}: {text[0] if text else '...'}`",
            fix=Fix((annotate(ctx, arg, None, text[0]), *text[1])) if text is not None else None,
        )


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


def _kind(function: FunctionNode, name: str, ctx: UnitContext) -> T:
    result: T | None = None
    for one in passed_to(function, name, ctx):
        if one.kind == "vary":
            known = {kind.bare for kind in one.args if kind.known}
            one = known.pop() if len(known) == 1 else UNKNOWN
        if not one.known:
            continue
        if result is None:
            result = one.bare
        elif {result.kind, one.kind} == {"int", "float"}:
            result = FLOAT
        else:
            result = unify(result, one.bare)
            if result is None:
                return UNKNOWN
    return result if result is not None else UNKNOWN
