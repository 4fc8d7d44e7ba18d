"""An object that ``torch.export`` doesn't know as a result.

What it does
    Finds a ``forward`` that returns an instance of a class of your own, alone or in a tuple, list or dict: a dataclass,
    a plain class, or one derived from ``dict``.  Only modules that no other module of the repository
    builds are looked at: what a part gives stays within the graph.

Why is this bad
    A graph gives tensors, and ``torch.export`` takes the result apart into them.  It knows tuples, named tuples, lists,
    dicts and what was registered: "Found <class 'Output'> in output, which is not a known type".

Fix safety
    None is made: ``typing.NamedTuple`` in place of ``@dataclass`` is taken by all three compilers, but can be indexed
    and compared; ``torch.export.register_dataclass(Output)`` below the class changes what all of PyTorch makes of it.

References
    https://docs.pytorch.org/docs/stable/export.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._callsites import call_table
from ._classes import is_dataclass, is_plain
from ._common import is_compiled

EXAMPLES = [
    Example(
        before="""
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Output:
    logits: torch.Tensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return Output(logits=self.fc(x))
""",
    ),
]

VALID = [
    """
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn


class Pair(NamedTuple):
    logits: torch.Tensor
    hidden: torch.Tensor


@dataclass
class Hidden:
    state: torch.Tensor


@dataclass
class Output:
    logits: torch.Tensor


torch.export.register_dataclass(Output)


class Inner(nn.Module):
    def forward(self, x):
        return Hidden(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()

    def forward(self, x):
        return Pair(self.inner(x).state, x)


class Other(nn.Module):
    def forward(self, x):
        return Output(x)
""",
]


@rule("THT522", "object-returned", targets=("torch.export",), consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or not is_compiled(unit, ctx) or _is_part(unit.cls, ctx):
        return
    forward = unit.cls.methods.get("forward")
    if forward is None:
        return
    for node in _returned(forward, ctx):
        info = ctx.project.class_named(ctx.qualified(node.func))
        if info is not None and _is_object(info, ctx.project):
            yield Finding(
                node,
                f"torch.export doesn't know `{info.name}` as a result",
                help=f"make `{info.name}` a `typing.NamedTuple`, or call `torch.export.register_dataclass({info.name})`"
                if is_dataclass(info)
                else f"return tensors, or make `{info.name}` a `typing.NamedTuple`",
            )


def _returned(forward: FunctionNode, ctx: UnitContext) -> Iterator[ast.Call]:
    """Yield the calls whose results ``forward`` returns, alone or in a row."""
    named: dict[str, list[ast.expr]] = {}
    for node in walk(forward):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    named.setdefault(target.id, []).append(node.value)
    own = (n for n in walk(forward) if isinstance(n, ast.Return) and ctx.module.enclosing_function(n) is forward)
    work: list[ast.expr | None] = [statement.value for statement in own]
    while work:
        value = work.pop(0)
        if isinstance(value, ast.Tuple | ast.List):
            work += value.elts
        elif isinstance(value, ast.Dict):
            work += value.values
        elif isinstance(value, ast.Name):
            values = named.get(value.id, [])
            if values and all(isinstance(one, ast.Call) for one in values):
                work += values[-1:]
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute):
            yield value


def _is_part(info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether a class of the repository builds ``info``: then it may be no whole model."""
    for site in call_table(ctx.project).of(info.qualified):
        for parent in site.module.ancestors(site.node):
            if isinstance(parent, ast.ClassDef):
                return True
    return False


def _is_object(info: ClassInfo, project: Project) -> bool:
    """Whether instances are of a class that nobody can have told PyTorch how to take apart."""
    special = any(project.method(info, name) for name in ("__init_subclass__", "__new__"))
    return is_plain(info, project) and not special and not _is_registered(info, project)


def _is_registered(info: ClassInfo, project: Project) -> bool:
    """Whether the class is given to a function whose name says that it registers it, or too many files name it."""
    modules = project.mentioning(info.name)
    if modules is None:
        return True
    for module in modules:
        if "register" not in module.source.text:
            continue
        for node in walk(module.tree):
            if isinstance(node, ast.Call) and "register" in ast.unparse(node.func):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                if any(ast.unparse(one).rpartition(".")[2] == info.name for one in given):
                    return True
    return False
