"""Blocks that are handed to a constructor: are they hybrid wherever the class is built?"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...meaning.classes import ClassInfo, Project
from ...meaning.nodes import walk
from ._interp import Interp
from ._plan import Plan, plan_for_class
from ._values import Val


@dataclass
class Relying:
    """What :func:`child_state` asks about blocks that another analysis knows of, for the class that relies on them."""

    interp: Interp
    project: Project
    relies: list[ClassInfo]


def constructions(plan: Plan, name: str, unsafe: bool) -> str:
    """Return why ``self.name``, given from outside, may be no HybridBlock; empty when every construction gives one.

    With ``unsafe`` what can't be told is taken for one; a HybridBlock refuses it when it is built if it is none.
    """
    from ._build import builders
    from ._structure import child_state

    reader = plan.reader
    info = reader.unit.cls
    assert info is not None
    parameter = _parameter(plan, name)
    if parameter is None:
        return f"what its child `{name}` is can't be told"
    position, arg, path = parameter
    seen = 0
    modules = reader.project.mentioning(info.name)
    if modules is None:
        return f"its child `{name}` is given from outside, in more places than can be looked at"
    for module in modules:
        for node in walk(module.tree):
            if not isinstance(node, ast.Call) or module.qualified(node.func) != info.qualified:
                continue
            seen += 1
            given = _argument(node, position, arg)
            if given is None:
                continue
            built = builders(module, reader.project)
            value: Val | None = built.value(given)
            owner = Relying(built.interp, reader.project, reader.relies)
            if path and value is not None:
                value, owner.interp = _held(value, path, plan, unsafe)
            if value is None or value.kind in ("config", "unknown"):
                if isinstance(given, ast.Constant):
                    continue
                if unsafe:
                    plan.assumed = True
                    continue
                return f"its child `{name}` is given from outside, at line {node.lineno} by `{ast.unparse(given)[:40]}`"
            state = child_state(value, owner, name, unsafe)  # type: ignore[arg-type]
            if state.state != "hybrid":
                return f"its child `{name}`: {state.reason}"
    if not seen and unsafe:
        plan.assumed = True
    elif not seen:
        return f"its child `{name}` is given from outside, and may be no HybridBlock"
    return ""


def added_blocks(plan: Plan, unsafe: bool) -> str:
    """Return why blocks that are added to an instance from outside may be no HybridBlocks (empty: they are).

    Where a package offers the class to be filled by others, they can't be told; with ``unsafe`` they are taken for
    hybrid.
    """
    from ._build import builders
    from ._structure import child_state

    reader = plan.reader
    info = reader.unit.cls
    assert info is not None
    filled = next((m.name for i in reader.project.mro(info) for m in i.methods.values() if _fills(m)), "")
    if not filled and not reader.interp.registered and reader.interp.adds(info):
        filled = "add"  # a container that nothing is put into here
    if filled and info.module.package:
        if not unsafe:
            return f"blocks are given to its `{filled}` from outside, and may be no HybridBlocks"
        plan.assumed = True
    if not filled and not reader.interp.adds(info):
        return ""
    filled = filled or "add"
    modules = reader.project.mentioning(info.name)
    if modules is None:
        return f"blocks are given to its `{filled}` in more places than can be looked at"
    for module in modules:
        if "mxnet" not in module.frameworks or f".{filled}(" not in module.source.text:
            continue
        built = builders(module, reader.project)
        for value in built.interp.built.values():
            if value.cls != info.qualified:
                continue
            for part in (p for base in sorted(value.bases) for p in built.interp.added.get(base, [])):
                state = child_state(part, built.reader_for(reader), "it", unsafe)  # type: ignore[arg-type]
                if state.state == "plain":
                    return f"a block that is added to it: {state.reason}"
    return ""


def _fills(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method that isn't the constructor makes its arguments children."""
    if method.name.startswith("__"):
        return False
    given = {a.arg for a in walk(method.args) if isinstance(a, ast.arg)}
    taken = set(given)
    for node in walk(method):
        if isinstance(node, ast.For) and any(isinstance(n, ast.Name) and n.id in given for n in walk(node.iter)):
            taken |= {n.id for n in walk(node.target) if isinstance(n, ast.Name)}
    for node in walk(method):
        value: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            value = node.args[0] if node.func.attr == "register_child" else None
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            holder = node.targets[0].value
            value = node.value if isinstance(holder, ast.Attribute) and holder.attr == "_children" else None
        if value is not None and any(isinstance(n, ast.Name) and n.id in taken for n in walk(value)):
            return True
    return False


def class_arguments(plan: Plan, symbol: str, unsafe: bool) -> str:
    """Return why a class that the constructor takes (``symbol`` is ``Class(parameter)``) may be no HybridBlock."""
    from ._structure import hybrid_framework_class, instance_state

    project, info = plan.reader.project, plan.reader.unit.cls
    assert info is not None
    owner, _, parameter = symbol.rstrip(")").partition("(")
    default = plan.reader.interp.classes_given[symbol]

    def reason(name: str) -> str:
        found = project.class_named(name)
        if found is not None:
            state = instance_state(found, project, unsafe, plan.reader)
            return "" if state.state == "hybrid" else state.reason
        return "" if hybrid_framework_class(name) else f"{name.rsplit('.', 1)[-1]} is a Block"

    bad = reason(default)
    if bad:
        return f"what `{parameter}` builds: {bad}"
    builder = project.class_named(owner)
    init = builder.methods.get("__init__") if builder is not None else None
    if builder is None or init is None:
        return ""
    position = [a.arg for a in [*init.args.posonlyargs, *init.args.args]].index(parameter) - 1
    modules = project.mentioning(builder.name)
    if modules is None:
        return f"the class `{parameter}` is given from outside, in more places than can be looked at"
    for module in modules:
        for node in walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            named = module.qualified(node.func) == builder.qualified
            named = named or isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"
            given = _argument(node, position if named else len(node.args), parameter)
            if given is None or isinstance(given, ast.Name) and given.id == parameter:
                continue  # the default, or what the caller's own parameter of that name holds
            name = module.qualified(given)
            bad = reason(name) if name else f"it is given `{ast.unparse(given)[:40]}` at line {node.lineno}"
            if bad:
                return f"what `{parameter}` builds: {bad}"
    return ""


def _parameter(plan: Plan, name: str) -> tuple[int, str, str] | None:
    """Return the constructor parameter that ``self.name`` is set from, and the attribute of it that it is, if any."""
    info = plan.reader.unit.cls
    assert info is not None
    found = plan.reader.project.method(info, "__init__")
    if found is None:
        return None
    init = found[1]
    names = [a.arg for a in [*init.args.posonlyargs, *init.args.args]]
    stored = {n.id for n in walk(init) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in walk(init):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Name | ast.Attribute):
            continue
        value, path = node.value, ""
        if isinstance(value, ast.Attribute):
            value, path = value.value, value.attr  # type: ignore[assignment]
        if not isinstance(value, ast.Name) or value.id not in names[1:] or path and value.id in stored:
            continue
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr == name:
                return names.index(value.id) - 1, value.id, path
    return None


def _held(value: Val, name: str, plan: Plan, unsafe: bool) -> tuple[Val | None, Interp]:
    """Return what a block of the repository, which is given, holds as ``name``, with the analysis that knows of it."""
    project = plan.reader.project
    info = project.class_named(value.cls) if value.kind == "module" else None
    other = plan_for_class(info, project, unsafe) if info is not None else None
    attribute = other.reader.interp.attrs.get(name) if other is not None else None
    if other is None or attribute is None or attribute.setters != {"__init__"}:
        return None, plan.reader.interp
    return attribute.value, other.reader.interp


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None
