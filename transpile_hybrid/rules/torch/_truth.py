"""Modules as conditions: Python takes most of them for true, and TorchScript takes none."""

from __future__ import annotations

from ..rule import UnitContext
from ._types import T

SIZED = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.ParameterList")


def always_true(held: T, ctx: UnitContext) -> bool:
    for one in held.alternatives:
        if one.kind == "none":
            continue
        if one.kind != "module":
            return False
        if one.name in SIZED:
            if not one.args:  # how many there are is not known
                return False
            continue
        info = ctx.project.class_named(one.name)
        if info is None:
            if not one.name.startswith("torch.nn."):
                return False
            continue
        base = ctx.project.framework_base(info)
        if (
            base is None
            or ctx.project.unresolved_bases(info)
            or any(b in SIZED for o in ctx.project.mro(info) for b in o.bases)
        ):
            return False
        if any(ctx.project.method(info, name) for name in ("__len__", "__bool__")):
            return False
    return True


def counted(held: T, ctx: UnitContext) -> bool:
    """Whether each module that ``held`` may be is true where it has children: a container without ``__bool__``."""
    modules = [one for one in held.alternatives if one.kind != "none"]
    return bool(modules) and all(one.kind == "module" and _is_container(one.name, ctx) for one in modules)


def _is_container(name: str, ctx: UnitContext) -> bool:
    if name in SIZED:
        return True
    info = ctx.project.class_named(name)
    if info is None or ctx.project.unresolved_bases(info):
        return False
    if any(ctx.project.method(info, own) for own in ("__len__", "__bool__")):
        return False
    return any(base in SIZED for owner in ctx.project.mro(info) for base in owner.bases)
