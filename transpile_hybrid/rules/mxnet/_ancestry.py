"""Which constructors run when an instance is made: a class that names another one leaves out those between."""

from __future__ import annotations

import ast
from typing import TypeGuard

from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._added import added_methods


def is_super_call(node: ast.expr | None) -> TypeGuard[ast.Call]:
    """Whether ``node`` is ``super()`` or ``super(Class, self)``."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def constructor(info: ClassInfo, project: Project) -> FunctionNode | None:
    """Return a class's own constructor: the one that is added to it, else that of its body."""
    return added_methods(info, project).get("__init__") or info.methods.get("__init__")


def constructors(me: ClassInfo, project: Project) -> list[ClassInfo]:
    """Return the classes whose constructors run, in Python's order; all that have one where that can't be told.

    ``class GRU(RNN)`` with ``Module.__init__(self)`` runs that of Module, and not that of RNN, between them.
    """
    order = project.mro(me)
    have = [info for info in order if constructor(info, project) is not None]
    run: list[ClassInfo] = []
    work = have[:1]
    while work:
        info = work.pop()
        if info in run:
            continue
        run.append(info)
        called = _called(info, order, project)
        if called is None:
            return have
        work += called
    return [info for info in have if info in run]


def named_base(node: ast.expr, info: ClassInfo, project: Project) -> ClassInfo | None:
    """Return the class of the repository, a base of ``info``, that ``node`` names."""
    name = info.module.qualified(node) if isinstance(node, ast.Name | ast.Attribute) else None
    found = project.class_named(name) if name else None
    return found if found is not None and found in project.mro(info)[1:] else None


def _called(info: ClassInfo, order: list[ClassInfo], project: Project) -> list[ClassInfo] | None:
    """Return the classes whose constructors a constructor calls; ``None`` where that can't be told."""
    init = constructor(info, project)
    calls = [n for n in walk(init) if isinstance(n, ast.Attribute) and n.attr == "__init__"] if init is not None else []
    out: list[ClassInfo] = []
    for call in calls:
        owner = call.value
        if is_super_call(owner):
            if owner.args and not (isinstance(owner.args[0], ast.Name) and owner.args[0].id == info.name):
                return None
            after = order[order.index(info) + 1 :]
        elif (named := named_base(owner, info, project)) is not None:
            after = project.mro(named)
        elif isinstance(owner, ast.Name | ast.Attribute) and (info.module.qualified(owner) or "").startswith("mxnet."):
            after = []
        else:
            return None
        out += [other for other in after if constructor(other, project) is not None][:1]
    return out if calls else None
