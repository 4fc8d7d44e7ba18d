"""Helpers of a forward: methods and functions that use operators gain an ``F``, and so do their calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.names import FunctionNode
from ...meaning.units import reached
from ...rewrite.edit import Edit, insert
from ._interp import is_static
from ._plan import Plan, needs_f


def helpers(plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Give ``F`` to the helpers that need it, and to their calls."""
    reader = plan.reader
    region = [f for f in reader.unit.region if f is not reader.unit.entry and f.name != "__init__"]
    wanting: set[int] = set()
    for item in plan.items:
        if item.edits and item.function is not None and item.function in region and needs_f(item.edits):
            wanting.add(id(item.function))
    calls = {id(f): list(calls_of(f, plan)) for f in [*region, reader.unit.entry] if f is not None}
    moved = True
    while moved:
        moved = False
        for function in region:
            if id(function) not in wanting and any(id(target) in wanting for target, _ in calls[id(function)]):
                wanting.add(id(function))
                moved = True
    plan.helpers = wanting
    for function in region:
        if id(function) not in wanting:
            continue
        args = function.args
        positional = [*args.posonlyargs, *args.args]
        if any(a.arg == "F" for a in [*positional, *args.kwonlyargs]):
            continue
        if (
            function.decorator_list
            and not (is_static(function) and len(function.decorator_list) == 1)
            or args.posonlyargs
        ):
            yield f"its helper `{function.name}` is decorated"
            continue
        if any(isinstance(node, ast.Name) and node.id == "F" for node in ast.walk(function)):
            yield f"its helper `{function.name}` has another F"
            continue
        if is_method(function, plan) and not is_static(function):
            if not positional:
                yield f"its helper `{function.name}` takes no self"
                continue
            edits.append(insert(reader.source.span(positional[0]).end, ", F"))
        else:
            edits.append(insert(_open_paren(function, plan), "F" + (", " if _has_any(args) else "")))
        known = {id(call) for caller in calls.values() for target, call in caller if target is function}
        outside = [
            node for node in references(function, plan) if id(node) not in known and not shared(node, function, plan)
        ]
        if outside:
            line = getattr(outside[0], "lineno", 0)
            yield f"its helper `{function.name}`, which needs F, is also used at line {line}"
    for caller in calls.values():
        for target, call in caller:
            if id(target) in wanting:
                edits.append(insert(_call_paren(call, plan), "F" + (", " if call.args or call.keywords else "")))


def shared(node: ast.AST, function: FunctionNode, plan: Plan) -> bool:
    """Whether a use of a helper is a call in another class that is converted too: the two go together."""
    reader = plan.reader
    if not isinstance(node, ast.Call) or reader.module.parents.get(id(node)) is None:
        return False
    found = False
    for info in reader.project.classes_of(reader.module):
        base = reader.project.framework_base(info)
        if info is reader.unit.cls or base is None or base.framework != "mxnet":
            continue
        entry = info.methods.get("forward")
        if entry is None or "hybrid_forward" in info.methods:
            continue
        region = reached(entry, info.module, reader.project, info)
        if function in region and any(inner is node for other in region for inner in ast.walk(other)):
            found = True
            if info not in plan.partners:
                plan.partners.append(info)
    return found


def _has_any(args: ast.arguments) -> bool:
    return bool(args.posonlyargs or args.args or args.vararg or args.kwonlyargs or args.kwarg)


def _open_paren(function: FunctionNode, plan: Plan) -> int:
    text = plan.reader.source.text
    start = plan.reader.source.span(function).start
    return text.index("(", text.index(function.name, text.index("def", start) + 3)) + 1


def _call_paren(call: ast.Call, plan: Plan) -> int:
    return plan.reader.source.text.index("(", plan.reader.source.span(call.func).end) + 1


def is_method(function: FunctionNode, plan: Plan) -> bool:
    """Whether a function of the region is defined in a class."""
    scope = plan.reader.module.scopes.of(function)
    return scope.parent is not None and scope.parent.is_class


def calls_of(function: FunctionNode, plan: Plan) -> Iterator[tuple[FunctionNode, ast.Call]]:
    """Yield the calls of functions of the region in ``function``."""
    reader = plan.reader
    region = {f.name: f for f in reader.unit.region}
    first = function.args.args[0].arg if function.args.args and is_method(function, plan) else None
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        callee = node.func
        if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id == first:
            target = region.get(callee.attr)
            if target is not None and is_method(target, plan):
                yield target, node
        elif isinstance(callee, ast.Name):
            target = region.get(callee.id)
            if target is not None and not is_method(target, plan):
                yield target, node


def references(function: FunctionNode, plan: Plan) -> Iterator[ast.AST]:
    """Yield every use of a helper's name in the repository; for a call, the call."""
    method = is_method(function, plan)
    for module in plan.reader.project.modules:
        for node in ast.walk(module.tree):
            other = isinstance(node, ast.FunctionDef) and node.name == function.name and node is not function
            if method and other and isinstance(module.parents.get(id(node)), ast.ClassDef) and _related(node, plan):
                yield node
            if (
                method
                and isinstance(node, ast.Attribute)
                and node.attr == function.name
                or not method
                and isinstance(node, ast.Name)
                and node.id == function.name
                and isinstance(node.ctx, ast.Load)
            ):
                parent = module.parents.get(id(node))
                yield parent if isinstance(parent, ast.Call) and parent.func is node else node
            elif not method and isinstance(node, ast.ImportFrom) and any(a.name == function.name for a in node.names):
                yield node


def _related(node: ast.AST, plan: Plan) -> bool:
    """Whether another class's method of the same name overrides (or is overridden by) the helper."""
    project = plan.reader.project
    me = plan.reader.unit.cls
    assert me is not None
    for info in project.classes.values():
        if node in info.methods.values() and (me in project.mro(info) or info in project.mro(me)):
            return True
    return False
