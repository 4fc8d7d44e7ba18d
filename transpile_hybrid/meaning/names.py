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
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


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
        targets = {binding.target for binding in bindings if binding.kind == "import"}
        if targets:
            others = [b for b in bindings if b.kind != "import" and not _is_none(b.value)]
            if others and not (scope.is_module and bindings[-1].kind == "import" and _unconditional(bindings[-1].node)):
                return None  # rebound to something else: no single answer
            if others:
                return bindings[-1].target
            known = [target for target in targets if target]
            return known[0] if len({canonical(t) for t in known}) == 1 else _same_framework(known)
        if depth > _MAX_ALIAS_DEPTH:
            return None
        kinds = {binding.kind for binding in bindings}
        if kinds <= {"def", "class"}:
            owner = f"{scope.name}.{name}" if scope.name else name
            return f"{scope.module}.{owner}" if scope.module else owner
        if kinds == {"assign"} and len(bindings) == 1:
            value = bindings[0].value
            if isinstance(value, ast.Name | ast.Attribute):
                return scope.qualified(value, depth + 1)
            if _is_own_module(value) and scope.qualified(value.value, depth + 1) == "sys.modules":
                return scope.module  # the module under its own alias
        return None

    def module_scope(self) -> Scope:
        """Return the outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _unconditional(node: ast.AST) -> bool:
    """Whether a statement of a module stands in no block."""
    return getattr(node, "col_offset", 1) == 0


def _is_own_module(value: ast.expr | None) -> TypeGuard[ast.Subscript]:
    """``sys.modules[__name__]``"""
    return isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Name) and value.slice.id == "__name__"


def _same_framework(targets: list[str]) -> str | None:
    """Several imports give one name (``try: import a as x; except: import b as x``): take the framework's one."""
    roots = {"torch", "tensorflow", "keras", "mxnet"}
    framework = [t for t in targets if t.split(".")[0] in roots]
    return framework[0] if len(framework) == 1 else None


class _Builder:
    """Builds all scopes of a module in one walk; the work list makes deep nesting harmless."""

    def __init__(self, tree: ast.Module, module: str, package: str) -> None:
        self.package = package
        self.top = Scope(tree, None, module)
        self.scopes: dict[int, Scope] = {id(tree): self.top}
        self.functions: list[FunctionNode] = []
        self.classes: list[ast.ClassDef] = []
        self.work: list[tuple[ast.AST, Scope]] = [(child, self.top) for child in reversed(tree.body)]

    def build(self) -> None:
        work = self.work
        while work:
            node, scope = work.pop()
            self.visit(node, scope)

    def push(self, nodes: list[ast.AST], scope: Scope) -> None:
        self.work.extend((node, scope) for node in reversed(nodes))

    def new_scope(self, node: ScopeNode, parent: Scope, name: str) -> Scope:
        scope = Scope(node, parent, parent.module, name)
        self.scopes[id(node)] = scope
        return scope

    def visit(self, node: ast.AST, scope: Scope) -> None:
        kind = type(node)
        if kind is ast.Name:
            assert isinstance(node, ast.Name)
            if isinstance(node.ctx, ast.Store):
                scope.bind(node.id, Binding("assign", node))
            elif isinstance(node.ctx, ast.Del):
                scope.bind(node.id, Binding("del", node))
        elif kind is ast.Constant:
            pass
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.functions.append(node)
            scope.bind(node.name, Binding("def", node))
            self.push([*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)], scope)
            scope = self.type_parameters(node, scope)
            inner = self.new_scope(node, scope, f"{scope.name}.{node.name}" if scope.name else node.name)
            _declarations(node.body, inner)
            self.arguments(node.args, inner, scope)
            if node.returns is not None:
                self.push([node.returns], scope)
            self.push(list(node.body), inner)
        elif isinstance(node, ast.ClassDef):
            self.classes.append(node)
            scope.bind(node.name, Binding("class", node))
            self.push(list(node.decorator_list), scope)
            scope = self.type_parameters(node, scope)
            self.push([*node.bases, *node.keywords], scope)
            inner = self.new_scope(node, scope, f"{scope.name}.{node.name}" if scope.name else node.name)
            self.push(list(node.body), inner)
        elif isinstance(node, ast.Lambda):
            self.push([*node.args.defaults, *(d for d in node.args.kw_defaults if d)], scope)
            inner = self.new_scope(node, scope, scope.name)
            self.arguments(node.args, inner, scope)
            self.push([node.body], inner)
        elif isinstance(node, _COMPREHENSIONS):
            inner = self.new_scope(node, scope, scope.name)
            for index, generator in enumerate(node.generators):
                self.push([generator.iter], scope if index == 0 else inner)
                self.push([generator.target, *generator.ifs], inner)
            elements: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            self.push(elements, inner)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imports(node, scope)
        elif isinstance(node, ast.Assign):
            if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                scope.bind(node.targets[0].id, Binding("assign", node, value=node.value))
                self.push([node.value], scope)
            else:
                self.push([*node.targets, node.value], scope)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            scope.bind(node.target.id, Binding("assign", node, value=node.value))
            self.push([node.annotation, *([node.value] if node.value else [])], scope)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            scope.bind(node.target.id, Binding("augassign", node))
            self.push([node.value], scope)
        elif isinstance(node, ast.NamedExpr):
            target = scope
            while isinstance(target.node, _COMPREHENSIONS) and target.parent is not None:
                target = target.parent
            target.bind(node.target.id, Binding("assign", node, value=node.value))
            self.push([node.value], scope)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.bind_targets(node.target, scope, "for")
            self.push([node.iter, *node.body, *node.orelse], scope)
        elif isinstance(node, ast.ExceptHandler):
            if node.name:
                scope.bind(node.name, Binding("except", node))
            self.push(list(ast.iter_child_nodes(node)), scope)
        elif isinstance(node, ast.MatchAs | ast.MatchStar):
            if node.name:
                scope.bind(node.name, Binding("match", node))
            self.push(list(ast.iter_child_nodes(node)), scope)
        elif isinstance(node, ast.MatchMapping):
            if node.rest:
                scope.bind(node.rest, Binding("match", node))
            self.push(list(ast.iter_child_nodes(node)), scope)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            pass  # taken by _declarations
        elif kind.__name__ == "TypeAlias":
            assert isinstance(node, ast.stmt)
            name, value = (getattr(node, part) for part in ("name", "value"))
            scope.bind(name.id, Binding("assign", node))
            self.push([value], self.type_parameters(node, scope))
        else:
            self.push(list(ast.iter_child_nodes(node)), scope)

    def type_parameters(self, node: ast.stmt, scope: Scope) -> Scope:
        """Open the scope of ``[T, *Ts, **P]`` (Python 3.12) if there is one."""
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return scope
        inner = Scope(parameters[0], scope, scope.module, scope.name, is_annotation=True)
        self.scopes[id(parameters[0])] = inner
        for parameter in parameters:
            inner.bind(parameter.name, Binding("param", parameter))
            for field_name in ("bound", "default_value"):
                part = getattr(parameter, field_name, None)
                if part is not None:
                    self.push([part], inner)
        return inner

    def bind_targets(self, target: ast.expr, scope: Scope, kind: str) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                scope.bind(node.id, Binding(kind, node))
            elif isinstance(node, ast.Name):
                pass

    def arguments(self, args: ast.arguments, inner: Scope, outer: Scope) -> None:
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        every += [arg for arg in (args.vararg, args.kwarg) if arg is not None]
        for arg in every:
            inner.bind(arg.arg, Binding("param", arg))
            if arg.annotation is not None:
                self.push([arg.annotation], outer)

    def imports(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    scope.bind(alias.asname, Binding("import", node, target=alias.name))
                else:
                    first = alias.name.split(".")[0]
                    scope.bind(first, Binding("import", node, target=first))
            return
        base = self.absolute(node)
        for alias in node.names:
            if alias.name == "*":
                self.top.star_imports.append(canonical(base))
            else:
                target = f"{base}.{alias.name}" if base else alias.name
                scope.bind(alias.asname or alias.name, Binding("import", node, target=target))

    def absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".") if self.package else []
        keep = len(parts) - (node.level - 1)
        base = ".".join(parts[:keep]) if keep > 0 else ""
        return ".".join(part for part in (base, node.module or "") if part)


def _declarations(body: list[ast.stmt], scope: Scope) -> None:
    """Read ``global`` and ``nonlocal`` first: they hold for the whole function, wherever they stand."""
    for node in statements(body):
        if isinstance(node, ast.Global):
            scope.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocals.update(node.names)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of ``body`` at any depth, not those of nested functions and classes."""
    work = list(reversed(body))
    while work:
        node = work.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for field_name in ("finalbody", "orelse", "handlers", "body", "cases"):
            for child in reversed(getattr(node, field_name, [])):
                if isinstance(child, ast.stmt):
                    work.append(child)
                else:
                    work.extend(reversed(child.body))


@dataclass(slots=True)
class ScopeTable:
    """All scopes of one module; ``by_node`` is keyed by ``id`` of the scope's node."""

    top: Scope
    by_node: dict[int, Scope]
    functions: list[FunctionNode]
    classes: list[ast.ClassDef]
    rebound_globals: frozenset[str] = frozenset()

    def of(self, node: ast.AST) -> Scope:
        """Return the scope that ``node`` (a module, class, function, lambda or comprehension) opens."""
        return self.by_node[id(node)]


def build_scopes(tree: ast.Module, module: str = "", package: str = "") -> ScopeTable:
    """Build the scopes of ``tree``; ``module`` and ``package`` are its dotted names where they are known."""
    builder = _Builder(tree, module, package)
    builder.build()
    rebound = {name for scope in builder.scopes.values() for name in scope.globals}
    return ScopeTable(builder.top, builder.scopes, builder.functions, builder.classes, frozenset(rebound))
