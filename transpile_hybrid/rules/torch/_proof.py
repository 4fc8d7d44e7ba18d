"""Proof that TorchScript takes a function or a module: everything known, nothing refused."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo, Project
from ..rule import ModuleContext
from ._classes import class_model
from ._reports import Report, report_of
from ._typer import attribute_type
from ._types import CONTAINERS, RECURRENT, T, module_signature

_STRANGE = frozenset(
    ("__getattr__", "__getattribute__", "__call__", "__setattr__", "__delattr__", "_call_impl", "__getstate__")
    + ("__setstate__", "__len__", "__iter__", "__contains__", "__getitem__", "__enter__", "__deepcopy__", "__reduce__")
)


def proven_report(report: Report | None, project: Project, seen: frozenset[int] = frozenset()) -> bool:
    """Whether the function of ``report``, and all that it calls, is sure to compile."""
    if report is None or report.problems or report.gaps:
        return False
    if id(report) in seen:
        return True
    seen = seen | {id(report)}
    return all(proven_report(one, project, seen) for one in report.callees) and all(
        proven_module(one, project, seen) for one in report.modules
    )


def proven_module(kind: T, project: Project, seen: frozenset[int] = frozenset()) -> bool:
    """Whether TorchScript takes a module of this type."""
    if kind.kind != "module":
        return False
    if kind.name in CONTAINERS:
        return bool(kind.args) and all(proven_module(one, project, seen) for one in kind.args)
    info = project.class_named(kind.name)
    if info is None:
        return module_signature(kind.name) is not None or kind.name in RECURRENT
    if id(info) in seen:
        return True
    return proven_class(info, project, seen | {id(info)})


def proven_class(info: ClassInfo, project: Project, seen: frozenset[int]) -> bool:
    """Whether TorchScript takes every instance of a class: its forward, and every submodule that it can have."""
    base = project.framework_base(info)
    if base is None or base.name != "torch.nn.Module":
        return False
    model = class_model(info, project)
    if model.opaque:
        return False
    for owner in project.mro(info):
        if owner.node.decorator_list or owner.node.keywords:
            return False
        for name, method in owner.methods.items():
            if name in _STRANGE or any(not _plain(d) for d in method.decorator_list):
                return False
    for name in {*model.built, *model.later}:
        if name in model.registered:
            continue
        held = attribute_type(info, name, project)
        for one in held.alternatives:
            if one.kind in ("module", "modulelist"):
                if one.kind == "modulelist" or not proven_module(one, project, seen):
                    return False
            elif not one.known:
                return False  # it may hold a module of any kind
    forward = project.method(info, "forward")
    if forward is None:
        return False
    report = report_of(forward[1], forward[0].module, project, info)
    return proven_report(report, project, seen)


def _plain(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "staticmethod"


def classes_in(kind: T, project: Project, seen: set[ClassInfo]) -> set[ClassInfo]:
    """Return the repository's classes that a module of this type is built of; adds them to ``seen``."""
    for one in kind.args:
        classes_in(one, project, seen)
    info = project.class_named(kind.name) if kind.kind in ("module", "modulelist") else None
    if info is not None and info not in seen:
        seen.add(info)
        model = class_model(info, project)
        for name in {*model.built, *model.later}:
            for held in attribute_type(info, name, project).alternatives:
                classes_in(held, project, seen)
    return seen


def refused_classes(classes: Iterable[ClassInfo], ctx: ModuleContext, target: str) -> bool:
    """Whether something was found in one of these classes of the file that ``target`` refuses or changes."""
    names = {one.module.scopes.of(one.node).name for one in classes if one.module is ctx.module}
    return any(
        target in found.targets and found.consequence is not Consequence.SPEED and found.unit.split(".")[0] in names
        for found in ctx.findings
    )
