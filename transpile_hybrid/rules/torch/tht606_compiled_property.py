"""A property that TorchScript compiles with the module, though ``forward`` never asks for it.

What it does
    Finds properties of module classes that nothing in what is compiled reads.

Why is this bad
    ``torch.jit.script`` compiles every property of a module; one that reads ``self.__dict__``, names a type that
    TorchScript lacks or returns a module keeps the whole module from compiling.

Fix safety
    Safe: its name is put into ``__jit_unused_properties__``, which means nothing to Python, where its body or its
    annotation is not plain enough to be sure that it compiles.

References
    https://github.com/pytorch/pytorch/blob/main/torch/jit/_recursive.py
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit, is_property
from ...rewrite.edit import Edit, Fix, insert, insert_line_before
from ..rule import Example, Finding, UnitContext, rule
from ._classes import self_name
from ._common import SCRIPT, is_compiled
from ._reports import report_of
from ._settings import some_have
from ._typer import Problem

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc = nn.Linear(dim, dim)

    @property
    def input_shape(self) -> torch.Size:
        return torch.Size([self.fc.in_features])

    def forward(self, x):
        return self.fc(x)
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    __jit_unused_properties__ = ["input_shape"]

    def __init__(self, dim):
        super().__init__()
        self.fc = nn.Linear(dim, dim)

    @property
    def input_shape(self) -> torch.Size:
        return torch.Size([self.fc.in_features])

    def forward(self, x):
        return self.fc(x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    @property
    def width(self) -> int:
        return self.dim

    def forward(self, x):
        return x * self.width
""",
]


_READ_TYPES = frozenset(f"builtins.{name}" for name in ("int", "float", "bool", "str", "tuple")) | {
    "torch.Tensor",
    "torch.device",
    "torch.dtype",
}
_OF_SOMETHING = frozenset({"builtins.list", "builtins.dict"})  # `list[int]`; a bare one ends the process


@rule("THT606", "compiled-property", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or not is_compiled(unit, ctx):
        return
    read = _read_attributes(unit)
    found: list[FunctionNode] = []
    for owner in ctx.project.mro(unit.cls):
        if any("__jit_unused_properties__" in ast.unparse(s) for s in owner.node.body if isinstance(s, ast.Assign)):
            return
        for name, method in owner.methods.items():
            if name not in read and is_property(method) and _doubtful(method, unit, ctx):
                found.append(method)
    mine = [method for method in found if unit.cls.methods.get(method.name) is method]
    if len(mine) < len(found):
        return  # a base class's own affair
    edit = _declare([method.name for method in mine], unit, ctx) if mine else None
    for method in mine:
        yield Finding(
            method.args if not method.body else method.body[0],
            f"TorchScript compiles the property `{method.name}` too, and may not be able to",
            help=f'exclude it: `__jit_unused_properties__ = ["{method.name}"]` in the class',
            fix=Fix((edit,), group=f"properties:{unit.name}") if edit is not None else None,
        )


def _read_attributes(unit: Unit) -> set[str]:
    return {n.attr for function in unit.region for n in walk(function) if isinstance(n, ast.Attribute)}


def _doubtful(method: FunctionNode, unit: Unit, ctx: UnitContext) -> bool:
    """Whether what the property says is sure to be refused."""
    first = self_name(method)
    if method.returns is not None:
        rows = {id(node.value) for node in walk(method.returns) if isinstance(node, ast.Subscript)}
        for node in walk(method.returns):
            if isinstance(node, ast.Name | ast.Attribute):
                name = ctx.qualified(node) or ""
                if name in _OF_SOMETHING and id(node) in rows:
                    continue
                if name and not name.startswith("typing.") and name not in _READ_TYPES and name != "torch":
                    return True
    for node in walk(method):
        if isinstance(node, ast.Attribute) and node.attr in ("__dict__", "__class__", "_modules", "_parameters"):
            return True
        if isinstance(node, ast.Call):
            name = ctx.qualified(node.func) or ""
            if name in ("builtins.next", "builtins.iter", "builtins.super", "builtins.type", "builtins.vars"):
                return True
            looked_up = name in ("builtins.getattr", "builtins.hasattr") and len(node.args) > 1
            if looked_up and not isinstance(node.args[1], ast.Constant):
                return True
            if name.startswith("numpy.") or any(k.arg is None for k in node.keywords):
                return True
        if isinstance(node, ast.Try | ast.Lambda | ast.Yield | ast.Set | ast.GeneratorExp | ast.DictComp):
            return True
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == first:
            return True
    report = report_of(method, ctx.module, ctx.project, unit.cls)
    return report is not None and any(not _is_for_others(problem, unit, ctx) for problem in report.problems)


def _is_for_others(problem: Problem, unit: Unit, ctx: UnitContext) -> bool:
    """Whether only instances that are made with other arguments lack the attribute that is read."""
    if problem.kind != "maybe-missing" or unit.cls is None or not isinstance(problem.node, ast.Attribute):
        return False
    return some_have(problem.node.attr, unit.cls, ctx)


def _declare(names: list[str], unit: Unit, ctx: UnitContext) -> Edit | None:
    assert isinstance(unit.node, ast.ClassDef)
    body = unit.node.body
    line = f"__jit_unused_properties__ = [{', '.join(repr(n).replace(chr(39), chr(34)) for n in names)}]"
    for statement in body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__constants__":
            start = ctx.source.line_starts[statement.lineno - 1]
            return insert(start, ctx.source.indent_of(statement) + line + ctx.source.newline)
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(body) > 1:
        first = body[1]
    if first.lineno == unit.node.lineno:
        return None
    edit = insert_line_before(ctx.source, first, line)
    return Edit(edit.start, edit.end, (*edit.parts, ctx.source.newline))
