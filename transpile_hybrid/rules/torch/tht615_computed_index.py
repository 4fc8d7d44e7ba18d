"""A module that is picked by a number or a key worked out while the model runs.

What it does
    Finds ``self.layers[e](x)`` where ``self.layers`` is a ``ModuleList`` or ``Sequential`` and ``e`` is no literal, and
    ``self.branches[name](x)`` of a ``ModuleDict``.  Loops that go over all the modules are THT607's.

Why is this bad
    Each module has a type of its own, so TorchScript must know which it is when it compiles: "Expected integer literal
    for index", "Unable to extract string literal index".  It goes over the modules of a list, though: it writes the
    loop out, turn by turn.

Fix safety
    Safe: the call goes to a new method of the class.  In Python that method does what stood there; in TorchScript it
    goes over the modules and calls the one that is meant, and raises the same error where there is none.  An argument
    of which nothing is known is taken for a tensor there, as TorchScript takes it.  Left alone are modules whose
    results have different types, arguments with a star, and a variable for the module that is used for anything but
    calls behind it.  A sum of literals is written as the literal that it is.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#iterating-over-modules
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, delete_statement, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._picked import Site, add_methods, chosen_index, later_calls, literal_index, site_of
from ._reports import Report
from .tht607_module_list_loop import mended

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, tasks=3, stages=2):
        super().__init__()
        self.stages = stages
        self.heads = nn.ModuleList([nn.Linear(4, 4) for _ in range(tasks)])
        self.downs = nn.ModuleList([nn.Linear(4, 4) for _ in range(stages)])

    def forward(self, x, task: int = 1):
        x = self.downs[self.stages - 1](x)
        return self.heads[task](x) + self.heads[len(self.heads) - 1](x)
""",
        after='''
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, tasks=3, stages=2):
        super().__init__()
        self.stages = stages
        self.heads = nn.ModuleList([nn.Linear(4, 4) for _ in range(tasks)])
        self.downs = nn.ModuleList([nn.Linear(4, 4) for _ in range(stages)])

    def forward(self, x, task: int = 1):
        x = self._call_downs_at(self.stages - 1, x)
        return self._call_heads_at(task, x) + self.heads[-1](x)

    def _call_downs_at(self, index: int, x) -> torch.Tensor:
        """Call `self.downs[index]`: TorchScript goes over modules, and indexes them by literals only."""
        if not torch.jit.is_scripting():
            return self.downs[index](x)
        for number, down in enumerate(self.downs):
            if number == index or number - len(self.downs) == index:
                return down(x)
        raise IndexError(f"index {index} is out of range")

    def _call_heads_at(self, index: int, x) -> torch.Tensor:
        """Call `self.heads[index]`: TorchScript goes over modules, and indexes them by literals only."""
        if not torch.jit.is_scripting():
            return self.heads[index](x)
        for number, head in enumerate(self.heads):
            if number == index or number - len(self.heads) == index:
                return head(x)
        raise IndexError(f"index {index} is out of range")
''',
    ),
    Example(
        title="by a key, and as a variable",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleDict({"a": nn.Linear(4, 4), "b": nn.Linear(4, 4)})
        self.norms = nn.ModuleList([nn.LayerNorm(4), nn.LayerNorm(4), nn.LayerNorm(4)])

    def forward(self, x, name: str = "b"):
        for i in range(2):
            norm = self.norms[i + 1]
            x = norm(x)
        return self.branches[name](x)
""",
        after='''
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleDict({"a": nn.Linear(4, 4), "b": nn.Linear(4, 4)})
        self.norms = nn.ModuleList([nn.LayerNorm(4), nn.LayerNorm(4), nn.LayerNorm(4)])

    def forward(self, x, name: str = "b"):
        for i in range(2):
            x = self._call_norms_at(i + 1, x)
        return self._call_branches_at(name, x)

    def _call_norms_at(self, index: int, x) -> torch.Tensor:
        """Call `self.norms[index]`: TorchScript goes over modules, and indexes them by literals only."""
        if not torch.jit.is_scripting():
            return self.norms[index](x)
        for number, norm in enumerate(self.norms):
            if number == index or number - len(self.norms) == index:
                return norm(x)
        raise IndexError(f"index {index} is out of range")

    def _call_branches_at(self, key: str, x):
        """Call `self.branches[key]`: TorchScript goes over modules, and indexes them by literals only."""
        if not torch.jit.is_scripting():
            return self.branches[key](x)
        for name, branch in self.branches.items():
            if name == key:
                return branch(x)
        raise KeyError(key)
''',
    ),
    Example(
        title="the modules return different things: told, and left to you",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([nn.Linear(4, 4), nn.LSTM(4, 4)])

    def forward(self, x, part: int = 0):
        return self.parts[part](x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    __constants__ = ["last"]

    def __init__(self):
        super().__init__()
        self.last = 1
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])

    def forward(self, x):
        return self.layers[0](self.layers[-1](self.layers[self.last](x)))
""",
]

_HELP = (
    "go over the modules (`enumerate(self.layers)`, `self.table.items()`) and call the one that is meant, "
    "or write each call out"
)


@rule("THT615", "computed-index", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    places: list[tuple[ast.Subscript, Report, list[Site], tuple[Edit, ...]]] = []
    for function, report in reports(unit, ctx):
        for problem in report.problems:
            node = problem.node
            if problem.kind == "module-index" and isinstance(node, ast.Subscript):
                places.append((node, report, *_mended(node, function, report, unit, ctx)))
    sites = [site for _, _, found, _ in places for site in found]
    methods = add_methods(sites, ctx)
    for node, _, found, edits in places:
        for site in found:
            added = methods.get(id(site))
            edits = (*edits, *added) if added is not None and edits is not None else ()
            if added is None:
                break
        yield Finding(
            node,
            "TorchScript indexes modules by literals only",
            help=_HELP,
            fix=Fix(edits) if edits else None,
        )


def _mended(
    node: ast.Subscript, function: FunctionNode, report: Report, unit: Unit, ctx: UnitContext
) -> tuple[list[Site], tuple[Edit, ...]]:
    """Return the calls that go to a method, and the edits that need none."""
    literal = literal_index(node)
    if literal is not None:
        return [], (replace(ctx.source, node.slice, literal),)
    for loop in ctx.module.ancestors(node):
        if loop is function:
            break
        if isinstance(loop, ast.For) and mended(node, loop, function, report, unit, ctx):
            return [], ()
    call = chosen_index(node, ctx)
    if call is not None:
        site = site_of(call, call.func, function, report, ctx)
        return ([site] if site is not None else []), ()
    statement = ctx.module.parent(node)
    calls = later_calls(statement, node, function, report, ctx) if isinstance(statement, ast.Assign) else None
    if not calls:
        return [], ()
    sites = [site_of(call, callee, function, report, ctx) for call, callee in calls]
    known = [site for site in sites if site is not None]
    if len(known) < len(sites):
        return [], ()
    return known, (_without(statement, ctx),)


def _without(statement: ast.AST, ctx: UnitContext) -> Edit:
    assert isinstance(statement, ast.Assign)
    block = next(
        rows
        for name in ("body", "orelse", "finalbody")
        if statement in (rows := getattr(ctx.module.parent(statement), name, []))
    )
    return delete_statement(ctx.source, statement, block)
