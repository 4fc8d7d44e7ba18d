"""Who mentions what a file defines?  An index of words over a run, for rules that ask how something is used elsewhere.

Only names that some file defines count, and only those that few files mention: ``main`` tells nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .repository import Repository

_DEFINED = re.compile(r"^([ \t]*)(?:class|def|async[ \t]+def)[ \t]+(\w+)", re.M)
_WORD = re.compile(r"[A-Za-z_]\w{3,}")
_COMMON = 100  # a name that more files than this mention is no name of one thing
_BOUND = 300_000  # characters of related files that are looked at for the sake of one


class Mentions:
    """The index; built by reading every file of the run once more."""

    def __init__(self, repository: Repository) -> None:
        self.members = [path for path in repository.members if path.endswith(".py")]
        self._defined: list[tuple[str, ...]] = []
        self._sizes: list[int] = []
        owners: set[str] = set()
        for path in self.members:
            text = repository.text(path)
            every = [(indent, name) for indent, name in _DEFINED.findall(text) if len(name) > 3]
            self._defined.append(tuple(dict.fromkeys(name for indent, name in every if not indent)))
            self._sizes.append(len(text))
            owners.update(name for _, name in every)
        self._files: dict[str, list[int]] = {}
        for index, path in enumerate(self.members):
            words = owners.intersection(_WORD.findall(repository.text(path)))
            for word in words:
                self._files.setdefault(word, []).append(index)
        self._own = [frozenset(names) for names in self._defined]
        self._index = {path: index for index, path in enumerate(self.members)}

    def files(self, name: str) -> list[str] | None:
        """Return the files that mention ``name``, ``None`` where they are too many (or it is too short to tell)."""
        found = self._files.get(name, [])
        if len(name) <= 3 or len(found) > _COMMON:
            return None
        return [self.members[index] for index in found]

    def related(self, path: str) -> list[str]:
        """Return the files that mention what ``path`` defines: those that mention most of it first, up to a bound."""
        own = self._index.get(path)
        if own is None:
            return []
        counts: dict[int, int] = {}
        for name in self._defined[own]:
            files = self._files.get(name, ())
            if len(files) <= _COMMON:
                for index in files:
                    if name not in self._own[index]:  # its own definition is what a file means by a name
                        counts[index] = counts.get(index, 0) + 1
        counts.pop(own, None)
        room = _BOUND
        chosen: list[str] = []
        for index in sorted(counts, key=lambda index: (-counts[index], index)):
            room -= self._sizes[index]
            if room < 0:
                break
            chosen.append(self.members[index])
        return chosen


_HEAD = re.compile(r"^[ \t]*class\s+\w+\s*[\[(](.*?)\)\s*:", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"[^\W\d]\w*")
_RENAMED = re.compile(r"(\w+)\s+as\b")
_GIVEN = re.compile(r"=[ \t]*(?:[\w.]*\.)?(\w+)[ \t]*(?:$|[;#,)])", re.MULTILINE)


def bases_in(text: str) -> frozenset[str]:
    """Return the words in the heads of the classes of a text, and those that get another name in it.

    No class of the text derives from one whose name isn't among them.
    """
    words = {word for head in _HEAD.findall(text) for word in _NAME.findall(head)}
    if words:
        words.update(_GIVEN.findall(text))
        words.update(name for line in text.splitlines() if " as" in line for name in _RENAMED.findall(line))
    return frozenset(words)


_GIVES = re.compile(r"=[ \t]*(?:[\w.]*\.)?$")


def may_call(text: str, name: str, method: bool) -> bool:
    """Whether a text may call something (a method) of that name, also by another name that it gives to it."""
    if name not in text:
        return False
    if method:
        return re.search(rf"{name}\s*\(", text) is not None and re.search(rf"\.\s*{name}\s*\(", text) is not None
    # the name comes first in the pattern: so it is looked for fast
    for found in re.finditer(rf"{name}(?:\s*\(|\s+as\b|[ \t]*(?:$|[;#,)]))", text, re.MULTILINE):
        before = text[max(found.start() - 80, 0) : found.start()]
        if before[-1:].isalnum() or before.endswith("_"):
            continue
        if found.group().endswith("("):
            if not before.endswith(("def ", "class ")):
                return True
        elif found.group().endswith("as") or _GIVES.search(before):
            return True
    return False
