"""An autograd function that stands in the class that uses it.

What it does
    Finds ``self.F.apply(x)`` where ``F`` is a ``torch.autograd.Function`` that the body of the class defines.

Why is this bad
    TorchScript takes what it finds by ``self`` for an attribute of the instance, and tries to compile it: "type object
    'F' has no attribute '__globals__'".  By way of the class it finds the function, and calls it as Python does.

Fix safety
    Safe: ``Net.F`` is what ``self.F`` is, where no instance and no subclass has another ``F``.

References
    https://docs.pytorch.org/docs/stable/notes/extending.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, self_name, subclasses_of, targets_of
from ._common import SCRIPT, is_method, reports

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Double(nn.Module):
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    def forward(self, x):
        return self.F.apply(x)
""",
        after="""
import torch
from torch import nn


class Double(nn.Module):
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    def forward(self, x):
        return Double.F.apply(x)
""",
    ),
    Example(
        title="a subclass has another one",
        before="""
import torch
from torch import nn


class Double(nn.Module):
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    def forward(self, x):
        return self.F.apply(x)


class Triple(Double):
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 3

        @staticmethod
        def backward(ctx, grad):
            return grad * 3
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class DoubleFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


class Double(nn.Module):
    def forward(self, x):
        return DoubleFunction.apply(x)
""",
]

_BASE = "torch.autograd.Function"


@rule("THT628", "nested-function-class", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    info = unit.cls
    if info is None:
        return
    for function, report in reports(unit, ctx):
        me = self_name(function) if report.module is ctx.module and is_method(function, ctx) else ""
        for node in walk(function):
            if not isinstance(node, ast.Attribute) or node.attr != "apply" or not isinstance(node.value, ast.Attribute):
                continue
            held = node.value
            if not isinstance(held.value, ast.Name) or held.value.id != me or not me or id(held) not in report.types:
                continue
            owner = _owner(held.attr, info, ctx)
            if owner is None:
                continue
            alone = _is_alone(held.attr, info, owner, ctx)
            yield Finding(
                held,
                f"TorchScript looks for `{held.attr}` in the instance, and it is a class of `{owner.name}`",
                help=f"write `{owner.name}.{held.attr}`",
                fix=Fix((replace(ctx.source, held.value, owner.name),)) if alone else None,
            )


def _owner(name: str, info: ClassInfo, ctx: UnitContext) -> ClassInfo | None:
    """Return the class of whose body the autograd function ``name`` is a part."""
    for owner in ctx.project.mro(info):
        for statement in owner.node.body:
            if isinstance(statement, ast.ClassDef) and statement.name == name:
                bases = [owner.module.qualified(base) or "" for base in statement.bases]
                derived = any(base == _BASE or base.startswith("torch.autograd.function.") for base in bases)
                return owner if derived and not statement.decorator_list else None
    return None


def _is_alone(name: str, info: ClassInfo, owner: ClassInfo, ctx: UnitContext) -> bool:
    """Whether ``name`` means the same by the class as by any instance, where the class is a name of this file."""
    if owner.module is not ctx.module or owner.scope.outer is not ctx.module.scopes.top:
        return False
    if len(ctx.module.scopes.top.bindings.get(owner.name, [])) != 1:
        return False
    for one in (info, *subclasses_of(owner, ctx.project)):
        model = class_model(one, ctx.project)
        if name in {*model.built, *model.later, *model.registered} or model.hides(name):
            return False
        if one is not owner and _binds(name, one):
            return False
    return True


def _binds(name: str, info: ClassInfo) -> bool:
    for statement in info.node.body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef) and statement.name == name:
            return True
        if any(isinstance(target, ast.Name) and target.id == name for target, _ in targets_of(statement)):
            return True
    return False
