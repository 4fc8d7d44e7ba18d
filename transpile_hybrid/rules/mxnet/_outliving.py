"""Whether a value that a forward writes into lives longer than the call: it belongs to the block, or to the module."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ._added import methods_of
from ._plan import Reader
from ._uses import of_another_class

_DEPTH = 4


def outlives(node: ast.expr, r: Reader, depth: int = _DEPTH) -> bool:
    """Whether what ``node`` names is surely there before the call: an attribute, a global, or a local that is one.

    A list that the forward made is no state, and of an argument nothing is known here.
    """
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return r.value(node.value).kind not in ("tensor", "F", "namespace")
    if isinstance(node, ast.Call):
        return r.qualified(node.func) in ("builtins.type", "builtins.vars", "builtins.globals")
    if not isinstance(node, ast.Name) or depth == 0:
        return False
    found = r.module.scope_at(node).lookup(node.id)
    if found is None:
        return False
    if found[0].is_module:
        return not any(binding.kind in ("import", "def") for binding in found[1])
    return any(outlives(value, r, depth - 1) for value in _values(node, r))


def _values(name: ast.Name, r: Reader) -> list[ast.expr]:
    """Return what a local is given in the function: by assignments, or as the variable of a loop over something."""
    values: list[ast.expr] = []
    for node in walk(r.function):
        if not (isinstance(node, ast.Name) and node.id == name.id and isinstance(node.ctx, ast.Store)):
            continue
        parent = r.parent(node)
        if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr) and parent.value is not None:
            values.append(parent.value)
        elif isinstance(parent, ast.For) and parent.target is node:
            values.append(parent.iter)
        elif isinstance(parent, ast.Tuple | ast.List):
            whole = r.parent(parent)
            source = (
                whole.value if isinstance(whole, ast.Assign) else whole.iter if isinstance(whole, ast.For) else None
            )
            paired = isinstance(source, ast.Tuple | ast.List) and len(source.elts) == len(parent.elts)
            if paired and isinstance(whole, ast.Assign):
                values.append(source.elts[parent.elts.index(node)])  # type: ignore[union-attr]
            elif isinstance(source, ast.Attribute):
                values.append(source)
    return values


def changed_later(name: str, r: Reader) -> int:
    """Return the line where a file changes a global once the class is there (0: nowhere).

    That is a second value, or one for an element or attribute of it, at the top of the file behind the class; or an
    element or attribute that a function sets.
    """
    end = max((f.end_lineno or 0 for f in (r.unit.node, r.unit.entry) if f is not None), default=0)
    inside = {id(inner) for function in r.unit.region for inner in walk(function)}
    top = r.module.scopes.top
    for node in walk(r.module.tree):
        if not isinstance(node, ast.Name) or node.id != name or id(node) in inside:
            continue
        found = r.module.scope_at(node).lookup(name)
        if found is None or found[0] is not top:
            continue
        function = r.module.enclosing_function(node)
        if isinstance(node.ctx, ast.Load):
            whole: ast.AST = node
            while isinstance(parent := r.parent(whole), ast.Attribute | ast.Subscript) and parent.value is whole:
                whole = parent
            if whole is node or isinstance(whole.ctx, ast.Load):  # type: ignore[attr-defined]
                continue
        elif function is not None or len(top.bindings.get(name, ())) < 2:
            continue
        if function is not None or node.lineno > end:
            return node.lineno
    return 0


def set_outside(name: str, r: Reader) -> int:
    """Return the line where an attribute of the class is set on an instance, or an element of it by a method."""
    info, attribute = r.unit.cls, r.interp.attrs.get(name)
    modules = r.project.mentioning(name)
    if info is None or attribute is None or modules is None:
        return 0
    own = {id(node) for node in attribute.nodes}
    methods = [method for owner in r.project.mro(info) for method in methods_of(owner, r.project).values()]
    inside = {id(inner) for method in methods for inner in walk(method)}
    for module in modules:
        for store in module.attribute_stores.get(name, ()):
            known = id(store) in own or id(store) in inside or not isinstance(store.ctx, ast.Store)
            if not known and not of_another_class(store, module, info, r.project):
                return store.lineno
    built = r.interp.construction_methods() | {"__init__"}
    for method in methods:
        me = method.args.args[0].arg if method.args.args else ""
        for node in walk(method) if method.name not in built and method not in r.unit.region else ():
            if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                held = node.value
                mine = isinstance(held, ast.Attribute) and held.attr == name and isinstance(held.value, ast.Name)
                if mine and held.value.id == me:  # type: ignore[attr-defined]
                    return node.lineno
    return 0
