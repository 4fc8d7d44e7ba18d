"""A class whose base stays a Block becomes hybrid beside it: ``class Net(nn.HybridBlock, Base)``.

Python then takes ``forward`` from HybridBlock, and everything else that the class inherits still comes from its base.
It is right only where the base does nothing of its own: its constructor hands its keywords on, its forward is abstract.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo, Project
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert
from ._ancestry import is_super_call
from ._imports import imported_name
from ._plan import Plan

OURS = frozenset({"hybridize", "export", "infer_shape", "infer_type", "cast", "optimize_for", "register_child"})


def beside(plan: Plan, base: ClassInfo) -> list[Edit] | None:
    """Return the edits that put HybridBlock before the one base of a class, or ``None`` where that isn't right."""
    reader = plan.reader
    node, me = reader.unit.node, reader.unit.cls
    assert isinstance(node, ast.ClassDef) and me is not None
    if len(node.bases) != 1 or "forward" not in me.methods:
        return None
    if not all(_plain(info, reader.project) for info in reader.project.mro(base)):
        return None
    init = me.methods.get("__init__")
    if init is not None and not all(_only_keywords(call) for call in _super_inits(init)):
        return None
    if init is not None and not list(_super_inits(init)):
        return None
    name = imported_name(reader.module, "HybridBlock")
    if not name:
        return None
    return [insert(reader.source.span(node.bases[0]).start, f"{name}, ")]


def names_both(info: ClassInfo, base: ClassInfo, project: Project) -> bool:
    """Whether a class names HybridBlock before a base: if that became hybrid too, Python would find no order."""
    for index, name in enumerate(info.bases):
        if name and name.startswith("mxnet.") and name.endswith(".HybridBlock"):
            rest = [project.class_named(other) for other in info.bases[index + 1 :]]
            return any(other is not None and base in project.mro(other) for other in rest)
    return False


def _plain(info: ClassInfo, project: Project) -> bool:
    """Whether a base only names methods: nothing that it does would be left out behind HybridBlock."""
    if len(info.bases) != 1 or project.framework_base(info) is None or OURS & set(info.methods):
        return False
    for name, method in info.methods.items():
        if name in ("__call__", "__setattr__", "__getattr__", "__new__", "hybrid_forward", "collect_params"):
            return False
        body = [s for s in method.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        if name == "forward" and not (len(body) == 1 and isinstance(body[0], ast.Raise | ast.Pass)):
            return False
        if name == "__init__":
            positional = [*method.args.posonlyargs, *method.args.args][1:]
            taken = {a.arg for a in [*positional, *method.args.kwonlyargs]}
            if taken - {"prefix", "params"} or method.args.kwarg is None and len(taken) != 2:
                return False  # HybridBlock hands on these two
            if len(body) != 1 or len(list(_super_inits(method))) != 1:
                return False
    return True


def _super_inits(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    for node in walk(method):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__":
            yield node


def _only_keywords(call: ast.Call) -> bool:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return is_super_call(owner) and not call.args and all(k.arg in (None, "prefix", "params") for k in call.keywords)
