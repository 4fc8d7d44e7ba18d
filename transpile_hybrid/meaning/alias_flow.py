"""Which names may hold the same object: one forward pass over a function, loops to a fixed point.

Objects are told apart by where they come from.  A token is the ``id`` of the expression that made a fresh object, or a
text that says whose object it is (``"the argument `x`"``,
                                   ``"the attribute `self.h`"``).  A name holds a set of tokens; a
container holds those of what was put in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import alias_calls
from .names import FunctionNode
from .nodes import walk
from .values import Value

if TYPE_CHECKING:
    from .infer import UnitFacts

Token = int | str
Tokens = frozenset[Token]
FRESH: Tokens = frozenset()
_IMMUTABLE = ("int", "float", "bool", "str", "bytes", "complex", "none", "dtype", "device", "shape", "slice",
              "ellipsis", "namespace",
              "class", "function")  # fmt: skip
_MAX_ROUNDS = 5


@dataclass
class State:
    """What each name holds, and which objects are reachable from outside the function."""

    names: dict[str, Tokens] = field(default_factory=dict)
    escaped: dict[Token, str] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.names), dict(self.escaped))

    def join(self, other: State) -> State:
        names = dict(self.names)
        for name, tokens in other.names.items():
            names[name] = names.get(name, FRESH) | tokens
        return State(names, {**other.escaped, **self.escaped})


def immutable(value: Value) -> bool:
    """Whether nothing can be changed in place through the value."""
    if value.is_("tuple") and value.elements is not None:
        return all(immutable(item) for item in value.elements)
    return value.is_(*_IMMUTABLE)


class Flow:
    """One pass.  ``before`` holds the state right before each statement (the join, in loops)."""

    def __init__(self, facts: UnitFacts, function: FunctionNode, depth: int = 0) -> None:
        self.facts, self.function, self.depth = facts, function, depth
        self.state: State | None = State()
        self.before: dict[int, State] = {}
        self.returned: set[Token] = set()
        self.kept: set[str] = set()
        self.exits: list[State] = []
        self.breaks: list[list[State]] = []
        self.continues: list[list[State]] = []
        scope = facts.module.scopes.of(function)
        self.local = set(scope.bindings)
        self.captured = _captured(function, self.local)
        spec = function.args
        every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *(a for a in (spec.vararg, spec.kwarg) if a)]
        assert self.state is not None
        for argument in every:
            self.state.names[argument.arg] = frozenset({f"the argument `{argument.arg}`"})

    def run(self) -> Flow:
        """Go through the body."""
        self.block(self.function.body)
        return self

    def block(self, body: list[ast.stmt]) -> None:
        for node in body:
            if self.state is None:
                return
            held = self.before.get(id(node))
            self.before[id(node)] = self.state.copy() if held is None else held.join(self.state)
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        assert self.state is not None
        if isinstance(node, ast.Assign):
            tokens = self.expr(node.value)
            for target in node.targets:
                self.bind(target, tokens)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.bind(node.target, self.expr(node.value))
        elif isinstance(node, ast.AugAssign):
            tokens = self.expr(node.value)
            if isinstance(node.target, ast.Name):
                if not immutable(self.facts.value(node.target)) and self.facts.value(node.target).may_be(
                    "list", "dict", "set"
                ):
                    self.add(node.target.id, tokens)
            else:
                self.expr_of_target(node.target)
        elif isinstance(node, ast.If):
            self.expr(node.test)
            start = self.state
            self.state = start.copy()
            self.block(node.body)
            then = self.state
            self.state = start.copy()
            self.block(node.orelse)
            self.state = _join(then, self.state)
        elif isinstance(node, ast.For | ast.AsyncFor):
            tokens = self.expr(node.iter)
            self.loop(node.body, node.orelse, node.target, tokens)
        elif isinstance(node, ast.While):
            self.expr(node.test)
            self.loop(node.body, node.orelse, None, FRESH)
        elif isinstance(node, ast.Return):
            if node.value is not None:
                self.returned |= self.expr(node.value)
            self.exits.append(self.state)
            self.state = None
        elif isinstance(node, ast.Raise):
            self.state = None
        elif isinstance(node, ast.Break | ast.Continue):
            stack = self.breaks if isinstance(node, ast.Break) else self.continues
            if stack:
                stack[-1].append(self.state)
            self.state = None
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                self.expr(item.context_expr)
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, frozenset({"what a `with` block gave"}))
            self.block(node.body)
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self.try_(node)
        elif isinstance(node, ast.Match):
            self.match(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.state.names[node.name] = FRESH
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self.state.names.pop(target.id, None)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expr(child)

    def loop(self, body: list[ast.stmt], orelse: list[ast.stmt], target: ast.expr | None, tokens: Tokens) -> None:
        assert self.state is not None
        head = self.state
        leaves: list[State] = []
        for _ in range(_MAX_ROUNDS):
            self.state = head.copy()
            self.breaks.append([])
            self.continues.append([])
            if target is not None:
                self.bind(target, tokens)
            self.block(body)
            leaves = self.breaks.pop()
            end: State | None = self.state
            for state in self.continues.pop():
                end = _join(end, state)
            joined = head if end is None else head.join(end)
            if joined.names == head.names and joined.escaped == head.escaped:
                break
            head = joined
        self.state = head
        self.block(orelse)
        for state in leaves:
            self.state = _join(self.state, state)

    def try_(self, node: ast.stmt) -> None:
        assert self.state is not None
        start = self.state.copy()
        self.block(getattr(node, "body"))  # noqa: B009
        reached = self.state
        caught = start if reached is None else start.join(reached)
        self.block(getattr(node, "orelse"))  # noqa: B009
        end: State | None = self.state
        for handler in getattr(node, "handlers"):  # noqa: B009
            self.state = caught.copy()
            self.block(handler.body)
            end = _join(end, self.state)
        self.state = end if end is not None else caught.copy()
        self.block(getattr(node, "finalbody"))  # noqa: B009
        if end is None:
            self.state = None

    def match(self, node: ast.Match) -> None:
        from .assign import pattern_names

        tokens = self.expr(node.subject)
        assert self.state is not None
        start = self.state
        end: State | None = start.copy()
        for case in node.cases:
            self.state = start.copy()
            for name in pattern_names(case.pattern):
                self.state.names[name] = tokens | {"what a pattern matched"}
            self.block(case.body)
            end = _join(end, self.state)
        self.state = end

    # targets

    def bind(self, target: ast.expr, tokens: Tokens) -> None:
        assert self.state is not None
        if isinstance(target, ast.Name):
            if target.id in self.local and target.id not in self.captured:
                self.state.names[target.id] = tokens
            else:
                self.escape(tokens, f"the name `{target.id}`, which other functions see")
                self.state.names[target.id] = tokens | {f"the name `{target.id}`, which other functions see"}
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self.bind(part, tokens)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, tokens)
        else:
            self.expr_of_target(target)
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                if not self.facts.value(target.value).is_("tensor", "array", "variable"):
                    self.add(target.value.id, tokens)
                return
            if isinstance(target, ast.Subscript) and self.facts.value(target.value).is_("tensor", "array", "variable"):
                return
            self.escape(tokens, f"`{ast.unparse(target)}`")

    def expr_of_target(self, target: ast.expr) -> None:
        for child in ast.iter_child_nodes(target):
            if isinstance(child, ast.expr):
                self.expr(child)

    def add(self, name: str, tokens: Tokens) -> None:
        """A container now also holds ``tokens``; if it can be reached from outside, so can they."""
        assert self.state is not None
        held = self.state.names.get(name)
        if held is None or name in self.captured or name not in self.local:
            self.escape(tokens, f"`{name}`")
            return
        for token in held:
            if isinstance(token, str):
                self.escape(tokens, token)
            elif token in self.state.escaped:
                self.escape(tokens, self.state.escaped[token])
        for other, others in self.state.names.items():
            if others & held:
                self.state.names[other] = others | tokens
        self.state.names[name] = held | tokens

    def escape(self, tokens: Tokens, where: str) -> None:
        """``tokens`` can be reached through ``where`` from now on."""
        assert self.state is not None
        for token in tokens:
            if isinstance(token, int):
                self.state.escaped.setdefault(token, where)
            elif token.startswith("the argument `"):
                self.kept.add(token[14:-1])

    def fresh(self, node: ast.AST) -> Tokens:
        """A new object: what the same expression made before is another one."""
        assert self.state is not None
        token = id(node)
        old = f"an earlier round's value of line {getattr(node, 'lineno', 0)}"
        for name, tokens in self.state.names.items():
            if token in tokens:
                self.state.names[name] = tokens - {token} | {old}
        self.state.escaped.pop(token, None)
        return frozenset({token})

    # expressions

    def expr(self, node: ast.expr) -> Tokens:
        """Return what the value of ``node`` may share with others (nothing for numbers and such)."""
        assert self.state is not None
        tokens = alias_calls.tokens(self, node)
        return FRESH if tokens and immutable(self.facts.value(node)) else tokens


def _join(a: State | None, b: State | None) -> State | None:
    if a is None or b is None:
        return b if a is None else a
    return a.join(b)


def _captured(function: FunctionNode, local: set[str]) -> set[str]:
    """Names of ``function`` that a nested function, class or lambda uses."""
    found: set[str] = set()
    for node in inner_functions(function):
        for part in walk(node):
            if isinstance(part, ast.Name) and part.id in local:
                found.add(part.id)
    return found


def inner_functions(function: FunctionNode) -> Iterator[ast.AST]:
    """Yield the functions, lambdas and classes that stand in ``function``."""
    work: list[ast.AST] = list(function.body)
    while work:
        node = work.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            continue
        work.extend(ast.iter_child_nodes(node))
