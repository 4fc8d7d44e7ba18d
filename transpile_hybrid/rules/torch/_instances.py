"""Where the instances of a class are called: ``self.part(...)``, and the items of lists that a class keeps them in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import ModuleContext
from ._callsites import CallSite, CallTable, call_table

_ROWS = frozenset({"torch.nn.ModuleList", "torch.nn.Sequential"})


def calls_of_instances(function: FunctionNode, ctx: ModuleContext) -> Iterator[CallSite]:
    """Yield the calls of instances of the function's class that other classes keep.

    They keep one as ``self.part``, or several in a ``ModuleList`` that a display, a comprehension or ``append`` fills.
    """
    table = call_table(ctx.project)
    owner = ctx.module.scopes.of(function).parent
    if owner is None:
        return
    seen: set[int] = set()
    for made in _made(owner.path, table):
        home = class_around(made.node, made.module)
        name, in_row = _kept_as(made)
        if name is None or home is None:
            continue
        if in_row:
            sites = [CallSite(call, made.module) for call in _calls_of_items(name, home)]
        else:
            sites = [
                site
                for site in table.of_method(name)
                if on_self(site.node) and site.module is made.module and class_around(site.node, site.module) is home
            ]
        for site in sites:
            if id(site.node) not in seen:
                seen.add(id(site.node))
                yield site


def _made(path: str, table: CallTable) -> Iterator[CallSite]:
    """Yield the calls of a class, and those of functions that give back what one of them makes."""
    for made in table.of(path):
        yield made
        function = made.module.enclosing_function(made.node)
        if function is None or not isinstance(made.module.parent(made.node), ast.Return) or function.decorator_list:
            continue
        if function in made.module.tree.body and sum(isinstance(n, ast.Return) for n in walk(function)) == 1:
            yield from table.of(made.module.scopes.of(function).path)


def class_around(node: ast.AST, module: Module) -> ast.ClassDef | None:
    """Return the class that ``node`` stands in."""
    return next((parent for parent in module.ancestors(node) if isinstance(parent, ast.ClassDef)), None)


def on_self(call: ast.Call) -> bool:
    """Whether a method of a plain name is called."""
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)


def _kept_as(made: CallSite) -> tuple[str | None, bool]:
    """Return the attribute that an instance is kept as, or in, and whether that is a list of modules."""
    parent = made.module.parent(made.node)
    if isinstance(parent, ast.Assign):
        return (_attribute(parent.targets[0]) if len(parent.targets) == 1 else None), False
    filled = parent.func if isinstance(parent, ast.Call) and made.node in parent.args else None
    if isinstance(filled, ast.Attribute) and filled.attr == "append":
        if isinstance(filled.value, ast.Name):
            return _made_of(filled.value.id, made), True
        return _attribute(filled.value), True
    if isinstance(parent, ast.List | ast.ListComp):
        row = made.module.parent(parent)
        if isinstance(row, ast.Call) and row.args == [parent] and made.module.qualified(row.func) in _ROWS:
            target = made.module.parent(row)
            if isinstance(target, ast.Assign) and len(target.targets) == 1:
                return _attribute(target.targets[0]), True
    return None, False


def _made_of(name: str, made: CallSite) -> str | None:
    """Return ``part`` of ``self.part = nn.ModuleList(name)`` in the function that fills the list ``name``."""
    function = made.module.enclosing_function(made.node)
    for node in walk(function) if function is not None else ():
        value = node.value if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.Assign) and isinstance(value, ast.Call) and len(value.args) == 1:
            given = value.args[0]
            if isinstance(given, ast.Name) and given.id == name and made.module.qualified(value.func) in _ROWS:
                return _attribute(node.targets[0])
    return None


def _attribute(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self" else None


def _calls_of_items(row: str, home: ast.ClassDef) -> Iterator[ast.Call]:
    """Yield ``self.row[i](...)`` and the calls of names that loops over ``self.row`` bind."""
    for function in home.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        nodes = list(walk(function))
        loops = [node for node in nodes if isinstance(node, ast.For | ast.comprehension)]
        names = {name for loop in loops for name in _bound(loop.iter, loop.target, row)}
        for node in nodes:
            called = node.func if isinstance(node, ast.Call) else None
            indexed = isinstance(called, ast.Subscript) and _attribute(called.value) == row
            if isinstance(node, ast.Call) and (indexed or isinstance(called, ast.Name) and called.id in names):
                yield node


def _bound(over: ast.expr, target: ast.expr, row: str) -> Iterator[str]:
    """Yield the names in ``target`` that get the items of ``self.row``."""
    if isinstance(over, ast.Subscript) and isinstance(over.slice, ast.Slice):
        over = over.value
    if isinstance(target, ast.Name) and _attribute(over) == row:
        yield target.id
    if not isinstance(over, ast.Call) or not isinstance(over.func, ast.Name) or not over.args:
        return
    if over.func.id == "reversed":
        yield from _bound(over.args[0], target, row)
    elif isinstance(target, ast.Tuple) and over.func.id == "enumerate" and len(target.elts) == 2:
        yield from _bound(over.args[0], target.elts[1], row)
    elif isinstance(target, ast.Tuple) and over.func.id == "zip" and len(target.elts) == len(over.args):
        for one, part in zip(over.args, target.elts, strict=True):
            yield from _bound(one, part, row)
