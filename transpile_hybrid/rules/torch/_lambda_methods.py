"""A lambda that uses the module it is an attribute of (``self.f = lambda x: self.fc(x)``), as a method."""

from __future__ import annotations

import ast
import copy

from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, delete_statement, insert_line_before
from ..rule import UnitContext
from ._classes import Write, class_model, self_name, subclasses_of


def as_method(write: Write, node: ast.Lambda, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Return edits that put a method in the place of the lambda; none where something could change."""
    info, init, entry = write.owner, write.function, unit.entry
    if info is not unit.cls or entry is None or entry not in info.node.body or init.name != "__init__":
        return ()
    statement = write.statement
    alone = isinstance(statement, ast.Assign) and len(statement.targets) == 1 and statement.value is node
    if not alone or not write.sure or not _is_only(write.name, info, ctx) or entry.decorator_list:
        return ()
    arguments = node.args
    plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
    me = self_name(init)
    given = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    if not plain or me in given:
        return ()
    known = _aliases(init, me, info, ctx)
    for one in walk(node.body):
        if isinstance(one, ast.Lambda | ast.comprehension | ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
            return ()
        if isinstance(one, ast.Name) and one.id not in (me, *given, *known):
            found = ctx.module.scope_at(node).lookup(one.id)
            if found is not None and found[0] is not ctx.module.scopes.top:
                return ()
    body = _Named({name: value for name, value in known.items() if name not in given}).visit(copy.deepcopy(node.body))
    indent, newline = ctx.source.indent_of(entry), ctx.source.newline
    lines = (f"def {write.name}({', '.join([me, *given])}):", f"    return {ast.unparse(body)}")
    added = insert_line_before(ctx.source, entry, (newline + indent).join(lines) + newline)
    return (delete_statement(ctx.source, statement, init.body), added)


class _Named(ast.NodeTransformer):
    """Puts in the place of a variable what it was given."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def _is_only(name: str, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether one statement gives ``self.name`` its value, in all instances, and nothing does more than call it."""
    for one in (info, *subclasses_of(info, ctx.project)):
        model = class_model(one, ctx.project)
        if len(model.built.get(name, ())) != 1 or name in model.later or name in model.registered or model.hides(name):
            return False
        if ctx.project.method(one, name) is not None:
            return False
        for node in walk(one.node):
            parent = one.module.parent(node) if isinstance(node, ast.Attribute) and node.attr == name else None
            read = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
            if parent is not None and read and not (isinstance(parent, ast.Call) and parent.func is node):
                return False
    return True


def _aliases(init: ast.AST, me: str, info: ClassInfo, ctx: UnitContext) -> dict[str, ast.expr]:
    """Return the variables of the constructor that are a part of the module for good (``m = self.mlp``)."""
    model = class_model(info, ctx.project)
    found: dict[str, ast.expr] = {}
    stored: list[str] = [one.arg for one in walk(init) if isinstance(one, ast.arg)]
    for node in walk(init):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored.append(node.id)
            parent = ctx.module.parent(node)
            value = parent.value if isinstance(parent, ast.Assign) and parent.targets == [node] else None
            if (
                isinstance(value, ast.Attribute)
                and isinstance(value.value, ast.Name)
                and value.value.id == me
                and value.attr not in model.later
                and len(model.built.get(value.attr, ())) == 1
                and model.built[value.attr][0].sure
            ):
                found[node.id] = value
    return {name: value for name, value in found.items() if stored.count(name) == 1}
