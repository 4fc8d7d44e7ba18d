"""Classes over a whole repository: who derives from what, which method runs, which functions a forward reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..source.source import SourceError
from .evidence import Told
from .module import Module
from .names import FunctionNode, Scope, canonical
from .stores import self_assignments
from .tables import FrameworkClass, framework_class, is_root

_MAX_REEXPORTS = 12


@dataclass(eq=False)
class ClassInfo:
    """A class of the repository.  ``bases`` are the qualified names of its bases, ``None`` where not known."""

    name: str
    qualified: str
    module: Module
    node: ast.ClassDef
    bases: tuple[str | None, ...]
    methods: dict[str, FunctionNode] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return self.module.scopes.of(self.node)

    @cached_property
    def stores(self) -> dict[str, tuple[str, ...]]:
        """The attributes of the instance that each method assigns (methods that assign none are left out)."""
        found = {name: tuple(dict.fromkeys(attr for attr, _ in self_assignments(self.methods[name])))
                 for name in self.methods}  # fmt: skip
        return {name: attrs for name, attrs in found.items() if attrs}

    @cached_property
    def level(self) -> tuple[str, ...]:
        """The names that the body of the class binds, methods left out."""
        return tuple(name for name in self.scope.bindings if name not in self.methods)


_Row = tuple[str, ast.ClassDef, tuple[str | None, ...], dict[str, FunctionNode]]


def class_rows(module: Module) -> list[_Row]:
    """Return (qualified name, definition, bases, methods) of a module's classes.

    They are kept with the module, which many projects may share, unless star imports make its bases their affair.
    """
    kept: list[_Row] | None = module.__dict__.get("_class_rows")
    if kept is not None:
        return kept
    rows: list[_Row] = []
    for node in module.scopes.classes:
        scope = module.scopes.of(node)
        outer = scope.parent or module.scopes.top
        qualified = f"{module.name}.{scope.name}" if module.name else scope.name
        methods: dict[str, FunctionNode] = {}
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                methods[statement.name] = statement
        rows.append((qualified, node, tuple(outer.qualified(base) for base in node.bases), methods))
    if not module.scopes.top.star_imports:
        module.__dict__["_class_rows"] = rows
    return rows


class Project:
    """The modules that are known together, and the classes in them."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.modules: list[Module] = []
        self.classes: dict[str, ClassInfo] = {}
        self.functions: dict[str, tuple[Module, FunctionNode]] = {}
        self.engine: object = None  # what `infer` knows about these modules, made when it is asked
        self.uses = Told()  # what functions do with their parameters
        self._bases: dict[int, FrameworkClass | None] = {}
        self._orders: dict[int, tuple[int, list[ClassInfo]]] = {}  # with how many modules had come in then
        self._by_name: dict[str, Module] = {}
        self.problems: list[SourceError] = []
        self.added = 0  # how many modules came in so far
        for module in modules:
            self.add(module)

    def add(self, module: Module) -> None:
        """Index the classes of ``module``."""
        self.modules.append(module)
        self.added += 1
        self.engine = None
        self._bases.clear()
        self.uses = Told()
        module.scopes.top.star_member = self.binds
        if module.name:
            self._by_name[module.name] = module
        for function in module.scopes.functions:
            scope = module.scopes.of(function)
            if scope.outer is module.scopes.top:
                name = f"{module.name}.{function.name}" if module.name else function.name
                self.functions[name] = (module, function)
        for qualified, node, bases, methods in class_rows(module):
            self.classes[qualified] = ClassInfo(node.name, qualified, module, node, bases, methods)

    def mentioning(self, name: str) -> list[Module] | None:
        """Return the modules in whose text ``name`` occurs: what to look through for uses of a function or class.

        ``None`` where they are too many to look at: then nothing is known.  Cheaper by far than going over ``modules``,
        which parses files of a large repository only to find nothing in them.
        """
        return [module for module in self.modules if name in module.source.text]

    def deriving_from(self, name: str) -> list[Module]:
        """Return the modules, as far as they are known, in which classes may derive from one of that name."""
        return self.mentioning(name) or self.using(name)

    def using(self, name: str) -> list[Module]:
        """Return the modules that are known to mention ``name``; there can be others."""
        return [module for module in self.modules if name in module.source.text]

    def calling(self, name: str, *, method: bool = False) -> list[Module]:
        """Return the modules that are known to call something (a method) of that name, or to give it another one."""
        return self.using(name)

    def is_outside(self, module: Module) -> bool:
        """Whether ``module`` is read only for the sake of another one."""
        return False

    def classes_of(self, module: Module) -> Iterator[ClassInfo]:
        """Yield the classes of one module in the order of the file."""
        for info in self.classes.values():
            if info.module is module:
                yield info

    def kind_named(self, resolved: str) -> str:
        """Return what a resolved name is in the repository: ``class``, ``function``, ``module`` or ``""`` for neither.

        Nothing is parsed for it.
        """
        kinds = (("class", self.classes), ("function", self.functions), ("module", self._by_name))
        return next((kind for kind, names in kinds if names.get(resolved) is not None), "")

    def lineage(self, info: ClassInfo) -> list[ClassInfo]:
        """Return what :meth:`mro` does, for questions of names alone: nothing is parsed for it.

        What is returned may have no trees: neither ``node`` nor the nodes of ``methods`` are to be looked at.
        """
        return self.mro(info)

    def has_class(self, qualified: str) -> bool:
        """Whether the repository has a class of that qualified name (nothing is parsed for it)."""
        return self.class_named(qualified) is not None

    def defining(self, info: ClassInfo, method: str) -> str:
        """Return the qualified name of the class that defines a method of ``info``, or an empty text."""
        return next((owner.qualified for owner in self.lineage(info) if method in owner.methods), "")

    def function_named(self, qualified: str) -> tuple[Module, FunctionNode] | None:
        """Return the repository's module-level function that a qualified name leads to, with its module."""
        return self.functions.get(self.resolve(qualified))

    def unit_named(self, qualified: str) -> tuple[str, str] | None:
        """Return the file and the local name of the module class or function that a name leads to.

        Nothing is parsed for it.
        """
        info = self.class_named(qualified)
        if info is not None:
            base = self.framework_base(info)
            return self._place(info.module, info.qualified) if base and base.role == "module" else None
        name = self.resolve(qualified)
        found = self.functions.get(name)
        return self._place(found[0], name) if found is not None else None

    def _place(self, module: Module, qualified: str) -> tuple[str, str]:
        return self.path_of(module), qualified.removeprefix(f"{module.name}." if module.name else "")

    @staticmethod
    def path_of(module: Module) -> str:
        """Return the path of the file that a module of this project stands for."""
        return module.source.path

    def module_named(self, name: str | None) -> Module | None:
        """Return the module with that dotted name."""
        return self._by_name.get(name) if name else None

    def binds(self, module: str, name: str) -> bool:
        """Whether ``from module import *`` gives ``name``, for a module of the repository."""
        if name.startswith("_"):
            return False
        work, seen = [module], set[str]()
        while work:
            current = work.pop(0)
            found = self._by_name.get(current)
            if found is None or current in seen:
                continue
            seen.add(current)
            if name in found.scopes.top.bindings:
                return True
            work += found.scopes.top.star_imports
        return False

    def resolve(self, name: str) -> str:
        """Follow re-exports (``from .layers import Block`` in a package's ``__init__``) to where a name is defined."""
        for _ in range(_MAX_REEXPORTS):
            if name in self.classes or name in self.functions or name in self._by_name:
                return name
            module, rest = self._by_name.get(""), name
            owner = name
            while "." in owner and module is None:
                owner, _, _ = owner.rpartition(".")
                module = self._by_name.get(owner)
            if module is None:
                return name
            rest = name[len(owner) + 1 :]
            first, _, tail = rest.partition(".")
            target = module.scopes.top.qualified(ast.Name(first, ast.Load()))
            if target is None:
                target = next(
                    (f"{star}.{first}" for star in module.scopes.top.star_imports if star in self._by_name
                     and first in self._by_name[star].scopes.top.bindings), None
                )  # fmt: skip
            if target is None or target.startswith("builtins."):
                return name
            found = canonical(f"{target}.{tail}" if tail else target)
            if found == name:
                return name
            name = found
        return name

    def class_named(self, qualified: str | None) -> ClassInfo | None:
        """Return the repository's class with that qualified name."""
        if not qualified:
            return None
        found = self.classes.get(qualified)
        if found is None and len(self._by_name) > 1:
            found = self.classes.get(self.resolve(qualified))
        return found

    def mro(self, info: ClassInfo) -> list[ClassInfo]:
        """Return ``info`` and its bases in the repository, nearest first (left to right, depth first, no repeats)."""
        known = self._orders.get(id(info))
        if known is not None and known[0] == self.added:  # what names stand for can change only with another module
            return list(known[1])
        before = self.added
        order: list[ClassInfo] = []
        work = [info]
        while work:
            current = work.pop(0)
            if current in order:
                continue
            order.append(current)
            work[:0] = [base for name in current.bases if (base := self.class_named(name)) is not None]
        if self.added == before:
            self._orders[id(info)] = (before, order)
        return list(order)

    def method(self, info: ClassInfo, name: str) -> tuple[ClassInfo, FunctionNode] | None:
        """Return the class that defines the method which ``info`` has under ``name``, with its definition."""
        for owner in self.mro(info):
            if name in owner.methods:
                return owner, owner.methods[name]
        return None

    def next_method(self, start: ClassInfo, info: ClassInfo, name: str) -> tuple[ClassInfo, FunctionNode] | None:
        """Return what ``super().name`` leads to in a method of ``info``, for an instance of ``start``."""
        line = self.lineage(start)
        at = next((index for index, row in enumerate(line) if row.qualified == info.qualified), None)
        after = self.lineage(info)[1:] if at is None else line[at + 1 :]
        row = next((row for row in after if name in row.methods), None)
        owner = self.class_named(row.qualified) if row is not None else None
        return (owner, owner.methods[name]) if owner is not None and name in owner.methods else None

    def framework_base(self, info: ClassInfo) -> FrameworkClass | None:
        """Return the nearest framework class that ``info`` derives from at any distance, or ``None``."""
        if id(info) not in self._bases:
            self._bases[id(info)] = self._find_base(info)
        return self._bases[id(info)]

    def _find_base(self, info: ClassInfo) -> FrameworkClass | None:
        order = self.mro(info)
        for owner in order:
            for name in owner.bases:
                if name and self.class_named(name) is None and (found := self._framework_class(name)) is not None:
                    return found
        for owner in order:  # the framework's own sources are read: here is the root itself
            if is_root(owner.qualified):
                return framework_class(canonical(owner.qualified))
        return None

    def _framework_class(self, name: str) -> FrameworkClass | None:
        """Return the framework's class that a name leads to, also through modules that hand it on."""
        return framework_class(name) or framework_class(self.resolve(name))

    def unresolved_bases(self, info: ClassInfo) -> list[str]:
        """Return the texts of bases, at any distance, that are neither in the repository nor known."""
        unknown: list[str] = []
        for owner in self.lineage(info):
            strange = [index for index, name in enumerate(owner.bases) if not self._is_known(name)]
            known = self.class_named(owner.qualified) if strange else None
            if known is not None:
                unknown += [ast.unparse(known.node.bases[index]) for index in strange]
        return unknown

    def _is_known(self, base: str | None) -> bool:
        return base is not None and (
            base.startswith(("builtins.", "abc.", "typing.", "collections."))
            or self.has_class(base)
            or self._framework_class(base) is not None
        )
