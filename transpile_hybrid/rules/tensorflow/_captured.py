"""Reads of what outlives a call and is changed by somebody else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.names import Binding, Scope
from ._effects import MUTATORS, _outside
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
                line = _attribute(program, function, node, node.value, node.attr, writes)
                name = ast.unparse(node)
            elif isinstance(node, ast.Call) and (named := _by_text(program, node, "getattr")) is not None:
                line = _attribute(program, function, node, *named, writes)
                name = ast.unparse(node)
            else:
                continue
            if line and name not in seen:
                seen.add(name)
                yield function, node, name, line


class _Writes:
    """Writes of the file: of attributes, with the object that is written to; of elements, with the name of the owner.

    ``attributes`` maps the name of an attribute to (writing node, expression of the object).  ``elements`` maps a name
    to (writing node, where that name is looked up): the name itself is written to, or one that stands for it.
    """

    def __init__(self) -> None:
        self.attributes: dict[str, list[tuple[ast.AST, ast.expr]]] = {}
        self.elements: dict[str, list[tuple[ast.AST, ast.Name]]] = {}


def _writes(program: Program) -> _Writes:
    found = _Writes()
    for node in program.nodes:
        written: ast.expr | None = None
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.attributes.setdefault(node.attr, []).append((node, node.value))
        elif isinstance(node, ast.Call) and (named := _by_text(program, node, "setattr")) is not None:
            found.attributes.setdefault(named[1], []).append((node, named[0]))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            base: ast.expr = node
            while isinstance(base, ast.Subscript):
                base = base.value
            written = base  # an element of `a.b` is no change of `a`: that may be a module
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            written = node.func.value
        if isinstance(written, ast.Name):
            for name in _stands_for(program, written, _DEPTH):
                found.elements.setdefault(name.id, []).append((node, name))
    return found


_DEPTH = 3


def _stands_for(program: Program, node: ast.Name, depth: int) -> Iterator[ast.Name]:
    """Yield ``node`` and the names of the objects, or of what holds them, that it may be another name for."""
    yield node
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or depth == 0:
        return
    for binding in found[1]:
        given = arguments_of(program, found[0].node, node.id) if binding.kind == "param" else [binding.value]
        for value in given:
            part = isinstance(value, ast.Subscript)  # an element, or a view of an array
            while isinstance(value, ast.Subscript):
                value = value.value
            if not isinstance(value, ast.Name) or value.id == node.id:
                continue
            if not part or not program.kinds.value(value).is_("module", "variable"):
                yield from _stands_for(program, value, depth - 1)


def arguments_of(program: Program, function: ast.AST, name: str) -> list[ast.expr]:
    """Return what the calls in the file give the parameter ``name`` of ``function``."""
    if not isinstance(function, ast.FunctionDef):
        return []
    names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
    if id(function) in program.kinds.owner:
        names = names[1:]
    out: list[ast.expr] = []
    for call, _ in program.kinds.sites(function):
        if any(isinstance(arg, ast.Starred) for arg in call.args):
            continue
        out += [keyword.value for keyword in call.keywords if keyword.arg == name]
        if name in names and names.index(name) < len(call.args):
            out.append(call.args[names.index(name)])
    return out


def _by_text(program: Program, node: ast.Call, builtin: str) -> tuple[ast.expr, str] | None:
    """Return the object and the attribute of ``getattr(object, "name")`` or ``setattr(object, "name", value)``."""
    if program.module.qualified(node.func) != f"builtins.{builtin}" or len(node.args) < 2:
        return None
    name = node.args[1]
    return (node.args[0], name.value) if isinstance(name, ast.Constant) and isinstance(name.value, str) else None


def _global(program: Program, function: AnyFunction, node: ast.Name, writes: _Writes) -> int:
    """Return the line that changes the captured name ``node``, 0 if none does."""
    scope = program.module.scope_at(node)
    found = scope.lookup(node.id)
    if found is None or not _outside(program, found[0], function):
        return 0
    owner, bindings = found
    if any(binding.kind in ("import", "def", "class") for binding in bindings):
        return _exchanged(program, function, owner, bindings)
    value = program.kinds.value(node)
    if value.is_("variable", "module", "function", "class", "namespace"):
        return 0
    line = _rebound(program, function, owner, bindings)
    if line:
        return line
    if value.is_("object", "tensor"):
        return 0
    for write, name in writes.elements.get(node.id, ()):
        if _same(program, name, node.id, owner) and _later(program, function, owner, write):
            return getattr(write, "lineno", 0)
    return 0


def _exchanged(program: Program, function: AnyFunction, owner: Scope, bindings: list[Binding]) -> int:
    """Return the line where a function puts another one in place of what the file defines, 0 if none does."""
    if not owner.is_module or not any(binding.kind == "def" for binding in bindings):
        return 0
    for binding in bindings:
        in_function = not program.module.scope_at(binding.node).is_module
        if binding.kind == "assign" and in_function and not _inside(binding.node, function):
            return getattr(binding.node, "lineno", 0)
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


def constructs(program: Program, function: AnyFunction | None, depth: int = 0) -> bool:
    """Whether ``function`` makes an object or is a private part of what does, called by nothing else."""
    if not isinstance(function, ast.FunctionDef):
        return False
    if function.name.lstrip("_").startswith(("init", "build", "new", "reset", "setup", "create", "compile")):
        return True
    if depth > 3 or not function.name.startswith("_") or program.values_of(function):
        return False
    callers = [caller for _, caller in program.kinds.sites(function)]
    return bool(callers) and all(
        isinstance(caller, ast.FunctionDef) and constructs(program, caller, depth + 1) for caller in callers
    )


def _same(program: Program, node: ast.AST, name: str, owner: Scope) -> bool:
    found = program.module.scope_at(node).lookup(name)
    return found is not None and found[0] is owner


def _inside(node: ast.AST, function: AnyFunction) -> bool:
    first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0) or 0
    return first <= getattr(node, "lineno", 0) <= last


def _attribute(
    program: Program, function: AnyFunction, node: ast.expr, base_node: ast.expr, attr: str, writes: _Writes
) -> int:
    """Return the line that changes what ``node`` reads, ``attr`` of ``base_node``, outside of construction, or 0."""
    base = program.kinds.value(base_node)
    parent = program.module.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return 0
    value = program.kinds.value(node)
    if value.is_("variable", "module", "function", "class", "none") and not value.is_none:
        return 0  # ``None`` until it is built
    if not base.cls or not base.cls.startswith("cls:"):
        return _of_object(program, function, base_node, attr, writes)
    for write, target in writes.attributes.get(attr, ()):
        owner = program.kinds.value(target)
        if owner.cls is not None and owner.cls != base.cls and owner.known:
            continue
        if owner.cls is None:
            continue
        if constructs(program, program.module.enclosing_function(write)):
            continue
        if _inside(write, function):
            continue
        return getattr(write, "lineno", 0)
    return 0


def _of_object(program: Program, function: AnyFunction, base: ast.expr, attr: str, writes: _Writes) -> int:
    """Return the line that changes ``attr`` of an object that a name of the file stands for, whatever it is, or 0."""
    if not isinstance(base, ast.Name) or (program.kinds.value(base).cls or "").startswith(("tensorflow.", "keras.")):
        return 0
    found = program.module.scope_at(base).lookup(base.id)
    if found is None or not _outside(program, found[0], function):
        return 0
    for write, target in writes.attributes.get(attr, ()):
        if not isinstance(target, ast.Name):
            continue
        for name in _stands_for(program, target, _DEPTH):
            same = name.id == base.id and _same(program, name, name.id, found[0])
            if same and _later(program, function, found[0], write):
                return getattr(write, "lineno", 0)
    return 0
