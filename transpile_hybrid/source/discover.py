"""Find the files to read: Python files and notebooks below folders, without what git ignores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from .errors import SourceError

if TYPE_CHECKING:
    from .ignore import IgnoreRules

# Folders that never hold a project's own code.
DEFAULT_EXCLUDES = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "__pycache__", "__pypackages__", "node_modules", "site-packages", "build", "dist", ".eggs", ".ipynb_checkpoints",
    ".transpile_hybrid_cache",
})  # fmt: skip

Excluder = Callable[[str], bool]


def discover(
    paths: list[str] | tuple[str, ...],
    include: tuple[str, ...] = ("*.py",),
    excluded: Excluder | None = None,
    *,
    force: bool = False,
) -> list[str]:
    """Return the files named by ``paths``, sorted and without repeats; folders are walked.

    ``include`` are patterns for the names of files below folders, ``excluded`` tells of an absolute path whether
    settings exclude it.  A file named explicitly is taken whatever its name, and in spite of excludes and
    ``.gitignore`` unless ``force``; a folder named explicitly is walked even if git ignores it.  Raises
    :class:`SourceError` for a path that isn't there.
    """
    found: dict[str, None] = {}
    for path in paths:
        if os.path.isdir(path):
            found.update(dict.fromkeys(_walk(path, include, excluded)))
        elif os.path.lexists(path):
            if not (force and _is_out(path, excluded)):
                found[os.path.normpath(path)] = None
        else:
            raise SourceError(path, "no such file or folder")
    return sorted(found)


def _is_out(path: str, excluded: Excluder | None) -> bool:
    """Whether a file would not be found by walking the repository that it stands in."""
    absolute = os.path.abspath(path)
    if excluded is not None and excluded(absolute):
        return True
    top = _top_of_repository(os.path.dirname(absolute))
    parts = os.path.relpath(absolute, top or os.path.dirname(absolute)).split(os.sep)
    if any(part in DEFAULT_EXCLUDES for part in parts[:-1]):
        return True
    if top is None:
        return False
    rules = _inherited(top)
    folder = top
    for index, part in enumerate(parts):
        if _ignored(os.path.join(folder, part), rules, index < len(parts) - 1):
            return True
        folder = os.path.join(folder, part)
        if index < len(parts) - 1 and (own := _ignore_file(folder)):
            rules = [*rules, own]
    return False


def _top_of_repository(folder: str) -> str | None:
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _ignore_file(folder: str, name: str = ".gitignore") -> IgnoreRules | None:
    file = os.path.join(folder, name)
    if not os.path.isfile(file):
        return None
    from .ignore import read_rules

    return read_rules(file, folder)


def _inherited(folder: str) -> list[IgnoreRules]:
    """Return the rules that hold in ``folder``, outermost first."""
    top = _top_of_repository(folder)
    if top is None:
        own = _ignore_file(folder)
        return [own] if own else []
    chain = [folder]
    while chain[-1] != top:
        chain.append(os.path.dirname(chain[-1]))
    rules = [_ignore_file(os.path.join(top, ".git", "info"), "exclude")]
    if rules[0] is not None:
        rules[0].base = top
    rules += [_ignore_file(one) for one in reversed(chain)]
    return [one for one in rules if one is not None]


def _rules_of(folder: str) -> list[IgnoreRules]:
    """Return the rules for what lies below a folder that somebody named.

    One that git ignores is walked all the same, since it was asked for; only rules of its own then hold in it.
    """
    rules = _inherited(folder)
    top = _top_of_repository(folder) or folder
    below = os.path.relpath(folder, top).split(os.sep)
    steps = [os.path.join(top, *below[: index + 1]) for index in range(len(below))] if folder != top else []
    if any(_ignored(step, rules, True) for step in steps):
        own = _ignore_file(folder)
        return [own] if own else []
    return rules


def _walk(top: str, include: tuple[str, ...], excluded: Excluder | None) -> Iterator[str]:
    """Walk ``top`` by name; a deeper .gitignore has the last word, as in git.  Links to folders are not followed."""
    suffixes = tuple(
        pattern[1:] for pattern in include if pattern.startswith("*.") and not set(pattern[2:]) & set("*?[")
    )
    others = tuple(pattern for pattern in include if pattern[1:] not in suffixes)
    absolute = os.path.abspath(top)
    work = [(os.path.normpath(top), absolute, _rules_of(os.path.realpath(absolute)))]
    while work:
        folder, here, rules = work.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        if here != absolute and any(entry.name == ".gitignore" for entry in listed) and (own := _ignore_file(here)):
            rules = [*rules, own]
        deeper = []
        for entry in listed:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if name in DEFAULT_EXCLUDES:
                    continue
                path = os.path.join(here, name)
                if not (rules and _ignored(path, rules, True)) and not (excluded and excluded(path + os.sep)):
                    deeper.append((name if folder == os.curdir else os.path.join(folder, name), path, rules))
            elif name.endswith(suffixes) or any(fnmatch(name, pattern) for pattern in others):
                path = os.path.join(here, name)
                if (
                    not (rules and _ignored(path, rules, False))
                    and not (excluded and excluded(path))
                    and not entry.is_dir()
                ):
                    yield name if folder == os.curdir else os.path.join(folder, name)
        work += reversed(deeper)


def _ignored(path: str, rules: list[IgnoreRules], folder: bool) -> bool:
    for one in reversed(rules):
        verdict = one.verdict(path, folder)
        if verdict is not None:
            return verdict
    return False
