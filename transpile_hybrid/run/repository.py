"""The sources of a run, and what lies beside them on disk; parsed modules are kept for a while."""

from __future__ import annotations

import os
from collections import Counter, OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..source.finder import Finder

if TYPE_CHECKING:
    from ..meaning.index import Row
    from ..meaning.module import Module
    from ..source.document import Document
    from ..source.source import Source
    from .mentions import Mentions

_HELD = 2_500_000  # characters of source whose trees are kept; a tree takes about fifty times as much memory
_WEIGHT = 2  # how much more memory the file takes that is judged than one that is held
_REMEMBERED = 4_000  # questions for modules, after which each of them counts for half
_SMALL = 1_000_000  # a run of at most so many characters is small: rules may look at all of it


class Repository:
    """The sources of a run, and what lies beside them on disk.

    ``members`` are the paths of the run; ``overlay`` are sources that stand for files (a rewritten file, standard
    input).
    """

    def __init__(self, members: Iterable[str] = (), overlay: dict[str, Source] | None = None) -> None:
        self.overlay = {os.path.abspath(path): source for path, source in (overlay or {}).items()}
        self.members = [os.path.abspath(path) for path in members]
        self.finder = Finder(self.overlay)
        self._held: OrderedDict[str, Module] = OrderedDict()
        self._room = _HELD
        self._size = 0
        self.parsed = 0  # characters, since somebody last asked
        self._asked: Counter[str] = Counter()
        self._rows: dict[str, Row | None] = {}
        self._heads: dict[str, frozenset[str]] = {}
        self._retired: list[Module] = []
        self._lent: set[str] = set()  # whose modules the view in use may have
        self._small: bool | None = None
        self._root = ""
        self._mentions: Mentions | None = None

    def put(self, source: Source) -> None:
        """Let ``source`` stand for the file at its path from now on."""
        self.restore(os.path.abspath(source.path), source)

    def restore(self, path: str, source: Source | None) -> None:
        """Let ``source`` stand for the file at an absolute path again, ``None``: the file itself."""
        if source is None:
            self.overlay.pop(path, None)
        else:
            self.overlay[path] = source
        self._rows.pop(path, None)
        self._heads.pop(path, None)
        self._forget(path)

    def changed(self, path: str) -> None:
        """Look at the file at an absolute path again: it was written, or nothing stands for it any more."""
        self._rows.pop(path, None)
        self._heads.pop(path, None)
        self._forget(path)
        self._small = self._mentions = None

    def source(self, path: str) -> Source:
        """Return the source at an absolute path.  Raises :class:`SourceError`."""
        from ..source.source import Source

        return self.overlay.get(path) or Source.read(path)

    def document(self, path: str) -> Document:
        """Return the notebook or Markdown document at a path.  Raises :class:`SourceError`."""
        from ..source.document import document_of, read_document

        over = self.overlay.get(os.path.abspath(path))
        return document_of(over.to_bytes(), path) if over is not None else read_document(path)

    def text(self, path: str) -> str:
        """Return the text at an absolute path, ``""`` where it can't be read."""
        from ..source.source import SourceError

        held = self._held.get(path)
        if held is not None:
            return held.source.text
        try:
            return self.source(path).text
        except SourceError:
            return ""

    def module(self, path: str) -> Module:
        """Return the parsed module at an absolute path (kept for a while).  Raises :class:`SourceError`."""
        self._lent.add(path)
        return self._parsed(path)

    def _parsed(self, path: str) -> Module:
        self._asked[path] += 1
        held = self._held.get(path)
        if held is not None:
            self._held.move_to_end(path)
            return held
        if self._asked.total() > _REMEMBERED:  # what another package asked for long ago counts less and less
            self._asked = Counter({one: count // 2 for one, count in self._asked.items() if count > 1})
        module = self.module_of(self.source(path))
        self._held[path] = module
        self._size += len(module.source.text)
        while self._size > self._room and len(self._held) > 1:
            self._forget(self._least_asked(path))
        return module

    def _least_asked(self, but: str = "") -> str:
        """Return the held file that was asked for least, of several the one that was so longest ago.

        The files that nearly all others lead to are kept so, whatever comes in between.
        """
        return min((path for path in self._held if path != but), key=self._asked.__getitem__)

    def row(self, path: str) -> Row | None:
        """Return what the file at an absolute path defines, ``None`` where it can't be parsed; kept for the run."""
        if path not in self._rows:
            from ..meaning.index import row_of
            from ..source.source import SourceError

            self._rows[path] = None
            with suppress(SourceError):
                module = self._parsed(path)
                top = module.scopes.top
                member, top.star_member = top.star_member, None  # the view that asks; a row is for all
                self._rows[path] = row_of(module)
                top.star_member = member
        return self._rows[path]

    def heads(self, path: str) -> frozenset[str]:
        """Return the words by which the classes in the file at an absolute path may name what they derive from."""
        found = self._heads.get(path)
        if found is None:
            from .mentions import bases_in

            found = self._heads[path] = bases_in(self.text(path))
        return found

    def enter(self, path: str, size: int = 0) -> None:
        """Tell that the file at an absolute path, of so many characters, is judged next.

        What is held of another project can go, and what there is no room for beside all that is found out of this file.
        """
        root = self.finder.roots(path)[-1]
        if root != self._root:
            self._root = root
            self._rows.clear()
            self._asked.clear()
            for held in list(self._held):
                self._forget(held)
        self._room = max(_HELD - _WEIGHT * size, 0)
        while self._size > self._room:
            self._forget(self._least_asked())
        self.bury()

    def module_of(self, source: Source) -> Module:
        """Parse ``source``.  Raises :class:`SourceError`."""
        from ..meaning.module import Module

        source.tree  # noqa: B018
        self.parsed += len(source.text)
        return Module(source, *self.finder.name_of(source.path))

    def _forget(self, path: str) -> None:
        module = self._held.pop(path, None)
        if module is not None:
            self._size -= len(module.source.text)
            if path in self._lent:
                self._retired.append(module)  # a view may have it
            else:
                _take_apart(module)

    def bury(self) -> None:
        """Take apart the modules that were let go: what rules keep with them makes cycles.  No view may be in use."""
        for module in self._retired:
            _take_apart(module)
        self._retired.clear()
        self._lent.clear()

    @property
    def mentions(self) -> Mentions:
        """The index of who mentions what (built when it is first asked for)."""
        if self._mentions is None:
            from .mentions import Mentions

            self._mentions = Mentions(self)
        return self._mentions

    @property
    def small(self) -> bool:
        """Whether the whole run may be parsed for the sake of one file."""
        if self._small is None:
            size = 0
            for path in self.members:
                source = self.overlay.get(path)
                size += len(source.text) if source is not None else _size(path)
                if size > _SMALL:
                    break
            self._small = size <= _SMALL
        return self._small


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _take_apart(module: Module) -> None:
    module.source.forget_tree()  # sources that stand for files live on
    module.__dict__.clear()
