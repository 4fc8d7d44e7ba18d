"""Where the functions and classes of a project are called and mentioned.

Calls are kept by the last name that is written; what a name stands for is looked up only for those that are asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
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
class _Calls:
    """The calls of one module.

    ``by_attribute`` holds method calls by the name of the method, ``written`` all calls by the last name of what is
    called, ``loads`` plain names that are read and not called, and ``aliases`` the other names that a name has got
    (``import f as g``, ``g = f``).
    """

    by_attribute: dict[str, list[CallSite]] = field(default_factory=dict)
    written: dict[str, list[CallSite]] = field(default_factory=dict)
    loads: dict[str, list[ast.Name]] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)


@dataclass(eq=False)
class CallTable:
    """The calls of a project, of which only those modules are looked through that mention what is asked for."""

    project: Project
    _named: dict[str, tuple[int, list[CallSite]]] = field(default_factory=dict)
    _methods: dict[str, tuple[int, list[CallSite]]] = field(default_factory=dict)

    def of(self, qualified: str) -> list[CallSite]:
        """Return the calls of the function or class with a qualified name."""
        known = self._named.get(qualified)
        if known is not None and known[0] == self.project.added:
            return known[1]
        found = [
            site for site in self._written(qualified.rpartition(".")[2])
            if site.module.qualified(site.node.func) == qualified
        ]  # fmt: skip
        self._named[qualified] = (self.project.added, found)
        return found

    def ending(self, last: str) -> list[CallSite]:
        """Return the calls of whatever has a qualified name that ends with ``last``."""
        return [
            site for site in self._written(last)
            if (site.module.qualified(site.node.func) or "").rpartition(".")[2] == last
        ]  # fmt: skip

    def of_method(self, name: str) -> list[CallSite]:
        """Return the calls of methods of that name."""
        known = self._methods.get(name)
        if known is None or known[0] != self.project.added:
            modules = self.project.calling(name, method=True)
            found = [site for module in modules for site in _calls_in(module).by_attribute.get(name, ())]
            known = self._methods[name] = (self.project.added, found)
        return known[1]

    def everywhere(self) -> list[CallSite]:
        """Return all calls."""
        return [
            site for module in self.project.modules for sites in _calls_in(module).written.values() for site in sites
        ]

    def mentions(self, qualified: str) -> bool:
        """Whether the function with a qualified name is mentioned, by a plain name, other than by a call."""
        return any(
            module.qualified(node) == qualified
            for name, modules in self._names(qualified.rpartition(".")[2], self.project.using)
            for module in modules
            for node in _calls_in(module).loads.get(name, ())
        )

    def _written(self, last: str) -> list[CallSite]:
        return [
            site
            for name, modules in self._names(last, self.project.calling)
            for module in modules
            for site in _calls_in(module).written.get(name, ())
        ]

    def _names(self, last: str, asked: Callable[[str], list[Module]]) -> list[tuple[str, list[Module]]]:
        """Return ``last`` and what it may be written as, each with the modules that mention it."""
        names, found = [last], []
        for name in names:
            modules = asked(name)
            found.append((name, modules))
            aliases = {alias for module in modules for alias in _calls_in(module).aliases.get(name, ())}
            names += sorted(aliases.difference(names))
        return found


_TABLES: WeakKeyDictionary[Project, CallTable] = WeakKeyDictionary()


def call_table(project: Project) -> CallTable:
    """Return the project's calls."""
    table = _TABLES.get(project)
    if table is None:
        table = _TABLES[project] = CallTable(project)
    return table


def _calls_in(module: Module) -> _Calls:
    known = module.notes.get("torch-calls")
    if not isinstance(known, _Calls):
        known = module.notes["torch-calls"] = _module_calls(module)
    return known


def _module_calls(module: Module) -> _Calls:
    table = _Calls()
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
                table.loads.setdefault(node.id, []).append(node)
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


def _alias(table: _Calls, last: str, name: str) -> None:
    if name != last:
        table.aliases.setdefault(last, set()).add(name)
