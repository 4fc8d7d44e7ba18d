"""Functions that a forward defines for itself, ``def`` and ``lambda``: read with what their calls hand in."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._state import State
from ._values import NONE, OUTSIDE, UNKNOWN, Env, Val, join, join_all, number

MAX_CALLS = 16
Local = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Defined:
    """A local function, and the names at each of its calls: those around it, and its arguments."""

    node: Local
    calls: list[Env] = field(default_factory=list)
    followed: bool = True


class LocalMixin(State):
    """Reads local functions."""

    def define(self, node: Local, name: str, env: Env) -> Val:
        """Return the value of a local function; its body is read once its calls are known."""
        out = Val("function", cls=f"local:{name}" if name else "<lambda>", bases=frozenset({OUTSIDE}), const=id(node))
        defined = Defined(node, followed=bool(name) and self._only_called(node, name))
        self.locals[id(node)] = defined
        if not defined.followed:
            self._read(node, self._unknown(node, env), record=self.recording)
        return out

    def _only_called(self, node: Local, name: str) -> bool:
        """Whether every use of a local function is a call that is seen here."""
        if self.function is None or isinstance(node, ast.AsyncFunctionDef) or _unusual(node):
            return False
        stores = 0
        called = {id(n.func) for n in walk(self.function) if isinstance(n, ast.Call)}
        for other in walk(self.function):
            if isinstance(other, ast.Name) and other.id == name:
                if isinstance(other.ctx, ast.Load) and id(other) not in called:
                    return False
                stores += isinstance(other.ctx, ast.Store)
            elif isinstance(other, ast.FunctionDef) and other.name == name:
                stores += 1
            elif isinstance(other, ast.arg) and other.arg == name:
                return False
        return stores == 1

    def call_local(self, function: Val, node: ast.Call, args: list[Val], kw: dict[str, Val], env: Env) -> Val | None:
        """Return what a call of a local function gives; ``None`` where it isn't followed."""
        defined = self.locals.get(function.const) if isinstance(function.const, int) else None
        if defined is None or not defined.followed:
            return None
        bound = _bind(defined.node, args, kw)
        if bound is None or any(isinstance(a, ast.Starred) for a in node.args):
            defined.calls.append(self._unknown(defined.node, env))
            return UNKNOWN
        inner = env.copy()
        inner.names.update(bound)
        defined.calls.append(inner.copy())
        self.budget -= 1
        if id(defined.node) in self.inside or len(defined.calls) > MAX_CALLS or self.budget < 0:
            return UNKNOWN
        saved = self.path
        self.path = f"{saved}{self.name_of(node)}>"
        self.inside.append(id(defined.node))
        try:
            result = self._read(defined.node, inner, record=False)
        finally:
            self.inside.pop()
            self.path = saved
        own = _own_names(defined.node)
        for name, value in inner.names.items():
            if name not in own and name in env.names:
                env.names[name] = value  # what it does to the lists around it
        return result

    def read_locals(self, function: FunctionNode, env: Env) -> None:
        """Read, and keep, the bodies of a function's local functions, for all their calls at once."""
        for defined in list(self.locals.values()):
            if not defined.followed or not any(n is defined.node for n in walk(function)):
                continue
            calls = defined.calls or [self._unknown(defined.node, env)]
            names = dict(calls[0].names)
            for other in calls[1:]:
                for key, value in other.names.items():
                    where = f"{self.path}local{defined.node.lineno}:{key}"
                    names[key] = join(names[key], value, where) if key in names else value
            self.inside.append(id(defined.node))
            try:
                self._read(defined.node, Env(names), record=True)
            finally:
                self.inside.pop()

    def _read(self, node: Local, env: Env, *, record: bool) -> Val:
        saved = self.recording, self.returned
        self.recording, self.returned = record, []
        try:
            if isinstance(node, ast.Lambda):
                return self.eval(node.body, env)
            self.block(node.body, env)
            if not env.dead:
                self.returned.append(NONE)
            return join_all(self.returned, f"{self.path}ret:{node.name}")
        finally:
            self.recording, self.returned = saved

    def _unknown(self, node: Local, env: Env) -> Env:
        inner = env.copy()
        for arg in walk(node.args):
            if isinstance(arg, ast.arg):
                inner.names[arg.arg] = UNKNOWN
        return inner


def _unusual(node: Local) -> bool:
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return True
    return any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Nonlocal | ast.Global) for n in walk(node))


def _own_names(node: Local) -> set[str]:
    names = {n.arg for n in walk(node.args) if isinstance(n, ast.arg)}
    return names | {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _bind(node: Local, args: list[Val], kw: dict[str, Val]) -> dict[str, Val] | None:
    """Return the arguments of a call by name; ``None`` for a signature or a call out of the ordinary."""
    given = node.args
    names = [a.arg for a in [*given.posonlyargs, *given.args]]
    if given.vararg or given.kwarg or given.kwonlyargs or len(args) > len(names) or not set(kw) <= set(names):
        return None
    out = {**dict(zip(names, args, strict=False)), **kw}
    for name, default in zip(names[len(names) - len(given.defaults) :], given.defaults, strict=True):
        if name not in out:
            if not isinstance(default, ast.Constant):
                return None
            out[name] = number(default.value)
    return out if set(out) == set(names) else None
