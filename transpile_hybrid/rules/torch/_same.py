"""Whether a module computes as plain Python what it computes as TorchScript, and whether anybody could tell them apart.

TorchScript compiles what stands in the source.  It answers ``is_scripting()`` with yes, drops decorators, copies lists
that it is given, believes annotations, and finds operators of other behaviour under some names: where none of that
occurs, a scripted module is the module.
"""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.tables import framework_class
from ._classes import class_model
from ._scripted import CHAINED, SCRIPT_MODULE, SCRIPT_MODULES, SCRIPT_ONLY
from ._typer import attribute_type
from ._types import CONTAINERS, T

_KEPT = frozenset(
    ("torch.jit.export", "torch.jit.ignore", "torch.jit.unused", "torch.jit.script_method", "torch.jit.script")
    + ("builtins.staticmethod", "builtins.property")
)
_ASKING = frozenset(("is_scripting", "is_tracing", "is_compiling", "is_dynamo_compiling", "_get_tracing_state"))
_OTHER_METHODS = frozenset(("norm", "unique", "unique_consecutive", "stft", "istft", "lu"))
_CHANGING = frozenset(
    ("append", "extend", "insert", "pop", "clear", "sort", "reverse", "remove", "update", "setdefault", "popitem")
)
_OF_VALUES = frozenset(f"builtins.{word}" for word in ("int", "float", "bool", "str", "abs", "min", "max", "round"))
_WALKS = frozenset(("modules", "named_modules", "children", "named_children"))


def construction(node: ast.expr, module: Module, depth: int = 0) -> ast.Call | None:
    """Return the call that makes the module ``node``: through names bound once and ``.eval()``, ``.to(...)``."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHAINED:
        inner = node.func.value
        if module.qualified(node.func) is not None and not isinstance(inner, ast.Call):
            break
        node = inner
    if isinstance(node, ast.Call):
        return node
    if not isinstance(node, ast.Name) or depth > 4:
        return None
    found = module.scope_at(node).lookup(node.id)
    if found is None:
        return None
    values = [one.value for one in found[1]]
    if any(value is None for value in values):
        return None
    first = [v for v in values if v is not None and not any(_is_name(part, node.id) for part in walk(v))]
    return construction(first[0], module, depth + 1) if len(first) == 1 and first[0] is not node else None


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def may_be_built(node: ast.expr, module: Module, project: Project) -> list[ClassInfo]:
    """Return the repository's classes that ``node`` may be an instance of, whichever of its bindings counts."""
    found = module.scope_at(node).lookup(node.id) if isinstance(node, ast.Name) else None
    values = [one.value for one in found[1] if one.value is not None] if found is not None else [node]
    calls = [call for value in values if (call := construction(value, module)) is not None]
    infos = [project.class_named(module.qualified(call.func)) for call in calls]
    return [info for info in infos if info is not None]


def is_script_module(info: ClassInfo, project: Project) -> bool:
    """Whether a class derives from ``torch.jit.ScriptModule``."""
    return any(SCRIPT_MODULE in owner.bases for owner in project.mro(info))


def same_when_built(call: ast.Call | None, module: Module, project: Project, seen: set[ClassInfo]) -> bool:
    """Whether what ``call`` builds is the same module scripted and not; adds the classes met to ``seen``."""
    name = module.qualified(call.func) if call is not None else None
    if call is None or name is None:
        return False
    info = project.class_named(name)
    if info is not None:
        return same_class(info, project, seen)
    if name in CONTAINERS:
        items = call.args[0].elts if len(call.args) == 1 and isinstance(call.args[0], ast.List) else call.args
        return not call.keywords and all(
            not isinstance(one, ast.Starred) and same_when_built(construction(one, module), module, project, seen)
            for one in items
        )
    return _is_of_torch(name)


def _is_of_torch(name: str) -> bool:
    base = framework_class(name)
    return base is not None and base.role == "module" and name.startswith("torch.nn.") and name not in CONTAINERS


def same_type(kind: T, project: Project, seen: set[ClassInfo]) -> bool:
    """Whether modules of this type are the same scripted and not."""
    if kind.name in CONTAINERS or kind.kind == "modulelist":
        return bool(kind.args) and all(same_type(one, project, seen) for one in kind.args)
    info = project.class_named(kind.name)
    return same_class(info, project, seen) if info is not None else _is_of_torch(kind.name)


def same_class(info: ClassInfo, project: Project, seen: set[ClassInfo]) -> bool:
    """Whether instances of a class compute the same scripted and not."""
    if info in seen:
        return True
    seen.add(info)
    base = project.framework_base(info)
    if base is None or base.role != "module" or project.unresolved_bases(info):
        return False
    model = class_model(info, project)
    if model.opaque:
        return False
    for owner in project.mro(info):
        if owner.node.decorator_list or owner.node.keywords:
            return False
        for name, method in owner.methods.items():
            if name != "__init__" and not same_function(method, owner.module, project, set()):
                return False
    for name in {*model.built, *model.later} - model.registered:
        for one in attribute_type(info, name, project).alternatives:
            if one.kind in ("module", "modulelist"):
                if not same_type(one, project, seen):
                    return False
            elif not one.known and _is_more_than_a_value(name, info, project):
                return False  # it may hold a module of any kind
    return True


def _is_more_than_a_value(name: str, info: ClassInfo, project: Project) -> bool:
    """Whether ``self.name`` may be a module that runs: it is called, gone through or handed on."""
    for owner in project.mro(info):
        for method_name, method in owner.methods.items():
            for node in walk(method) if method_name != "__init__" else ():
                if not (isinstance(node, ast.Attribute) and node.attr == name):
                    continue
                parent = owner.module.parent(node)
                if isinstance(parent, ast.For | ast.comprehension | ast.Attribute | ast.Subscript | ast.Starred):
                    return True
                if isinstance(parent, ast.Call):
                    called = owner.module.qualified(parent.func) or ""
                    if parent.func is node or not _is_computation(called, project):
                        return True
    return False


def _is_computation(name: str, project: Project) -> bool:
    """Whether a function takes no modules: one of torch, or one of the repository that TorchScript has compiled."""
    return (
        name.startswith(("torch.", "math."))
        or name in _OF_VALUES
        or project.function_named(project.resolve(name)) is not None
    )


def same_function(function: FunctionNode, module: Module, project: Project, seen: set[int]) -> bool:
    """Whether a function, and what it calls, does as TorchScript what it does in Python."""
    if id(function) in seen:
        return True
    seen.add(id(function))
    if any(module.qualified(one) not in _KEPT for one in function.decorator_list):
        return False
    if not _same_parameters(function, module):
        return False
    for node in walk(function):
        if node is not function and isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            return False
        if isinstance(node, ast.Name | ast.Attribute):
            if (node.id if isinstance(node, ast.Name) else node.attr) in _ASKING:
                return False
        elif isinstance(node, ast.BoolOp) and not _is_condition(node, module):
            return False  # TorchScript makes a bool of it
        elif isinstance(node, ast.Call) and not _same_call(node, module, project, seen):
            return False
    return True


def _same_call(node: ast.Call, module: Module, project: Project, seen: set[int]) -> bool:
    name = module.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if isinstance(node.func, ast.Attribute) and (name is None or not name.startswith(("torch.", "math."))):
        return node.func.attr not in _OTHER_METHODS or _is_name(node.func.value, "self")
    if name is None:
        return False
    found = project.function_named(project.resolve(name))
    if found is not None:
        return same_function(found[1], found[0], project, seen)
    return name.startswith(("torch.", "builtins.", "math.", "typing."))


def _same_parameters(function: FunctionNode, module: Module) -> bool:
    """Whether no list that is passed is changed, and no ``None`` passes for a tensor."""
    spec = function.args
    every = [*spec.posonlyargs, *spec.args]
    missing: list[ast.expr | None] = [None] * (len(every) - len(spec.defaults))
    pairs = [*zip(every, [*missing, *spec.defaults], strict=True), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    for argument, default in pairs:
        if argument.annotation is None:
            continue
        text = ast.unparse(argument.annotation)
        if isinstance(default, ast.Constant) and default.value is None and text.rpartition(".")[2] == "Tensor":
            return False
        if ("list" in text.lower() or "dict" in text.lower()) and _is_changed(argument.arg, function, module):
            return False
    return True


def _is_changed(name: str, function: FunctionNode, module: Module) -> bool:
    for node in walk(function):
        if not _is_name(node, name):
            continue
        parent = module.parent(node)
        if isinstance(parent, ast.Attribute) and parent.attr in _CHANGING:
            return True
        if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
            return True
        if isinstance(parent, ast.AugAssign):
            return True
    return False


def _is_condition(node: ast.AST, module: Module) -> bool:
    parent = module.parent(node)
    if isinstance(parent, ast.If | ast.IfExp | ast.While | ast.Assert):
        return node is parent.test
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return isinstance(parent, ast.BoolOp) and _is_condition(parent, module)


def can_be_told(name: str, project: Project) -> bool:
    """Whether code that mentions ``name`` looks at what kinds of modules there are: then a plain one is another."""
    modules = project.mentioning(name)
    return modules is None or any(looks_at_kinds(module) for module in modules)


def _is_instance(node: ast.expr, module: Module) -> bool:
    """Whether a module may be passed here: ``self``, or what a class made."""
    if not isinstance(node, ast.Name):
        return False
    built = construction(node, module) if node.id != "self" else None
    if built is None:
        return node.id == "self"
    name = built.func.attr if isinstance(built.func, ast.Attribute) else getattr(built.func, "id", "")
    return name[:1].isupper()


def _only_runs(callee: ast.expr, module: Module) -> bool:
    """Whether a function can't go over the parts of a module that it is given (those of this file are read anyway)."""
    if isinstance(callee, ast.Call):  # a decorator with arguments, super()
        return False
    name = module.qualified(callee) or ""
    if isinstance(callee, ast.Name):
        found = module.scope_at(callee).lookup(callee.id)
        if found is not None and {one.kind for one in found[1]} <= {"def", "class"}:
            return True
        if construction(callee, module) is not None:
            return True  # the instance of a class is called
    walking = ("torch.ao.", "torch.quantization.", "torch.fx.", "torch.utils.mobile")
    return name.startswith(("torch.", "builtins.")) and not name.startswith(walking)


def looks_at_kinds(module: Module) -> bool:
    """Whether a file walks over modules (to initialise some kinds, say), or asks for what only TorchScript has."""
    known = module.notes.get("torch-looks-at-kinds")
    if not isinstance(known, bool):
        known = module.notes["torch-looks-at-kinds"] = any(_looks(node, module) for node in walk(module.tree))
    return known


def _looks(node: ast.AST, module: Module) -> bool:
    if isinstance(node, ast.Call):
        return any(_is_instance(one, module) for one in node.args) and not _only_runs(node.func, module)
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    name = module.qualified(node)
    if name in SCRIPT_MODULES:
        return not isinstance(module.parent(node), ast.ClassDef)
    if not isinstance(node, ast.Attribute) or name is not None:
        return False
    return node.attr in _WALKS or node.attr == "apply" or node.attr in SCRIPT_ONLY
