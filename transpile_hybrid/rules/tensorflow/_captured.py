"""Reads of what outlives a call and is changed by somebody else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.names import Binding, Scope
from ._effects import _MUTATORS, _outside, root_name
from ._program import AnyFunction, Program, walk


def captured(program: Program) -> Iterator[tuple[AnyFunction, ast.AST, str, int]]:
    """Yield (function, node, name, line of the change) for frozen reads, one for each name and function."""
    writes = _writes(program)
    for function in program.compiled:
        seen: set[str] = set()
        for node in walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                line = _global(program, function, node, writes)
                name = node.id
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                line = _attribute(program, function, node, writes)
                name = ast.unparse(node)
            else:
                continue
            if line and name not in seen:
                seen.add(name)
                yield function, node, name, line


class _Writes:
    def __init__(self) -> None:
        self.attributes: dict[str, list[tuple[ast.AST, ast.Attribute]]] = {}
        self.elements: dict[str, list[ast.AST]] = {}


def _writes(program: Program) -> _Writes:
    found = _Writes()
    for node in program.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.attributes.setdefault(node.attr, []).append((node, node))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            base: ast.expr = node
            while isinstance(base, ast.Subscript):
                base = base.value
            if isinstance(base, ast.Name):  # an element of `a.b` is no change of `a`: that may be a module
                found.elements.setdefault(base.id, []).append(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
            root = root_name(node.func.value) if isinstance(node.func.value, ast.Name) else None
            if root:
                found.elements.setdefault(root, []).append(node)
    return found


def _global(program: Program, function: AnyFunction, node: ast.Name, writes: _Writes) -> int:
    """Return the line that changes the captured name ``node``, 0 if none does."""
    scope = program.module.scope_at(node)
    found = scope.lookup(node.id)
    if found is None or not _outside(program, found[0], function):
        return 0
    owner, bindings = found
    if any(binding.kind in ("import", "def", "class") for binding in bindings):
        return 0
    value = program.kinds.value(node)
    if value.is_("variable", "module", "function", "class", "namespace"):
        return 0
    line = _rebound(program, function, owner, bindings)
    if line:
        return line
    if value.is_("object", "tensor"):
        return 0
    for write in writes.elements.get(node.id, ()):
        if _same(program, write, node.id, owner) and _later(program, function, owner, write):
            return getattr(write, "lineno", 0)
    return 0


def _rebound(program: Program, function: AnyFunction, owner: Scope, bindings: list[Binding]) -> int:
    texts = {ast.unparse(binding.value) if binding.value is not None else str(id(binding)) for binding in bindings}
    if len(texts) == 1:
        return 0  # the same thing again
    for binding in bindings:
        if binding.kind == "param":
            continue
        if _inside(binding.node, function):
            continue  # its own write: said by another rule
        if len(bindings) > 1 and _later(program, function, owner, binding.node):
            return getattr(binding.node, "lineno", 0)
    return 0


def _later(program: Program, function: AnyFunction, owner: Scope, node: ast.AST) -> bool:
    """Whether ``node`` runs after the function was made: in another function, or below it."""
    here = program.module.scope_at(node)
    if _inside(node, function):
        return False
    at_home = here is owner
    if not at_home and not (owner.is_module and here.is_module):
        return True
    return getattr(node, "lineno", 0) > (getattr(function, "end_lineno", 0) or 0)


def _constructs(program: Program, function: AnyFunction | None, depth: int = 0) -> bool:
    """Whether ``function`` makes an object or is a private part of what does, called by nothing else."""
    if not isinstance(function, ast.FunctionDef):
        return False
    if function.name.lstrip("_").startswith(("init", "build", "new", "reset", "setup", "create", "compile")):
        return True
    if depth > 3 or not function.name.startswith("_") or program.values_of(function):
        return False
    callers = [caller for _, caller in program.kinds.sites(function)]
    return bool(callers) and all(
        isinstance(caller, ast.FunctionDef) and _constructs(program, caller, depth + 1) for caller in callers
    )


def _same(program: Program, node: ast.AST, name: str, owner: Scope) -> bool:
    found = program.module.scope_at(node).lookup(name)
    return found is not None and found[0] is owner


def _inside(node: ast.AST, function: AnyFunction) -> bool:
    first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0) or 0
    return first <= getattr(node, "lineno", 0) <= last


def _attribute(program: Program, function: AnyFunction, node: ast.Attribute, writes: _Writes) -> int:
    """Return the line that changes the attribute ``node`` outside of construction, 0 if none does."""
    base = program.kinds.value(node.value)
    if not base.cls or not base.cls.startswith("cls:"):
        return 0
    parent = program.module.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return 0
    value = program.kinds.value(node)
    if value.is_("variable", "module", "function", "class", "none") and not value.is_none:
        return 0  # ``None`` until it is built
    for write, target in writes.attributes.get(node.attr, ()):
        owner = program.kinds.value(target.value)
        if owner.cls is not None and owner.cls != base.cls and owner.known:
            continue
        if owner.cls is None:
            continue
        if _constructs(program, program.module.enclosing_function(write)):
            continue
        if _inside(write, function):
            continue
        return getattr(write, "lineno", 0)
    return 0
