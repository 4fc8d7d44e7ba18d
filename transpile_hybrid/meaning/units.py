"""Units: what a target compiles.  One class with its forward, or one function."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .classes import ClassInfo, Project
from .module import Module
from .names import FunctionNode
from .nodes import walk
from .tables import FrameworkClass

ENTRY_METHODS = {
    "torch": ("forward", "__call__"),
    "mxnet": ("hybrid_forward", "forward"),
    "tensorflow": ("call", "__call__"),
}


@dataclass(eq=False)
class Unit:
    """One thing that a target compiles.

    ``kind`` is ``class`` or ``function``.  ``entry`` is the function that runs first (``forward``, ``call``, the
    function itself) and ``region`` all functions *of the same file* that the compiler will read: ``entry`` and what it
    reaches through ``self.method()`` and plain calls.  ``owner`` is the class that defines ``entry`` (another one than
    ``cls`` when it is inherited).
    """

    name: str
    framework: str
    kind: str
    node: ast.ClassDef | FunctionNode
    module: Module
    entry: FunctionNode | None
    region: list[FunctionNode] = field(default_factory=list)
    cls: ClassInfo | None = None
    base: FrameworkClass | None = None
    project: Project | None = None

    @property
    def init(self) -> FunctionNode | None:
        """The class's own ``__init__``, if it has one."""
        return self.cls.methods.get("__init__") if self.cls else None

    @property
    def overrides_call(self) -> bool:
        """Whether it is a PyTorch module with ``__call__`` in place of ``forward``, which TorchScript does not read."""
        return self.framework == "torch" and self.cls is not None and getattr(self.entry, "name", "") == "__call__"

    @property
    def uses(self) -> list[tuple[str, str]]:
        """The other units that this one builds or calls: the path of the file and the name of each."""
        found: dict[tuple[str, str], None] = {}
        methods = list(self.cls.methods.values()) if self.cls is not None else []
        for function in [*methods, *(one for one in self.region if one not in methods)]:
            for node in walk(function):
                name = self.module.qualified(node.func) if isinstance(node, ast.Call) else None
                home = self.project.unit_named(name) if name is not None and self.project is not None else None
                if home is not None and home != (self.module.source.path, self.name):
                    found[home] = None
        return list(found)

    @property
    def self_name(self) -> str | None:
        """The first parameter of ``entry`` of a class (``self``)."""
        if self.kind != "class" or self.entry is None or not self.entry.args.args:
            return None
        return self.entry.args.args[0].arg


def collect_units(module: Module, project: Project) -> list[Unit]:
    """Return the units of ``module`` in the order of the file: module classes first, then functions at any level."""
    units: list[Unit] = []
    for info in project.classes_of(module):
        base = project.framework_base(info)
        if base is None or base.role != "module":
            continue
        entry: FunctionNode | None = None
        for name in ENTRY_METHODS[base.framework]:
            if name in info.methods:
                entry = info.methods[name]
                break
        unit = Unit(module.scopes.of(info.node).name, base.framework, "class", info.node, module, entry)
        unit.cls, unit.base, unit.project = info, base, project
        if entry is not None:
            # Dynamo and TorchScript read a property as they read a method
            properties = _properties(info, project) if base.framework == "torch" else frozenset[str]()
            unit.region = reached(entry, module, project, info, properties)
        units.append(unit)
    frameworks = sorted(module.frameworks)
    for function in module.scopes.functions:
        scope = module.scopes.of(function)
        if scope.outer is None or not scope.outer.is_module:
            continue
        for framework in frameworks:
            unit = Unit(function.name, framework, "function", function, module, function)
            unit.region, unit.project = reached(function, module, project, None), project
            units.append(unit)
    return units


def reached(
    entry: FunctionNode,
    module: Module,
    project: Project,
    info: ClassInfo | None,
    properties: frozenset[str] = frozenset(),
    limit: int = 64,
) -> list[FunctionNode]:
    """Return ``entry`` and the functions of this file that it reaches by ``self.name(...)`` and ``name(...)``.

    And by ``self.name``, where that is one of ``properties``.
    """
    own = {one.qualified for one in project.classes_of(module)} if info is not None else set[str]()
    found: list[FunctionNode] = []
    work: list[FunctionNode] = [entry]
    while work and len(found) < limit:
        function = work.pop(0)
        if function in found:
            continue
        found.append(function)
        scope = module.scopes.of(function)
        # a class's entry is a method of it wherever it stands: a function can be put into a class
        within = function is entry and info is not None or scope.outer is not None and scope.outer.is_class
        first = function.args.args[0].arg if function.args.args and within else None
        defined_by = function.decorator_list  # run where the function is defined
        for node in walk(function):
            read = isinstance(node, ast.Attribute) and node.attr in properties and isinstance(node.ctx, ast.Load)
            if not (isinstance(node, ast.Call) or read) or node in defined_by:
                continue
            callee = node.func if isinstance(node, ast.Call) else node
            target: FunctionNode | None = None
            if (
                info is not None
                and first is not None
                and isinstance(callee, ast.Attribute)
                and isinstance(callee.value, ast.Name)
                and callee.value.id == first
            ):
                if project.defining(info, callee.attr) in own:
                    method = project.method(info, callee.attr)
                    target = method[1] if method is not None else None
            elif isinstance(callee, ast.Name):
                bound = scope.lookup(callee.id)
                if bound is not None and len(bound[1]) == 1 and bound[1][0].kind == "def":
                    definition = bound[1][0].node
                    if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
                        target = definition
            if target is not None and target not in found and not _inside(target, function):
                work.append(target)
    return found


def _properties(info: ClassInfo, project: Project) -> frozenset[str]:
    methods = [method for owner in project.mro(info) for method in owner.methods.values()]
    return frozenset(method.name for method in methods if is_property(method))


def is_property(method: FunctionNode) -> bool:
    """Whether a method is read like an attribute."""
    return any(isinstance(one, ast.Name) and one.id == "property" for one in method.decorator_list)


def _inside(inner: FunctionNode, outer: FunctionNode) -> bool:
    if not outer.lineno <= inner.lineno <= (outer.end_lineno or outer.lineno):
        return False
    return any(node is inner for node in walk(outer))
