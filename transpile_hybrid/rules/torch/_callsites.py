"""Where the functions and classes of a project are called and mentioned.

Calls are kept by the last name that is written; what a name stands for is looked up only for those that are asked for.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ...meaning.classes import Project
from ...meaning.module import Module
from ...meaning.nodes import walk


@dataclass(frozen=True)
class CallSite:
    """A call in the repository and the module it stands in."""

    node: ast.Call
    module: Module


@dataclass
class CallTable:
    """The calls of some modules.

    ``by_attribute`` holds method calls by the name of the method, ``written`` all calls by the last name of what is
    called, ``loads`` plain names that are read and not called, and ``aliases`` the other names that a name has got
    (``import f as g``, ``g = f``).
    """

    by_attribute: dict[str, list[CallSite]] = field(default_factory=dict)
    written: dict[str, list[CallSite]] = field(default_factory=dict)
    loads: dict[str, list[tuple[ast.Name, Module]]] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    modules: int = 0  # how many of the project's modules are in
    _named: dict[str, list[CallSite]] = field(default_factory=dict)

    def of(self, qualified: str) -> list[CallSite]:
        """Return the calls of the function or class with a qualified name."""
        found = self._named.get(qualified)
        if found is None:
            found = self._named[qualified] = [
                site
                for name in self._names(qualified.rpartition(".")[2])
                for site in self.written.get(name, ())
                if site.module.qualified(site.node.func) == qualified
            ]
        return found

    def ending(self, last: str) -> list[CallSite]:
        """Return the calls of whatever has a qualified name that ends with ``last``."""
        return [
            site
            for name in self._names(last)
            for site in self.written.get(name, ())
            if (site.module.qualified(site.node.func) or "").rpartition(".")[2] == last
        ]

    def mentions(self, qualified: str) -> bool:
        """Whether the function with a qualified name is mentioned, by a plain name, other than by a call."""
        return any(
            module.qualified(node) == qualified
            for name in self._names(qualified.rpartition(".")[2])
            for node, module in self.loads.get(name, ())
        )

    def _names(self, last: str) -> list[str]:
        """Return ``last`` and what it may be written as."""
        names = [last]
        for name in names:
            names += sorted(alias for alias in self.aliases.get(name, ()) if alias not in names)
        return names

    def add(self, other: CallTable) -> None:
        """Take in the calls of another module."""
        for mine, theirs in ((self.by_attribute, other.by_attribute), (self.written, other.written)):
            for name, sites in theirs.items():
                mine.setdefault(name, []).extend(sites)
        for name, nodes in other.loads.items():
            self.loads.setdefault(name, []).extend(nodes)
        for name, others in other.aliases.items():
            self.aliases.setdefault(name, set()).update(others)
        self._named.clear()


_CALLS: WeakKeyDictionary[Project, CallTable] = WeakKeyDictionary()


def call_table(project: Project) -> CallTable:
    """Return the project's calls: kept with it, and extended when modules are added."""
    table = _CALLS.get(project)
    if table is None:
        table = _CALLS[project] = CallTable()
    for module in project.modules[table.modules :]:
        mine = module.notes.get("torch-calls")
        if not isinstance(mine, CallTable):
            mine = module.notes["torch-calls"] = _module_calls(module)
        table.add(mine)
    table.modules = len(project.modules)
    return table


def _module_calls(module: Module) -> CallTable:
    table = CallTable()
    called: set[int] = set()
    for node in walk(module.tree):
        if isinstance(node, ast.Call):
            func = node.func
            called.add(id(func))
            if isinstance(func, ast.Attribute):
                site = CallSite(node, module)
                table.by_attribute.setdefault(func.attr, []).append(site)
                table.written.setdefault(func.attr, []).append(site)
            elif isinstance(func, ast.Name):
                table.written.setdefault(func.id, []).append(CallSite(node, module))
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and id(node) not in called:
                table.loads.setdefault(node.id, []).append((node, module))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.asname:
                    _alias(table, alias.name.rpartition(".")[2], alias.asname)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Name | ast.Attribute):
            last = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    _alias(table, last, target.id)
    return table


def _alias(table: CallTable, last: str, name: str) -> None:
    if name != last:
        table.aliases.setdefault(last, set()).add(name)
