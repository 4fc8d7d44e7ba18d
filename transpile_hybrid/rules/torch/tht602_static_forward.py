"""``forward`` as a static method.

What it does
    Finds module classes whose ``forward`` is a ``@staticmethod``.

Why is this bad
    TorchScript compiles ``forward`` as a method, which gets the module first: "Arguments for call are not valid".

Fix safety
    Safe where nothing in the repository reads ``forward`` from the class itself: an instance is called in the same way.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_compiled

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Swish(nn.Module):
    @staticmethod
    def forward(x):
        return x * torch.sigmoid(x)
""",
        after="""
import torch
from torch import nn


class Swish(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * torch.sigmoid(x)


class Net(nn.Module):
    def forward(self, x):
        return self.gate(x)

    @staticmethod
    def gate(x):
        return x * torch.sigmoid(x)
""",
]


@rule("THT602", "static-forward", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    entry = unit.entry
    if unit.kind != "class" or entry is None or not is_compiled(unit, ctx):
        return
    for decorator in entry.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id == "staticmethod":
            yield Finding(
                decorator,
                "TorchScript gives the module to `forward`, and a static method takes none",
                help="make it `def forward(self, ...)`",
                fix=_method(unit, decorator, ctx),
            )


def _method(unit: Unit, decorator: ast.expr, ctx: UnitContext) -> Fix | None:
    entry, name = unit.entry, unit.node.name
    assert entry is not None
    names = [arg.arg for arg in (*entry.args.posonlyargs, *entry.args.args)]
    if (
        any(isinstance(n, ast.Name) and n.id == "self" for n in walk(entry))
        or "self" in names
        or entry.args.posonlyargs
    ):
        return None
    modules = ctx.project.mentioning(name)
    if modules is None:
        return None
    for module in modules:
        for node in walk(module.tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "forward"
                and isinstance(node.value, ast.Name)
                and (node.value.id == name or node.value.id == "cls")
            ):
                return None
    source = ctx.source
    line_end = source.line_starts[decorator.lineno] if decorator.lineno < len(source.line_starts) else len(source.text)
    start = source.line_starts[decorator.lineno - 1]
    if source.text[start:line_end].strip() != "@staticmethod":
        return None
    opening = source.text.index("(", source.text.index("forward", source.span(entry).start)) + 1
    every = (*names, entry.args.vararg, entry.args.kwarg, *entry.args.kwonlyargs)
    return Fix((Edit(start, line_end, ()), insert(opening, "self, " if any(every) else "self")))
