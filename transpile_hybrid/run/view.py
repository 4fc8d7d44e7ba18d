"""The repository as one judged file sees it: its own module, and others as they are asked for.

A whole repository parsed at once doesn't fit into memory, and what is known about one file must not depend on which
files were judged before it.  So each file gets a :class:`View` of its own: a project that starts with the file's module
and parses another one when a name leads there.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from typing import Any

from ..meaning.classes import ClassInfo, Project
from ..meaning.module import Module
from ..meaning.names import BUILTINS
from ..meaning.tables import FrameworkClass
from ..source.finder import Trail
from ..source.source import SourceError
from .repository import Repository

_MAX_HOPS, _MAX_STARS = 12, 40
_STAR = re.compile(r"import\s*\(?\s*\*")
_ROOTS = {"torch": "torch.nn.Module", "mxnet": "mxnet.gluon.Block", "tensorflow": "keras.Model"}


def _may_bind(text: str, name: str) -> bool:
    """Whether a line of ``text`` looks as if it gave ``name`` a value: most only use it."""
    by_word = rf"\b(?:def|class|as|import|for)\s+{name}\b|^[ \t]*{name}\s*(?:[:=,)]|$)"
    in_row = "" if name in BUILTINS else rf"|[,(]\s*{name}\s*(?:[,)=\\]|as\b|$)"
    return re.search(by_word + in_row, text, re.MULTILINE) is not None


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
        self._loaded: set[str] = {os.path.abspath(module.source.path)}
        self._asked: set[str] = {module.name}
        self._complete = False
        self._by_star: dict[tuple[str, str], bool] = {}  # module and name: whether a star import of it gives the name
        super().__init__()
        self.classes = _Classes()
        self.classes.view = self
        self.add(module)

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

    def classes_of(self, module: Module) -> Iterator[ClassInfo]:
        yield from [info for info in dict.values(self.classes) if info.module is module]

    def class_named(self, qualified: str | None) -> ClassInfo | None:
        if qualified:
            self.ensure(qualified)
        return super().class_named(qualified)

    def _binds(self, module: str, name: str) -> bool:
        if name.startswith("_"):
            return False
        known = self._by_star.get((module, name))
        if known is None:
            known = self._by_star[module, name] = self._found_by_star(module, name)
        return known

    def _found_by_star(self, module: str, name: str) -> bool:
        """Look through the modules that ``from module import *`` leads to, the nearest first.

        Only those whose text may bind the name, or leads on, are parsed, and not more than :data:`_MAX_STARS` are looked at:
        a package that imports all of its parts by stars leads to each file of a large repository.
        """
        work, seen = [module], {""}
        while work and len(seen) <= _MAX_STARS:
            current = work.pop(0)
            path = self.repository.finder.find(current, self.own.source.path, self.trail)
            if path in seen:
                continue
            seen.add(path)
            self.trail.read.add(path)
            text = self.repository.text(path)
            if not (name in text and _may_bind(text, name)) and not _STAR.search(text):
                continue
            self.ensure(current)
            found = super().module_named(current)
            if found is not None:
                if name in found.scopes.top.bindings:
                    return True
                work += found.scopes.top.star_imports
        return False

    def module_named(self, name: str | None) -> Module | None:
        if name:
            self.ensure(name)
        return super().module_named(name)

    def resolve(self, name: str) -> str:
        for _ in range(_MAX_HOPS):
            self.ensure(name)
            self._ensure_stars(name)
            found = super().resolve(name)
            if found == name:
                break
            name = found
        return name

    def _ensure_stars(self, name: str) -> None:
        """Load the modules from which a package's ``from x import *`` may have got the next part of ``name``."""
        owner, _, rest = name.rpartition(".")
        while owner and (module := super().module_named(owner)) is None:
            owner, _, more = owner.rpartition(".")
            rest = f"{more}.{rest}"
        first = rest.partition(".")[0]
        if not owner or module is None or first in module.scopes.top.bindings:
            return
        for star in module.scopes.top.star_imports[:_MAX_STARS]:
            path = self.repository.finder.find(star, self.own.source.path, self.trail)
            if path and first in self.repository.text(path):
                self._load(path)

    def framework_base(self, info: ClassInfo) -> FrameworkClass | None:
        found = super().framework_base(info)
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
        return [module for module in self._modules if name in module.source.text]

    def ensure(self, qualified: str) -> None:
        """Load the modules that a qualified name leads through."""
        dotted = qualified
        while dotted and dotted not in self._asked:
            self._asked.add(dotted)
            self._load(self.repository.finder.find(dotted, self.own.source.path, self.trail))
            dotted = dotted.rpartition(".")[0]

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
            own = os.path.abspath(self.own.source.path)
            self.trail.related = self.repository.mentions.related(own)
            for path in self.trail.related:
                self._load(path)

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
        self._asked.add(name)
        self.add(module)
