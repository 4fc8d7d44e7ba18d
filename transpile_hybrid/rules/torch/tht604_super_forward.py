"""``super().forward(x)`` in what TorchScript compiles.

What it does
    Finds calls of the base class's ``forward`` (or another method) through ``super()``.

Why is this bad
    TorchScript compiles one class without its bases: it has no ``super``.

Fix safety
    Safe where the base class is one of PyTorch's whose ``forward`` is one function of its attributes (``nn.Linear``,
    ``nn.LayerNorm``, ``nn.Embedding``, the convolutions): that function is called; a ``Sequential`` is run child by child.
    Other bases are reported.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, problems

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Norm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.float()).type_as(x)
""",
        after="""
import torch
from torch import nn


class Norm(nn.LayerNorm):
    def forward(self, x):
        return nn.functional.layer_norm(x.float(), self.normalized_shape, self.weight, self.bias, self.eps).type_as(x)
""",
    ),
    Example(
        before="""
from torch import nn


class Pool(nn.Sequential):
    def forward(self, x):
        x = super().forward(x)
        return x + 1
""",
        after="""
from torch import nn


class Pool(nn.Sequential):
    def forward(self, x):
        for module in self:
            x = module(x)
        return x + 1
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Linear):
    def __init__(self):
        super().__init__(4, 2)
""",
]

_BODIES = {
    "torch.nn.Linear": ("linear", "{}, self.weight, self.bias"),
    "torch.nn.LayerNorm": ("layer_norm", "{}, self.normalized_shape, self.weight, self.bias, self.eps"),
    "torch.nn.GroupNorm": ("group_norm", "{}, self.num_groups, self.weight, self.bias, self.eps"),
    "torch.nn.Embedding": (
        "embedding",
        "{}, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse",
    ),
    "torch.nn.Conv1d": ("self._conv_forward", "{}, self.weight, self.bias"),
    "torch.nn.Conv2d": ("self._conv_forward", "{}, self.weight, self.bias"),
    "torch.nn.Conv3d": ("self._conv_forward", "{}, self.weight, self.bias"),
}


@rule("THT604", "super-forward", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, _ in problems(unit, ctx, "super"):
        node = problem.node
        assert isinstance(node, ast.Call)
        edit = _inline(node, unit, ctx)
        yield Finding(
            node,
            "TorchScript has no `super()`",
            help="put the base class's computation here, or in a method with a name of its own",
            fix=Fix((edit,)) if edit is not None else None,
        )


def _inline(node: ast.Call, unit: Unit, ctx: UnitContext) -> Edit | None:
    assert isinstance(node.func, ast.Attribute)
    function = ctx.module.enclosing_function(node)
    plain = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
    if unit.cls is None or node.func.attr != "forward" or not plain or function is not unit.cls.methods.get("forward"):
        return None
    if len(unit.cls.bases) != 1 or function is None or function.args.args[0].arg != "self":
        return None
    base = unit.cls.bases[0] or ""
    if base == "torch.nn.Sequential":
        return _children(node, ctx)
    if base not in _BODIES:
        return None
    name, arguments = _BODIES[base]
    if not name.startswith("self."):
        found = name_for(f"torch.nn.functional.{name}", ctx, node)
        if found is not None and not found[1]:
            name = found[0]
        else:
            owner = unit.cls.node.bases[0]
            if not isinstance(owner, ast.Attribute):
                return None
            name = f"{ast.unparse(owner.value)}.functional.{name}"
    head, tail = arguments.split("{}")
    return replace(ctx.source, node, f"{name}({head}", node.args[0], f"{tail})")


def _children(node: ast.Call, ctx: UnitContext) -> Edit | None:
    """``x = super().forward(x)`` or ``return super().forward(x)`` of a Sequential."""
    statement = ctx.module.parent(node)
    argument = node.args[0]
    if not isinstance(argument, ast.Name):
        return None
    source = ctx.source
    scope = ctx.module.scope_at(node)
    if scope.lookup("module") is not None:
        return None
    indent, newline = source.indent_of(statement), source.newline
    loop = f"for module in self:{newline}{indent}    {argument.id} = module({argument.id})"
    if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == argument.id and len(statement.targets) == 1:
        return replace(source, statement, loop)
    if isinstance(statement, ast.Return):
        return replace(source, statement, f"{loop}{newline}{indent}return {argument.id}")
    return None
