"""Only what was added since a git revision: the findings of now without those of the same files then."""

from __future__ import annotations

import os
import subprocess

from ..report.found import FileResult
from ..source.source import Source, SourceError
from .baseline import subtract
from .check import Found


class GitError(Exception):
    """Git could not answer; the message holds what it said."""


def git(*arguments: str, folder: str = ".", data: bytes | None = None) -> bytes:
    """Run git and return its output.  Raises :class:`GitError`."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, input=data, capture_output=True, check=False)
    except OSError as exc:
        raise GitError(f"git cannot be run: {exc.strerror or exc}") from exc
    if done.returncode:
        raise GitError(
            f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip().splitlines()[-1:] or ['failed']}"
        )
    return done.stdout


def changed_since(revision: str) -> tuple[str, dict[str, str]]:
    """Return the commit where the branch left ``revision``, and for each changed file (absolute) its old path there."""
    top = git("rev-parse", "--show-toplevel").decode().rstrip("\n")
    base = git("merge-base", revision, "HEAD").decode().strip()
    fields = git("diff", "--name-status", "-z", "-M", base, folder=top).decode(errors="surrogateescape").split("\0")
    changed: dict[str, str] = {}
    index = 0
    while index + 1 < len(fields):
        status, old = fields[index], fields[index + 1]
        new = old
        index += 2
        if status[:1] in ("R", "C"):
            new = fields[index]
            index += 1
        changed[os.path.join(top, new)] = "" if status == "A" else old
    new_files = git("ls-files", "--others", "--exclude-standard", "-z", folder=top).decode(errors="surrogateescape")
    changed.update((os.path.join(top, name), "") for name in new_files.split("\0") if name)
    return base, changed


def only_added(found: Found, results: list[FileResult], revision: str) -> list[FileResult]:
    """Return the results without the findings that were there at ``revision`` already.

    Findings of unchanged files are compared too: a changed base class can bring new ones.  Raises :class:`GitError`.
    """
    from .judge import Judge
    from .repository import Repository

    base, changed = changed_since(revision)
    top = git("rev-parse", "--show-toplevel").decode().rstrip("\n")
    overlay: dict[str, Source] = {}
    for path, old in changed.items():
        if not path.endswith(".py"):
            continue
        data = git("show", f"{base}:{old}", folder=top) if old else b""
        try:
            overlay[path] = Source.from_bytes(data, path)
        except SourceError:
            overlay[path] = Source(path, "")
    then = Judge(Repository(found.files, overlay), explicit=found.explicit, report_unused=False)
    known: dict[str, dict[str, int]] = {}
    for path, result in zip(found.files, results, strict=True):
        if not result.found:
            continue
        before = then.file(path, found.configs[path])
        counts: dict[str, int] = {}
        for one in before.found:
            key = f"{one.code} {one.unit}: {one.text}"
            counts[key] = counts.get(key, 0) + 1
        known[result.path.replace("\\", "/")] = counts
    return subtract(results, known)[0]
