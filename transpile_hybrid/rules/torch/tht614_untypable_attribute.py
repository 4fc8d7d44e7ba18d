"""An attribute that holds something TorchScript has no type for.

What it does
    Finds attributes that ``__init__`` sets to a ``set``, a ``range``, a NumPy array, a ``functools.partial``, or a list
    or dict whose values have several types, and lists and dicts in the body of the class, where TorchScript reads them.

Why is this bad
    The attributes of a module are typed when it is scripted: what has no type is left out, and reading it ends with
    "Module has no attribute (this attribute exists on the Python module, but we failed to convert its type)".

Fix safety
    Safe where it is a ``range``, or a set of which only ``in`` is asked: a list of the same items takes its place; and
    where a partial is called whose function and arguments are named or literal: the call is written out.  Nothing else
    is changed: a tuple may be used for a list of several types, ``register_buffer`` for an array; a list of the class
    is set in ``__init__``.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#supported-type
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, subclasses_of
from ._common import SCRIPT, is_literal, problems
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.settings = [2, 0.5, "mean"]

    def forward(self, x):
        return x * self.settings[0]
""",
    ),
    Example(
        title="a range",
        before="""
from torch import nn


class Sum(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.steps = range(n - 1)

    def forward(self, x):
        y = x[0]
        for i in self.steps:
            y = y + x[i + 1]
        return y
""",
        after="""
from torch import nn


class Sum(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.steps = list(range(n - 1))

    def forward(self, x):
        y = x[0]
        for i in self.steps:
            y = y + x[i + 1]
        return y
""",
    ),
    Example(
        title="a set that is only asked",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, skips=(1, 2)):
        super().__init__()
        self.skips = set(skips)
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = x + layer(x) if i in self.skips else layer(x)
        return x
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, skips=(1, 2)):
        super().__init__()
        self.skips = list(set(skips))
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = x + layer(x) if i in self.skips else layer(x)
        return x
""",
    ),
    Example(
        title="a partial",
        before="""
import functools

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.soft = functools.partial(F.softmax, dim=1)

    def forward(self, x):
        return self.soft(x)
""",
        after="""
import functools

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.soft = functools.partial(F.softmax, dim=1)

    def forward(self, x):
        return F.softmax(x, dim=1)
""",
    ),
    Example(
        title="a partial that a subclass exchanges",
        before="""
import functools

import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.soft = functools.partial(F.softmax, dim=1)

    def forward(self, x):
        return self.soft(x)


class Other(Net):
    def __init__(self):
        super().__init__()
        self.soft = functools.partial(F.log_softmax, dim=1)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.settings = (2, 0.5, "mean")
        self.sizes = [2, None]

    def forward(self, x):
        return x * self.settings[0]
""",
]


@rule("THT614", "untypable-attribute", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "untypable-attribute"):
        assert isinstance(problem.node, ast.Attribute)
        edits = _typed(problem.node, report, ctx) if report.module is ctx.module else ()
        yield Finding(
            problem.node,
            f"TorchScript has no type for what `{ast.unparse(problem.node)}` holds",
            help="set it in `__init__` to a tuple, a list of one type, a buffer or a module",
            fix=Fix(edits) if edits else None,
        )


def _typed(node: ast.Attribute, report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    """Return edits after which what is read at ``node`` has a type."""
    info = report.info
    model = class_model(info, ctx.project) if info is not None else None
    if info is None or model is None or node.attr in model.later or model.hides(node.attr):
        return ()
    others = [class_model(one, ctx.project) for one in subclasses_of(info, ctx.project)]
    if any(node.attr in one.later for one in others):
        return ()
    alone = all(len(one.built.get(node.attr, ())) == len(model.built.get(node.attr, ())) for one in others)
    writes = [write for write in model.built.get(node.attr, ()) if write.owner.module is ctx.module]
    calls = [write.value for write in writes if isinstance(write.value, ast.Call)]
    if not calls or len(calls) != len(model.built[node.attr]):
        return ()
    made = {ctx.qualified(call.func) for call in calls}
    asked = made == {"builtins.set"} and _only_asked(node.attr, info, ctx)
    if made == {"builtins.range"} or asked:
        return tuple(replace(ctx.source, call, "list(", call, ")") for call in calls)
    if made == {"functools.partial"} and len(calls) == 1 and writes[0].sure and alone:
        return _written_out(node, calls[0], ctx)
    return ()


def _only_asked(name: str, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether nothing in a class and its subclasses does more with ``self.name`` than ask whether it holds a value."""
    for one in (info, *subclasses_of(info, ctx.project)):
        for node in walk(one.node):
            if not (isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)):
                continue
            test = one.module.parent(node)
            if not isinstance(test, ast.Compare) or node is test.left:
                return False
            if not all(isinstance(op, ast.In | ast.NotIn) for op in test.ops):
                return False
    return True


def _written_out(node: ast.Attribute, partial: ast.Call, ctx: UnitContext) -> tuple[Edit, ...]:
    """``self.soft(x)`` with what ``functools.partial`` adds to it."""
    call = ctx.module.parent(node)
    if not isinstance(call, ast.Call) or call.func is not node or not partial.args:
        return ()
    function, *first = partial.args
    named = {keyword.arg for keyword in call.keywords}
    kept = [keyword for keyword in partial.keywords if keyword.arg not in named]
    if None in named or any(keyword.arg is None for keyword in kept) or not _means_the_same(function, node, ctx):
        return ()
    if not all(_is_literal(one) for one in (*first, *(keyword.value for keyword in kept))):
        return ()
    parts: list[Part] = [ctx.source.segment(function), "("]
    given: list[Part] = [ctx.source.segment(value) for value in first]
    for one in [*given, *call.args]:
        parts += [one, ", "]
    for keyword in call.keywords:
        parts += [f"{keyword.arg}=", keyword.value, ", "]
    for keyword in kept:
        parts += [f"{keyword.arg}={ctx.source.segment(keyword.value)}", ", "]
    return (replace(ctx.source, call, *(parts[:-1] if parts[-1] == ", " else parts), ")"),)


def _means_the_same(function: ast.expr, at: ast.AST, ctx: UnitContext) -> bool:
    """Whether a function's name is that of a global where it is named and at ``at``."""
    root = function
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or ctx.qualified(function) is None:
        return False
    top = ctx.module.scopes.top
    found = [ctx.module.scope_at(one).lookup(root.id) for one in (function, at)]
    return all(one is not None and one[0] is top for one in found)


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List):
        return all(_is_literal(one) for one in node.elts)
    return is_literal(node)
