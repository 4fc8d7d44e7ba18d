"""Which bindings of a local name reach a place where it is read, and what the tests on the way there say of it.

``x = tf.cast(x, tf.float32)`` makes a tensor of a number from there on, and not before; where ``isinstance(x, list)``
holds, the parameter is a list, whatever else it may be.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.narrowing import ALL_OF, CLASSES
from ...meaning.nodes import children, walk
from ...meaning.values import NONE, UNKNOWN, Value

_ROUNDS = 4
_MAX_TESTS = 4
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_IS_TENSOR = frozenset({"tensorflow.is_tensor", "keras.ops.is_tensor", "keras.backend.is_tensor"})


@dataclass(frozen=True)
class Test:
    """What a test says of a value: it is one of ``kinds``, or it is none of them."""

    kinds: frozenset[str]
    holds: bool

    def of(self, value: Value) -> Value:
        """Return what ``value`` is where the test has come out so."""
        if not value.kinds:
            return value
        if not self.holds:
            left = value.without(*self.kinds)
            return left if left.kinds else UNKNOWN
        kept = value.kinds & self.kinds
        if kept and "unknown" not in value.kinds:
            return replace(value, kinds=kept, assumed=False)
        return NONE if self.kinds == {"none"} else Value(self.kinds, framework=value.framework)


Reached = frozenset[tuple[int, tuple[Test, ...]]]
"""Ids of what binds a name (an ``ast.arg``, or the name where it is stored), each with the tests since then."""
_State = dict[str, Reached]


def reaching(module: Module, function: FunctionNode) -> dict[int, Reached]:
    """Return by the id of each reading of a local name in ``function`` what reaches it.

    Left out are names that are bound in other ways than by parameters, assignments, ``for`` and ``with``, or used by
    functions in there that may change them, and what nested functions read, which may run at any time.
    """
    flow = _Flow(module, _followed(module, function))
    state: _State = {}
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    for arg in every:
        if arg is not None and arg.arg in flow.names:
            state[arg.arg] = frozenset({(id(arg), ())})
    flow.block(function.body, state)
    return flow.reached


def _followed(module: Module, function: FunctionNode) -> frozenset[str]:
    names = {
        name
        for name, bindings in module.scopes.of(function).bindings.items()
        if all(binding.kind in ("param", "assign", "augassign", "for", "with") for binding in bindings)
        and not any(isinstance(binding.node, ast.NamedExpr) for binding in bindings)
    }
    for nested in walk(function):
        if nested is function or not isinstance(nested, _FUNCTIONS):
            continue
        for node in walk(nested):
            if isinstance(node, ast.Nonlocal):
                names -= set(node.names)
            elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.value, ast.Name):
                names.discard(node.value.id)
    return frozenset(names)


class _Flow:
    """One pass over the statements of a function, in the order in which they run."""

    def __init__(self, module: Module, names: frozenset[str]) -> None:
        self.module = module
        self.names = names
        self.reached: dict[int, Reached] = {}
        self.stops: list[list[_State]] = []
        self.again: list[list[_State]] = []

    def block(self, body: list[ast.stmt], state: _State | None) -> _State | None:
        for statement in body:
            if state is None:
                return None
            state = self.statement(statement, state)
        return state

    def statement(self, node: ast.stmt, state: _State) -> _State | None:
        """Return the state behind ``node``, ``None`` where nothing goes on."""
        if isinstance(node, ast.If):
            holds, fails = self.test(node.test, state)
            return _merge(self.block(node.body, holds), self.block(node.orelse, fails))
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            return self.loop(node, state)
        if isinstance(node, ast.With | ast.AsyncWith):
            before = state
            for item in node.items:
                self.read(item.context_expr, state)
                if item.optional_vars is not None:
                    state = self.bind(item.optional_vars, state)
            behind = self.block(node.body, state)
            return _merge(behind, before) if any(map(self.suppresses, node.items)) else behind
        if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            return self.trial(node, state)
        if isinstance(node, ast.Match):
            return self.match(node, state)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return state
        if isinstance(node, ast.Assert):
            return self.test(node.test, state)[0]
        if isinstance(node, ast.AugAssign):
            self.read(node.target, state)
            self.read(node.value, state)
            return self.bind(node.target, state)
        for child in children(node):
            if isinstance(child, ast.expr) and not isinstance(getattr(child, "ctx", None), ast.Store):
                self.read(child, state)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                state = self.bind(target, state)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            state = self.bind(node.target, state)
        elif isinstance(node, ast.Break | ast.Continue):
            (self.stops if isinstance(node, ast.Break) else self.again)[-1].append(state)
        return None if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue) else state

    def suppresses(self, item: ast.withitem) -> bool:
        """Whether an error in the body may go no further."""
        func = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
        return (self.module.qualified(func) or "").rsplit(".", 1)[-1] in ("suppress", "raises", "assertRaises")

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, state: _State) -> _State | None:
        head, done = state, None
        stops: list[_State] = []
        for _ in range(_ROUNDS):
            if isinstance(node, ast.While):
                entered, done = self.test(node.test, head)
            else:
                self.read(node.iter, state)
                entered, done = self.bind(node.target, head), head
            self.stops.append(stops)
            self.again.append([])
            out = self.block(node.body, entered)
            self.stops.pop()
            new = head
            for other in [out, *self.again.pop()]:
                new = _merge(new, other) or new
            if new == head:
                break
            head = new
        behind = self.block(node.orelse, done)
        for other in stops:
            behind = _merge(behind, other)
        return behind

    def trial(self, node: ast.stmt, state: _State) -> _State | None:
        """``try``: its handlers may be entered from anywhere in its body."""
        within = dict(state)
        for part in node.body:  # type: ignore[attr-defined]
            for one in walk(part):
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id in self.names:
                    within[one.id] = within.get(one.id, frozenset()) | {(id(one), ())}
        behind = self.block(node.body, state)  # type: ignore[attr-defined]
        behind = self.block(node.orelse, behind)  # type: ignore[attr-defined]
        for handler in node.handlers:  # type: ignore[attr-defined]
            behind = _merge(behind, self.block(handler.body, dict(within)))
        if not node.finalbody:  # type: ignore[attr-defined]
            return behind
        last = self.block(node.finalbody, _merge(behind, within))  # type: ignore[attr-defined]
        return last if behind is not None else None

    def match(self, node: ast.Match, state: _State) -> _State | None:
        self.read(node.subject, state)
        behind: _State | None = state
        for case in node.cases:
            if case.guard is not None:
                self.read(case.guard, state)
            behind = _merge(behind, self.block(case.body, state))
        return behind

    # expressions

    def bind(self, target: ast.expr, state: _State) -> _State:
        """Return ``state`` behind an assignment to ``target``."""
        if isinstance(target, ast.Name):
            return {**state, target.id: frozenset({(id(target), ())})} if target.id in self.names else state
        if isinstance(target, ast.Tuple | ast.List):
            for item in target.elts:
                state = self.bind(item, state)
        elif isinstance(target, ast.Starred):
            state = self.bind(target.value, state)
        else:
            self.read(target, state)
        return state

    def read(self, node: ast.AST, state: _State) -> None:
        """Note what reaches the names in ``node``."""
        if isinstance(node, ast.Name):
            found = state.get(node.id)
            if found is not None:
                self.reached[id(node)] = self.reached.get(id(node), frozenset()) | found
        elif isinstance(node, ast.BoolOp):
            inner: _State | None = state
            for part in node.values:
                if inner is not None:
                    self.read(part, inner)
                    inner = self.narrow(part, isinstance(node.op, ast.And), inner)
        elif isinstance(node, ast.IfExp):
            holds, fails = self.test(node.test, state)
            self.read(node.body, holds or state)
            self.read(node.orelse, fails or state)
        elif isinstance(node, _COMPREHENSIONS):
            own = {n.id for part in node.generators for n in walk(part.target) if isinstance(n, ast.Name)}
            self.read(node.generators[0].iter, state)
            inner = {name: found for name, found in state.items() if name not in own}
            for generator in node.generators:
                if generator is not node.generators[0]:
                    self.read(generator.iter, inner)
                for condition in generator.ifs:
                    inner = self.test(condition, inner)[0] or inner
            for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
                self.read(part, inner)
        elif not isinstance(node, _FUNCTIONS):
            for child in children(node):
                self.read(child, state)

    def test(self, node: ast.expr, state: _State) -> tuple[_State | None, _State | None]:
        """Return the states in which ``node`` holds, and doesn't."""
        self.read(node, state)
        if isinstance(node, ast.Constant):
            return (state, None) if node.value else (None, state)
        return self.narrow(node, True, state), self.narrow(node, False, state)

    def narrow(self, node: ast.expr, holds: bool, state: _State) -> _State:
        """Return ``state`` as it is where ``node`` holds (or doesn't)."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.narrow(node.operand, not holds, state)
        if isinstance(node, ast.BoolOp):
            if isinstance(node.op, ast.And) is holds:
                for part in node.values:
                    state = self.narrow(part, holds, state)
                return state
            said = [self.said(part, holds) for part in node.values]
            first = said[0][0] if said[0] is not None else None
            kinds: frozenset[str] = frozenset()
            for found in said:  # one of them holds: of one name, it is any of their kinds
                if found is None or not found[1].holds or not _same_name(found[0], first):
                    return state
                kinds |= found[1].kinds
            return _add(state, first, Test(kinds, True))
        found = self.said(node, holds)
        return _add(state, *found) if found is not None else state

    def said(self, node: ast.expr, holds: bool) -> tuple[ast.expr, Test] | None:
        """Return what a plain test is about, and what it says of that where it holds (or doesn't)."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.said(node.operand, not holds)
        if isinstance(node, ast.Name):
            return (node, Test(frozenset({"none"}), False)) if holds else None
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and _is_none(node.comparators[0]):
            same = isinstance(node.ops[0], ast.Is | ast.Eq)
            if same or isinstance(node.ops[0], ast.IsNot | ast.NotEq):
                return node.left, Test(frozenset({"none"}), same is holds)
        if isinstance(node, ast.Call) and node.args:
            asked = self.asked(node, holds)
            return (node.args[0], asked) if asked is not None else None
        return None

    def asked(self, node: ast.Call, holds: bool) -> Test | None:
        """Return what ``isinstance(x, C)`` and its like say of ``x``."""
        name = self.module.qualified(node.func)
        if name in _IS_TENSOR:
            return Test(frozenset({"tensor", "variable"}), holds)
        if name != "builtins.isinstance" or len(node.args) != 2:
            return None
        names = [self.module.qualified(part) or "" for part in _classes(node.args[1])]
        if holds and not all(one in CLASSES for one in names):
            return None
        table = CLASSES if holds else {**ALL_OF, "tensorflow.Tensor": ("tensor",)}
        kinds = frozenset(kind for one in names for kind in table.get(one, ()))
        return Test(kinds, holds) if kinds else None


def _classes(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Tuple):
        return node.elts
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_classes(node.left), *_classes(node.right)]
    return [node]


def _same_name(left: ast.expr, right: ast.expr | None) -> bool:
    return isinstance(left, ast.Name) and isinstance(right, ast.Name) and left.id == right.id


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _add(state: _State, node: ast.expr | None, test: Test) -> _State:
    if not isinstance(node, ast.Name) or node.id not in state:
        return state
    found = {
        (one, tests if test in tests or len(tests) >= _MAX_TESTS else (*tests, test)) for one, tests in state[node.id]
    }
    return {**state, node.id: frozenset(found)}


def _merge(left: _State | None, right: _State | None) -> _State | None:
    if left is None or right is None:
        return right if left is None else left
    if left is right:
        return left
    none: Reached = frozenset()
    return {name: left.get(name, none) | right.get(name, none) for name in left.keys() | right.keys()}
