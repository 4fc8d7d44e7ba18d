"""Modules, methods, functions and lambdas that are given as arguments: to what, and what each of them is."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import UnitContext
from ._classes import bind, class_model, self_name, subclasses_of, takes_no_self
from ._copies import parameter_names
from ._reports import Report, function_named
from ._types import T, function_signatures, has_no_value


@dataclass(frozen=True)
class Callee:
    """What a call runs: a function, a method of the same object, or one of another module.

    ``path`` is the text of the object, empty for a function; ``apart`` is true for another object than the caller's.
    ``label`` is a word for it.
    """

    function: FunctionNode
    module: Module
    owner: ClassInfo | None
    path: str
    apart: bool
    label: str


@dataclass(frozen=True)
class Given:
    """A parameter that is given something to call (or a module): ``kind`` is lambda, method, module or function."""

    parameter: str
    value: ast.expr
    kind: str


def callee_of(call: ast.Call, me: str, report: Report, ctx: UnitContext) -> Callee | None:
    """Return the function or method of the repository that ``call`` runs, where it is sure which."""
    func, info = call.func, report.info
    if not isinstance(func, ast.Name | ast.Attribute):
        if not isinstance(func, ast.Subscript):
            return None
    elif (name := ctx.qualified(func)) is not None:
        found = function_named(name, ctx.module, ctx.project)
        return Callee(found[0], found[1], None, "", False, found[0].name) if found is not None else None
    if info is None or not me:
        return None
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == me:
        method = ctx.project.method(info, func.attr)
        if method is not None:
            if any(func.attr in one.methods for one in subclasses_of(info, ctx.project)):
                return None
            return Callee(method[1], method[0].module, method[0], me, False, func.attr)
    if path_of(func, me) is not None:
        held = module_class(func, me, report, ctx)
        forward = ctx.project.method(held, "forward") if held is not None else None
        if forward is not None and held is not None and ctx.project.method(held, "__call__") is None:
            return Callee(forward[1], forward[0].module, forward[0], ast.unparse(func), True, word_for(func))
    if isinstance(func, ast.Attribute) and path_of(func.value, me):
        held = module_class(func.value, me, report, ctx)
        method = ctx.project.method(held, func.attr) if held is not None else None
        if method is not None:
            label = word_for(func.value) if func.attr == "forward" else func.attr
            return Callee(method[1], method[0].module, method[0], ast.unparse(func.value), True, label)
    return None


def path_of(node: ast.expr, me: str) -> str | None:
    """Return the attribute that ``self.name``, ``self.name.other`` or ``self.name[0]`` begins with."""
    while True:
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name):
                return node.attr if node.value.id == me else None
            node = node.value
        elif isinstance(node, ast.Subscript) and _is_index(node.slice):
            node = node.value
        else:
            return None


def _is_index(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | str)


def word_for(node: ast.expr) -> str:
    """Return a word for ``self.name[0]``: ``name_0``."""
    if isinstance(node, ast.Subscript):
        index = ast.unparse(node.slice).strip("'\"").replace("-", "last_")
        return f"{word_for(node.value)}_{index}" if index.isidentifier() or index.isdigit() else word_for(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_")
    return node.id.strip("_") if isinstance(node, ast.Name) else ""


def lasts(node: ast.expr, me: str, info: ClassInfo, project: Project) -> bool:
    """Whether ``self.name...`` is the same object as long as a method runs: only construction sets the attribute."""
    name = path_of(node, me)
    model = class_model(info, project)
    return name is not None and name not in model.later and project.method(info, name) is None


def module_class(node: ast.expr, me: str, report: Report, ctx: UnitContext) -> ClassInfo | None:
    """Return the class of the repository of which ``self.name`` (or ``self.name[0]``) certainly is an instance."""
    info = report.info
    if info is None or not lasts(node, me, info, ctx.project) or class_model(info, ctx.project).opaque:
        return None
    name = path_of(node, me) or ""
    for other in subclasses_of(info, ctx.project):
        model = class_model(other, ctx.project)
        if any(write.owner not in ctx.project.mro(info) for write in model.built.get(name, [])) or name in model.later:
            return None
    held = report.type(node)
    if held.kind != "module":
        held = _item_class(node, me, info, ctx)
    return ctx.project.class_named(held.name) if held.kind == "module" else None


def _item_class(node: ast.expr, me: str, info: ClassInfo, ctx: UnitContext) -> T:
    """The type of ``self.name[0]`` where ``self.name`` is a list of copies: ``clones(Block(dim), 2)``."""
    from ._types import UNKNOWN

    row = node.value if isinstance(node, ast.Subscript) else None
    if not (isinstance(row, ast.Attribute) and isinstance(row.value, ast.Name) and row.value.id == me):
        return UNKNOWN
    writes = class_model(info, ctx.project).built.get(row.attr, [])
    if len(writes) != 1 or not isinstance(writes[0].value, ast.Call):
        return UNKNOWN
    made, home = writes[0].value, writes[0].owner.module
    if home.qualified(made.func) == "torch.nn.ModuleList":
        item = _copied_item(made, home)
        return T("module", name=home.qualified(item.func) or "?") if isinstance(item, ast.Call) else UNKNOWN
    found = function_named(home.qualified(made.func) or "", home, ctx.project)
    if found is None or found[0].decorator_list:
        return UNKNOWN
    function, module = found
    returns = [n for n in walk(function) if isinstance(n, ast.Return)]
    value = returns[0].value if len(returns) == 1 else None
    item = _copied_item(value, module) if isinstance(value, ast.Call) else None
    bound = bind(made, function, False)
    given = bound.get(item.id) if bound is not None and isinstance(item, ast.Name) else None
    stored = any(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and isinstance(item, ast.Name)
                 and n.id == item.id for n in walk(function))  # fmt: skip
    if not isinstance(given, ast.Call) or stored:
        return UNKNOWN
    return T("module", name=home.qualified(given.func) or "?")


def _copied_item(made: ast.Call, module: Module) -> ast.expr | None:
    """Return ``x`` of ``nn.ModuleList([copy.deepcopy(x) for _ in range(n)])``, or what is made in each turn."""
    if module.qualified(made.func) != "torch.nn.ModuleList" or len(made.args) != 1 or made.keywords:
        return None
    row = made.args[0]
    if not isinstance(row, ast.ListComp | ast.GeneratorExp) or len(row.generators) != 1 or row.generators[0].ifs:
        return None
    item = row.elt
    if isinstance(item, ast.Call) and module.qualified(item.func) == "copy.deepcopy" and len(item.args) == 1:
        return item.args[0]
    return item


def given_to(call: ast.Call, callee: Callee, me: str, report: Report, ctx: UnitContext) -> list[Given]:
    """Return the arguments of ``call`` that TorchScript has no value for."""
    bound = bind(call, callee.function, bool(callee.path) and not takes_no_self(callee.function))
    if bound is None:
        return []
    found: list[Given] = []
    for parameter in parameter_names(callee.function):
        value = bound.get(parameter)
        kind = _kind(value, me, report, ctx) if value is not None else ""
        if value is None or not kind:
            continue
        certain = kind in ("lambda", "method") or report.type(value).kind == "module"
        if certain or is_called(parameter, callee.function, callee.module, ctx):
            found.append(Given(parameter, value, kind))
    return found


def hands_any(call: ast.Call, me: str, report: Report, ctx: UnitContext) -> bool:
    """Whether some argument has no value to TorchScript: asked before what is called, which is a dear question."""
    return any(_kind(value, me, report, ctx) for value in (*call.args, *(keyword.value for keyword in call.keywords)))


def _kind(value: ast.expr, me: str, report: Report, ctx: UnitContext) -> str:
    if isinstance(value, ast.Lambda):
        return "lambda"
    if not isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        return ""
    if (
        isinstance(value, ast.Attribute)
        and isinstance(value.value, ast.Name)
        and value.value.id == me
        and report.info is not None
    ):
        method = ctx.project.method(report.info, value.attr)
        if method is not None:
            plain = not any(not (isinstance(d, ast.Name) and d.id == "staticmethod") for d in method[1].decorator_list)
            return "method" if plain else ""
    if report.type(value).kind == "module" and not has_no_value(report.type(value)):
        return ""
    if me and path_of(value, me) is not None:
        return "module" if report.type(value).kind in ("module", "vary", "?", "function") else ""
    if isinstance(value, ast.Subscript) or report.type(value).kind not in ("function", "?"):
        return "module" if report.type(value).kind == "module" else ""
    name = ctx.qualified(value)
    if name is None or ctx.module.scope_at(value).is_local(_root(value)):
        return ""
    known = function_named(name, ctx.module, ctx.project) is not None or bool(function_signatures(name))
    return "function" if known else ""


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_called(parameter: str, function: FunctionNode, module: Module, ctx: UnitContext, depth: int = 0) -> bool:
    """Whether a function calls what it is given for ``parameter``, or hands it on to a function that does."""
    for node in walk(function):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id == parameter:
            return True
        if depth > 3 or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        handed = [one for one in (*node.args, *(k.value for k in node.keywords))
                  if isinstance(one, ast.Name) and one.id == parameter]  # fmt: skip
        if not handed:
            continue
        for inner, home, skip in _may_run(node, function, module, ctx):
            bound = bind(node, inner, skip) or {}
            names = [name for name, value in bound.items() if value in handed]
            if any(is_called(name, inner, home, ctx, depth + 1) for name in names):
                return True
    return False


def _may_run(
    call: ast.Call, function: FunctionNode, module: Module, ctx: UnitContext
) -> list[tuple[FunctionNode, Module, bool]]:
    name = module.qualified(call.func)
    found = function_named(name, module, ctx.project) if name is not None else None
    if found is not None:
        return [(found[0], found[1], False)]
    func = call.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == self_name(function):
        for info in ctx.project.classes_of(module):
            if function in info.methods.values():
                method = ctx.project.method(info, func.attr)
                return [(method[1], method[0].module, not takes_no_self(method[1]))] if method is not None else []
    return []


__all__ = ["Callee", "Given", "callee_of", "given_to", "is_called", "lasts", "path_of", "word_for"]
