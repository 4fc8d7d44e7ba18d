"""``super().forward(x)`` in what TorchScript compiles.

What it does
    Finds calls of the base class's ``forward`` (or another method) through ``super()``.

Why is this bad
    TorchScript compiles one class without its bases: it has no ``super``.

Fix safety
    Safe where the base class is one of PyTorch's whose ``forward`` is one function of its attributes (``nn.Linear``,
    ``nn.LayerNorm``, ``nn.Embedding``, the convolutions): that function is called; a ``Sequential`` is run child by
    child. For a base class of the same file the method's text is put into this class under a name of its own.  Other
    bases are reported.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
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

EXAMPLES += [
    Example(
        before="""
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        return x * 2


class Shifted(Scale):
    def forward(self, x):
        return super().forward(x) + 1
""",
        after="""
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        return x * 2


class Shifted(Scale):
    def _forward_of_scale(self, x):
        return x * 2

    def forward(self, x):
        return self._forward_of_scale(x) + 1
""",
    ),
    Example(
        title="a Sequential that does something with what comes of it",
        before="""
import torch
from torch import nn


class Dense(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(3, 3), nn.ReLU())

    def forward(self, x):
        new = super().forward(x)
        return torch.cat([x, new], 1)
""",
        after="""
import torch
from torch import nn


class Dense(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(3, 3), nn.ReLU())

    def forward(self, x):
        new = x
        for module in self:
            new = module(new)
        return torch.cat([x, new], 1)
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
        edits = (edit,) if edit is not None else _copied(node, unit, ctx)
        yield Finding(
            node,
            "TorchScript has no `super()`",
            help="put the base class's computation here, or in a method with a name of its own",
            fix=Fix(edits) if edits else None,
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


def _copied(node: ast.Call, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Give this class the base class's method under another name, and call that."""
    assert isinstance(node.func, ast.Attribute)
    source, info = ctx.source, unit.cls
    function = ctx.module.enclosing_function(node)
    if info is None or function is None or function is not info.methods.get(function.name) or len(info.bases) != 1:
        return ()
    base = ctx.project.class_named(info.bases[0])
    found = ctx.project.method(base, node.func.attr) if base is not None else None
    if found is None or found[0].module is not ctx.module or function.decorator_list or not function.args.args:
        return ()
    owner, method = found
    name = f"_{node.func.attr}_of_{owner.name.lower()}"
    taken = any(name in one.methods for one in ctx.project.mro(info))
    if taken or method.decorator_list or source.indent_of(method) != source.indent_of(function):
        return ()
    for one in walk(method):
        word = one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else ""
        if word in ("super", "__class__") or (word.startswith("__") and not word.endswith("__")):
            return ()
    span = source.span(method)
    text = source.text[span.start : span.end].replace(f"def {node.func.attr}", f"def {name}", 1)
    start = source.span(function).start
    gap = source.newline * 2 + source.indent_of(function)
    return (
        Edit(start, start, (text + gap,)),
        replace(source, node.func, f"{function.args.args[0].arg}.{name}"),
    )


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
    if (
        isinstance(statement, ast.Assign)
        and ast.unparse(statement.targets[0]) == argument.id
        and len(statement.targets) == 1
    ):
        return replace(source, statement, loop)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        start = f"{name} = {argument.id}{newline}{indent}"
        return replace(source, statement, f"{start}for module in self:{newline}{indent}    {name} = module({name})")
    if isinstance(statement, ast.Return):
        return replace(source, statement, f"{loop}{newline}{indent}return {argument.id}")
    return None
