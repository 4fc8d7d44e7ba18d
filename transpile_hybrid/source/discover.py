"""Find the files to read: Python files below folders, without what git ignores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pathspec

from .source import SourceError

# Folders that never hold a project's own code.
DEFAULT_EXCLUDES = (
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "__pycache__", "__pypackages__", "node_modules", "site-packages", "build", "dist", ".eggs", ".ipynb_checkpoints",
)  # fmt: skip


def discover(
    paths: list[str] | tuple[str, ...], suffixes: tuple[str, ...] = (".py",), exclude: tuple[str, ...] = ()
) -> list[str]:
    """Return the files named by ``paths``, sorted and without repeats; folders are walked.

    A file named explicitly is taken whatever its suffix.  ``exclude`` are gitignore-style patterns for what is found
    below folders.  Raises :class:`SourceError` for a path that isn't there.
    """
    excluded = pathspec.GitIgnoreSpec.from_lines(exclude) if exclude else None
    found: dict[str, None] = {}
    for path in paths:
        if os.path.isdir(path):
            for file in _walk(Path(path), suffixes):
                if excluded is None or not excluded.match_file(os.path.relpath(file, path)):
                    found[file] = None
        elif os.path.exists(path):
            found[os.path.normpath(path)] = None
        else:
            raise SourceError(path, "no such file or folder")
    return sorted(found)


def _ignore_file(folder: Path) -> pathspec.GitIgnoreSpec | None:
    file = folder / ".gitignore"
    try:
        return pathspec.GitIgnoreSpec.from_lines(file.read_text(errors="replace").splitlines())
    except (OSError, ValueError):
        return None


def _repository_of(folder: Path) -> list[Path]:
    """Return the folders from the top of the git repository down to the parent of ``folder``."""
    resolved = folder.resolve()
    chain: list[Path] = []
    for parent in (resolved, *resolved.parents):
        if parent != resolved:
            chain.append(parent)
        if (parent / ".git").exists():
            return chain[::-1]
    return []


def _walk(top: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Walk ``top`` by name; a deeper .gitignore has the last word, as in git."""
    specs: dict[Path, list[tuple[Path, pathspec.GitIgnoreSpec]]] = {}
    inherited = [(folder, spec) for folder in _repository_of(top) if (spec := _ignore_file(folder))]
    resolved_top = top.resolve()
    for current, folders, files in os.walk(top):
        here = resolved_top / os.path.relpath(current, top)
        here = Path(os.path.normpath(here))
        rules = list(specs.get(here.parent, inherited))
        if own := _ignore_file(here):
            rules.append((here, own))
        specs[here] = rules
        folders[:] = sorted(
            name for name in folders if name not in DEFAULT_EXCLUDES and not _ignored(here / name, rules, True)
        )
        for name in sorted(files):
            if name.endswith(suffixes) and not _ignored(here / name, rules, False):
                yield os.path.normpath(os.path.join(current, name))


def _ignored(path: Path, rules: list[tuple[Path, pathspec.GitIgnoreSpec]], folder: bool) -> bool:
    ignored = False
    for base, spec in rules:
        name = path.relative_to(base).as_posix() + ("/" if folder else "")
        verdict = spec.check_file(name).include
        if verdict is not None:
            ignored = verdict
    return ignored
