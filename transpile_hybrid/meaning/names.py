"""Names: which scope binds a name, and what fully qualified name an expression stands for.

Scopes are built in one walk over a module's tree.  :meth:`Scope.qualified` then answers questions such as "is
``F.relu`` here ``torch.nn.functional.relu``?" for any import style, without importing anything.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from .canonical import canonical as canonical

BUILTINS = frozenset(dir(builtins))
_MAX_ALIAS_DEPTH = 8


@dataclass(slots=True)
class Binding:
    """One place where a name gets a value.

    ``kind`` is ``import``, ``def``, ``class``, ``assign``, ``augassign``, ``param``, ``for``, ``with``, ``except``,
    ``match``, ``del``.  ``target`` is the qualified name for an import, ``value`` the bound expression of a plain
    ``name = value``.
    """

    kind: str
    node: ast.AST
    target: str | None = None
    value: ast.expr | None = None


ScopeNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.expr
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Scope:
    """A namespace of Python: a module, class, function, lambda or comprehension."""

    node: ScopeNode
    parent: Scope | None
    module: str
    name: str = ""
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    star_imports: list[str] = field(default_factory=list)
    star_member: Callable[[str, str], bool] | None = None
    is_annotation: bool = False

    @property
    def outer(self) -> Scope | None:
        """The scope around this one, scopes of type parameters left out."""
        scope = self.parent
        while scope is not None and scope.is_annotation:
            scope = scope.parent
        return scope

    @property
    def path(self) -> str:
        """The qualified name of what the scope is the namespace of: ``package.module.Class.method``."""
        return f"{self.module}.{self.name}" if self.module else self.name

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_module(self) -> bool:
        return isinstance(self.node, ast.Module)

    def bind(self, name: str, binding: Binding) -> None:
        """Record ``binding`` where Python puts it (``global`` and ``nonlocal`` declarations)."""
        scope: Scope = self
        if name in self.globals:
            while scope.parent is not None:
                scope = scope.parent
        elif name in self.nonlocals:
            outer = self.parent
            while outer is not None and (outer.is_class or name not in outer.bindings):
                outer = outer.parent
            scope = outer or self
        scope.bindings.setdefault(name, []).append(binding)

    def lookup(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the scope that binds ``name`` as seen from here, with all its bindings there, or ``None``."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            if first or not scope.is_class:
                if name in scope.globals and not scope.is_module:
                    while scope.parent is not None:
                        scope = scope.parent
                found = scope.bindings.get(name)
                if found:
                    return scope, found
            # a comprehension's own scope still sees the class it stands in only for its first iterable: ignored
            first = False
            scope = scope.parent
        return None

    def is_local(self, name: str) -> bool:
        """Whether ``name`` is bound inside a function, lambda or comprehension (not at module or class level)."""
        found = self.lookup(name)
        return found is not None and not found[0].is_module and not found[0].is_class

    def qualified(self, expr: ast.expr, _depth: int = 0) -> str | None:
        """Return the fully qualified, canonical name that ``expr`` stands for, or ``None`` when it isn't known.

        A builtin is ``builtins.len``; a class or function of this module ``<module>.<name>``.
        """
        parts: list[str] = []
        node = expr
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        base = self._qualified_name(node.id, _depth)
        if base is None:
            return None
        if parts and base == self.module and _depth <= _MAX_ALIAS_DEPTH:
            # a module under its own alias: the name may be another one of something else there
            top = self.module_scope()
            inner = top._qualified_name(parts[-1], _depth + 1) if parts[-1] in top.bindings else None
            if inner:
                parts.pop()
                base = inner
        return canonical(".".join(part for part in [base, *reversed(parts)] if part))

    def _qualified_name(self, name: str, depth: int) -> str | None:
        found = self.lookup(name)
        if found is None:
            top = self.module_scope()
            for module in reversed(top.star_imports):
                from .tables import has_member  # data, loaded only for a star import

                if has_member(module, name) or top.star_member is not None and top.star_member(module, name):
                    return f"{module}.{name}"
            return f"builtins.{name}" if name in BUILTINS else None
        scope, bindings = found
        if len(bindings) == 1:
            targets = [bindings[0].target] if bindings[0].kind == "import" else []
        else:
            targets = list(dict.fromkeys(binding.target for binding in bindings if binding.kind == "import"))
        if targets:
            choice = scope.is_module and not any(b.kind == "import" and _unconditional(b.node) for b in bindings)
            others = [b for b in bindings if b.kind != "import" and not _is_stand_in(b, choice)]
            if others and not (scope.is_module and bindings[-1].kind == "import" and _unconditional(bindings[-1].node)):
                return None  # rebound to something else: no single answer
            if others:
                return bindings[-1].target
            last = bindings[-1]
            if len(targets) > 1 and scope.is_module and last.kind == "import" and _unconditional(last.node):
                return last.target  # each import takes the name from the one before
            known = [target for target in targets if target]
            return known[0] if _is_one(known) else _same_framework(known)
        if depth > _MAX_ALIAS_DEPTH:
            return None
        kinds = {binding.kind for binding in bindings}
        if kinds <= {"def", "class"}:
            owner = f"{scope.name}.{name}" if scope.name else name
            return f"{scope.module}.{owner}" if scope.module else owner
        if kinds == {"assign"}:
            value = bindings[0].value
            if isinstance(value, ast.Name | ast.Attribute):
                return scope.alias(name, depth)
            if (
                len(bindings) == 1
                and _is_own_module(value)
                and scope.qualified(value.value, depth + 1) == "sys.modules"
            ):
                return scope.module  # the module under its own alias
        return None

    def alias(self, name: str, depth: int = 0) -> str | None:
        """Return what ``name`` stands for where every assignment to it in this scope names the same thing."""
        found: str | None = None
        for binding in self.bindings.get(name, ()):
            if binding.kind != "assign" or not isinstance(binding.value, ast.Name | ast.Attribute):
                return None
            meant = self.qualified(binding.value, depth + 1)
            if meant is None or found not in (None, meant):
                return None  # at the first doubt: names that are made of themselves would be asked for again and again
            found = meant
        return found

    def module_scope(self) -> Scope:
        """Return the outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


def _is_stand_in(binding: Binding, choice: bool) -> bool:
    """``None``, or where a block chooses a builtin (``Module = object``): what a name is without some library."""
    value = binding.value
    if isinstance(value, ast.Name):
        return choice and value.id in BUILTINS and not _unconditional(binding.node)
    return isinstance(value, ast.Constant) and value.value is None


def _unconditional(node: ast.AST) -> bool:
    """Whether a statement of a module stands in no block."""
    return getattr(node, "col_offset", 1) == 0


def _is_own_module(value: ast.expr | None) -> TypeGuard[ast.Subscript]:
    """``sys.modules[__name__]``"""
    return isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Name) and value.slice.id == "__name__"


def _is_one(targets: list[str]) -> bool:
    """Whether all targets are roads to the same object."""
    if len({canonical(target) for target in targets}) == 1:
        return True
    from .tables import public_name  # data, loaded only where imports disagree

    return len({public_name(canonical(target)) for target in targets}) == 1


def _same_framework(targets: list[str]) -> str | None:
    """Several imports give one name (``try: import a as x; except: import b as x``): take the framework's one."""
    roots = {"torch", "tensorflow", "keras", "mxnet"}
    framework = [t for t in targets if t.split(".")[0] in roots]
    return framework[0] if len(framework) == 1 else None


_COMPOUND = frozenset(
    kind
    for name in ("If", "For", "AsyncFor", "While", "With", "AsyncWith", "Try", "TryStar", "Match")
    if (kind := getattr(ast, name, None)) is not None
)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of ``body`` at any depth, not those of nested functions and classes."""
    work = list(reversed(body))
    while work:
        node = work.pop()
        yield node
        if type(node) not in _COMPOUND:
            continue
        for field_name in ("finalbody", "orelse", "handlers", "body", "cases"):
            for child in reversed(getattr(node, field_name, [])):
                if isinstance(child, ast.stmt):
                    work.append(child)
                else:
                    work.extend(reversed(child.body))
