"""Models that program-level code makes and calls eagerly."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...meaning.nodes import walk
from ..rule import ModuleContext
from ._blind import unseen_calls
from ._masks import LOST, loses_mask
from ._plan import LATE, blockers, decisions
from ._program import Program, program_of


@dataclass(eq=False)
class Model:
    """A model bound to ``name`` by ``statement`` and called by ``call``; ``reason`` says why it can't be wrapped."""

    name: str
    statement: ast.Assign
    call: ast.Call
    reason: str = ""
    entry: int = 0


def models(ctx: ModuleContext) -> list[Model]:
    """Return the models of the file that are called eagerly and aren't compiled."""
    program = program_of(ctx)
    compiled = {id(d.unit.function) for d in decisions(ctx) if d.decorate}
    compiled |= {id(unit.function) for unit in program.units.values() if unit.hybrid is not None}
    out: list[Model] = []
    for node in walk(ctx.module.tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            model = _model(ctx, program, node, node.targets[0], compiled)
            if model is not None:
                out.append(model)
    return out


def _model(
    ctx: ModuleContext, program: Program, node: ast.Assign, target: ast.Name, compiled: set[int]
) -> Model | None:
    value = program.kinds.value(node.value)
    if not isinstance(node.value, ast.Call) or not value.is_("module"):
        return None
    info = program.kinds.info_of(value.cls)
    if info is None and value.cls != "keras.Model":
        return None  # one layer isn't worth it
    if _traced(program, node, compiled):
        return None
    entry = program.callable_of(value)
    if entry is not None and id(entry) in compiled:
        return None
    owner = program.module.scope_at(node)
    found = owner.lookup(target.id)
    if found is None or len(found[1]) != 1:
        return None
    uses = [
        other
        for other in walk(found[0].node)
        if isinstance(other, ast.Name) and other.id == target.id and isinstance(other.ctx, ast.Load)
        and (seen := program.module.scope_at(other).lookup(target.id)) is not None and seen[0] is found[0]
    ]  # fmt: skip
    calls = []
    reason = ""
    for use in uses:
        parent = program.module.parent(use)
        if isinstance(parent, ast.Call) and parent.func is use:
            first = program.kinds.value(parent.args[0]) if parent.args else None
            if first is not None and first.is_tensor and first.cls == "keras.KerasTensor":
                return None
            if program.makes_symbolic and (first is None or not first.known or first.assumed):
                reason = reason or "it may get Keras's symbolic inputs, which a tf.function refuses"
            if not _traced(program, use, compiled):
                calls.append(parent)
        elif isinstance(parent, ast.Attribute):
            reason = reason or f"it is needed for `.{parent.attr}`, which a tf.function doesn't have"
        else:
            reason = reason or "it is handed on, and what gets it may need more than a call"
    if not calls:
        return None
    if info is not None and _trouble(ctx, program, value.cls or ""):
        return None  # said where it stands
    if info is not None and reason and entry is not None and "tf.xla" not in ctx.targets:
        late = [d for d in decisions(ctx) if d.unit.function is entry and d.reason == LATE]
        if late:
            return None  # its class is compiled instead
    if "tf.xla" in ctx.targets and not reason and info is not None:
        reason = "XLA would draw other initial weights: build the model first"
    return Model(target.id, node, calls[0], reason, id(entry) if entry is not None else 0)


def _trouble(ctx: ModuleContext, program: Program, key: str) -> str:
    from ._calls import entry_of

    info = program.kinds.info_of(key)
    entry = entry_of(program.kinds, info) if info is not None else None
    if entry is None:
        return "its `call` isn't in this file"
    unit = program.units[id(entry)]
    found = blockers(ctx, program, unit)
    if found:
        return found[0].message
    if loses_mask(program, unit):
        return LOST
    return "" if unseen_calls(program, unit) is None else "it calls what can't be looked into"


def _traced(program: Program, node: ast.AST, compiled: set[int]) -> bool:
    """Whether ``node`` stands in code that is compiled, or in a method of a class."""
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.ClassDef):
            return True
        if id(parent) in compiled:
            return True
    return False
