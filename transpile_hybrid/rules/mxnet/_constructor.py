"""Constructors that name Block: ``nn.Block.__init__(self)`` would leave a HybridBlock without what it needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo, Project
from ...meaning.nodes import walk
from ...rewrite.edit import Edit
from ._added import added_methods
from ._imports import class_name_edits
from ._plan import Plan


def named_constructor(plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Make a class's constructor call that of HybridBlock where it calls that of Block by name."""
    reader = plan.reader
    assert reader.unit.cls is not None
    for owner in calls_block(reader.unit.cls, reader.project):
        named = class_name_edits(reader, owner, "HybridBlock")
        edits += named
        if not named:
            yield f"its constructor calls `{reader.text(owner)}.__init__`, and HybridBlock has no name here"


def calls_block(info: ClassInfo, project: Project) -> list[ast.expr]:
    """Return the ``Block`` of each ``Block.__init__(self)`` in a class's constructor."""
    init = {**info.methods, **added_methods(info, project)}.get("__init__")
    found: list[ast.expr] = []
    for node in walk(init) if init is not None else ():
        if isinstance(node, ast.Attribute) and node.attr == "__init__":
            name = info.module.qualified(node.value) if isinstance(node.value, ast.Name | ast.Attribute) else None
            if (name or "").startswith("mxnet.") and str(name).endswith(".Block"):
                found.append(node.value)
    return found
