"""The repository as one judged file sees it: its own module, and others as they are asked for.

A whole repository parsed at once doesn't fit into memory, and what is known about one file must not depend on which
files were judged before it.  So each file gets a :class:`View` of its own: a project that starts with the file's module
and parses another one when what stands in it is asked for.  Where a name leads, :class:`~.lookup.Lookup` knows.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from typing import Any

from ..meaning.classes import ClassInfo, Project
from ..meaning.module import Module
from ..meaning.names import FunctionNode
from ..meaning.tables import FrameworkClass
from ..source.finder import Trail
from ..source.source import SourceError
from .lookup import Lookup
from .mentions import may_call
from .repository import Repository

_ROOTS = {"torch": "torch.nn.Module", "mxnet": "mxnet.gluon.Block", "tensorflow": "keras.Model"}


class _Classes(dict[str, ClassInfo]):
    """The classes of a view; going over all of them loads all that may be loaded."""

    view: View

    def values(self) -> Any:
        self.view.load_all()
        return super().values()

    def items(self) -> Any:
        self.view.load_all()
        return super().items()

    def __iter__(self) -> Iterator[str]:
        self.view.load_all()
        return super().__iter__()


class View(Project):
    """The project as one file sees it."""

    def __init__(
        self,
        repository: Repository,
        module: Module,
        trail: Trail | None = None,
        bases: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.repository = repository
        self.extra_bases = dict(bases)
        self.own = module
        self.trail = trail if trail is not None else Trail()
        self._modules: list[Module] = []
        self._here = os.path.abspath(module.source.path)
        self._loaded: set[str] = {self._here}
        self._paths: dict[str, Module] = {self._here: module}
        self._complete = False
        self._named: dict[str, tuple[int, ClassInfo | None]] = {}
        self._looked: set[tuple[str, str]] = set()  # how, and for which names, other files were looked through
        self._by_word: dict[str, tuple[int, list[Module]]] = {}
        self._by_module: tuple[tuple[int, int], dict[int, list[ClassInfo]]] = ((0, 0), {})
        self.lookup = Lookup(repository, module, self.trail, self._parsed)
        super().__init__()
        self.classes = _Classes()
        self.classes.view = self
        self.add(module)
        self.lookup.put(self._here, module)

    @property
    def modules(self) -> list[Module]:
        """All modules that may matter: of a small run all, else those asked for and those that mention this one."""
        self.load_all()
        return self._modules

    @modules.setter
    def modules(self, value: list[Module]) -> None:
        self._modules = value

    def add(self, module: Module) -> None:
        complete, self._complete = self._complete, True  # `add` itself must not load everything
        engine, uses = getattr(self, "engine", None), getattr(self, "uses", None)
        try:
            super().add(module)
        finally:
            self._complete = complete
            # what is known holds: no name was asked for before its module was there
            self.engine = engine
            if uses is not None:
                self.uses = uses

    def is_outside(self, module: Module) -> bool:
        return module is not self.own

    def classes_of(self, module: Module) -> Iterator[ClassInfo]:
        stamp = (self.added, len(self.classes))
        if self._by_module[0] != stamp:
            found: dict[int, list[ClassInfo]] = {}
            for info in dict.values(self.classes):
                found.setdefault(id(info.module), []).append(info)
            self._by_module = (stamp, found)
        yield from self._by_module[1].get(id(module), ())

    def class_named(self, qualified: str | None) -> ClassInfo | None:
        if not qualified:
            return None
        known = self._named.get(qualified)
        if known is None or known[1] is None and known[0] != self.added:
            found = self._class_named(qualified)
            known = self._named[qualified] = (self.added, found)
        return known[1]

    def _class_named(self, qualified: str) -> ClassInfo | None:
        found = self.lookup.class_named(qualified)
        if found is None:  # unless it stands in a file that was loaded for another reason, and that no import leads to
            return dict.get(self.classes, qualified)
        self._load(self.lookup.path_of(found.module))
        return dict.get(self.classes, found.qualified)

    def kind_named(self, resolved: str) -> str:
        if dict.get(self.classes, resolved) is not None:  # it may stand in a file that no import leads to
            return "class"
        self.lookup.ensure(resolved)
        return self.lookup.kind_named(resolved)

    def lineage(self, info: ClassInfo) -> list[ClassInfo]:
        row = self.lookup.classes.get(info.qualified)
        return super().lineage(info) if row is None else self.lookup.mro(row)

    def has_class(self, qualified: str) -> bool:
        return dict.get(self.classes, qualified) is not None or self.lookup.has_class(qualified)

    def function_named(self, qualified: str) -> tuple[Module, FunctionNode] | None:
        name = self.lookup.resolve(qualified)
        found = self.lookup.functions.get(name)
        if found is not None:
            self._load(self.lookup.path_of(found[0]))
        return self.functions.get(name)

    def unit_named(self, qualified: str) -> tuple[str, str] | None:
        found = self.lookup.unit_named(qualified)
        return (self.own.source.path, found[1]) if found is not None and found[0] == self._here else found

    def module_named(self, name: str | None) -> Module | None:
        found = self.lookup.module_named(name)
        if found is None:
            return None
        self._load(self.lookup.path_of(found))
        return super().module_named(name)

    def method(self, info: ClassInfo, name: str) -> tuple[ClassInfo, FunctionNode] | None:
        row = self.lookup.classes.get(info.qualified)
        if row is None:
            return super().method(info, name)
        found = self.lookup.method(row, name)
        owner = self.class_named(found[0].qualified) if found is not None else None
        return (owner, owner.methods[name]) if owner is not None and name in owner.methods else None

    def binds(self, module: str, name: str) -> bool:
        return self.lookup.binds(module, name)

    def resolve(self, name: str) -> str:
        return self.lookup.resolve(name)

    def framework_base(self, info: ClassInfo) -> FrameworkClass | None:
        row = self.lookup.classes.get(info.qualified)
        found = super().framework_base(info) if row is None else self.lookup.framework_base(row)
        if found is not None or not self.extra_bases:
            return found
        for owner in self.mro(info):
            for name in owner.bases:
                if name in self.extra_bases:
                    framework = self.extra_bases[name]
                    root = _ROOTS[framework]
                    return FrameworkClass(name, framework, "module", root, False)
        return None

    def unresolved_bases(self, info: ClassInfo) -> list[str]:
        found = super().unresolved_bases(info)
        if not self.extra_bases:
            return found
        known = {
            ast.unparse(n)
            for o in self.mro(info)
            for q, n in zip(o.bases, o.node.bases, strict=True)
            if q in self.extra_bases
        }
        return [text for text in found if text not in known]

    def dispose(self) -> None:
        """Break the cycles in what was found out, so that the trees go away at once."""
        for part in (getattr(self, "engine", None), self.own):
            if part is not None:
                getattr(part, "__dict__", {}).clear()
        self.classes.__dict__.clear()
        self.__dict__.clear()

    def mentioning(self, name: str) -> list[Module] | None:
        if not self.repository.small:
            files = self.repository.mentions.files(name)
            self.trail.asked_mentions[name] = files
            if files is None:
                return None
            for path in files:
                self._load(path)
        else:
            self.load_all()
        return self._with(name)

    def deriving_from(self, name: str) -> list[Module]:
        if self.repository.small:
            return self.mentioning(name) or []
        if ("deriving", name) not in self._looked:
            self._looked.add(("deriving", name))
            files = self.trail.asked_mentions[name] = self.repository.mentions.files(name)
            if not files:
                files = self.trail.related = self.repository.mentions.related(self._here)
            for path in files:
                self.trail.read.add(path)
                if name in self.repository.heads(path):
                    self._load(path)
        return self._with(name)

    def using(self, name: str) -> list[Module]:
        if ("using", name) not in self._looked:
            self._looked.add(("using", name))
            for path in self._related_with(name):
                self._load(path)
        return self._with(name)

    def calling(self, name: str, *, method: bool = False) -> list[Module]:
        key = ("method" if method else "calling", name)
        if key not in self._looked:
            self._looked.add(key)
            for path in self._related_with(name):
                self.trail.read.add(path)
                if path not in self._loaded and may_call(self.repository.text(path), name, method):
                    self._load(path)
        return self._with(name)

    def _with(self, name: str) -> list[Module]:
        """Return the modules that are known so far and have ``name`` in their text."""
        known = self._by_word.get(name)
        if known is None or known[0] != len(self._modules):
            found = [module for module in self._modules if name in module.source.text]
            known = self._by_word[name] = (len(self._modules), found)
        return known[1]

    def _related_with(self, name: str) -> list[str]:
        """Return the files that mention what this one defines and may mention ``name``; none where all are loaded."""
        if self.repository.small:
            self.load_all()
        if self._complete:
            return []
        mentions = self.repository.mentions
        files = mentions.files(name)
        self.trail.asked_mentions[name] = files
        self.trail.related = mentions.related(self._here)
        return [path for path in self.trail.related if files is None or path in files]

    def load_all(self) -> None:
        """Load the whole run if it is small, else the files that mention what this one defines."""
        if self._complete:
            return
        self._complete = True
        if self.repository.small:
            self.trail.whole = True
            for path in self.repository.members:
                self._load(path)
        else:
            self.trail.related = self.repository.mentions.related(self._here)
            for path in self.trail.related:
                self._load(path)

    def _parsed(self, path: str) -> Module | None:
        """Return the module of a file, as part of this view; ``None`` where it can't be one."""
        self._load(path)
        return self._paths.get(path)

    def _load(self, path: str) -> None:
        if not path or path in self._loaded:
            return
        self._loaded.add(path)
        self.trail.read.add(path)
        try:
            module = self.repository.module(path)
        except SourceError:
            return  # it has its own report
        name = module.name
        if any(one.name == name for one in self._modules):
            return  # two scripts of the same name: the nearer one is known already
        self._paths[path] = module
        self.add(module)
