"""Modules are kept in a Python list, tuple or dict.

What it does
    Finds reads, in what is compiled, of an attribute that construction gives a list, tuple or dict of modules.

Why is this bad
    TorchScript has no such list: "failed to convert Python type: 'list' to a TorchScript type".  Modules that are kept
    nowhere else aren't registered either: their parameters are neither trained by ``model.parameters()``, nor saved
    with the ``state_dict``, nor moved by ``model.to(...)``.

Fix safety
    None is made: ``nn.ModuleList`` and ``nn.ModuleDict`` register what they hold, which adds keys to the ``state_dict``
    (and gives those that were registered under another name a second one).

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...meaning.values import Value
from ..rule import Example, Finding, UnitContext, rule
from ._classes import ClassModel, class_model, declared_constants
from ._common import SCRIPT, reports

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.layers = []
        for index in range(depth):
            layer = nn.Linear(3, 3)
            self.add_module(f"layer{index}", layer)
            self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""
    ),
    Example(
        title="by name",
        before="""
from torch import nn


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = {"mean": nn.Linear(3, 1), "spread": nn.Linear(3, 1)}

    def forward(self, x):
        return self.heads["mean"](x), self.heads["spread"](x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        layers = [nn.Linear(3, 3) for _ in range(depth)]
        self.layers = nn.ModuleList(layers)
        self.sizes = [3, 3]
        self.kept = [nn.Linear(3, 3)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x * self.sizes[0]

    def report(self):
        return len(self.kept)
""",
]

_INSTEAD = {"list": "nn.ModuleList", "tuple": "nn.ModuleList", "dict": "nn.ModuleDict"}


@rule("THT611", "modules-in-list", targets=SCRIPT, consequence=Consequence.ERROR, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None:
        return
    names: set[str] | None = None
    told: set[str] = set()
    for function, report in reports(unit, ctx):
        if names is None:
            model = class_model(unit.cls, ctx.project)
            names = {name for name in model.built if _display(model, name)}
            names -= declared_constants(unit.cls, ctx.project)
        if not names:
            return
        for node in walk(function):
            if not (isinstance(node, ast.Attribute) and node.attr in names - told and id(node) in report.types):
                continue
            if not (isinstance(node.value, ast.Name) and node.value.id == unit.self_name):
                continue
            kind = _holds_modules(ctx.value(node))
            if kind:
                told.add(node.attr)
                yield Finding(
                    node,
                    f"`{ast.unparse(node)}` is a Python {kind} of modules, which TorchScript has not",
                    help=f"keep them in an `{_INSTEAD[kind]}` (its children get keys in the `state_dict`)",
                )


def _display(model: ClassModel, name: str) -> bool:
    """Whether each construction may leave a list, tuple or dict there: a cheap question, asked before a dear one."""
    written = [write.value for write in model.constructed(name)]
    return bool(written) and all(
        isinstance(value, ast.List | ast.ListComp | ast.Tuple | ast.Dict | ast.DictComp | ast.Name | ast.Call)
        for value in written
    )


def _holds_modules(value: Value) -> str:
    """Return ``list``, ``tuple`` or ``dict`` for one that holds modules and nothing else, ``""`` otherwise."""
    kind = next((kind for kind in _INSTEAD if value.is_(kind)), "")
    return kind if value.parts and all(part.is_("module") for part in value.parts) else ""
