"""Attributes that methods other than the constructor assign: each is found out when it is asked for.

A class may inherit hundreds of methods that assign something; only those that assign the attribute in question are
interpreted.  What they store can come from attributes that are being found out themselves: an answer that rests on an
unfinished one is dropped when the question that both belong to is answered, so that no answer depends on what was asked
first.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .stores import self_assignments
from .values import UNKNOWN, Value, join_all, tensor

if TYPE_CHECKING:
    from .attributes import ClassAttrs
    from .engine import Engine

_NONE_READ = 1_000_000
ENTRY_NAMES = frozenset({"forward", "hybrid_forward", "call", "__call__"})


@dataclass(eq=False)
class Late:
    """What is known about the late attributes of one class.

    ``asking`` are the attributes that are being found out, the outermost first, and ``lowest`` the place in it of the
    outermost that was read since (-1: what is stored by a method that is being interpreted was asked for).
    """

    answers: dict[str, Value] = field(default_factory=dict)
    stores: dict[str, dict[str, Value]] = field(default_factory=dict)
    asking: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    lowest: int = _NONE_READ


def late_value(engine: Engine, attrs: ClassAttrs, name: str) -> Value:
    """Return what methods other than the constructor give to the attribute."""
    late = attrs.late
    held = late.answers.get(name)
    if held is not None:
        if name in late.asking:
            late.lowest = min(late.lowest, late.asking.index(name))
        elif name in late.dropped:
            late.lowest = 0
        return held
    outer, late.lowest = late.lowest, _NONE_READ
    depth = len(late.asking)
    late.asking.append(name)
    late.answers[name] = UNKNOWN
    methods = sorted(attrs.setters[name] - attrs.built_by - {"__init__"})
    for _ in range(2):  # what a method stores can come from what it stored itself
        found = join_all(_given(engine, attrs, method, name) for method in methods)
        before, value = late.answers[name], found if found.kinds else UNKNOWN
        late.answers[name] = value
        if value == before or value.known or late.lowest > depth:
            break
    late.asking.pop()
    if late.lowest < depth:
        late.dropped.append(name)
    if not late.asking:
        for dropped in late.dropped:
            del late.answers[dropped]
        late.dropped.clear()
    late.lowest = min(outer, late.lowest if late.lowest < depth else _NONE_READ)
    return value


def _given(engine: Engine, attrs: ClassAttrs, method: str, name: str) -> Value:
    """Return what a method gives to the attribute: a tensor stays one under ``self.steps += 1``."""
    built = attrs.values.get(name)
    if built is not None and built.is_tensor:
        found = engine.project.method(attrs.info, method)
        own = self_assignments(found[1]) if found is not None else ()
        statements = [statement for attr, statement in own if attr == name]
        if statements and all(isinstance(statement, ast.AugAssign) for statement in statements):
            return tensor(built.framework)
    return _stores(engine, attrs, method).get(name, UNKNOWN)


def _stores(engine: Engine, attrs: ClassAttrs, name: str) -> dict[str, Value]:
    """Return what a method stores in ``self`` when it is interpreted by itself."""
    from .attributes import instance
    from .interpret import run_method

    late = attrs.late
    if name in late.stores:
        return late.stores[name]
    found = engine.project.method(attrs.info, name)
    if found is None:
        return {}
    if id(found[1]) in engine.active:  # what it stores will be known when it ends
        late.lowest = -1
        return {}
    before, late.lowest = late.lowest, _NONE_READ
    role = "entry" if name in ENTRY_NAMES else "method"
    with engine.afresh():
        summary = run_method(engine, *found, instance(engine, attrs.info), role, attrs.framework, {})
    stored = {} if summary is None else summary.stores
    if summary is not None and late.lowest == _NONE_READ:
        late.stores[name] = stored
    late.lowest = min(before, late.lowest)
    return stored
