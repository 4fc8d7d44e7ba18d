"""What the names of one judged file lead to, without the trees of the files on the way.

A name is followed through ``__init__`` files, re-exports and star imports by the :class:`~..meaning.index.Row` of each
file, which is made once in a run.  Only the file in which something is defined has to be parsed then, and only where
somebody wants to know what stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..meaning.index import Index, row_of
from ..meaning.module import Module
from ..meaning.names import BUILTINS
from ..source.finder import Trail

if TYPE_CHECKING:
    from ..meaning.classes import ClassInfo
    from .repository import Repository

_MAX_HOPS, _MAX_STARS = 12, 40
_STAR = re.compile(r"import\s*\(?\s*\*")


class Lookup(Index):
    """An index that reads a file's row when a name leads there.

    ``own`` is the judged module and ``parsed`` gives the module of another file, or ``None``.  What is read is noted in
    ``trail``: the results rest on it.
    """

    def __init__(
        self, repository: Repository, own: Module, trail: Trail, parsed: Callable[[str], Module | None]
    ) -> None:
        super().__init__()
        self.repository, self.trail, self.parsed = repository, trail, parsed
        self.here = own.source.path
        self._read: set[str] = set()
        self._asked: set[str] = set()
        self._resolved: dict[str, tuple[int, str]] = {}  # with how many files had been read then
        self._by_star: dict[tuple[str, str], bool] = {}  # module and name: whether a star import of it gives the name

    def put(self, path: str, module: Module) -> None:
        """Take in a module that is parsed already, the judged one above all."""
        self._read.add(path)
        self._asked.add(module.name)
        self.add_row(path, row_of(module))

    # ------------------------------------------------------------------ what a project answers, read as it is asked
    def class_named(self, qualified: str | None) -> ClassInfo | None:
        if qualified:
            self.ensure(qualified)
        return super().class_named(qualified)

    def module_named(self, name: str | None) -> Module | None:
        if name:
            self.ensure(name)
        return super().module_named(name)

    def resolve(self, name: str) -> str:
        known = self._resolved.get(name)
        if known is None or known[0] != len(self._read):
            found = self._resolve(name)
            known = self._resolved[name] = (len(self._read), found)
        return known[1]

    def _resolve(self, name: str) -> str:
        for _ in range(_MAX_HOPS):
            self.ensure(name)
            self._ensure_stars(name)
            found = super().resolve(name)
            if found == name:
                break
            name = found
        return name

    def ensure(self, qualified: str) -> None:
        """Read the rows of the modules that a qualified name leads through."""
        dotted = qualified
        while dotted and dotted not in self._asked:
            self._asked.add(dotted)
            self._load(self.repository.finder.find(dotted, self.here, self.trail))
            dotted = dotted.rpartition(".")[0]

    # ------------------------------------------------------------------ reading
    def _load(self, path: str) -> None:
        if not path or path in self._read:
            return
        self._read.add(path)
        self.trail.read.add(path)
        row = self.repository.row(path)
        if row is None or row.name in self._by_name:
            return  # it has its own report; or two scripts have one name, and the nearer is known already
        if row.stars and any(None in bases for _, bases, *_ in row.classes):
            module = self.parsed(path)  # what its bases are, star imports tell, and a row knows nothing of those
            row = row if module is None else row_of(module)
        self._asked.add(row.name)
        self.add_row(path, row)

    def _ensure_stars(self, name: str) -> None:
        """Read the modules from which a package's ``from x import *`` may have got the next part of ``name``."""
        owner, _, rest = name.rpartition(".")
        while owner and (module := self._by_name.get(owner)) is None:
            owner, _, more = owner.rpartition(".")
            rest = f"{more}.{rest}"
        first = rest.partition(".")[0]
        if not owner or module is None or first in module.scopes.top.bindings:
            return
        for star in module.scopes.top.star_imports[:_MAX_STARS]:
            path = self.repository.finder.find(star, self.here, self.trail)
            if path and first in self.repository.text(path):
                self._load(path)

    def binds(self, module: str, name: str) -> bool:
        if name.startswith("_"):
            return False
        known = self._by_star.get((module, name))
        if known is None:
            known = self._by_star[module, name] = self._found_by_star(module, name)
        return known

    def _found_by_star(self, module: str, name: str) -> bool:
        """Look through the modules that ``from module import *`` leads to, the nearest first.

        Only those whose text may bind the name, or leads on, are read, and not more than :data:`_MAX_STARS` are looked
        at: a package that imports all of its parts by stars leads to each file of a large repository.
        """
        work, seen = [module], {""}
        while work and len(seen) <= _MAX_STARS:
            current = work.pop(0)
            path = self.repository.finder.find(current, self.here, self.trail)
            if path in seen:
                continue
            seen.add(path)
            self.trail.read.add(path)
            text = self.repository.text(path)
            if not (name in text and _may_bind(text, name)) and not _STAR.search(text):
                continue
            self.ensure(current)
            found = self._by_name.get(current)
            if found is not None:
                if name in found.scopes.top.bindings:
                    return True
                work += found.scopes.top.star_imports
        return False


def _may_bind(text: str, name: str) -> bool:
    """Whether a line of ``text`` looks as if it gave ``name`` a value: most only use it."""
    by_word = rf"\b(?:def|class|as|import|for)\s+{name}\b|^[ \t]*{name}\s*(?:[:=,)]|$)"
    in_row = "" if name in BUILTINS else rf"|[,(]\s*{name}\s*(?:[,)=\\]|as\b|$)"
    return re.search(by_word + in_row, text, re.MULTILINE) is not None
