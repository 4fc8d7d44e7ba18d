"""A number of NumPy in an attribute, which ``torch.compile`` reads as an array.

What it does
    Finds attributes that the constructor sets to a number of NumPy (``self.scale = np.sqrt(2)``), where ``forward``
    branches on them, counts with them, or mixes them with a tensor of one number.

Why is this bad
    ``np.sqrt(2)`` is a ``numpy.float64``.  To Python it is a ``float``; Dynamo makes a tensor of it, with a dtype of
    its own: a branch on it breaks the graph, and ``x.mean() * self.scale`` of a ``float32`` is ``float64`` when it is
    compiled.  Nothing says so.

Fix safety
    Safe where the attribute is only computed with: ``float(...)`` in the constructor keeps the same number.  Unsafe
    where other code may ask it for what only NumPy's numbers have (``self.scale.item()``, a division by zero).

References
    ``torch/_dynamo/variables/builder.py`` (``wrap_numpy_ndarray``, ``np.generic``)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import Write, class_model, self_name
from ._common import is_compiled, is_condition, is_read
from ._reached import where_reached

EXAMPLES = [
    Example(
        before="""
import numpy as np
import torch
from torch import nn


class Decibel(nn.Module):
    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = weight
        self.scale = 10 / np.log(10)
        self.steps = np.prod([2, 3])

    def forward(self, x):
        for _ in range(self.steps):
            x = x * 1.5
        return self.weight * self.scale * torch.log(x * x + 1.0).mean()
""",
        after="""
import numpy as np
import torch
from torch import nn


class Decibel(nn.Module):
    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = weight
        self.scale = float(10 / np.log(10))
        self.steps = int(np.prod([2, 3]))

    def forward(self, x):
        for _ in range(self.steps):
            x = x * 1.5
        return self.weight * self.scale * torch.log(x * x + 1.0).mean()
""",
    ),
]

VALID = [
    """
import numpy as np
from torch import nn


class Scaled(nn.Module):
    def __init__(self, dim=4):
        super().__init__()
        self.scale = np.sqrt(dim)
        self.table = np.sqrt(np.arange(3))
        self.factor = float(np.sqrt(2))

    def forward(self, x):
        if self.factor > 1:
            x = x * self.factor
        return x / self.scale + x.mean() * self.factor
""",
]

_FLOATS = frozenset(
    f"numpy.{word}"
    for word in ("sqrt", "log", "log2", "log10", "log1p", "exp", "expm1", "sin", "cos", "tan", "arctan", "tanh")
    + ("float64", "float32", "power", "deg2rad", "floor", "ceil")
)
_OF_LISTS = frozenset({"numpy.prod", "numpy.sum", "numpy.max", "numpy.min", "numpy.mean", "numpy.std"})
_DIVIDES = (ast.Div, ast.FloorDiv, ast.Mod)
_NUMBERS = ("int", "float", "bool")


@rule(
    "THT408",
    "numpy-number",
    targets=("torch.compile",),
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="unit",
)
@where_reached(("torch.compile",))
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or not is_compiled(unit, ctx):
        return
    told: set[str] = set()
    for function in unit.region:
        if not is_read(function, ctx):
            continue
        me = self_name(function)
        for node in walk(function):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name) or node.value.id != me:
                continue
            name = node.attr
            if name in told:
                continue
            used = _use(node, ctx)
            write = _numpys(name, ctx) if used else None
            if used is None or write is None or write.value is None:
                continue
            told.add(name)
            word = _kind(write.value, ctx)
            yield Finding(
                node,
                f"`{ast.unparse(node)}` is a number of NumPy, which torch.compile takes for an array",
                help=f"write `{word}(...)` where it is set",
                consequence=Consequence.SILENT if used == "mixed" else Consequence.ERROR,
                fix=Fix((replace(ctx.source, write.value, f"{word}(", write.value, ")"),), _safety(name, ctx)),
            )


def _use(node: ast.Attribute, ctx: UnitContext) -> str | None:
    """How the attribute is used where it stands: ``asked`` or ``mixed`` with a tensor of one number."""
    at: ast.expr = node
    parent = ctx.module.parent(at)
    if isinstance(parent, ast.Call):
        name = ctx.qualified(parent.func)
        return "asked" if at in parent.args and name in ("builtins.range", "builtins.round") else None
    while isinstance(parent, ast.BinOp | ast.UnaryOp):
        if isinstance(parent, ast.BinOp):
            other = parent.right if parent.left is at else parent.left
            value = ctx.value(other)
            if value.may_be_tensor:
                return "mixed" if value.is_tensor and value.rank == 0 else None
        at, parent = parent, ctx.module.parent(parent)
    if isinstance(parent, ast.Compare):
        sides = [parent.left, *parent.comparators]
        if all(ctx.value(one).is_number or one is at for one in sides) and is_condition(parent, ctx):
            return "asked"
    return "asked" if is_condition(at, ctx) else None


def _numpys(name: str, ctx: UnitContext) -> Write | None:
    """Return where construction sets the attribute to a number of NumPy, if that is all that ever sets it."""
    assert ctx.unit.cls is not None
    model = class_model(ctx.unit.cls, ctx.project)
    writes = model.built.get(name, [])
    if len(writes) != 1 or name in model.later or writes[0].owner.module is not ctx.module:
        return None
    write = writes[0]
    return write if write.value is not None and _kind(write.value, ctx) else None


def _kind(node: ast.expr, ctx: UnitContext) -> str:
    """Return ``float`` or ``int`` for an expression that is a number of NumPy; '' for any other."""
    if isinstance(node, ast.BinOp):
        sides = [_kind(node.left, ctx), _kind(node.right, ctx)]
        others = [one for one, kind in zip((node.left, node.right), sides, strict=True) if not kind]
        plain = [_plain(one, ctx) for one in others]
        if len(others) == 2 or "" in plain:
            return ""
        return "float" if "float" in (*sides, *plain) or isinstance(node.op, ast.Div | ast.Pow) else "int"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _kind(node.operand, ctx)
    name = ctx.qualified(node.func) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or name is None or node.keywords or not node.args:
        return ""
    if name in _FLOATS:
        return "float" if all(_plain(one, ctx) or _kind(one, ctx) for one in node.args) else ""
    if name in _OF_LISTS and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
        kinds = {_plain(one, ctx) for one in node.args[0].elts}
        if kinds and "" not in kinds:
            return "int" if kinds == {"int"} and name not in ("numpy.mean", "numpy.std") else "float"
    return ""


def _plain(node: ast.expr, ctx: UnitContext) -> str:
    """Return ``int`` or ``float`` for a number of Python's own; '' where it may be something else."""
    value = ctx.value(node)
    if not value.kinds or not value.is_(*_NUMBERS):
        return ""
    return "int" if value.is_("int", "bool") else "float"


def _safety(name: str, ctx: UnitContext) -> str:
    """Whether all that the class does with the attribute is the same for a number of Python's own."""
    assert ctx.unit.cls is not None
    for node in walk(ctx.unit.cls.node):
        if not isinstance(node, ast.Attribute) or node.attr != name:
            continue
        parent = ctx.module.parent(node)
        if isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node:
            return "unsafe"
        if isinstance(parent, ast.BinOp) and parent.right is node and isinstance(parent.op, _DIVIDES):
            if ctx.value(parent.left).is_tensor:
                continue
            return "unsafe"
    return "safe"
