"""``check`` over files on disk: found, looked up in the cache, judged by workers, in the order of their paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..config import Config, ConfigFinder
from ..report.found import FileResult
from ..source.discover import discover
from ..source.errors import SourceError
from .cache import Cache, default_folder, unpack, whole_digest
from .repository import Repository

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..source.source import Source

Step = Callable[[str], None]


@dataclass
class Found:
    """The files of a run, each with its settings; ``errors`` name the paths that aren't there."""

    files: list[str]
    configs: dict[str, Config]
    explicit: frozenset[str]
    errors: list[str] = field(default_factory=list)


def find_files(
    paths: Sequence[str], adjust: Callable[[Config], Config] = lambda config: config, explicit_config: str | None = None
) -> Found:
    """Find the files of ``paths`` (default: here) and the settings of each.

    ``adjust`` puts command-line options over settings.  Raises :class:`~transpile_hybrid.config.ConfigError`.
    """
    finder = ConfigFinder(explicit_config)
    adjusted: dict[int, Config] = {}

    def config_of(folder: str) -> Config:
        config = finder.of(folder)
        key = id(config)
        if key not in adjusted:
            adjusted[key] = adjust(config)
        return adjusted[key]

    errors: list[str] = []
    files: dict[str, Config] = {}
    explicit: set[str] = set()
    for path in paths or (".",):
        absolute = os.path.abspath(path)
        folder = os.path.isdir(path)
        config = config_of(absolute if folder else os.path.dirname(absolute))
        try:
            for file in discover((path,), config.include, _excluder(config_of), force=config.force_exclude):
                files[file] = config_of(os.path.dirname(os.path.abspath(file)))
                if not folder:
                    explicit.add(os.path.abspath(file))
        except SourceError as exc:  # a path that isn't there; the others are still worked on
            errors.append(str(exc))
    return Found(sorted(files), files, frozenset(explicit), errors)


def _excluder(config_of: Callable[[str], Config]) -> Callable[[str], bool]:
    rules: dict[tuple[str, tuple[str, ...]], object] = {}

    def excluded(path: str) -> bool:
        folder = path.endswith(os.sep)
        config = config_of(os.path.dirname(path.rstrip(os.sep)))
        if not config.exclude:
            return False
        from ..source.ignore import IgnoreRules

        key = (config.root, config.exclude)
        found = rules.get(key)
        if not isinstance(found, IgnoreRules):
            found = rules[key] = IgnoreRules(list(config.exclude), config.root)
        return found.verdict(path.rstrip(os.sep), folder) is True

    return excluded


@dataclass
class Options:
    """How a run goes.

    ``jobs``: how many processes (``None``: as it pays); ``cache``: the folder (``None``: the project's, ``""``: none);
    ``executor``: what runs the parts instead of processes here; its workers see the files at the same paths.
    """

    jobs: int | None = None
    cache: str | None = None
    unsafe: bool = False
    executor: Executor | None = None


def check_files(
    found: Found,
    options: Options | None = None,
    step: Step = lambda path: None,
    overlay: dict[str, Source] | None = None,
) -> list[FileResult]:
    """Judge files and return a result each, in their order; ``overlay`` are sources that stand for files."""
    options = options or Options()
    repository = Repository(found.files, overlay)
    cache: Cache | None = None
    if options.cache != "" and found.files:
        folder = options.cache or default_folder(found.files[0])
        cache = Cache.open(folder, f"{options.unsafe}|{os.getcwd()}")
        for path, source in repository.overlay.items():
            cache.pretend(path, source.to_bytes())
    whole = b""
    if cache is not None:
        whole = whole_digest(cache.current(path) for path in repository.members)
    packed: dict[str, bytes] = {}
    items: list[tuple[str, int, Config]] = []
    keys: dict[int, bytes] = {}
    for path, absolute in zip(found.files, repository.members, strict=True):
        config = found.configs[path]
        if cache is not None:
            settings = keys.get(id(config))
            if settings is None:
                settings = keys[id(config)] = _settings(config, repository.small)
            hit = cache.get(absolute, settings + _mark(absolute in found.explicit), whole, repository)
            if hit is not None:
                packed[path] = hit
                step(path)
                continue
        items.append((path, _size(absolute), config))
    if items:
        from ..rules.registry import load_plugins
        from .judge import Judge
        from .pool import judge_all

        plugins = load_plugins()
        if cache is not None:
            cache.rests_on(plugins)
        judge = Judge(repository, options.unsafe, found.explicit)
        for path, result, trail in judge_all(judge, items, options.jobs, step, options.executor):
            packed[path] = result
            if cache is not None:
                absolute = os.path.abspath(path)
                settings = keys[id(found.configs[path])] + _mark(absolute in found.explicit)
                cache.put(absolute, settings, whole, trail, result, repository)
    if cache is not None:
        cache.save(repository.finder.stamps)
    return [unpack(packed[path], path, found.configs[path].targets) for path in found.files]


def _mark(explicit: bool) -> bytes:
    return b"!" if explicit else b""


def _settings(config: Config, small: bool) -> bytes:
    """Return what of the settings decides on results."""
    decisive = config._replace(origins=(), exclude=(), include=(), baseline="", force_exclude=False, unsafe_fixes=False)
    return f"{tuple(decisive)}|{small}".encode()


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
