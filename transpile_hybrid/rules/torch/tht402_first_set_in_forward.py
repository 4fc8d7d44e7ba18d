"""An attribute that ``forward`` sets and the constructor doesn't.

What it does
    Finds ``self.hidden = ...`` in what TorchScript compiles, of an attribute that no constructor makes, or that is None
    after construction.

Why is this bad
    The attributes of a scripted module are those that the instance has when it is scripted: "Tried to set nonexistent
    attribute: hidden. Did you forget to initialize it in __init__()?".

Fix safety
    Safe where every value is a tensor, or all are numbers, flags or texts, where ``forward`` sets the attribute before
    it reads it and nothing else in the class sets it, and where nothing in the repository asks for it by name
    (``hasattr``, ``getattr``): an empty one is put there at construction.  Neither buffer nor parameter, it changes no
    ``state_dict``.  An attribute that is None at first gets an annotation in the body of the class, which means nothing
    to Python.

References
    https://docs.pytorch.org/docs/stable/jit.html#attributes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import statements
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_after, insert_line_before
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, targets_of
from ._common import SCRIPT, name_for, problems
from ._parameters import parameters_with_defaults
from ._reports import Report
from ._types import BOOL, FLOAT, INT, STR, TENSOR, T, optional
from ._writing import writable

EXAMPLES = [
    Example(
        title="a number",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        self.count = x.shape[0]
        return self.fc(x) / self.count
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        self.count = x.shape[0]
        return self.fc(x) / self.count
""",
    ),
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
    Example(
        title="an attribute that is None at first",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = None

    def forward(self, x):
        weights = torch.softmax(x, dim=-1)
        self.weights = weights
        return weights * x
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Net(nn.Module):
    weights: Optional[torch.Tensor]

    def __init__(self):
        super().__init__()
        self.weights = None

    def forward(self, x):
        weights = torch.softmax(x, dim=-1)
        self.weights = weights
        return weights * x
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


_EMPTY = {"tensor": "torch.empty(0)", "int": "0", "float": "0.0", "bool": "False", "str": '""'}
"""What an attribute has before it is set."""


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
        words = {kind.bare.kind for kind in kinds[name]}
        word = words.pop() if len(words) == 1 else ""
        known = word in _EMPTY and _set_before_read(name, unit, ctx)
        yield Finding(
            node,
            f"`self.{name}` is set here first: a scripted module has no attribute of that name",
            help=f"give it a value of the same type in `__init__`: `self.{name} = {_EMPTY.get(word, '...')}`",
            fix=_initialise(name, word, unit, ctx) if known else None,
        )
    yield from _none_first(unit, ctx)


def _none_first(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    """Attributes that construction leaves None and ``forward`` gives a value."""
    given: dict[str, list[T]] = {}
    places: dict[str, ast.Attribute] = {}
    unsure: set[str] = set()
    for problem, report in problems(unit, ctx, "attribute-type"):
        held, kind = problem.detail[:2]
        assert isinstance(problem.node, ast.Attribute) and isinstance(held, T) and isinstance(kind, T)
        if held.kind == "none":
            given.setdefault(problem.node.attr, []).append(kind)
            places.setdefault(problem.node.attr, problem.node)
            if _is_unannotated(problem.node, report, ctx):
                unsure.add(problem.node.attr)
    for name, node in places.items():
        kinds = {kind.args[0] if kind.kind == "optional" else kind.bare for kind in given[name]}
        kind = kinds.pop() if len(kinds) == 1 else None
        plain = kind is not None and kind in (TENSOR, INT, FLOAT, BOOL, STR) and name not in unsure
        word = str(kind) if kind is not None and kind != TENSOR else "torch.Tensor"
        yield Finding(
            node,
            f"`self.{name}` is None after construction, and TorchScript gives it that type",
            help=f"annotate it in the class: `{name}: Optional[{word}]`",
            fix=_annotated(name, kind, unit, ctx) if plain and kind is not None else None,
        )


def _is_unannotated(target: ast.Attribute, report: Report, ctx: UnitContext) -> bool:
    """Whether the attribute gets a parameter with a default that gets its annotation first."""
    statement = ctx.module.statement_of(target)
    value = statement.value if isinstance(statement, ast.Assign) else None
    every = parameters_with_defaults(report.function.args)
    return isinstance(value, ast.Name) and any(one.arg == value.id and one.annotation is None for one, _ in every)


def _annotated(name: str, kind: T, unit: Unit, ctx: UnitContext) -> Fix | None:
    assert unit.cls is not None
    model = class_model(unit.cls, ctx.project)
    if unit.cls.module is not ctx.module or model.hides(name) or name in model.registered:
        return None
    for owner in ctx.project.mro(unit.cls):
        for statement in owner.node.body:
            if any(isinstance(n, ast.Name) and n.id == name for t, _ in targets_of(statement) for n in walk(t)):
                return None
            if isinstance(statement, ast.AnnAssign) and owner is not unit.cls:
                return None  # annotations of a base class are seen only where the class has none
    first = unit.cls.node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(unit.cls.node.body) > 1:
        first = unit.cls.node.body[1]
    text = writable(optional(kind), ctx, unit.cls.node)
    future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in ctx.source.tree.body)
    if text is None or future or first.lineno == unit.cls.node.lineno:
        return None
    edit = insert_line_before(ctx.source, first, f"{name}: {text[0]}")
    spaced = () if isinstance(first, ast.AnnAssign) else (ctx.source.newline,)
    return Fix((Edit(edit.start, edit.end, (*edit.parts, *spaced)), *text[1]))


def _set_before_read(name: str, unit: Unit, ctx: UnitContext) -> bool:
    """Whether ``forward`` writes the attribute in any case, first, and nothing else writes it or asks for it."""
    assert unit.cls is not None
    entry = unit.cls.methods.get("forward")
    if entry is None or class_model(unit.cls, ctx.project).hides(name):
        return False
    written = False
    for statement in entry.body:
        mentions = [n for n in walk(statement) if isinstance(n, ast.Attribute) and n.attr == name]
        if not mentions:
            continue
        stores = [n for n in mentions if isinstance(n.ctx, ast.Store)]
        written = isinstance(statement, ast.Assign) and len(stores) == len(mentions)
        break
    inside = {id(n) for n in walk(entry)}
    family = ctx.project.mro(unit.cls)
    for owner in family:
        for node in walk(owner.node):
            if isinstance(node, ast.Attribute) and node.attr == name and id(node) not in inside:
                if not isinstance(node.ctx, ast.Load):
                    return False
            elif (
                isinstance(node, ast.Name | ast.FunctionDef)
                and getattr(node, "id", getattr(node, "name", "")) == name
                and isinstance(owner.module.parent(node), ast.ClassDef | ast.Assign)
                and owner.module.enclosing_function(node) in (None, node)
            ):
                return False
    return written and _nobody_asks(name, unit, ctx)


def _nobody_asks(name: str, unit: Unit, ctx: UnitContext) -> bool:
    """Whether no ``hasattr`` or the like has the name, and no class derived from this one has to do with it."""
    modules = ctx.project.mentioning(name)
    if modules is None:
        return False
    for module in modules:
        for one in walk(module.tree):
            if isinstance(one, ast.Constant) and one.value == name:
                parent = module.parent(one)
                if isinstance(parent, ast.Call) and one in parent.args or isinstance(parent, ast.Compare):
                    return False
        for info in ctx.project.classes_of(module):
            if info is unit.cls or unit.cls not in ctx.project.mro(info):
                continue
            if any(isinstance(one, ast.Attribute) and one.attr == name for one in walk(info.node)):
                return False
    return True


def _initialise(name: str, kind: str, unit: Unit, ctx: UnitContext) -> Fix | None:
    init = unit.init
    value: str | None = _EMPTY[kind]
    if kind == "tensor" and unit.entry is not None:
        text = name_for("torch.empty", ctx, unit.entry)
        value = f"{text[0]}(0)" if text is not None and not text[1] else None
    if init is None or value is None or not init.args.args:
        return None
    for statement in statements(init.body):
        if statement in init.body and isinstance(statement, ast.Expr) and "__init__" in ast.unparse(statement):
            line = f"{init.args.args[0].arg}.{name} = {value}"
            return Fix((insert_line_after(ctx.source, statement, line),))
    return None
