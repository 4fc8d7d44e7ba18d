"""A parameter without an annotation is a Tensor to TorchScript, whatever its default.

What it does
    Finds parameters of functions that TorchScript compiles which have a ``float``, ``int``, ``bool`` or ``str`` default
    and no annotation.

Why is this bad
    ``torch.jit.script`` takes every parameter without an annotation for a ``Tensor``.  ``def forward(self, x, eps=1e-6)``
    then fails: "Expected a default value of type Tensor (inferred) on parameter 'eps'".

Fix safety
    Safe: an annotation changes nothing at run time.  It is made where the default tells the type and no use of the
    parameter in the repository asks for another; a float default that is called with an ``int`` keeps ``float``,
    to which TorchScript converts literals.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#default-typing
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Edit, Fix, insert_after
from ...source.source import Source
from ..rule import Example, Finding, UnitContext, rule

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
]

VALID = [
    """
from torch import nn


class Scale(nn.Module):
    def forward(self, x, scale: float = 2.0):
        return x * scale
""",
]

_TYPES: dict[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}


@rule(
    "THT502",
    "untyped-default",
    targets=("torch.script",),
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.arguments,),
)
def check(node: ast.arguments, ctx: UnitContext) -> Iterator[Finding]:
    for arg, default in parameters_with_defaults(node):
        if arg.annotation is not None or not isinstance(default, ast.Constant):
            continue
        annotation = _TYPES.get(type(default.value))
        if annotation is None:
            continue
        edit = annotate(ctx.source, arg, default, annotation)
        yield Finding(
            arg,
            f"`{arg.arg}` has the default {default.value!r} and no annotation: TorchScript takes it for a Tensor",
            help=f"annotate it: `{arg.arg}: {annotation} = {default.value!r}`",
            fix=Fix((edit,)),
        )


def annotate(source: Source, arg: ast.arg, default: ast.expr, annotation: str) -> Edit:
    """Write ``arg: annotation = default``, with the blanks around ``=`` that an annotated default has."""
    end, start = source.span(arg).end, source.span(default).start
    if source.text[end:start].strip() == "=":
        return Edit(end, start, (f": {annotation} = ",))
    return insert_after(source, arg, f": {annotation}")


def parameters_with_defaults(node: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Yield each parameter that has a default, with the default."""
    positional = [*node.posonlyargs, *node.args]
    yield from zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True)
    for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        if default is not None:
            yield arg, default
