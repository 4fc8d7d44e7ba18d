"""What a forward keeps in an attribute only for others to look at: attention weights, say."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, delete_statement, replace
from ._plan import Reader
from ._sizes import siblings


def as_local(node: ast.Attribute, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that keep what is set in a local: for an attribute that only this forward sets, then reads.

    Who reads the attribute from outside no longer finds it, which is why this is unsafe.
    """
    if not r.converting or r.unit.cls is None:
        return None
    statement = r.parent(node)
    if not (isinstance(statement, ast.Assign) and statement.targets == [node] and statement in r.function.body):
        return None
    name = node.attr
    attribute = r.interp.attrs.get(name)
    if attribute is None or attribute.setters - {"forward", "__init__"}:
        return None
    scope = r.module.scopes.of(r.function)
    if name in scope.bindings or r.value(statement.value).kind not in ("tensor", "seq", "unknown"):
        return None
    edits = [replace(r.source, node, name)]
    for function in [m for info in r.project.mro(r.unit.cls) for m in info.methods.values()]:
        for inner in walk(function):
            if not (isinstance(inner, ast.Attribute) and inner.attr == name and inner is not node):
                continue
            if function.name == "__init__" and isinstance(inner.ctx, ast.Store):
                continue
            later = inner.lineno > (statement.end_lineno or statement.lineno)
            mine = function is r.function and isinstance(inner.value, ast.Name) and r.self_attribute(inner) is not None
            if not (mine and later and isinstance(inner.ctx, ast.Load)):
                return None
            edits.append(replace(r.source, inner, name))
    return tuple(edits)


def let_go(node: ast.Attribute, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that leave out a list which is only filled: ``self.w = [...]``, ``self.w[i] = layer.weights``.

    What is put into it may itself be looked at only, and gone once the class that has it is converted.
    """
    if not r.converting or r.unit.cls is None:
        return None
    statement = r.parent(node)
    if not (isinstance(statement, ast.Assign) and statement.targets == [node] and statement in r.function.body):
        return None
    attribute = r.interp.attrs.get(node.attr)
    if attribute is None or attribute.setters - {"forward", "__init__"} or not _harmless(statement.value, r):
        return None
    dropped: list[ast.Assign] = [statement]
    for function in [m for info in r.project.mro(r.unit.cls) for m in info.methods.values()]:
        for inner in walk(function):
            if not (isinstance(inner, ast.Attribute) and inner.attr == node.attr and inner is not node):
                continue
            first = function.args.args[0].arg if function.args.args else ""
            if not (isinstance(inner.value, ast.Name) and inner.value.id == first):
                continue  # another block's
            if function.name == "__init__" and isinstance(inner.ctx, ast.Store):
                continue
            filling = _filling(inner, r) if function is r.function and r.self_attribute(inner) is not None else None
            if filling is None or filling.lineno < statement.lineno:
                return None
            dropped.append(filling)
    r.consume(*dropped)
    return tuple(delete_statement(r.source, one, siblings(one, r)) for one in dropped)


def _filling(node: ast.Attribute, r: Reader) -> ast.Assign | None:
    """Return the statement ``self.w[i] = layer.weights``."""
    parent = r.parent(node)
    if not (isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Store)):
        return None
    statement = r.parent(parent)
    if not isinstance(statement, ast.Assign) or statement.targets != [parent] or not isinstance(parent.slice, ast.Name):
        return None
    value = statement.value
    while isinstance(value, ast.Attribute):
        value = value.value
    return statement if isinstance(value, ast.Name) and isinstance(statement.value, ast.Attribute) else None


def _harmless(node: ast.expr, r: Reader) -> bool:
    """Whether a list can be left out: it is made of constants, as long as something else."""
    for inner in walk(node):
        if isinstance(inner, ast.Call) and r.qualified(inner.func) not in ("builtins.len", "builtins.range"):
            return False
        if not isinstance(inner, ast.expr | ast.expr_context | ast.operator) or isinstance(inner, ast.NamedExpr):
            return False
    return isinstance(node, ast.List | ast.BinOp)
