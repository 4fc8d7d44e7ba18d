"""What was found about a file, kept on disk for as long as nothing changes that it rests on.

A cache file holds the results under one tool, one interpreter and one way of asking.  A result is used again when the
file is the same (by its stat; when that differs, by its content), when the files that were read for it are, and when
the
names that were looked up still lead to the same files.  Cache files are replaced whole, so that parallel runs can't
break them: the worst is that one run's results are judged again.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import time
from _blake2 import blake2b
from collections.abc import Iterable
from dataclasses import dataclass, field

from .. import __version__
from ..report.found import FileResult
from ..source.finder import Trail
from .repository import Repository

FOLDER = ".transpile_hybrid_cache"
FORMAT = 4
_MAX_BYTES = 128 << 20
_RACY_NS = 40_000_000  # a file as young as this may change again within the clock's resolution
_MARKERS = (".git", "pyproject.toml", ".transpile-hybrid.toml", ".hg")


def digest(data: bytes) -> bytes:
    """Return a short digest."""
    return blake2b(data, digest_size=16).digest()


def tool_stamp() -> str:
    """Return what changes when the tool does: its version, the state of its own files, what is installed beside it."""
    newest = count = size = 0
    work = [os.path.dirname(os.path.dirname(__file__))]
    while work:
        with os.scandir(work.pop()) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".json")):
                    status = entry.stat()
                    newest, count, size = max(newest, status.st_mtime_ns), count + 1, size + status.st_size
                elif entry.name != "__pycache__" and entry.is_dir():
                    work.append(entry.path)
    installed = [_mtime(folder) for folder in sys.path if folder.endswith("-packages")]
    return f"{__version__} {newest} {count} {size} {installed}"


def default_folder(start: str) -> str:
    """Return where the cache of the project around ``start`` lies: in the project, or with the user's other caches."""
    named = os.environ.get("TRANSPILE_HYBRID_CACHE_DIR")
    if named:
        return named
    folder = os.path.abspath(start if os.path.isdir(start) else os.path.dirname(start) or ".")
    while True:
        if any(os.path.exists(os.path.join(folder, marker)) for marker in _MARKERS) and os.access(folder, os.W_OK):
            return os.path.join(folder, FOLDER)
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return os.path.join(home or os.path.join(os.path.expanduser("~"), ".cache"), "transpile-hybrid")


@dataclass
class Entry:
    """One file's result.

    ``read`` maps the files it rests on to their digests, ``asked`` the names that were looked up to what they led
    to; ``whole`` stands for the whole run as it was (empty: of no matter), ``related`` for the files that mentioned
    ``names`` then.
    """

    settings: bytes
    digest: bytes
    read: dict[str, bytes]
    asked: bytes
    whole: bytes
    related: bytes
    names: tuple[str, ...]
    result: bytes


Stat = tuple[int, int]


@dataclass
class Cache:
    """The results in one cache file."""

    folder: str
    file: str
    entries: dict[str, Entry] = field(default_factory=dict)
    stats: dict[str, tuple[int, int, bytes]] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    plugins: dict[str, int | None] = field(default_factory=dict)
    changed: bool = False
    hits: int = 0
    _digests: dict[str, bytes | None] = field(default_factory=dict)
    _same_folders: dict[str, bool] = field(default_factory=dict)
    _good: set[str] = field(default_factory=set)

    @staticmethod
    def open(folder: str, asked: str) -> Cache:
        """Open the cache for a way of asking (targets and options); one that can't be read is empty."""
        name = digest(f"{FORMAT}|{tool_stamp()}|{sys.version}|{asked}".encode()).hex()
        cache = Cache(folder, os.path.join(folder, f"{name}.bin"))
        try:
            with open(cache.file, "rb") as handle:
                cache.plugins, cache.stats, cache.folders, entries = marshal.loads(handle.read())
            if any(_mtime(file) != stamp for file, stamp in cache.plugins.items()):
                raise ValueError("the rules of a plugin have changed")
            cache.entries = {path: Entry(*entry) for path, entry in entries.items()}
        except (OSError, ValueError, EOFError, TypeError):
            cache.plugins, cache.stats, cache.folders, cache.entries = {}, {}, {}, {}
        return cache

    def current(self, path: str, data: bytes | None = None) -> bytes | None:
        """Return the digest of a file's content now (known without reading where its stat is the same)."""
        if path in self._digests:
            return self._digests[path]
        found: bytes | None = None
        with contextlib.suppress(OSError):
            status = os.stat(path)
            known = self.stats.get(path)
            if known is not None and known[0] == status.st_mtime_ns and known[1] == status.st_size:
                found = known[2]
            else:
                if data is None:
                    with open(path, "rb") as handle:
                        data = handle.read()
                found = digest(data)
                racy = time.time_ns() - status.st_mtime_ns < _RACY_NS
                self.stats[path] = (-1 if racy else status.st_mtime_ns, status.st_size, found)
                self.changed = True
        self._digests[path] = found
        return found

    def rests_on(self, files: Iterable[str]) -> None:
        """Note the files of plugins: when one changes, all is judged again."""
        self.plugins = {file: _mtime(file) for file in files}

    def pretend(self, path: str, data: bytes) -> None:
        """Let ``path`` have another content than on disk, in this run."""
        self._digests[path] = digest(data)

    def get(self, path: str, settings: bytes, whole: bytes, repository: Repository) -> bytes | None:
        """Return the packed result for an absolute path if it still holds (``b""``: nothing to tell)."""
        entry = self.entries.get(path)
        if entry is None or entry.settings != settings or self.current(path) != entry.digest:
            return None
        changed = entry.whole and entry.whole != whole
        if changed and not (entry.related and entry.related == _mentions(repository, path, entry.names)):
            return None
        for other, old in entry.read.items():
            if self.current(other) != old:
                return None
        if entry.asked and not self._folders_same():
            for dotted, file in marshal.loads(entry.asked).items():
                if repository.finder.find(dotted, path) != file:
                    return None
        self.hits += 1
        self._good.add(path)
        return entry.result

    def _folders_same(self) -> bool:
        known = self._same_folders.get("")
        if known is None:
            known = all(_mtime(folder) == old for folder, old in self.folders.items())
            self._same_folders[""] = known
        return known

    def put(
        self, path: str, settings: bytes, whole: bytes, trail: Trail, result: bytes, repository: Repository
    ) -> None:
        """Keep a result."""
        own = self.current(path)
        if own is None:
            return
        read = {other: found for other in trail.read if (found := self.current(other)) is not None}
        asked = marshal.dumps(trail.asked) if trail.asked else b""
        names = (*sorted(trail.asked_mentions), *(("*",) if trail.related is not None else ()))
        related = _mentions(repository, path, names) if names and not trail.whole else b""
        star = whole if trail.whole or names else b""
        self.entries[path] = Entry(settings, own, read, asked, star, related, names, result)
        self._good.add(path)
        self.changed = True

    def save(self, folders: dict[str, int]) -> None:
        """Write the cache file, if there is something new; a failure only costs time later.

        ``folders`` are the folders in which names were looked up, with their times before that.
        """
        if not self.changed and (self._folders_same() or not folders):
            return
        if not self._folders_same():  # what was not found valid again in this run may rest on what is gone
            self.entries = {path: entry for path, entry in self.entries.items() if path in self._good}
            self.folders = {}
        self.folders.update(folders)
        for path in [path for path in self.entries if self.current(path) is None]:
            del self.entries[path]
        size = sum(len(entry.result) + len(entry.asked) for entry in self.entries.values())
        while size > _MAX_BYTES:
            entry = self.entries.pop(next(iter(self.entries)))
            size -= len(entry.result) + len(entry.asked)
        entries = {
            path: (e.settings, e.digest, e.read, e.asked, e.whole, e.related, e.names, e.result)
            for path, e in self.entries.items()
        }
        with contextlib.suppress(OSError):
            write_whole(self.folder, self.file, marshal.dumps((self.plugins, self.stats, self.folders, entries)))
            _prune(self.folder, self.file)


def _mtime(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None


def write_whole(folder: str, file: str, data: bytes) -> None:
    """Write a file of the cache in one step."""
    if not os.path.isdir(folder):
        _make(folder)
    temporary = f"{file}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as out:
            out.write(data)
        os.replace(temporary, file)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _make(folder: str) -> None:
    """Make a cache folder, which keeps itself out of git; without room for that there is none."""
    os.makedirs(folder, exist_ok=True)
    ignored = os.path.join(folder, ".gitignore")
    try:
        with open(ignored, "w") as handle:
            handle.write("*\n")
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(ignored)
            os.rmdir(folder)
        raise


def _files(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name.endswith((".bin", ".tmp"))]
    except OSError:
        return []


def _prune(folder: str, keep: str) -> None:
    """Drop the least recently written cache files until the folder holds no more than the bound."""
    files = sorted(_files(folder), key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    total = 0
    for entry in files:
        total += entry.stat().st_size
        if total > _MAX_BYTES and entry.path != keep:
            with contextlib.suppress(OSError):
                os.unlink(entry.path)


def clean(folder: str) -> int:
    """Remove a cache folder's files; return how many there were."""
    files = _files(folder)
    for entry in files:
        with contextlib.suppress(OSError):
            os.unlink(entry.path)
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(folder, ".gitignore"))
        os.rmdir(folder)
    return len(files)


def pack(result: FileResult) -> bytes:
    """Return a result as bytes; ``b""`` for one that tells nothing."""
    if not (result.found or result.units or result.error or result.suppressed or result.judged):
        return b""
    return marshal.dumps(result.pack())


def unpack(data: bytes, path: str, targets: tuple[str, ...]) -> FileResult:
    """Undo :func:`pack`."""
    return FileResult.unpack(marshal.loads(data)) if data else FileResult(path, targets=targets)


def _mentions(repository: Repository, path: str, names: tuple[str, ...]) -> bytes:
    """Return a digest of who mentions ``names`` now (``*``: what the file at ``path`` defines)."""
    index = repository.mentions
    found = [index.related(path) if name == "*" else index.files(name) for name in names]
    return digest(repr(found).encode("utf-8", "surrogateescape"))


def whole_digest(digests: Iterable[bytes | None]) -> bytes:
    """Return the digest of a whole run's files."""
    return digest(b"".join(one or b"?" for one in digests))
