"""Operators under another name: kept in an attribute (``self.act = nd.relu``), or reached by one (``F = nd``)."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit
from ._lambda import hybrid_function
from ._names import operator_name, operator_of
from ._plan import Reader
from ._tables import missing
from ._uses import subclasses_of

ROOTS = {"mxnet.nd": "F", "mxnet.np": "F.np", "mxnet.npx": "F.npx"}
_APIS = {"nd": "F", "np": "F.np", "npx": "F.npx"}


def held_operator(callee: ast.expr, r: Reader) -> str | None:
    """Return ``F.relu`` for a callee that is surely the operator ``relu``, though its name doesn't say so."""
    if not isinstance(callee, ast.Attribute):
        return None
    value = r.value(callee)
    if value.kind != "namespace" or operator_name(callee, r, None) is not None:
        return None
    found = operator_of(value.cls)
    if found is None or found[1].startswith("random.") or "array" in found[1] or missing(*found):
        return None
    root: ast.expr = callee
    while isinstance(root, ast.Attribute) and r.self_attribute(root) is None:
        root = root.value
    name = r.self_attribute(root)
    if name is not None:
        return f"{_APIS[found[0]]}.{found[1]}" if never_set_again(name, r) else None
    if isinstance(root, ast.Name) and alias_statement(root.id, r) is not None:
        return f"{_APIS[found[0]]}.{found[1]}"
    return None


def never_set_again(name: str, r: Reader) -> bool:
    """Whether an attribute keeps what the constructor of the class gives it, in subclasses and from outside too."""
    attribute = r.interp.attrs.get(name)
    if attribute is None or attribute.setters - {"__init__"} or r.unit.cls is None:
        return False
    modules = r.project.mentioning(name)
    if modules is None:
        return False
    mine = {id(node) for node in attribute.nodes}
    own = {info.name for info in (r.unit.cls, *subclasses_of(r.unit.cls, r.project))}
    for module in modules:
        for node in module.attribute_stores.get(name, ()):
            if id(node) in mine or not isinstance(node.ctx, ast.Store):
                continue
            within = next((p for p in module.ancestors(node) if isinstance(p, ast.ClassDef)), None)
            itself = isinstance(node.value, ast.Name) and node.value.id == "self"
            if within is None or not itself or within.name in own:
                return False
    return True


def alias_statement(name: str, r: Reader) -> ast.Assign | None:
    """Return the ``F = nd`` that gives a local its only value, where each use of it names an operator."""
    found: ast.Assign | None = None
    for node in walk(r.function):
        if isinstance(node, ast.arg) and node.arg == name:
            return None
        if not (isinstance(node, ast.Name) and node.id == name):
            continue
        parent = r.parent(node)
        if isinstance(node.ctx, ast.Store):
            plain = isinstance(parent, ast.Assign) and parent.targets == [node] and parent in r.function.body
            if found is not None or not plain:
                return None
            assert isinstance(parent, ast.Assign)
            if r.qualified(parent.value) not in ROOTS:
                return None
            found = parent
        elif not (isinstance(parent, ast.Attribute) and _called(parent, r)):
            return None
    return found


def _called(node: ast.Attribute, r: Reader) -> bool:
    """Whether ``alias.name`` (or ``alias.contrib.name``) is called, and is an operator that F has."""
    whole: ast.AST = node
    parent = r.parent(whole)
    while isinstance(parent, ast.Attribute):
        whole, parent = parent, r.parent(parent)
    if not (isinstance(parent, ast.Call) and parent.func is whole and isinstance(whole, ast.Attribute)):
        return False
    found = operator_of(r.value(whole).cls)
    return found is not None and "array" not in found[1] and not missing(*found)


def held_lambda(callee: ast.expr, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that give ``F`` to a lambda kept in an attribute (none where it has it by now)."""
    name = r.self_attribute(callee)
    attribute = r.interp.attrs.get(name) if name is not None else None
    if name is None or attribute is None or r.function is not r.unit.entry or attribute.value.cls != "<lambda>":
        return None
    const = attribute.value.const
    defined = r.interp.locals.get(const) if isinstance(const, int) else None
    if defined is None or len(attribute.nodes) != 1 or not never_set_again(name, r) or not _only_called(name, r):
        return None
    edits = hybrid_function(defined.node, r.interp.module) if isinstance(defined.node, ast.Lambda) else None
    if edits is None or not any(inner is defined.node for inner in walk(r.module.tree)):
        return None
    key = f"lambda:{name}"
    if key in r.told:
        return ()
    r.told.add(key)
    return edits


def _only_called(name: str, r: Reader) -> bool:
    """Whether an attribute is only called, by the forward of the class itself."""
    assert r.unit.cls is not None and r.unit.entry is not None
    within = {id(node) for node in walk(r.unit.entry)}
    related = {info.name for info in (*r.project.mro(r.unit.cls), *subclasses_of(r.unit.cls, r.project))}
    for module in r.project.mentioning(name) or ():
        for node in walk(module.tree):
            if not (isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)):
                continue
            parent = module.parent(node)
            if id(node) in within:
                if not (isinstance(parent, ast.Call) and parent.func is node):
                    return False
                continue
            owner = next((p for p in module.ancestors(node) if isinstance(p, ast.ClassDef)), None)
            if (
                owner is None
                or owner.name in related
                or not (isinstance(node.value, ast.Name) and node.value.id == "self")
            ):
                return False
    return True
