"""Which forward Python finds first, once a class's own has become its ``hybrid_forward``.

It has to be that of HybridBlock, which calls the ``hybrid_forward``.  A base that keeps a plain forward of its own (a
HybridBlock that can't be converted, or one that has both, or a class that is no block) would be found before it.
"""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo, Project
from ._added import inherited_entry, methods_of
from ._plan import Plan, plan_for_class


def found_first(plan: Plan, unsafe: bool) -> str:
    """Return the base whose plain forward would take the place of a class's own (empty: none would)."""
    me, entry, project = plan.reader.unit.cls, plan.reader.unit.entry, plan.reader.project
    if me is None or entry is None or entry.name != "forward" or plan.reader.interp.handed:
        return ""
    for owner in project.mro(me):
        if owner is not me and "forward" in owner.level:
            return "" if _of_hybrid_block(owner) else owner.name
        if owner is not me and "forward" in methods_of(owner, project):
            theirs = plan_for_class(owner, project, unsafe)
            if theirs is None or not theirs.convertible:
                return owner.name
            plan.reader.relies.append(owner)
        if _framework_first(owner):
            return ""
    return ""


def wakes(info: ClassInfo, base: ClassInfo, project: Project) -> bool:
    """Whether a subclass has a hybrid_forward that only the plain forward of ``base`` keeps from being called.

    In another file it may have been a forward until just now, which became one because ``base`` will be hybrid.
    """
    if info.module is not base.module or "hybrid_forward" not in methods_of(info, project):
        return False
    for owner in project.mro(info):
        if "forward" in methods_of(owner, project) or "forward" in owner.level:
            return owner is base
        if _framework_first(owner):
            return False
    return False


def stays_plain(info: ClassInfo, project: Project, unsafe: bool) -> str:
    """Return why the forward of a HybridBlock, which overrides MXNet's, can't be converted (empty: there is none)."""
    found = inherited_entry(info, project)
    if found is None or found[1].name != "forward":
        return ""
    plan = plan_for_class(found[0], project, unsafe)
    return plan.blocked[0] if plan is not None and plan.converting and plan.blocked else ""


def given_forward(info: ClassInfo, project: Project) -> str:
    """Return how instances of a class come by a forward that is no method (empty: they don't)."""
    for owner in project.mro(info):
        if any("forward" in names for names in owner.stores.values()):
            return f"{owner.name} sets `self.forward`"
        if "forward" in owner.level and not _of_hybrid_block(owner):
            return f"the body of {owner.name} gives it another forward"
        if {"forward", "hybrid_forward"} & {*methods_of(owner, project), *owner.level} or _framework_first(owner):
            return ""
    return ""


def _framework_first(info: ClassInfo) -> bool:
    """Whether a class of MXNet is the first base: what else the class derives from comes behind it."""
    return bool(info.bases) and (info.bases[0] or "").startswith("mxnet.")


def _of_hybrid_block(info: ClassInfo) -> bool:
    """Whether the class says ``forward = nn.HybridBlock.forward``."""
    for statement in info.node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "forward" for target in statement.targets
        ):
            value = statement.value
            name = info.module.qualified(value) if isinstance(value, ast.Name | ast.Attribute) else None
            return (name or "").startswith("mxnet.") and str(name).endswith(".HybridBlock.forward")
    return False
