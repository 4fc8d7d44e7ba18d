"""Methods under more than one name, or names with more than one method: one can't be renamed alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode
from ._added import is_added
from ._uses import of_another_class, subclasses_of


def bound_again(function: FunctionNode, owner: ClassInfo, project: Project) -> str:
    """Return why a method of a class can't have another name or signature where it is defined (empty: it can).

    The class defines it twice (the other one would come back), gives it a second name (``predict = forward``), or
    something else is put in its place (``Net.forward = other``).
    """
    name = function.name
    if function in owner.methods.values() and len(owner.scope.bindings.get(name, ())) > 1:
        return f"its `{name}` is defined more than once"
    for node in _at_class_level(owner.node):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load | ast.Del):
            return f"its `{name}` is used by that name in the body of {owner.name}, at line {node.lineno}"
    for module in project.mentioning(owner.name) or ():
        for store in module.attribute_stores.get(name, ()):
            holder = store.value
            known = module.qualified(holder) if isinstance(holder, ast.Name | ast.Attribute) else None
            if known == owner.qualified and not is_added(function, owner.module, project):
                return f"something else is put in the place of its `{name}`, at line {store.lineno}"
    return ""


def shadowed(name: str, me: ClassInfo, project: Project) -> str:
    """Return why ``self.name`` may be something else than the method that a class has by that name (empty: it isn't).

    A subclass has an attribute of that name in its body, or the instance is given one.
    """
    for info in subclasses_of(me, project):
        if name in info.level:
            return f"its subclass {info.name} has another `{name}`"
    modules = project.mentioning(name)
    for module in modules or ():
        for store in module.attribute_stores.get(name, ()):
            if isinstance(store.ctx, ast.Store) and not of_another_class(store, module, me, project):
                return f"its `{name}` is set too, at line {store.lineno}"
    return "" if modules is not None else f"its `{name}` may be set, in more places than can be looked at"


def _at_class_level(node: ast.ClassDef) -> Iterator[ast.AST]:
    """Yield the nodes that Python evaluates in the namespace of a class, not those inside of its methods."""
    work: list[ast.AST] = list(node.body)
    while work:
        each = work.pop()
        yield each
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            work += [*each.decorator_list, *each.args.defaults, *(d for d in each.args.kw_defaults if d is not None)]
        elif not isinstance(each, ast.Lambda | ast.ClassDef):
            work += list(ast.iter_child_nodes(each))


def owner_of(function: FunctionNode, info: ClassInfo, project: Project) -> ClassInfo | None:
    """Return the class that has a function as a method of its body."""
    return next((one for one in project.mro(info) if function in one.methods.values()), None)
