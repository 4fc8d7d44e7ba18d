"""What git knows about files: are they safe to overwrite, and how is that undone?"""

from __future__ import annotations

import os
import shlex

from .diffbase import GitError, git

_MAX_NAMES = 6


def _by_repository(paths: list[str]) -> dict[str, list[str]]:
    """Group absolute paths by the top of the git repository that they stand in."""
    tops: dict[str, str | None] = {}
    groups: dict[str, list[str]] = {}
    for path in paths:
        real = os.path.realpath(path)
        folder = os.path.dirname(real)
        if folder not in tops:
            top: str | None = folder
            while top and not os.path.exists(os.path.join(top, ".git")):
                parent = os.path.dirname(top)
                top = parent if parent != top else None
            tops[folder] = top
        if tops[folder]:
            groups.setdefault(str(tops[folder]), []).append(path)
    return groups


def dirty(paths: list[str]) -> list[str]:
    """Return those of ``paths`` that git tracks and that have changes which no commit holds."""
    found: list[str] = []
    for top, names in _by_repository(paths).items():
        by_name = {
            os.path.relpath(os.path.realpath(name), os.path.realpath(top)).replace(os.sep, "/"): name for name in names
        }
        try:
            listed = git("--literal-pathspecs", "status", "--porcelain=v1", "-z", "--untracked-files=no", folder=top)
        except GitError:
            continue  # no repository that git can read: nothing it could hold
        fields = listed.decode(errors="surrogateescape").split("\0")
        for field in fields:
            if len(field) > 3 and field[3:] in by_name:
                found.append(by_name[field[3:]])
    return sorted(found)


def undo(paths: list[str]) -> str:
    """Return a line that tells how to take back what was written, ``""`` where git holds none of it."""
    tracked: list[str] = []
    for top, names in _by_repository(paths).items():
        try:
            listed = git("ls-files", "-z", folder=top).decode(errors="surrogateescape").split("\0")
        except GitError:
            continue
        known = set(listed)
        real = os.path.realpath(top)
        tracked += [n for n in names if os.path.relpath(os.path.realpath(n), real).replace(os.sep, "/") in known]
    if not tracked:
        return ""
    if len(tracked) > _MAX_NAMES:
        return f"To undo: git restore with the {len(tracked)} files, or all of the working tree with `git restore .`"
    return f"To undo: git restore -- {' '.join(shlex.quote(name) for name in tracked)}"
