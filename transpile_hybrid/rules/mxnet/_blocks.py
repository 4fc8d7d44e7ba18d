"""What a block of the repository gives for its arguments: its own forward, read with them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ._added import inherited_entry, region_of
from ._values import OUTSIDE, UNKNOWN, Shape, Val

if TYPE_CHECKING:
    from ._interp import Interp

MAX_DEPTH = 6
_RESULTS: WeakKeyDictionary[Project, dict[int, Interp | None]] = WeakKeyDictionary()


def block_result(info: ClassInfo, project: Project, args: list[Val], name: str, depth: int) -> Val:
    """Return what a block of the repository gives for ``args``: its forward, read with them."""
    unknown = UNKNOWN.but(bases=frozenset({OUTSIDE}), cls="block")
    interp = _sub_analysis(info, project)
    entry = interp.unit.entry if interp is not None else None
    if interp is None or entry is None or depth > MAX_DEPTH:
        return unknown
    env = interp.entry_arguments(entry)
    names = [a.arg for a in entry.args.args][2 if entry.name == "hybrid_forward" else 1 :]
    for key, value in zip(names, args, strict=False):
        env[key] = value
    saved = (interp.path, interp.depth)
    interp.path, interp.depth = f"{name}>", depth + 1
    try:
        result = interp.call_function(entry, env, record=False)
    finally:
        interp.path, interp.depth = saved
    given = frozenset(
        f for a in args if a.shape is not None and a.shape.dims is not None for d in a.shape.dims for f in d
    )
    return _own(result, name, given)


def _sub_analysis(info: ClassInfo, project: Project) -> Interp | None:
    from ...meaning.units import Unit
    from ._interp import Interp
    from ._plan import region_is_np

    cache = _RESULTS.setdefault(project, {})
    if id(info) not in cache:
        cache[id(info)] = None  # while it is being found out: a class that holds itself
        found = inherited_entry(info, project)
        base = project.framework_base(info)
        if found is not None and base is not None and found[0].module is info.module:
            unit = Unit(info.name, "mxnet", "class", info.node, info.module, found[1])
            unit.cls, unit.base = info, base
            unit.region = region_of(found[1], info.module, project, info)
            interp = Interp(unit, info.module, project, is_np=region_is_np(unit, info.module))
            interp.run()
            interp.recording = False
            cache[id(info)] = interp
    return cache[id(info)]


def _own(value: Val, name: str, given: frozenset[object]) -> Val:
    """Return a result with the class's own symbols, which differ from instance to instance, made unknown."""
    if value.kind == "tensor" and value.shape is not None and value.shape.dims is not None:
        dims = tuple(
            d if all(isinstance(f, int) or f[0] != "c" or f in given for f in d) else (("d", name, i),)
            for i, d in enumerate(value.shape.dims)
        )
        return value.but(shape=Shape(name if dims != value.shape.dims else value.shape.name, dims))
    if value.kind == "seq":
        return value.but(
            items=None
            if value.items is None
            else tuple(_own(v, f"{name}.{i}", given) for i, v in enumerate(value.items)),
            item=None if value.item is None else _own(value.item, f"{name}.i", given),
        )
    if value.is_tensor or value.kind == "none":
        return value
    return UNKNOWN.but(cls="block") if value.kind != "param" else UNKNOWN
