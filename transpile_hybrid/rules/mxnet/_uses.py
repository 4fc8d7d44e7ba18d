"""Who uses a helper: calls and mentions of a function or method outside of the class that is judged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ._added import is_added

_KEPT: WeakKeyDictionary[Unit, dict[int, list[ast.AST]]] = WeakKeyDictionary()


def outside_uses(function: FunctionNode, unit: Unit, project: Project) -> list[ast.AST]:
    """Return the uses of a helper of ``unit``'s region that lie outside of the region (for a call, the call).

    A definition that overrides the helper, or that it overrides, counts as a use.
    """
    cache = _KEPT.setdefault(unit, {})
    if id(function) not in cache:
        inside = {id(node) for other in unit.region for node in walk(other)}
        cache[id(function)] = [use for use in _uses(function, unit, project) if id(use) not in inside]
    return cache[id(function)]


def is_top(function: FunctionNode, unit: Unit, project: Project) -> bool:
    """Whether a function stands at the top of its module, without underscore: files not seen may call it."""
    scope = unit.module.scopes.of(function)
    at_top = scope.parent is not None and scope.parent.is_module and not function.name.startswith("_")
    return at_top and not is_added(function, unit.module, project)


def is_public(function: FunctionNode, unit: Unit, project: Project) -> bool:
    """Whether a function is one that a package offers."""
    return bool(unit.module.package) and is_top(function, unit, project)


def _uses(function: FunctionNode, unit: Unit, project: Project) -> Iterator[ast.AST]:
    scope = unit.module.scopes.of(function)
    added = is_added(function, unit.module, project)
    method = added or scope.parent is not None and scope.parent.is_class
    name = function.name
    modules = project.mentioning(name)
    if modules is None:  # too many to look at: taken for used
        yield function
        return
    for module in modules:
        if module is not unit.module and "mxnet" not in module.frameworks:
            continue
        for node in walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr == name:
                if method and of_another_class(node, module, unit.cls, project):
                    continue
                if method or _may_be(node, name, module, unit.module):
                    yield _call(node, module)
            elif (
                isinstance(node, ast.Name)
                and node.id == name
                and isinstance(node.ctx, ast.Load)
                and (added or not method)
            ):
                if module is unit.module:
                    yield _call(node, module)
            elif isinstance(node, ast.ImportFrom) and not method and any(a.name == name for a in node.names):
                yield node
            elif isinstance(node, ast.FunctionDef) and method and node.name == name and node is not function:
                yield from [node] if _related(node, module, unit.cls, project) else []


def _may_be(node: ast.Attribute, name: str, module: Module, home: Module) -> bool:
    """Whether ``owner.name`` may be the function ``name`` of the module ``home``."""
    found = module.qualified(node)
    return not found or not home.name or found in (f"{home.name}.{name}", name) or not _framework(found)


def _framework(name: str) -> bool:
    return name.split(".", 1)[0] in ("mxnet", "numpy", "torch", "tensorflow")


def of_another_class(node: ast.Attribute, module: Module, me: ClassInfo | None, project: Project) -> bool:
    """Whether ``self.name`` stands in a method of a class that no instance of ``me`` is one of."""
    method = next((p for p in module.ancestors(node) if isinstance(p, ast.FunctionDef)), None)
    if me is None or method is None or not method.args.args or not isinstance(node.value, ast.Name):
        return False
    if node.value.id != method.args.args[0].arg or method.decorator_list:
        return False
    for info in project.classes_of(module):
        if method in info.methods.values():
            together = [me, *subclasses_of(me, project)]
            return not any(info in project.mro(one) for one in together) and me not in project.mro(info)
    return False


def _call(node: ast.AST, module: Module) -> ast.AST:
    parent = module.parents.get(id(node))
    return parent if isinstance(parent, ast.Call) and parent.func is node else node


def _related(node: ast.FunctionDef, module: Module, me: ClassInfo | None, project: Project) -> bool:
    """Whether another class's method of the same name overrides (or is overridden by) the helper."""
    if me is None:
        return False
    for info in project.classes_of(module):
        if node in info.methods.values() and (me in project.mro(info) or info in project.mro(me)):
            return True
    return False


def subclasses_of(info: ClassInfo, project: Project) -> list[ClassInfo]:
    """Return the classes that derive from ``info``, at any distance, in the modules that name one of them."""
    found: list[ClassInfo] = []
    names = [info.name]
    for name in names:
        modules = project.mentioning(name)
        for module in project.modules if modules is None else modules:
            for other in project.classes_of(module):
                if other is not info and other not in found and info in project.mro(other):
                    found.append(other)
                    names += [other.name] if other.name not in names else []
    return found
