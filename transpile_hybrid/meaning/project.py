"""A repository: which module name each file has, and the project that all files make together."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from pathlib import Path

from ..source.source import Source, SourceError
from .classes import Project
from .module import Module

_MAX_DEPTH = 40


def module_name(path: str | Path) -> tuple[str, str]:
    """Return the dotted name of the module that a file is, and its package.

    The package's root is the outermost folder that, like all below it, has an ``__init__.py``.
    """
    file = Path(path)
    parts = [] if file.stem == "__init__" else [file.stem]
    folder = file.parent
    packages: list[str] = []
    for _ in range(_MAX_DEPTH):
        if not (folder / "__init__.py").is_file() or not folder.name:
            break
        packages.insert(0, folder.name)
        folder = folder.parent
    return ".".join([*packages, *parts]), ".".join(packages)


def read_module(path: str | Path) -> Module:
    """Read and parse one file.  Raises :class:`SourceError`."""
    name, package = module_name(path)
    module = Module(Source.read(path), name, package)
    module.tree  # noqa: B018  (parsed now, so that a broken file shows here)
    return module


def project_from_files(paths: Iterable[str | Path]) -> Project:
    """Return the project of all files that can be read; the others are in ``project.problems``."""
    project = Project()
    collects = gc.isenabled()
    gc.disable()  # trees are many and live long: going through them again and again would be most of the cost
    try:
        for path in paths:
            try:
                project.add(read_module(path))
            except SourceError as exc:
                project.problems.append(exc)
    finally:
        if collects:
            gc.enable()
    return project
