"""Arrays of a block that may change: its ``forward`` hands them to the graph as inputs, as they are at each call.

``forward(self, x)`` becomes ``hybrid_forward(self, F, x, w)``, and a short ``forward(self, x)`` calls that of
HybridBlock with ``x, self.w``.  So whatever writes into the array, trains it, or puts another in its place is seen, and
its gradient arrives where it did.  A graph around such a block could not do that: none may hold it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo, Project
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, replace
from ._added import methods_of
from ._ancestry import is_super_call
from ._plan import Plan, Reader, plan_for_class
from ._uses import subclasses_of


def hand_in(node: ast.Attribute, name: str, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that make an input of ``self.name`` (``None``: its forward can't hand it over)."""
    entry, me = r.unit.entry, r.unit.cls
    if entry is None or me is None or entry.name != "forward" or r.function is not entry:
        return None
    arguments = entry.args
    if arguments.defaults or arguments.vararg or arguments.kwarg or arguments.kwonlyargs or len(arguments.args) < 2:
        return None
    if name in r.module.scopes.of(entry).bindings or name in r.interp.hoisted or name == "F":
        return None
    if any(isinstance(n, ast.Attribute) and n.attr in ("forward", "hybrid_forward") for n in walk(entry)):
        return None
    for info in subclasses_of(me, r.project):
        if {"forward", "hybrid_forward"} & set(methods_of(info, r.project)):
            return None  # it would be called with arrays that it doesn't know of
    if name not in r.interp.handed:
        r.interp.handed.append(name)
    return (replace(r.source, node, name),)


def handing(plan: Plan, hybrid: str) -> list[str]:
    """Return the lines of the ``forward`` that hands the arrays to the graph; none where no array is."""
    entry, handed = plan.reader.unit.entry, plan.reader.interp.handed
    if entry is None or not handed:
        return []
    me, *given = (argument.arg for argument in entry.args.args)
    passed = ", ".join([me, *given, *(f"{me}.{name}" for name in handed)])
    return [f"def forward({', '.join([me, *given])}):", f"{{indent}}return {hybrid}.forward({passed})"]


def hands_arrays(info: ClassInfo, project: Project, unsafe: bool) -> bool:
    """Whether instances of a class hand arrays of their own to their graph, or will after this rewrite."""
    for owner in project.mro(info):
        methods = methods_of(owner, project)
        plan = plan_for_class(owner, project, unsafe)
        if plan is not None and plan.reader.interp.handed:
            return True
        if "forward" in methods:
            held = plan.reader.interp.attrs if plan is not None else {}
            given = [node.attr for node in _handed_over(methods["forward"])]
            return any(name in held and held[name].value.holds_tensor for name in given)
        if "hybrid_forward" in methods:
            return False
    return False


def _handed_over(forward: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Attribute]:
    """Yield each ``self.name`` that a forward hands to the forward of a base."""
    me = forward.args.args[0].arg if forward.args.args else ""
    for node in walk(forward):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "forward"):
            continue
        owner = node.func.value
        if not (is_super_call(owner) or isinstance(owner, ast.Name | ast.Attribute)):
            continue
        for given in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if isinstance(given, ast.Attribute) and isinstance(given.value, ast.Name) and given.value.id == me:
                yield given
