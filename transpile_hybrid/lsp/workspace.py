"""Folders that are open in the editor: their settings, their files, and the repository that names are looked up in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..config import Config, ConfigError, ConfigFinder, codes
from ..run.check import find_files
from ..run.judge import Judge
from ..run.repository import Repository
from ..source.discover import discover
from ..source.source import Source, SourceError
from ..targets import UnknownTarget, parse_targets

CONFIG_FILES = ("pyproject.toml", ".transpile-hybrid.toml", ".gitignore")
_OPTIONS = {"target": "target", "select": "select", "ignore": "ignore", "extendSelect": "extend_select"}


@dataclass
class Folder:
    """One open folder (``""``: files outside of all); ``repository`` is made when it is first asked for."""

    root: str
    repository: Repository | None = None
    members: frozenset[str] = frozenset()


@dataclass
class Workspace:
    """What is open.  ``say`` is told, once each, what in the settings can't be used."""

    say: Callable[[str], None] = lambda text: None
    folders: list[Folder] = field(default_factory=list)
    overlay: dict[str, Source] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    _configs: ConfigFinder | None = None
    _said: set[str] = field(default_factory=set)
    _wanted: dict[str, bool] = field(default_factory=dict)

    # folders

    def set_roots(self, roots: Iterable[str]) -> None:
        """Let these (absolute) folders be the open ones; what is known about those that stay is kept."""
        known = {folder.root: folder for folder in self.folders}
        ordered = sorted(set(roots), key=lambda root: (-len(root), root))
        self.folders = [known.get(root) or Folder(root) for root in ordered]

    def folder_of(self, path: str) -> Folder:
        """Return the innermost open folder that holds a file, or one that holds nothing else."""
        for folder in self.folders:
            if path == folder.root or path.startswith(folder.root.rstrip(os.sep) + os.sep):
                return folder
        return Folder("")

    def judge(self, path: str) -> Judge:
        """Return what judges the file at an absolute path, with the files that ``check`` in its folder would see."""
        folder = self.folder_of(path)
        if folder.repository is None or (folder.root and path not in folder.members):
            members = {path} | self._files(folder)
            folder.members = frozenset(members)
            folder.repository = Repository(sorted(members), dict(self.overlay))
        return Judge(folder.repository)

    def _files(self, folder: Folder) -> set[str]:
        if not folder.root:
            return set()
        try:
            found = find_files((folder.root,), self._adjust)
        except ConfigError as exc:
            self._tell(str(exc))
            return set()
        return {os.path.abspath(file) for file in found.files}

    # texts

    def put(self, source: Source) -> None:
        """Let an open document stand for its file."""
        self.overlay[source.path] = source
        for folder in self.folders:
            if folder.repository is not None and source.path in folder.members:
                folder.repository.put(source)

    def close(self, path: str) -> None:
        """Let the file on disk count again."""
        self.overlay.pop(path, None)
        self.touched(path)

    def touched(self, path: str) -> None:
        """A file was written, made or removed."""
        here = os.path.exists(path) or path in self.overlay
        for folder in self.folders:
            repository = folder.repository
            if repository is None:
                continue
            if (path in folder.members) != here and path.startswith(folder.root):
                folder.repository = None  # its list of files is made anew
            else:
                if path not in self.overlay:
                    repository.overlay.pop(path, None)
                repository.changed(path)

    # settings

    def reload(self) -> None:
        """Settings or ignore files changed: read them, and the lists of files, again."""
        self._configs = None
        self._said.clear()
        self._wanted.clear()
        for folder in self.folders:
            folder.repository = None

    def config(self, path: str) -> Config:
        """Return the settings of a file; where they can't be used, the defaults (and it is said why)."""
        if self._configs is None:
            self._configs = ConfigFinder()
        try:
            return self._adjust(self._configs.of_file(path))
        except ConfigError as exc:
            self._tell(str(exc))
            return self._adjust(Config())

    def _adjust(self, config: Config) -> Config:
        given: dict[str, Any] = {}
        for key, name in _OPTIONS.items():
            value = self.options.get(key)
            items = (value,) if isinstance(value, str) else tuple(value or ())
            try:
                if key == "target":
                    given[name] = parse_targets(list(items)) if items else ()
                else:
                    given[name] = codes(tuple(map(str, items)), key)
            except (UnknownTarget, ConfigError) as exc:
                self._tell(str(exc))
        return config.with_options(**given)

    def wanted(self, path: str) -> bool:
        """Whether a file is to be judged: not where settings or git exclude it."""
        known = self._wanted.get(path)
        if known is None:
            if self._configs is None:
                self._configs = ConfigFinder()
            known = self._wanted[path] = self._is_wanted(path)
        return known

    def _is_wanted(self, path: str) -> bool:
        if not os.path.exists(path):
            return True  # a new file
        try:
            from ..run.check import _excluder

            assert self._configs is not None
            finder = self._configs
            return bool(discover((path,), (), _excluder(finder.of), force=True))
        except (ConfigError, SourceError):
            return True

    def _tell(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.say(text)
