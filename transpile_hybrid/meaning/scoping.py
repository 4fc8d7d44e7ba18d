"""Building the scopes of a module: one walk over its tree, which every file pays for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .canonical import canonical
from .names import Binding, FunctionNode, Scope, ScopeNode, statements
from .nodes import FIELDS, children, walk

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


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


class _Builder:
    """Builds all scopes of a module; the work list makes deep nesting harmless."""

    def __init__(self, tree: ast.Module, module: str, package: str) -> None:
        self.package = package
        self.top = Scope(tree, None, module)
        self.scopes: dict[int, Scope] = {id(tree): self.top}
        self.functions: list[FunctionNode] = []
        self.classes: list[ast.ClassDef] = []
        self.work: list[tuple[ast.AST, Scope]] = [(child, self.top) for child in reversed(tree.body)]

    def build(self) -> None:
        work, visits, fields = self.work, _VISITS, FIELDS
        while work:
            node, scope = work.pop()
            kind = type(node)
            if kind is ast.Constant or kind is ast.Name and type(node.ctx) is ast.Load:  # type: ignore[attr-defined]
                continue  # most nodes
            visit = visits.get(kind)
            if visit is not None:
                visit(self, node, scope)
                continue
            for name in fields[kind]:
                child = getattr(node, name, None)
                if child.__class__ is list:
                    work.extend((one, scope) for one in reversed(child) if one is not None)
                elif child is not None:
                    work.append((child, scope))

    def push(self, nodes: Sequence[ast.AST], scope: Scope) -> None:
        self.work.extend((node, scope) for node in reversed(nodes))

    def new_scope(self, node: ScopeNode, parent: Scope, name: str) -> Scope:
        scope = Scope(node, parent, parent.module, name)
        self.scopes[id(node)] = scope
        return scope

    def name(self, node: ast.Name, scope: Scope) -> None:
        kind = type(node.ctx)
        if kind is ast.Store:
            scope.bind(node.id, Binding("assign", node))
        elif kind is ast.Del:
            scope.bind(node.id, Binding("del", node))

    def nothing(self, node: ast.AST, scope: Scope) -> None:
        """Constants, and what :func:`_declarations` has read."""

    def function(self, node: FunctionNode, scope: Scope) -> None:
        self.functions.append(node)
        scope.bind(node.name, Binding("def", node))
        self.push([*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)], scope)
        scope = self.type_parameters(node, scope)
        inner = self.new_scope(node, scope, f"{scope.name}.{node.name}" if scope.name else node.name)
        _declarations(node.body, inner)
        self.arguments(node.args, inner, scope)
        if node.returns is not None:
            self.work.append((node.returns, scope))
        self.push(node.body, inner)

    def class_(self, node: ast.ClassDef, scope: Scope) -> None:
        self.classes.append(node)
        scope.bind(node.name, Binding("class", node))
        self.push(node.decorator_list, scope)
        scope = self.type_parameters(node, scope)
        self.push([*node.bases, *node.keywords], scope)
        self.push(node.body, self.new_scope(node, scope, f"{scope.name}.{node.name}" if scope.name else node.name))

    def lambda_(self, node: ast.Lambda, scope: Scope) -> None:
        self.push([*node.args.defaults, *(d for d in node.args.kw_defaults if d)], scope)
        inner = self.new_scope(node, scope, scope.name)
        self.arguments(node.args, inner, scope)
        self.work.append((node.body, inner))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope) -> None:
        inner = self.new_scope(node, scope, scope.name)
        for index, generator in enumerate(node.generators):
            self.work.append((generator.iter, scope if index == 0 else inner))
            self.push([generator.target, *generator.ifs], inner)
        self.push([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], inner)

    def assign(self, node: ast.Assign, scope: Scope) -> None:
        target = node.targets[0]
        if type(target) is ast.Name and len(node.targets) == 1:
            scope.bind(target.id, Binding("assign", node, value=node.value))
            self.work.append((node.value, scope))
        else:
            self.push([*node.targets, node.value], scope)

    def annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if isinstance(node.target, ast.Name):
            scope.bind(node.target.id, Binding("assign", node, value=node.value))
            self.push([node.annotation, *([node.value] if node.value else [])], scope)
        else:
            self.push(children(node), scope)

    def augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        if isinstance(node.target, ast.Name):
            scope.bind(node.target.id, Binding("augassign", node))
            self.work.append((node.value, scope))
        else:
            self.push(children(node), scope)

    def walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        target = scope
        while isinstance(target.node, _COMPREHENSIONS) and target.parent is not None:
            target = target.parent
        target.bind(node.target.id, Binding("assign", node, value=node.value))
        self.work.append((node.value, scope))

    def for_(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        for part in walk(node.target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                scope.bind(part.id, Binding("for", part))
        self.push([node.iter, *node.body, *node.orelse], scope)

    def handler(self, node: ast.ExceptHandler, scope: Scope) -> None:
        if node.name:
            scope.bind(node.name, Binding("except", node))
        self.push(children(node), scope)

    def pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping, scope: Scope) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            scope.bind(name, Binding("match", node))
        self.push(children(node), scope)

    def alias(self, node: ast.stmt, scope: Scope) -> None:
        """``type X = ...`` (Python 3.12)"""
        name, value = (getattr(node, part) for part in ("name", "value"))
        scope.bind(name.id, Binding("assign", node))
        self.work.append((value, self.type_parameters(node, scope)))

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


_VISITS: dict[type, Callable[..., None]] = {
    ast.Name: _Builder.name, ast.Constant: _Builder.nothing, ast.Global: _Builder.nothing,
    ast.Nonlocal: _Builder.nothing, ast.FunctionDef: _Builder.function, ast.AsyncFunctionDef: _Builder.function,
    ast.ClassDef: _Builder.class_, ast.Lambda: _Builder.lambda_, ast.ListComp: _Builder.comprehension,
    ast.SetComp: _Builder.comprehension, ast.DictComp: _Builder.comprehension,
    ast.GeneratorExp: _Builder.comprehension, ast.Import: _Builder.imports, ast.ImportFrom: _Builder.imports,
    ast.Assign: _Builder.assign, ast.AnnAssign: _Builder.annotated, ast.AugAssign: _Builder.augmented,
    ast.NamedExpr: _Builder.walrus, ast.For: _Builder.for_, ast.AsyncFor: _Builder.for_,
    ast.ExceptHandler: _Builder.handler, ast.MatchAs: _Builder.pattern, ast.MatchStar: _Builder.pattern,
    ast.MatchMapping: _Builder.pattern,
}  # fmt: skip
if hasattr(ast, "TypeAlias"):
    _VISITS[ast.TypeAlias] = _Builder.alias


def _declarations(body: list[ast.stmt], scope: Scope) -> None:
    """Read ``global`` and ``nonlocal`` first: they hold for the whole function, wherever they stand."""
    for node in statements(body):
        if isinstance(node, ast.Global):
            scope.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocals.update(node.names)


def _forget_superseded(tree: ast.Module, name: str, bindings: list[Binding]) -> None:
    """Leave out assignments and imports that a definition below them undoes before anything has read the name."""
    kinds = ("assign", "import")
    index = {id(node): number for number, node in enumerate(tree.body)}
    last = index.get(id(bindings[-1].node))
    firsts = [index.get(id(binding.node)) for binding in bindings if binding.kind in kinds]
    if last is None or not firsts or any(first is None or first > last for first in firsts):
        return
    between = tree.body[min(first for first in firsts if first is not None) + 1 : last + 1]
    asked = (node for one in between for node in _run_at_once(one) if isinstance(node, ast.Name) and node.id == name)
    if all(isinstance(node.ctx, ast.Store) for node in asked):
        bindings[:] = [binding for binding in bindings if binding.kind not in kinds]


def _run_at_once(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of ``statement`` that run when it does: not what stands in the bodies of functions."""
    work: list[ast.AST] = [statement]
    while work:
        node = work.pop()
        yield node
        inside = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
        work += [child for child in children(node) if child not in inside]


def build_scopes(tree: ast.Module, module: str = "", package: str = "") -> ScopeTable:
    """Build the scopes of ``tree``; ``module`` and ``package`` are its dotted names where they are known."""
    builder = _Builder(tree, module, package)
    builder.build()
    for name, bindings in builder.top.bindings.items():
        if len(bindings) > 1 and bindings[-1].kind in ("def", "class"):
            _forget_superseded(tree, name, bindings)
    rebound = {name for scope in builder.scopes.values() for name in scope.globals}
    return ScopeTable(builder.top, builder.scopes, builder.functions, builder.classes, frozenset(rebound))
