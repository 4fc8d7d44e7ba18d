"""What instances of an ``nn.Module`` class carry after construction, and who calls what in the repository."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode, statements
from ...meaning.nodes import walk
from ._computed_names import name_pattern
from ._types import T, constant

ROOT = "torch.nn.Module"


@dataclass
class Write:
    """``self.name = value`` in ``function`` of ``owner``; ``sure`` where every construction runs it."""

    name: str
    value: ast.expr | None
    statement: ast.stmt
    function: FunctionNode
    owner: ClassInfo
    sure: bool


@dataclass
class ClassModel:
    """The writes to ``self`` of one class: those of construction (own class first) and those of other methods."""

    info: ClassInfo
    built: dict[str, list[Write]] = field(default_factory=dict)
    later: dict[str, list[Write]] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)  # by register_buffer, register_parameter, add_module
    blind: bool = False  # attributes may come from where we can't see: __dict__.update, setattr, an unknown base
    computed: set[str] = field(default_factory=set)  # patterns of the names that setattr and the like compute

    @property
    def opaque(self) -> bool:
        """Whether an instance may have attributes that are not listed here."""
        return self.blind or bool(self.computed)

    def hides(self, name: str) -> bool:
        """Whether ``self.name`` may be set where we can't see it."""
        return self.blind or any(re.fullmatch(pattern, name) for pattern in self.computed)

    def constructed(self, name: str) -> list[Write]:
        """Return the writes that may decide ``self.name`` after construction."""
        found: list[Write] = []
        owners = list(dict.fromkeys(write.owner for write in self.built.get(name, [])))
        for owner in owners:  # nearest class first: its constructor writes last
            mine = [write for write in self.built[name] if write.owner is owner]
            last = max((index for index, write in enumerate(mine) if write.sure), default=None)
            found += mine[last:] if last is not None else mine
            if last is not None:
                break
        return found


def self_name(function: FunctionNode) -> str:
    """Return the name of the instance in a method; '' in a static one."""
    if takes_no_self(function):
        return ""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[0].arg if arguments else ""


def whose_class(node: ast.expr, qualified: Callable[[ast.expr], str | None]) -> ast.expr | None:
    """Return ``x`` of ``type(x)`` and ``x.__class__``."""
    if isinstance(node, ast.Attribute) and node.attr == "__class__":
        return node.value
    if isinstance(node, ast.Call) and len(node.args) == 1 and qualified(node.func) == "builtins.type":
        return node.args[0]
    return None


def targets_of(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Yield what a statement assigns, with the value where it is a plain one."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Tuple | ast.List):
                values = statement.value.elts if isinstance(statement.value, ast.Tuple | ast.List) else []
                paired = len(values) == len(target.elts)
                for index, one in enumerate(target.elts):
                    yield one, values[index] if paired else None
            else:
                yield target, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield statement.target, statement.value
    elif isinstance(statement, (ast.AugAssign, ast.For)):
        yield statement.target, None
    elif isinstance(statement, ast.With):
        for item in statement.items:
            if item.optional_vars is not None:
                yield item.optional_vars, None


_MODELS: WeakKeyDictionary[ClassInfo, ClassModel] = WeakKeyDictionary()


def class_model(info: ClassInfo, project: Project) -> ClassModel:
    """Return the model of a class (kept with it)."""
    model = _MODELS.get(info)
    if model is None:
        model = _MODELS[info] = _build(info, project)
    return model


def only_holds(name: str, info: ClassInfo, project: Project, fits: Callable[[ast.expr | None], bool]) -> bool:
    """Whether ``self.name`` is plain Python, and construction gives it nothing but what ``fits``."""
    model = class_model(info, project)
    writes = model.built.get(name, [])
    return bool(writes) and all(fits(write.value) for write in writes) and name not in model.registered


def _build(info: ClassInfo, project: Project) -> ClassModel:
    model = ClassModel(info)
    model.blind = bool(project.unresolved_bases(info))
    for owner in project.mro(info):
        built_by = _construction(owner, info, project)
        for name, own in _methods(owner).items():
            table = model.built if name in built_by else model.later
            for attribute, value, statement, sure in own.writes:
                write = Write(attribute, value, statement, owner.methods[name], owner, sure)
                table.setdefault(attribute, []).append(write)
            model.registered |= own.registered
            model.blind |= own.blind
            model.computed |= own.computed
    return model


@dataclass
class _Method:
    """What one method does to its instance, whatever class that is of."""

    writes: list[tuple[str, ast.expr | None, ast.stmt, bool]] = field(default_factory=list)
    registered: set[str] = field(default_factory=set)
    blind: bool = False
    computed: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)  # methods of the instance, in their order


def _methods(owner: ClassInfo) -> dict[str, _Method]:
    """Return what the methods of a class do, by name; kept with its module, which many projects may share."""
    kept = owner.module.notes.setdefault("torch-methods", {})
    assert isinstance(kept, dict)
    found: dict[str, _Method] | None = kept.get(id(owner.node))
    if found is None:
        found = kept[id(owner.node)] = {name: _method(name, method) for name, method in owner.methods.items()}
    return found


def _method(name: str, method: FunctionNode) -> _Method:
    found = _Method()
    first = self_name(method)
    found.calls = [
        node.func.attr
        for node in walk(method)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == first
    ]
    if not first or is_static(method):
        return found
    top = {id(s) for s in method.body}
    for statement in statements(method.body):
        for target, value in targets_of(statement):
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == first:
                sure = id(statement) in top and name == "__init__" and not isinstance(statement, ast.AugAssign)
                found.writes.append((target.attr, value, statement, sure))
        _calls(statement, method, found)
    return found


def _calls(statement: ast.stmt, method: FunctionNode, found: _Method) -> None:
    first = self_name(method)
    for node in _own_expressions(statement):
        if not isinstance(node, ast.Call):
            continue
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "setattr"
            and node.args
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id == first
        ):
            _set_by_name(node.args[1] if len(node.args) == 3 else None, method, found)
        if not (isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner = node.func.value
        if isinstance(owner, ast.Attribute) and owner.attr == "__dict__":
            found.blind = True
        if not (isinstance(owner, ast.Name) and owner.id == first):
            continue
        if node.func.attr in ("register_buffer", "register_parameter", "add_module", "register_module", "__setattr__"):
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                found.registered.add(name.value)
            else:
                _set_by_name(name, method, found)


def _set_by_name(name: ast.expr | None, method: FunctionNode, found: _Method) -> None:
    """Record an attribute whose name is computed: what is known of it."""
    pattern = name_pattern(name, method) if name is not None else None
    if pattern is None:
        found.blind = True
    else:
        found.computed.add(pattern)


def _own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement's own expressions, not those of statements inside it."""
    work: list[ast.AST] = [
        c for c in ast.iter_child_nodes(statement) if not isinstance(c, ast.stmt | ast.ExceptHandler)
    ]
    while work:
        node = work.pop()
        yield node
        work.extend(ast.iter_child_nodes(node))


def _construction(owner: ClassInfo, info: ClassInfo, project: Project) -> set[str]:
    """Return the methods of ``owner`` that construction runs: ``__init__`` and what it calls on ``self``."""
    found: set[str] = set()
    work = ["__init__"]
    while work:
        name = work.pop()
        if name in found:
            continue
        found.add(name)
        by = owner if name in owner.methods else (project.method(info, name) or (None, None))[0]
        if by is not None:
            work += _methods(by)[name].calls
    return found


def is_static(function: FunctionNode) -> bool:
    """Whether the first parameter of a method is no instance: a ``staticmethod`` or ``classmethod``."""
    return any(isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in function.decorator_list)


def takes_no_self(function: FunctionNode) -> bool:
    """Whether a method is a ``staticmethod``: a call gives all of its parameters."""
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)


def bind(call: ast.Call, function: FunctionNode, skip_self: bool) -> dict[str, ast.expr] | None:
    """Return which expression each parameter gets; ``None`` where a star hides it or the call doesn't fit."""
    names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)][1 if skip_self else 0 :]
    every = {*names, *(arg.arg for arg in function.args.kwonlyargs)}
    bound: dict[str, ast.expr] = {}
    for index, value in enumerate(call.args):
        if isinstance(value, ast.Starred):
            return None
        if index >= len(names):
            return None if function.args.vararg is None else bound
        bound[names[index]] = value
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        if keyword.arg in every:
            bound[keyword.arg] = keyword.value
        elif function.args.kwarg is None:
            return None
    return bound


def declared_constants(info: ClassInfo, project: Project) -> frozenset[str]:
    """Return the names in ``__constants__`` and those annotated ``Final`` of a class."""
    names: set[str] = set()
    for owner in project.mro(info):
        for statement in owner.node.body:
            if isinstance(statement, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "__constants__" for t in statement.targets
            ):
                for node in walk(statement.value):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        names.add(node.value)
                return frozenset(names)
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and "Final" in ast.unparse(statement.annotation)
            ):
                names.add(statement.target.id)
    return frozenset(names)


def class_value(info: ClassInfo, name: str, project: Project) -> T | None:
    """Return the type of a constant in the body of a class that no instance has as its own attribute."""
    value = _in_body(info, name, project)
    kind = constant(value.value) if isinstance(value, ast.Constant) else None
    return kind if kind is not None and kind.known else None


def class_container(info: ClassInfo, name: str, project: Project) -> bool:
    """Whether the body of a class keeps a list, dict or set that no instance has as its own attribute."""
    return isinstance(_in_body(info, name, project), ast.List | ast.Dict | ast.Set)


def _in_body(info: ClassInfo, name: str, project: Project) -> ast.expr | None:
    model = class_model(info, project)
    if name in model.built or name in model.later or name in model.registered or model.hides(name):
        return None
    for owner in project.mro(info):
        for statement in owner.node.body:
            for target, value in targets_of(statement):
                if isinstance(target, ast.Name) and target.id == name:
                    return value
    return None


_NO_OTHER = ("builtins.object", "builtins.dict", "collections.OrderedDict")


def is_plain(info: ClassInfo, project: Project) -> bool:
    """Whether a class and all that it derives from are classes of the repository, or dicts, that nothing changes."""
    for owner in project.mro(info):
        if owner.node.keywords or any(base is None for base in owner.bases):
            return False
        if owner.node.decorator_list and not (len(owner.node.decorator_list) == 1 and is_dataclass(owner)):
            return False
        if any(base not in _NO_OTHER and project.class_named(base) is None for base in owner.bases):
            return False
    return True


def is_dataclass(info: ClassInfo) -> bool:
    """Whether ``@dataclass`` makes the constructor of ``info``."""
    names = (d.func if isinstance(d, ast.Call) else d for d in info.node.decorator_list)
    return any(info.module.qualified(name) == "dataclasses.dataclass" for name in names)


def subclasses_of(info: ClassInfo, project: Project) -> list[ClassInfo]:
    """Return the classes that derive from ``info``, at any distance, in the modules that name one of them."""
    found: list[ClassInfo] = []
    names = [info.name]
    for name in names:
        for module in project.deriving_from(name):
            for other in project.classes_of(module):
                if other is not info and other not in found and info in project.mro(other):
                    found.append(other)
                    names += [other.name] if other.name not in names else []
    return found


def family_of(info: ClassInfo, project: Project) -> list[ClassInfo]:
    """Return ``info``, its bases in the repository and all that derive from it."""
    return list(dict.fromkeys([*project.mro(info), *subclasses_of(info, project)]))


def is_named_by_classes(info: ClassInfo, project: Project) -> bool:
    """Whether other classes, or functions that may build parts of them, name ``info``."""
    modules = project.mentioning(info.name)
    if modules is None:
        return True
    for module in modules:
        for node in walk(module.tree):
            named = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if named != info.name:
                continue
            around = [one for one in module.ancestors(node) if isinstance(one, ast.ClassDef | ast.FunctionDef)]
            if around and info.node not in around:
                return True
    return False
