"""Is a file worth parsing?  Answered from its text: what it imports, and where its classes come from.

A file matters when it imports a framework, or when one of its classes derives from a class that may be a module of a
framework, in another file.  In doubt it matters; what is no doubt is left unparsed, which is most of many repositories.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cache

from ..source.finder import Trail
from ..source.source import SourceError
from .repository import Repository

_WORDS = ("torch", "mxnet", "tensorflow", "keras")


@cache
def _imports() -> re.Pattern[str]:
    return re.compile(_IMPORTS, re.M)


@cache
def _classes() -> re.Pattern[str]:
    return re.compile(_CLASS, re.M)


_IMPORTS = (
    r"(?:^|[;:])[ \t]*(?:"
    r"import[ \t]+(?P<names>(?:[^\n#;\\]|\\\r?\n)+)"
    r"|from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]*(?P<what>\([^)]*\)|(?:[^\n#;\\]|\\\r?\n)+))"
)
_CLASS = r"^[ \t]*class[ \t]+(\w+)[ \t]*(?:\[[^\]]*\])?[ \t]*\(([^()]*(?:\([^()]*\)[^()]*)*)\)"
_FIRST = r"[\s.\\]+"
_FRAMEWORKS = frozenset({"torch", "mxnet", "tensorflow", "keras"})
_PLAIN = frozenset({
    "object", "Exception", "ValueError", "TypeError", "RuntimeError", "KeyError", "dict", "list", "str", "int", "float",
    "tuple", "set", "bytes", "type", "Warning", "UserWarning", "BaseException", "NamedTuple", "Enum", "IntEnum", "ABC",
    "Protocol", "TypedDict", "OrderedDict", "Generic", "TestCase",
})  # fmt: skip
_MAX_FILES = 200


@dataclass
class Facts:
    """What a file's text tells without parsing: ``names`` maps an imported name to (module, name in it or ``""``)."""

    framework: bool = False
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)


def imports_framework(text: str, bases: frozenset[str] = frozenset()) -> bool:
    """Whether ``text`` imports a framework, or a package that ships bases built on one (in a string it counts too)."""
    if not any(word in text for word in _WORDS) and not any(root in text for root in _roots_of_bases(bases)):
        return False
    roots = _FRAMEWORKS | _roots_of_bases(bases)
    for match in _imports().finditer(text):
        module = match["module"]
        if module is not None:
            if module.split(".", 1)[0] in roots:
                return True
        elif any(
            re.split(r"[.\s]", name.strip(), maxsplit=1)[0] in roots
            for name in match["names"].replace("\\", " ").split(",")
        ):
            return True
    return False


@cache
def _roots_of_bases(bases: frozenset[str]) -> frozenset[str]:
    return frozenset(name.split(".", 1)[0] for name in (*_package_bases(), *bases))


@cache
def _package_bases() -> frozenset[str]:
    """Names of the classes that well-known packages build on a framework's root."""
    file = os.path.join(os.path.dirname(os.path.dirname(__file__)), "meaning", "tables", "packages.json")
    try:
        with open(file, encoding="utf-8") as handle:
            return frozenset(name for names in json.load(handle)["bases"].values() for name in names)
    except OSError:
        return frozenset()


def facts_of(text: str, package: str, bases: frozenset[str] = frozenset()) -> Facts:
    """Read the facts out of ``text``; ``package`` is the dotted name that relative imports start from."""
    facts = Facts(imports_framework(text, bases))
    for match in _classes().finditer(text):
        names = [re.sub(r"\[.*", "", part, flags=re.S).strip() for part in _split(match[2])]
        found = tuple(name for name in names if name and "=" not in name)
        facts.classes[match[1]] = facts.classes.get(match[1], ()) + found
    if not facts.classes:
        return facts
    for match in _imports().finditer(text):
        if match["module"] is None:
            for part in match["names"].split(","):
                name, _, alias = part.replace("\\", " ").strip().partition(" as ")
                name = name.strip() if alias else name.split(".")[0].strip()
                if name:
                    facts.names[alias.strip() or name] = (name, "")
            continue
        module = _absolute(match["module"], package)
        for part in re.sub(r"#[^\n]*", "", match["what"]).replace("\\", " ").strip("() \t\r\n").split(","):
            name, _, alias = part.strip().partition(" as ")
            if name.strip() == "*":
                facts.stars.append(module)
            elif name.strip():
                facts.names[alias.strip() or name.strip()] = (module, name.strip())
    return facts


def _split(text: str) -> list[str]:
    """Split at commas outside of brackets."""
    parts: list[str] = []
    depth = start = 0
    for index, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _absolute(module: str, package: str) -> str:
    if not module.startswith("."):
        return module
    rest = module.lstrip(".")
    parts = package.split(".") if package else []
    keep = len(parts) - (len(module) - len(rest) - 1)
    return ".".join(part for part in (".".join(parts[: max(0, keep)]), rest) if part)


class Prefilter:
    """Decides for the files of a run; facts about files that were looked at are kept."""

    def __init__(self, repository: Repository, bases: frozenset[str] = frozenset()) -> None:
        self.repository = repository
        self.bases = bases
        self._facts: dict[str, Facts | None] = {}

    def matters(self, path: str, text: str, trail: Trail) -> bool:
        """Whether the file with this ``text`` must be parsed; what decided that is noted in ``trail``."""
        if imports_framework(text, self.bases):
            return True
        if "class " not in text:
            return False
        facts = facts_of(text, self.repository.finder.name_of(path)[1], self.bases)
        seen: set[tuple[str, str]] = set()
        return any(self._may_be_unit(path, name, facts, trail, seen) for name in facts.classes)

    def _may_be_unit(self, path: str, name: str, facts: Facts, trail: Trail, seen: set[tuple[str, str]]) -> bool:
        """Whether class ``name`` of a file may derive from a framework's class."""
        if (path, name) in seen:
            return False
        seen.add((path, name))
        if len(seen) > _MAX_FILES:
            return True
        return any(self._base_may(path, base, facts, trail, seen) for base in facts.classes.get(name, ()))

    def _base_may(self, path: str, base: str, facts: Facts, trail: Trail, seen: set[tuple[str, str]]) -> bool:
        if base in _PLAIN:
            return False
        first, _, rest = base.partition(".")
        if not first.isidentifier():
            return facts.framework  # a call, say: its result can be a class of a framework only where one is known
        if first in facts.names:
            module, name = facts.names[first]
            return self._name_may(path, ".".join(p for p in (module, name, rest) if p), trail, seen)
        if first in facts.classes and not rest:
            return self._may_be_unit(path, first, facts, trail, seen)
        if any(self._name_may(path, f"{module}.{base}", trail, seen) for module in facts.stars):
            return True
        return facts.framework  # bound in a way that the text doesn't show

    def _name_may(self, path: str, qualified: str, trail: Trail, seen: set[tuple[str, str]]) -> bool:
        if qualified.split(".", 1)[0] in _FRAMEWORKS or qualified in self.bases:
            return True
        if qualified in _package_bases():
            return True
        module, _, name = qualified.rpartition(".")
        while module:
            file = self.repository.finder.find(module, path, trail)
            if file:
                return self._class_in(file, name.split(".")[0], trail, seen)
            module, _, more = module.rpartition(".")
            name = f"{more}.{name}"
        return False

    def _class_in(self, file: str, name: str, trail: Trail, seen: set[tuple[str, str]]) -> bool:
        trail.read.add(file)
        facts = self._facts_at(file)
        if facts is None or (file, name) in seen:
            return False
        if name in facts.classes:
            return self._may_be_unit(file, name, facts, trail, seen)
        if name in facts.names:  # handed on by an `__init__.py`
            seen.add((file, name))
            module, inner = facts.names[name]
            return self._name_may(file, f"{module}.{inner}" if inner else module, trail, seen)
        seen.add((file, name))
        if any(self._name_may(file, f"{module}.{name}", trail, seen) for module in facts.stars):
            return True
        return facts.framework and not _defined_plainly(name, self._text(file))

    def _text(self, file: str) -> str:
        try:
            return self.repository.source(file).text
        except SourceError:
            return ""

    def _facts_at(self, file: str) -> Facts | None:
        if file not in self._facts:
            text = self._text(os.path.abspath(file))
            facts = facts_of(text, self.repository.finder.name_of(file)[1], self.bases)
            if not facts.classes:  # an `__init__.py`, maybe: its imports hand names on
                facts = facts_of(
                    text + "\nclass _(object): pass\n", self.repository.finder.name_of(file)[1], self.bases
                )
            self._facts[file] = facts
        return self._facts[file]


def _defined_plainly(name: str, text: str) -> bool:
    """Whether ``name`` is a function or a class without bases there: no module of a framework."""
    return re.search(rf"^[ \t]*(?:class|def)[ \t]+{re.escape(name)}\b", text, re.M) is not None


__all__ = ["Prefilter", "imports_framework"]
