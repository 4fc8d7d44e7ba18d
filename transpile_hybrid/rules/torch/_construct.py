"""Types of instance attributes: what ``__init__`` makes of them, whatever the instance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._annotations import annotation_type
from ._callsites import CallSite, call_table
from ._classes import bind, class_model, self_name, targets_of
from ._module_rows import filled_by, told_of
from ._own_attributes import own_attribute
from ._typer import Env, Typer
from ._types import BOOL, CONTAINERS, NONE, TENSOR, UNKNOWN, T, constant, emptied, vary

_Key = tuple[int, int] | tuple[int, str]  # a constructor of a class, or an attribute
_DEEPEST = 4  # constructors that hand an argument on from one to the next


@dataclass(slots=True, eq=False)
class _Told:
    """Constructors that were typed, and types of attributes, of one project.

    ``running`` are those that are being worked out, ``met`` those of them that were asked for meanwhile, of which
    nothing could be told yet: what was learned so isn't kept, since it may be asked for again when more is known.
    """

    typed: dict[tuple[int, int], Typer] = field(default_factory=dict)
    attributes: dict[tuple[int, str], T] = field(default_factory=dict)
    running: dict[_Key, Typer | None] = field(default_factory=dict)
    met: set[_Key] = field(default_factory=set)

    @contextmanager
    def working_out(self, key: _Key, begun: Typer | None) -> Iterator[set[_Key]]:
        """Work something out; afterwards the set that is yielded holds what was asked for before it was known."""
        before, self.met = self.met, set()
        self.running[key] = begun
        early: set[_Key] = set()
        yield early
        del self.running[key]
        early |= self.met - {key}
        self.met = before | early


_TOLD: WeakKeyDictionary[Project, _Told] = WeakKeyDictionary()


def constructed_type(info: ClassInfo, name: str, project: Project, depth: int) -> T:
    """Return the type of ``self.name`` of instances of ``info`` after construction."""
    told = _TOLD.setdefault(project, _Told())
    key = (id(info), name)
    if key in told.attributes:
        return told.attributes[key]
    if key in told.running:
        told.met.add(key)
        return UNKNOWN
    with told.working_out(key, None) as early:
        found = _constructed(info, name, project, depth)
    if not early:
        told.attributes[key] = found
    return found


def _constructed(info: ClassInfo, name: str, project: Project, depth: int) -> T:
    if name == "training":
        return BOOL
    model = class_model(info, project)
    writes = model.constructed(name)
    declared = _declared(info, name)
    if writes and declared.kind == "optional":
        return declared
    bare = name in model.registered and bool(writes) and _registers_nothing(info, name, project)
    if name in model.registered and not bare:
        return UNKNOWN if writes else _registered(info, name, project)
    if not writes:
        base = project.framework_base(info)
        if base is None or name in model.later or model.hides(name):
            return UNKNOWN
        return own_attribute(base.name, name)
    found: list[T] = []
    grown = False
    for write in writes:
        if isinstance(write.statement, ast.AugAssign):
            grown = True
            continue
        if write.value is None:
            return UNKNOWN
        typer = _typed(write.function, write.owner, project, depth)
        found.append(typer.types.get(id(write.value), UNKNOWN))
    if bare:
        found.append(NONE)
    if not any(write.sure for write in writes) and not _class_level(info, name, project):
        typers = [_typed(write.function, write.owner, project, depth) for write in writes]
        if all(f"self.{name}" in one.maybe and f"self.{name}" not in one.end for one in typers):
            found.append(T("missing"))
    result = vary(found)
    if grown and not _is_row(result):
        return UNKNOWN
    if _is_row(result) and _is_filled(info, name, project):
        result = replace(emptied(result), args=_filled(info, name, project, depth))
    if model.hides(name) and not result.known:
        return UNKNOWN
    return result


_FILLING = ("append", "extend", "insert", "pop", "add_module", "register_module")


def _is_filled(info: ClassInfo, name: str, project: Project) -> bool:
    """Whether modules come to ``self.name``, or leave it, after it was made."""
    for owner in project.mro(info):
        for node in walk(owner.node):
            if not (isinstance(node, ast.Attribute) and node.attr == name):
                continue
            user = owner.module.parent(node)
            if _fills(node, user) or not isinstance(node.ctx, ast.Load) and isinstance(user, ast.AugAssign):
                return True
    return False


def _fills(node: ast.Attribute, user: ast.AST | None) -> bool:
    """Whether what stands around the mention of a list adds to it, or puts something else in it."""
    if isinstance(user, ast.Subscript):
        return user.value is node and not isinstance(user.ctx, ast.Load)
    return isinstance(user, ast.Attribute) and user.attr in _FILLING


def _is_row(held: T) -> bool:
    return held.kind == "module" and held.name in CONTAINERS


def _filled(info: ClassInfo, name: str, project: Project, depth: int) -> tuple[T, ...]:
    """Return the kinds of modules in a ``ModuleList`` that one constructor fills; nothing where others may be in it."""
    writes = class_model(info, project).built.get(name, [])
    if len(writes) != 1 or not isinstance(writes[0].value, ast.Call):
        return ()
    function, owner = writes[0].function, writes[0].owner
    if owner.module.qualified(writes[0].value.func) != "torch.nn.ModuleList":
        return ()
    for one in project.mro(info):
        for method in one.methods.values():
            if method is not function and _changes(method, name, one.module):
                return ()
    typer = _typed(function, owner, project, depth)
    return told_of(filled_by(function, f"{self_name(function)}.{name}", owner.module), typer.types)


def _changes(method: FunctionNode, name: str, module: Module) -> bool:
    """Whether a method may set ``self.name``, or add to it."""
    mentions = [node for node in walk(method) if isinstance(node, ast.Attribute) and node.attr == name]
    return any(not isinstance(node.ctx, ast.Load) or _fills(node, module.parent(node)) for node in mentions)


def _declared(info: ClassInfo, name: str) -> T:
    """Return what the body of the class declares ``name`` to be."""
    for statement in info.node.body:
        target = statement.target if isinstance(statement, ast.AnnAssign) and statement.value is None else None
        if isinstance(statement, ast.AnnAssign) and isinstance(target, ast.Name) and target.id == name:
            return annotation_type(statement.annotation, info.module)
    return UNKNOWN


def _class_level(info: ClassInfo, name: str, project: Project) -> bool:
    for owner in project.mro(info):
        for statement in owner.node.body:
            if any(isinstance(t, ast.Name) and t.id == name for t, _ in targets_of(statement)):
                return True
    return False


def _registrations(info: ClassInfo, name: str, project: Project) -> Iterator[tuple[ast.Call, ClassInfo]]:
    """Yield the calls ``self.register_...("name", ...)`` of a class and its bases."""
    for owner in project.mro(info):
        for node in walk(owner.node):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr.startswith("register_")
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value == name
            ):
                yield node, owner


def _what(call: ast.Call) -> ast.expr | None:
    return call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords), None)


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _registers_nothing(info: ClassInfo, name: str, project: Project) -> bool:
    """Whether all registrations of a name give it ``None``: instances without have what a statement gave them."""
    found = list(_registrations(info, name, project))
    return bool(found) and all(_is_none(_what(call)) for call, _ in found)


def _registered(info: ClassInfo, name: str, project: Project) -> T:
    """A buffer or parameter is a tensor, unless some registration says ``None``; some instances may have none."""
    sure, found = False, UNKNOWN
    for node, owner in _registrations(info, name, project):
        value = _what(node)
        assert isinstance(node.func, ast.Attribute)
        if node.func.attr == "register_module" or value is None or _is_none(value):
            return UNKNOWN
        found = TENSOR
        sure = sure or not _is_conditional(node, owner)
    return found if sure or not found.known or _class_level(info, name, project) else vary((found, T("missing")))


def _is_conditional(node: ast.AST, owner: ClassInfo) -> bool:
    """Whether a statement of a constructor only runs where a condition holds; in other methods nobody knows."""
    for parent in owner.module.ancestors(node):
        if isinstance(parent, ast.If):
            return not parent.orelse
        if isinstance(parent, ast.FunctionDef | ast.ClassDef | ast.Try | ast.For | ast.While):
            return False
    return False


def _typed(function: FunctionNode, owner: ClassInfo, project: Project, depth: int) -> Typer:
    """Type a constructor (or what it calls) as plain Python runs it."""
    told = _TOLD.setdefault(project, _Told())
    key = (id(function), id(owner))
    if key in told.typed:
        return told.typed[key]
    running = told.running.get(key)
    if running is not None:
        told.met.add(key)
        return running
    typer = Typer(owner.module, project, owner, script=False, depth=depth + 1)
    with told.working_out(key, typer) as early:
        typer.run(function, constructor_env(function, owner, project, typer))
    if not early:
        told.typed[key] = typer
    return typer


def _literal(default: ast.expr) -> T:
    from ._parameters import literal_type  # it asks what attributes are, too

    return literal_type(default)


def constructor_env(function: FunctionNode, owner: ClassInfo, project: Project, typer: Typer) -> Env:
    """Return what the parameters of a constructor can be: annotation, default, and what callers give."""
    env: Env = {}
    arguments = [*function.args.posonlyargs, *function.args.args][1:]
    defaults: dict[str, ast.expr] = {}
    positional = [*function.args.posonlyargs, *function.args.args]
    for arg, value in zip(
        positional[len(positional) - len(function.args.defaults) :], function.args.defaults, strict=True
    ):
        defaults[arg.arg] = value
    for arg, keyword_default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if keyword_default is not None:
            defaults[arg.arg] = keyword_default
    for arg in [*arguments, *function.args.kwonlyargs]:
        if arg.annotation is not None:
            declared = typer.annotation(arg.annotation)
            default = defaults.get(arg.arg)
            none = isinstance(default, ast.Constant) and default.value is None
            env[arg.arg] = vary([declared, constant(None)]) if none and declared.kind != "optional" else declared
            if declared.kind == "optional":
                env[arg.arg] = vary([constant(None), declared.args[0]])
            continue
        default = defaults.get(arg.arg)
        types = [constant(default.value)] if isinstance(default, ast.Constant) else []
        if isinstance(default, ast.BinOp | ast.UnaryOp):
            types = [_literal(default)]
        if isinstance(default, ast.Name | ast.Attribute):
            types = [one for one in (typer.expr(default, {}),) if one.kind == "function"]
        types += _given(function, owner, arg.arg, project, typer.depth)
        env[arg.arg] = vary([*types, UNKNOWN])
    return env


def _given(function: FunctionNode, owner: ClassInfo, name: str, project: Project, depth: int) -> list[T]:
    """Return the types of what constructor calls in the repository give to a parameter.

    They are literals, or what other constructors make of what they were given themselves.
    """
    if function.name != "__init__":
        return []
    found: list[T] = []
    for site in call_table(project).of(owner.qualified):
        bound = bind(site.node, function, True)
        value = bound.get(name) if bound else None
        if isinstance(value, ast.Constant):
            found.append(constant(value.value))
        elif value is not None and depth < _DEEPEST:
            found += _handed(value, site, project, depth)
    return found


def _handed(value: ast.expr, site: CallSite, project: Project, depth: int) -> list[T]:
    """Return the type of an argument that stands in another constructor."""
    function = cls = None
    for parent in site.module.ancestors(value):
        if function is None and isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            function = parent
        elif isinstance(parent, ast.ClassDef):
            cls = parent
            break
    if not isinstance(function, ast.FunctionDef) or function.name != "__init__" or cls is None:
        return []
    local, home = site.module.scopes.of(cls).name, site.module.name
    info = project.classes.get(f"{home}.{local}" if home else local)
    if info is None or info.node is not cls:
        return []
    found = _typed(function, info, project, depth).types.get(id(value), UNKNOWN)
    return [one for one in found.alternatives if one.known]


__all__ = ["bind", "call_table", "constructed_type", "constructor_env"]
