"""Which file is module ``a.b.c``?  Answered from the folders on disk, as Python's import system would, without
importing.

What was asked is remembered by a :class:`Trail`, so that a judgement can be kept for as long as the answers stay the
same.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

_FRAMEWORKS = frozenset({"torch", "mxnet", "tensorflow", "keras"})
_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg", ".hg")


@dataclass
class Trail:
    """What one judgement looked at besides its own file.

    ``asked``: dotted names with the file that each led to (``""``: none); ``read``: files that were read; ``whole``:
    whether all files of the run were looked at; ``related``: the files that were found to mention what the own one
    defines; ``asked_mentions``: names with the files that mention them (``None``: too many).
    """

    asked: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    whole: bool = False
    related: list[str] | None = None
    asked_mentions: dict[str, list[str] | None] = field(default_factory=dict)


class Finder:
    """Finds modules of the user's own repository; ``extra`` are paths of sources that are in memory only.

    ``stamps`` are the times of the folders that were listed, taken before that.
    """

    def __init__(self, extra: Mapping[str, object] | None = None) -> None:
        self.extra = extra or {}
        self._listings: dict[str, frozenset[str]] = {}
        self.stamps: dict[str, int] = {}
        self._packages: dict[str, tuple[str, ...]] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, str], str] = {}
        for path in self.extra:
            self._add_extra(os.path.abspath(path))

    def _add_extra(self, path: str) -> None:
        folder, name = os.path.split(path)
        if name not in self.listing(folder):
            self._listings[folder] = self.listing(folder) | {name}
            while folder and os.path.dirname(folder) != folder:
                folder, name = os.path.split(folder)
                self._listings[folder] = self.listing(folder) | {name}

    def listing(self, folder: str) -> frozenset[str]:
        """Return the names in a folder (read once a run)."""
        found = self._listings.get(folder)
        if found is None:
            try:
                self.stamps[folder] = os.stat(folder or ".").st_mtime_ns
                found = frozenset(os.listdir(folder or "."))
            except OSError:
                found = frozenset()
            self._listings[folder] = found
        return found

    def packages(self, folder: str) -> tuple[str, ...]:
        """Return the names of the packages that ``folder`` stands in, outermost first."""
        known = self._packages.get(folder)
        if known is None:
            parent, name = os.path.split(folder)
            inside = "__init__.py" in self.listing(folder) and name.isidentifier()
            known = (*self.packages(parent), name) if inside and parent != folder else ()
            self._packages[folder] = known
        return known

    def name_of(self, path: str) -> tuple[str, str]:
        """Return the dotted names (module, package) of a file."""
        folder, file = os.path.split(os.path.abspath(path))
        package = self.packages(folder)
        stem = file.rsplit(".", 1)[0]
        parts = package if stem == "__init__" and package else (*package, stem)
        return ".".join(parts), ".".join(package)

    def roots(self, path: str) -> tuple[str, ...]:
        """Return the folders in which absolute imports of a file are looked for, nearest first."""
        folder = os.path.dirname(os.path.abspath(path))
        known = self._roots.get(folder)
        if known is not None:
            return known
        top = folder
        for _ in self.packages(folder):
            top = os.path.dirname(top)
        roots = {top: None, folder: None} if top == folder else {top: None}
        project = top
        while True:
            if any(marker in self.listing(project) for marker in _MARKERS):
                roots[project] = None
                if "src" in self.listing(project):
                    roots[os.path.join(project, "src")] = None
                break
            parent = os.path.dirname(project)
            if parent == project:
                break
            project = parent
        self._roots[folder] = tuple(roots)
        return self._roots[folder]

    def find(self, dotted: str, path: str, trail: Trail | None = None) -> str:
        """Return the file of module ``dotted`` as seen from the file ``path``, or ``""``."""
        roots = self.roots(path)
        key = (roots[0], dotted)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = next((file for root in roots if (file := self._in(root, dotted))), "")
        if trail is not None:
            trail.asked[dotted] = found
        return found

    def _in(self, root: str, dotted: str) -> str:
        folder = root
        *packages, last = dotted.split(".")
        top = packages[0] if packages else last
        if top in _FRAMEWORKS and "__init__.py" not in self.listing(os.path.join(root, top)):
            return ""  # a folder of the user's that happens to be called `torch` does not hide the framework
        for name in packages:
            if name not in self.listing(folder):
                return ""
            folder = os.path.join(folder, name)
        names = self.listing(folder)
        if last in names and "__init__.py" in self.listing(os.path.join(folder, last)):
            return os.path.join(folder, last, "__init__.py")
        return os.path.join(folder, last + ".py") if last + ".py" in names else ""
