"""Methods that a class is given after its body: ``@add_to_class(Net)`` before a function, by ``setattr``."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import reached

_ADDED: WeakKeyDictionary[Project, dict[Module, dict[str, dict[str, FunctionNode]]]] = WeakKeyDictionary()


def added_methods(info: ClassInfo, project: Project) -> dict[str, FunctionNode]:
    """Return the methods that the class's own file adds to it (the last of each name)."""
    return _of_module(info.module, project).get(info.qualified, {})


def methods_of(info: ClassInfo, project: Project) -> dict[str, FunctionNode]:
    """Return the methods that a class has itself: those of its body, and those that are added to it."""
    return {**info.methods, **added_methods(info, project)}


def entry_of(info: ClassInfo, project: Project) -> FunctionNode | None:
    """Return the class's own ``hybrid_forward`` or ``forward``."""
    methods = methods_of(info, project)
    return methods.get("hybrid_forward") or methods.get("forward")


def inherited_entry(info: ClassInfo, project: Project) -> tuple[ClassInfo, FunctionNode] | None:
    """Return the ``hybrid_forward`` or ``forward`` that computes for a class, its own or that of a base."""
    return method_named(info, "hybrid_forward", project) or method_named(info, "forward", project)


def method_named(info: ClassInfo, name: str, project: Project) -> tuple[ClassInfo, FunctionNode] | None:
    """Return the method of that name that instances of a class have, with the class that has it."""
    for owner in project.mro(info):
        found = methods_of(owner, project).get(name)
        if found is not None:
            return owner, found
    return None


def names_method(name: ast.expr, info: ClassInfo, project: Project) -> bool:
    """Whether ``getattr(self, "name")`` is a method of a class, or ``getattr(self, f"name{i}")`` may be one."""
    methods = {method for owner in project.mro(info) for method in methods_of(owner, project)}
    if isinstance(name, ast.Constant):
        return name.value in methods
    left = name.left if isinstance(name, ast.BinOp) else name
    first = left.values[0] if isinstance(left, ast.JoinedStr) and left.values else left
    start = str(first.value).partition("%")[0] if isinstance(first, ast.Constant) else ""
    return bool(start) and any(method.startswith(start) for method in methods)


def region_of(entry: FunctionNode, module: Module, project: Project, info: ClassInfo | None) -> list[FunctionNode]:
    """Return what an entry reaches in its file, methods that its class is given after its body among it."""
    region = reached(entry, module, project, info)
    added: dict[str, FunctionNode] = {}
    for owner in reversed(project.mro(info)) if info is not None else ():
        added.update(added_methods(owner, project) if owner.module is module else {})
    for function in region if added else ():  # grows meanwhile
        first = function.args.args[0].arg if function.args.args else ""
        for node in walk(function):
            callee = node.func if isinstance(node, ast.Call) else None
            if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id == first:
                method = added.get(callee.attr)
                more = reached(method, module, project, info) if method is not None else []
                region += [other for other in more if other not in region]
    return region


def replaces(entry: FunctionNode, info: ClassInfo, project: Project) -> bool:
    """Whether a method that is added to a class takes the place of another one, of its body or added before it."""
    others = [node for node in info.module.tree.body if isinstance(node, ast.FunctionDef) and node.name == entry.name]
    before = [
        node for node in others
        if node is not entry and any(_given_to(d, info.module, project) is info for d in node.decorator_list)
    ]  # fmt: skip
    return entry.name in info.methods or entry.name in info.level or bool(before)


def is_added(function: FunctionNode, module: Module, project: Project) -> bool:
    """Whether a function of a file is a method that is added to a class of that file."""
    return any(function is other for added in _of_module(module, project).values() for other in added.values())


def _of_module(module: Module, project: Project) -> dict[str, dict[str, FunctionNode]]:
    kept = _ADDED.setdefault(project, {})
    if module not in kept:
        found: dict[str, dict[str, FunctionNode]] = {}
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef) and len(node.decorator_list) == 1:
                owner = _given_to(node.decorator_list[0], module, project)
                if owner is not None and owner.module is module:
                    found.setdefault(owner.qualified, {})[node.name] = node
        kept[module] = found
    return kept[module]


def _given_to(decorator: ast.expr, module: Module, project: Project) -> ClassInfo | None:
    """Return the class that a decorator puts its function into."""
    if not (isinstance(decorator, ast.Call) and len(decorator.args) == 1 and not decorator.keywords):
        return None
    if not isinstance(decorator.func, ast.Name | ast.Attribute):
        return None
    name = module.qualified(decorator.func)
    found = project.function_named(name) if name else None
    if found is None or not _sets(found[1]):
        return None
    owner = module.qualified(decorator.args[0]) if isinstance(decorator.args[0], ast.Name | ast.Attribute) else None
    return project.class_named(owner) if owner else None


def _sets(function: FunctionNode) -> bool:
    """Whether a function is ``def add(cls): def wrap(f): setattr(cls, f.__name__, f)``."""
    inner = next((s for s in function.body if isinstance(s, ast.FunctionDef)), None)
    if inner is None or len(function.args.args) != 1 or len(inner.args.args) != 1:
        return False
    cls, given = function.args.args[0].arg, inner.args.args[0].arg
    wanted = f"setattr({cls}, {given}.__name__, {given})"
    return any(isinstance(node, ast.Call) and ast.unparse(node) == wanted for node in walk(inner))
