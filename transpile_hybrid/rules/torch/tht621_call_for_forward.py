"""A module that overrides ``__call__`` in place of ``forward``.

What it does
    Finds classes derived from ``nn.Module`` that define ``__call__`` and no ``forward``.

Why is this bad
    TorchScript compiles ``forward``, and a scripted instance calls it: "'RecursiveScriptModule' object has no attribute
    'forward'".  ``torch.export`` takes keyword arguments by the names that ``forward`` has: "got an unexpected keyword
    argument" (positional ones pass).  Hooks don't run either.

Fix safety
    Safe where the class derives from ``nn.Module`` alone and nobody calls ``__call__`` by its name: ``nn.Module`` calls
    ``forward`` with the same arguments.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.forward
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._common import SCRIPT

_EXPORT = ("torch.export",)
EXAMPLES = [
    Example(
        before="""
from torch import nn


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.loss = nn.MSELoss()

    def __call__(self, x, y):
        return self.loss(x, y)
""",
        after="""
from torch import nn


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.loss = nn.MSELoss()

    def forward(self, x, y):
        return self.loss(x, y)
""",
    ),
]

VALID = [
    """
from torch import nn


class Loss(nn.Module):
    def __call__(self, x, y):
        return super().__call__(x, y)

    def forward(self, x, y):
        return x - y


class Transform:
    def __call__(self, x):
        return x + 1
""",
]


@rule(
    "THT621",
    "call-for-forward",
    targets=(*SCRIPT, *_EXPORT),
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    for info in ctx.project.classes_of(ctx.module):
        method = info.methods.get("__call__")
        if method is None or "forward" in info.methods or not _is_module(info.bases):
            continue
        at = ctx.source.text.index("__call__", ctx.source.span(method).start)
        found = Finding(
            method,
            f"`{info.node.name}` overrides `__call__`: TorchScript compiles `forward`",
            help="name it `forward`; `nn.Module` calls that",
            fix=Fix((Edit(at, at + len("__call__"), ("forward",)),)) if _only_so(info.node, ctx) else None,
            targets=SCRIPT,
            unit=info.node.name,
        )
        if set(SCRIPT) & set(ctx.targets):
            yield found
        elif len(method.args.args) > 1:
            message = (
                f"`{info.node.name}` overrides `__call__`: export takes keyword arguments by the names of `forward`"
            )
            yield replace(found, message=message, targets=_EXPORT, consequence=Consequence.SETTINGS)


def _is_module(bases: tuple[str | None, ...]) -> bool:
    return bases == ("torch.nn.Module",)


def _only_so(cls: ast.ClassDef, ctx: ModuleContext) -> bool:
    """Whether nobody derives from the class or speaks of these methods of it other than by calling it."""
    names = {node.attr for node in walk(cls) if isinstance(node, ast.Attribute)}
    if names & {"__call__", "forward", "register_forward_hook", "register_forward_pre_hook"}:
        return False
    modules = ctx.project.mentioning(cls.name)
    return modules is not None and not any(_derived(module, cls.name) for module in modules)


def _derived(module: Module, name: str) -> bool:
    bases = (base for other in module.scopes.classes for base in other.bases)
    return any(ast.unparse(base).rpartition(".")[2] == name for base in bases)
