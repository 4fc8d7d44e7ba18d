"""Statements: one function (or a module's own code) interpreted once over abstract values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import assign, conventions, expressions
from .engine import Callable_, Summary
from .narrowing import impossible, narrow
from .values import NONE, NOTHING, OPAQUE, UNKNOWN, Depends, Value, join, shallow

if TYPE_CHECKING:
    from .classes import ClassInfo
    from .engine import Engine
    from .module import Module
    from .names import Scope

Env = dict[str, Value]
_MAX_ROUNDS = 4


class Frame:
    """The state of one interpretation.

    ``env`` maps locals, and dotted paths of what was assigned or tested (``self.x``), to values; ``None`` where no run
    gets to.
    """

    __slots__ = (
        "breaks", "closure", "continues", "depth", "engine", "env", "framework", "info", "locals", "module", "node",
        "returns",
        "scope", "self_name", "self_value", "summary", "yields",
    )  # fmt: skip

    def __init__(
        self, engine: Engine, module: Module, node: Callable_ | ast.Module, env: Env, info: ClassInfo | None, depth: int
    ) -> None:
        self.engine, self.module, self.node, self.info, self.depth = engine, module, node, info, depth
        self.scope: Scope = module.scopes.of(node)
        self.env: Env | None = env
        self.summary = Summary(node)
        self.returns: Value = NOTHING
        self.yields: Value | None = None
        self.breaks: list[list[Env]] = []
        self.continues: list[list[Env]] = []
        self.self_name: str | None = None
        self.self_value: Value | None = None
        self.closure: Frame | None = None
        self.framework = ""
        self.locals = self.scope.bindings

    def run(self) -> Summary:
        """Interpret the whole body."""
        node = self.node
        if isinstance(node, ast.Lambda):
            self.returns = self.eval(node.body)
        else:
            self.block(node.body)
            if self.env is not None and not isinstance(node, ast.Module):
                self.returns = join(self.returns, NONE)
        summary = self.summary
        summary.result = self.returns
        if self.yields is not None:
            summary.result = Value(frozenset({"iterator"}), element=self.yields, depends=self.yields.depends)
        elif isinstance(node, ast.AsyncFunctionDef):
            summary.result = OPAQUE
        elif isinstance(node, ast.FunctionDef) and not self.returns.known:
            summary.result = conventions.returned(node, self.framework) or self.returns
        summary.end = self.env or summary.end
        return summary

    # expressions

    def eval(self, node: ast.expr) -> Value:
        """Return (and keep) the value of an expression."""
        if self.env is None:
            return NOTHING
        value = expressions.HANDLERS.get(type(node), expressions.anything)(self, node)
        values = self.summary.values
        values[id(node)] = value
        return value

    def peek(self, node: ast.expr) -> Value:
        """Return the value of an expression without keeping it (for nodes that are not in the tree)."""
        return NOTHING if self.env is None else expressions.HANDLERS.get(type(node), expressions.anything)(self, node)

    def keep(self, node: ast.expr, value: Value) -> None:
        """Keep the value that a target was given."""
        self.summary.values[id(node)] = value

    # statements

    def block(self, body: list[ast.stmt]) -> None:
        """Interpret statements in order, as long as a run gets there."""
        for statement in body:
            if self.env is None:
                return
            self.engine.spend()
            handler = _STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement)
            else:
                self.others(statement)

    def others(self, node: ast.stmt) -> None:
        """A statement that binds nothing of its own: look at the expressions in it."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.eval(child)

    def merged(self, envs: list[Env | None], depends: Depends = Depends.NOTHING) -> Env | None:
        """Join environments; what differs between them also depends on what chose between them."""
        alive = [env for env in envs if env is not None]
        if not alive:
            return None
        result = alive[0]
        for env in alive[1:]:
            if env is not result:
                result = self.join_env(result, env, depends)
        return result

    def join_env(self, a: Env, b: Env, depends: Depends) -> Env:
        """Join two environments; a name bound in one only keeps its value (else it could not be read)."""
        result = dict(a)
        for name, value in b.items():
            if name not in a:
                if "." not in name:
                    result[name] = value
            elif a[name] is not value and a[name] != value:
                joined = join(a[name], value)
                result[name] = joined.but(depends) if depends else joined
        for name in a:
            if "." in name and name not in b:
                del result[name]
        return result


def _branch_depends(value: Value) -> Depends:
    return value.depends & (Depends.VALUE | Depends.PARAM | Depends.STATE) if not value.has_const else Depends.NOTHING


def _if(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.If)
    test = frame.eval(node.test)
    before = frame.env
    assert before is not None
    literal = isinstance(node.test, ast.Constant) or frame.module.qualified(node.test) == "typing.TYPE_CHECKING"
    frame.env = None if impossible(frame, node.test) else narrow(frame, node.test, True, dict(before))
    frame.block(node.body)
    then = frame.env
    frame.env = None if literal and test.truth is True else narrow(frame, node.test, False, dict(before))
    frame.block(node.orelse)
    frame.env = frame.merged([then, frame.env], _branch_depends(test))


def _loop(
    frame: Frame, body: list[ast.stmt], enter: Callable[[], None], leave: Callable[[], bool], depends: Depends
) -> Env | None:
    """Interpret a loop's body until nothing changes; return the environment after the loop."""
    start = frame.env
    after: list[Env] = []
    for round_ in range(_MAX_ROUNDS):
        assert frame.env is not None
        head = frame.env
        frame.env = dict(head)
        frame.breaks.append([])
        frame.continues.append([])
        enter()
        frame.block(body)
        after = frame.breaks.pop()
        end = frame.merged([frame.env, *frame.continues.pop()], Depends.NOTHING)
        joined = head if end is None else frame.join_env(head, end, depends)
        if round_ >= 1:
            joined = {name: shallow(value) for name, value in joined.items()}
        if round_ == _MAX_ROUNDS - 2:  # what still moves will not settle soon
            joined = {n: v if head.get(n) == v else Value(v.kinds, depends=v.depends, cls=v.cls, framework=v.framework)
                      for n, v in joined.items()}  # fmt: skip
        frame.env = joined
        if joined == head:
            break
    else:
        assert start is not None and frame.env is not None
        frame.env = {n: v if start.get(n) == v else UNKNOWN for n, v in frame.env.items()}
    frame.env = frame.env if leave() else None
    return frame.merged([frame.env, *after], depends)


def _for(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.For | ast.AsyncFor)
    iterable = frame.eval(node.iter)
    item = OPAQUE if isinstance(node, ast.AsyncFor) else expressions.item_of_loop(frame, node.iter, iterable)
    never: list[bool] = []

    def enter() -> None:
        assign.target(frame, node.target, item if item.kinds else UNKNOWN)

    def leave() -> bool:
        never.append(True)
        frame.block(node.orelse)
        return frame.env is not None

    frame.env = _loop(
        frame, node.body, enter, leave, _branch_depends(iterable) if iterable.is_tensor else Depends.NOTHING
    )


def _while(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.While)
    forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
    test = NOTHING

    def enter() -> None:
        nonlocal test
        test = frame.eval(node.test)
        assert frame.env is not None
        frame.env = narrow(frame, node.test, True, frame.env)

    def leave() -> bool:
        if forever:
            return False
        if frame.env is not None:
            frame.eval(node.test)
            frame.env = narrow(frame, node.test, False, frame.env)
        frame.block(node.orelse)
        return frame.env is not None

    frame.env = _loop(frame, node.body, enter, leave, Depends.NOTHING)
    if frame.env is not None and _branch_depends(test):
        depends = _branch_depends(test)
        changed = assign.bound_names(node.body)
        frame.env = {name: value.but(depends) if name in changed else value for name, value in frame.env.items()}


def _try(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.Try) or type(node).__name__ == "TryStar"
    body, handlers = getattr(node, "body"), getattr(node, "handlers")  # noqa: B009
    before = frame.env
    assert before is not None
    frame.env = dict(before)
    frame.block(body)
    reached = frame.env
    caught = frame.merged([before, reached])
    if reached is None:  # the body returns: a handler can see anything it bound on the way
        caught = {**before, **{name: UNKNOWN for name in assign.bound_names(body)}}
    frame.block(getattr(node, "orelse"))  # noqa: B009
    ends: list[Env | None] = [frame.env]
    for handler in handlers:
        frame.env = dict(caught) if caught is not None else None
        if frame.env is not None and handler.name:
            frame.env[handler.name] = OPAQUE
        frame.block(handler.body)
        ends.append(frame.env)
    frame.env = frame.merged(ends)
    final = getattr(node, "finalbody")  # noqa: B009
    if final:
        gone = frame.env is None
        if gone:
            frame.env = dict(before)
        frame.block(final)
        if gone:
            frame.env = None


def _with(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.With | ast.AsyncWith)
    for item in node.items:
        context = frame.eval(item.context_expr)
        if item.optional_vars is not None:
            entered = context if context.is_("object") and context.framework else UNKNOWN
            name = frame.module.qualified(item.context_expr.func) if isinstance(item.context_expr, ast.Call) else None
            if name in ("builtins.open", "open"):
                entered = OPAQUE
            assign.target(frame, item.optional_vars, entered)
    frame.block(node.body)


def _return(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.Return)
    value = NONE if node.value is None else frame.eval(node.value)
    frame.returns = join(frame.returns, value)
    frame.summary.end = frame.merged([frame.summary.end or None, frame.env]) or {}
    frame.env = None


def _raise(frame: Frame, node: ast.stmt) -> None:
    frame.others(node)
    frame.env = None


def _break(frame: Frame, node: ast.stmt) -> None:
    if frame.breaks and frame.env is not None:
        frame.breaks[-1].append(frame.env)
    frame.env = None


def _continue(frame: Frame, node: ast.stmt) -> None:
    if frame.continues and frame.env is not None:
        frame.continues[-1].append(frame.env)
    frame.env = None


def _assert(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.Assert)
    frame.eval(node.test)
    if node.msg is not None:
        frame.eval(node.msg)
    if frame.env is not None:
        frame.env = narrow(frame, node.test, True, frame.env)


def _function(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    for decorator in node.decorator_list:
        frame.eval(decorator)
    for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
        frame.eval(default)
    scope = frame.module.scopes.of(node)
    outer = None if frame.scope.is_module else frame
    frame.engine.definitions[id(node)] = (node, frame.module, outer)
    assert frame.env is not None
    frame.env[node.name] = Value(frozenset({"function"}), cls=scope.path, site=id(node), depends=Depends.CONFIG)


def _class(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.ClassDef)
    scope = frame.module.scopes.of(node)
    assert frame.env is not None
    frame.env[node.name] = Value(frozenset({"class"}), cls=scope.path, depends=Depends.CONFIG)


def _import(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.Import | ast.ImportFrom)
    assert frame.env is not None
    for alias in node.names:
        if alias.name == "*":
            continue  # which names it gives is asked of its module, name by name
        name = alias.asname or alias.name.split(".")[0]
        if frame.scope.is_module and len(frame.scope.bindings.get(name, ())) == 1:
            frame.env.pop(name, None)  # what it is will be asked when it is read: that may take a file, and its imports
            continue
        frame.env[name] = expressions.name_value(frame, name, node)


def _match(frame: Frame, node: ast.stmt) -> None:
    assert isinstance(node, ast.Match)
    frame.eval(node.subject)
    before = frame.env
    ends: list[Env | None] = [before]
    for case in node.cases:
        assert before is not None
        frame.env = dict(before)
        for name in assign.pattern_names(case.pattern):
            frame.env[name] = UNKNOWN
        if case.guard is not None:
            frame.eval(case.guard)
        frame.block(case.body)
        ends.append(frame.env)
    frame.env = frame.merged(ends)


def _nothing(frame: Frame, node: ast.stmt) -> None:
    pass


_STATEMENTS: dict[type[ast.stmt], Callable[[Frame, ast.stmt], None]] = {
    ast.Assign: assign.assign, ast.AnnAssign: assign.annotated, ast.AugAssign: assign.augmented,
    ast.Delete: assign.delete,
    ast.If: _if, ast.For: _for, ast.AsyncFor: _for, ast.While: _while, ast.Try: _try, ast.With: _with,
    ast.AsyncWith: _with,
    ast.Return: _return, ast.Raise: _raise, ast.Break: _break, ast.Continue: _continue, ast.Assert: _assert,
    ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.ClassDef: _class, ast.Import: _import,
    ast.ImportFrom: _import, ast.Match: _match, ast.Pass: _nothing, ast.Global: _nothing, ast.Nonlocal: _nothing,
}  # fmt: skip
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _try
