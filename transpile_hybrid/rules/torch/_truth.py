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
