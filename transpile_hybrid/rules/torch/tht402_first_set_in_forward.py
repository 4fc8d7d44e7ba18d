"""An attribute that ``forward`` sets and the constructor doesn't.

What it does
    Finds ``self.hidden = ...`` in what TorchScript compiles, of an attribute that no constructor makes.

Why is this bad
    The attributes of a scripted module are those that the instance has when it is scripted: "Tried to set nonexistent
    attribute: hidden. Did you forget to initialize it in __init__()?".

Fix safety
    Safe where every value is a tensor, where ``forward`` sets the attribute before it reads it and nothing else in the
    class does either, and where its name stands in no string of the repository (``hasattr``, ``getattr``): an empty
    tensor is put there at construction.  Neither buffer nor parameter, it changes no ``state_dict``.

References
    https://docs.pytorch.org/docs/stable/jit.html#attributes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import statements
from ...meaning.units import Unit
from ...rewrite.edit import Fix, insert_line_after
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model
from ._common import SCRIPT, name_for, problems
from ._types import T

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        self.hidden = torch.relu(self.fc(x))
        return self.hidden * 2
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.empty(0)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        self.hidden = torch.relu(self.fc(x))
        return self.hidden * 2
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.empty(0)

    def forward(self, x):
        self.hidden = torch.relu(x)
        return self.hidden * 2
""",
]


@rule("THT402", "first-set-in-forward", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    kinds: dict[str, list[T]] = {}
    places: dict[str, ast.Attribute] = {}
    for problem, _ in problems(unit, ctx, "new-attribute"):
        node, kind = problem.node, problem.detail[0]
        assert isinstance(node, ast.Attribute) and isinstance(kind, T)
        kinds.setdefault(node.attr, []).append(kind)
        places.setdefault(node.attr, node)
    for name, node in places.items():
        fix = None
        if all(kind.bare.kind == "tensor" for kind in kinds[name]) and _set_before_read(name, unit, ctx):
            fix = _initialise(name, unit, ctx)
        yield Finding(
            node,
            f"`self.{name}` is set here first: a scripted module has no attribute of that name",
            help=f"give it a value of the same type in `__init__`: `self.{name} = torch.empty(0)`",
            fix=fix,
        )


def _set_before_read(name: str, unit: Unit, ctx: UnitContext) -> bool:
    """Whether ``forward`` writes the attribute in any case, first, and no other method has to do with it."""
    assert unit.cls is not None
    entry = unit.cls.methods.get("forward")
    if entry is None or len(ctx.project.mro(unit.cls)) != 1 or class_model(unit.cls, ctx.project).opaque:
        return False
    written = False
    for statement in entry.body:
        mentions = [n for n in ast.walk(statement) if isinstance(n, ast.Attribute) and n.attr == name]
        if not mentions:
            continue
        written = isinstance(statement, ast.Assign) and all(isinstance(n.ctx, ast.Store) for n in mentions)
        break
    inside = {id(n) for n in ast.walk(entry)}
    for node in ast.walk(unit.cls.node):
        if isinstance(node, ast.Attribute) and node.attr == name and id(node) not in inside:
            return False
        if (
            isinstance(node, ast.Name | ast.FunctionDef)
            and getattr(node, "id", getattr(node, "name", "")) == name
            and isinstance(ctx.module.parent(node), ast.ClassDef | ast.Assign)
            and id(node) not in inside
        ):
            return False
    for module in ctx.project.modules:
        for one in ast.walk(module.tree):
            if isinstance(one, ast.Constant) and one.value == name:
                return False
            if isinstance(one, ast.ClassDef) and any(
                isinstance(b, ast.Name) and b.id == unit.node.name for b in one.bases
            ):
                return False
    return written


def _initialise(name: str, unit: Unit, ctx: UnitContext) -> Fix | None:
    init = unit.init
    text = name_for("torch.empty", ctx, unit.entry) if unit.entry is not None else None
    if init is None or text is None or text[1] or not init.args.args:
        return None
    for statement in statements(init.body):
        if statement in init.body and isinstance(statement, ast.Expr) and "__init__" in ast.unparse(statement):
            line = f"{init.args.args[0].arg}.{name} = {text[0]}(0)"
            return Fix((insert_line_after(ctx.source, statement, line),))
    return None
