"""``map`` in what TorchScript compiles.

What it does
    Finds ``map(f, xs)``.

Why is this bad
    TorchScript has no ``map``, and no function as a value: "Lambda aren't supported", "Python builtin <built-in
    function map> is currently not supported".

Fix safety
    Safe where all of it is used up at once, so that nobody can tell when ``f`` is called: by ``list``, ``tuple``,
    ``sum`` and the like, by an assignment to several names, by a star.  It becomes a list: ``[f(x) for x in xs]``; for
    a few that are named one by one, ``f(a), f(b)``.  A loop over it calls ``f`` first thing in its body.
    ``any`` and ``all`` stop early: there it is made where ``f`` does nothing but compare and calculate.

References
    https://docs.pytorch.org/docs/stable/jit_python_reference.html#python-built-in-functions-support
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Kept, Part, insert, replace, shares_line
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._loops import free_name

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x, y):
        x, y = map(lambda t: t.clamp(min=0), (x, y))
        x, y = map(torch.relu, (x, y))
        for z in map(torch.tanh, [x, y]):
            x = x + z
        parts = list(map(lambda a, b: a + b, [x, y], [y, x]))
        return torch.stack(parts + list(map(lambda layer: layer(x), self.layers)))
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x, y):
        x, y = [t.clamp(min=0) for t in (x, y)]
        x, y = torch.relu(x), torch.relu(y)
        for item in [x, y]:
            z = torch.tanh(item)
            x = x + z
        parts = [a + b for a, b in zip([x, y], [y, x])]
        return torch.stack(parts + [layer(x) for layer in self.layers])
""",
    ),
    Example(
        title="when it is called can be told",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Dropout()
        self.second = nn.Dropout()

    def forward(self, x, y):
        return torch.stack([self.second(z) for z in map(self.first, [x, y])])
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes=(2, 3)):
        super().__init__()
        self.sizes = list(map(int, sizes))

    def forward(self, x):
        return x * 2
""",
]

_WHOLE = ("builtins.list", "builtins.tuple", "builtins.sum", "builtins.max", "builtins.min", "builtins.sorted")
_SHORT = ("builtins.any", "builtins.all")


@rule("THT619", "map", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if isinstance(node, ast.Call) and id(node) in report.types and ctx.qualified(node.func) == "builtins.map":
                edits = _written(node, function, ctx)
                yield Finding(
                    node,
                    "TorchScript has no `map`",
                    help="write a list: `[f(x) for x in xs]`",
                    fix=Fix(edits) if edits else None,
                )


def _written(node: ast.Call, function: FunctionNode, ctx: UnitContext) -> tuple[Edit, ...]:
    if len(node.args) < 2 or node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        return ()
    called, rows = node.args[0], node.args[1:]
    if len(rows) > 1 and ctx.module.scope_at(node).lookup("zip") is not None:
        return ()
    if isinstance(called, ast.Lambda) and not _plain(called, len(rows)):
        return ()
    if not isinstance(called, ast.Lambda) and not _is_name(called):
        return ()
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.For):
        return _loop(parent, called, rows, function, ctx) if parent.iter is node else ()
    whole: ast.expr = node
    if isinstance(parent, ast.Call):
        name = ctx.qualified(parent.func)
        if not parent.args or parent.args[0] is not node or name not in (*_WHOLE, *_SHORT):
            return ()
        if name in _SHORT and not (isinstance(called, ast.Lambda) and _is_pure(called.body)):
            return ()
        if name in _WHOLE[:2] and len(parent.args) == 1 and not parent.keywords:
            few = _one_by_one(called, rows, "[]" if name == "builtins.list" else "()", ctx)
            if few:
                return (replace(ctx.source, parent, *few),)
            whole = parent if name == "builtins.list" else node
    elif isinstance(parent, ast.Assign):
        if not isinstance(parent.targets[-1], ast.Tuple | ast.List):
            return ()
        if any(isinstance(one, ast.Name) for one in parent.targets):
            return ()
        few = _one_by_one(called, rows, "", ctx)
        if few:
            return (replace(ctx.source, node, *few),)
    elif not (isinstance(parent, ast.Starred) and isinstance(parent.ctx, ast.Load)):
        return ()
    parts, renamed = _comprehension(called, rows, function, ctx)
    return (replace(ctx.source, whole, *parts), *renamed)


def _plain(called: ast.Lambda, count: int) -> bool:
    """Whether a lambda takes ``count`` arguments and does nothing that an expression in its place wouldn't do."""
    given = called.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
        return False
    names = {one.arg for one in given.args}
    for node in walk(called.body):
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr | ast.Lambda):
            return False
        if isinstance(node, ast.Name) and node.id in names and not isinstance(node.ctx, ast.Load):
            return False  # the variable of an inner comprehension
    return len(given.args) == count


def _is_name(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _is_pure(node: ast.expr) -> bool:
    kinds = (ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Name, ast.Constant, ast.Attribute)
    plain = (ast.Add, ast.Sub, ast.Mult)  # the others may raise an error for an item that isn't reached
    return all(
        isinstance(one, kinds) and (not isinstance(one, ast.BinOp) or isinstance(one.op, plain)) for one in walk(node)
    )


def _one_by_one(called: ast.expr, rows: list[ast.expr], brackets: str, ctx: UnitContext) -> tuple[Part, ...]:
    """Return ``f(a), f(b)`` for ``map(f, (a, b))``, in brackets."""
    if len(rows) != 1 or isinstance(called, ast.Lambda) or not isinstance(rows[0], ast.Tuple | ast.List):
        return ()
    items = rows[0].elts
    if not 1 < len(items) < 7 or not all(isinstance(one, ast.Name | ast.Constant) for one in items):
        return ()  # what else stands there is worked out before the first call
    text = ctx.source.segment(called)
    parts: list[Part] = [brackets[:1]]
    for index, one in enumerate(items):
        parts += [f"{', ' if index else ''}{text}(", one, ")"]
    return (*parts, brackets[1:])


def _comprehension(
    called: ast.expr, rows: list[ast.expr], function: FunctionNode, ctx: UnitContext
) -> tuple[tuple[Part, ...], tuple[Edit, ...]]:
    """Return the list as parts, and the edits that give the variables of a lambda other names."""
    item, names, renamed = _item(called, len(rows), function, ctx)
    return ("[", *item, f" for {', '.join(names)} in ", *_row(rows), "]"), renamed


def _item(
    called: ast.expr, count: int, function: FunctionNode, ctx: UnitContext
) -> tuple[tuple[Part, ...], list[str], tuple[Edit, ...]]:
    """Return what is worked out for each item, the names of its variables, and edits for names that are taken."""
    if not isinstance(called, ast.Lambda):
        word = ["item"] if count == 1 else [f"item_{index + 1}" for index in range(count)]
        names = [free_name(one, function) for one in word]
        return (called, f"({', '.join(names)})"), names, ()
    scope = ctx.module.scope_at(called)
    names, renamed = [], []
    for one in called.args.args:
        other = free_name(one.arg, function) if scope.is_local(one.arg) else one.arg
        names.append(other)
        if other != one.arg:
            inner = [n for n in walk(called.body) if isinstance(n, ast.Name) and n.id == one.arg]
            renamed += [replace(ctx.source, node, other) for node in inner]
    return (called.body,), names, tuple(renamed)


def _row(rows: list[ast.expr]) -> tuple[Part, ...]:
    if len(rows) == 1:
        weak = isinstance(rows[0], ast.IfExp | ast.NamedExpr | ast.Lambda)
        return (Kept(rows[0], paren=weak),)
    parts: list[Part] = ["zip("]
    for index, one in enumerate(rows):
        parts += [", " if index else "", one]
    return (*parts, ")")


def _loop(
    loop: ast.For, called: ast.expr, rows: list[ast.expr], function: FunctionNode, ctx: UnitContext
) -> tuple[Edit, ...]:
    """Go through what is mapped, and begin each turn with the call."""
    source, first = ctx.source, loop.body[0]
    if shares_line(source, first) or not isinstance(loop.target, ast.Name | ast.Tuple | ast.List):
        return ()
    item, names, renamed = _item(called, len(rows), function, ctx)
    start = source.line_starts[min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))]) - 1]
    line = (source.indent_of(first), source.segment(loop.target), " = ", *item, source.newline)
    head = replace(source, loop.target, ", ".join(names))
    return (head, replace(source, loop.iter, *_row(rows)), insert(start, *line), *renamed)


__all__ = ["check"]
