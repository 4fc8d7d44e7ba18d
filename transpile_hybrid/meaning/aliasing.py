"""Aliasing: may an in-place write be seen through another name?"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .alias_flow import Flow, immutable
from .nodes import walk

if TYPE_CHECKING:
    from .infer import UnitFacts
    from .names import FunctionNode


@dataclass(frozen=True)
class Answer:
    """Whether something is safe, and why or why not, in words for people."""

    safe: bool
    reason: str

    def __bool__(self) -> bool:
        return self.safe


def rebind_is_safe(node: ast.stmt | ast.expr, facts: UnitFacts) -> Answer:
    """Tell whether the in-place write ``node`` can be replaced by rebinding the name (``a += b`` -> ``a = a + b``).

    ``node`` is the statement (``a += b``, ``a[:] = b``, ``a.add_(b)``) or the call ``a.add_(b)`` itself.  Safe means
    that no other name, argument, attribute, container or closure can tell the difference afterwards.
    """
    module = facts.module
    statement = module.statement_of(node)
    found = written(statement, node)
    if found is None:
        return Answer(False, "it is not an in-place write to a name")
    name, value = found
    function = module.enclosing_function(statement)
    if function is None:
        return Answer(False, f"`{name}` is a global: every function of the module sees it")
    scope = module.scopes.of(function)
    if name in scope.globals or name in scope.nonlocals or name not in scope.bindings:
        return Answer(False, f"`{name}` is not a local of `{function.name}`")
    target = _target_node(statement, node)
    kind = facts.value(target)
    if immutable(kind):
        return Answer(True, f"`{name}` is no array but {kind}: `{name}` is rebound anyway")
    if kind.is_tensor and kind.framework == "tensorflow" and isinstance(statement, ast.AugAssign):
        return Answer(True, f"TensorFlow's tensors never change: `{name}` is rebound anyway")
    flow = _flow(facts, function)
    state = flow.before.get(id(statement))
    if state is None:
        return Answer(False, "it could not be followed how the code gets here")
    if name in flow.captured:
        return Answer(False, f"`{name}` is used by a function, class or lambda inside `{function.name}`")
    tokens = state.names.get(name)
    if not tokens:
        return Answer(False, f"where `{name}` comes from is not known")
    for token in sorted(tokens, key=str):
        if isinstance(token, str):
            return Answer(False, f"`{name}` may be (a view of) {token}")
        if token in state.escaped:
            return Answer(False, f"`{name}` is also held by {state.escaped[token]}")
    for other, held in sorted(state.names.items()):
        if other != name and held & tokens and _read_after(facts, function, statement, other):
            return Answer(False, f"`{other}` may be the same array, or a view of it, and is used afterwards")
    if value is not None:
        shared = _tokens_of(flow, statement, value)
        if shared is None or any(isinstance(token, str) for token in shared) or len(shared) != 1:
            return Answer(False, f"`{name}` would become another name of what is assigned")
        if isinstance(value, ast.Name | ast.Subscript | ast.Attribute):
            return Answer(False, f"`{name}` would become another name of `{ast.unparse(value)}`")
    return Answer(True, f"`{name}` is new in `{function.name}` and nothing else holds it")


def written(statement: ast.stmt, node: ast.AST) -> tuple[str, ast.expr | None] | None:
    """Return the name that an in-place write changes, and for ``a[:] = value`` the value."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, None
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript):
        base = statement.target.value
        return (base.id, None) if isinstance(base, ast.Name) else None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            return target.value.id, statement.value if _whole(target.slice) else None
    call = statement.value if isinstance(statement, ast.Expr) else node
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        in_place = call.func.attr.endswith("_") and not call.func.attr.endswith("__")
        return (call.func.value.id, None) if in_place else None
    return None


def _whole(index: ast.expr) -> bool:
    if isinstance(index, ast.Constant):
        return index.value is ...
    return isinstance(index, ast.Slice) and index.lower is None and index.upper is None and index.step is None


def _target_node(statement: ast.stmt, node: ast.AST) -> ast.expr:
    target: ast.expr
    if isinstance(statement, ast.AugAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign):
        target = statement.targets[0]
    else:
        call = statement.value if isinstance(statement, ast.Expr) else node
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        return call.func.value
    return target.value if isinstance(target, ast.Subscript) else target


def _flow(facts: UnitFacts, function: FunctionNode) -> Flow:
    key = ("flow", id(facts), id(function))
    found = facts.engine.answers.get(key)
    if not isinstance(found, Flow):
        found = Flow(facts, function).run()
        facts.engine.answers[key] = found
    return found


def _tokens_of(flow: Flow, statement: ast.stmt, value: ast.expr) -> frozenset[int | str] | None:
    state = flow.before.get(id(statement))
    if state is None:
        return None
    saved, flow.state = flow.state, state.copy()
    try:
        return flow.expr(value)
    finally:
        flow.state = saved


def _read_after(facts: UnitFacts, function: FunctionNode, statement: ast.stmt, name: str) -> bool:
    """Whether ``name`` is read where a run can get to after ``statement`` (or in it)."""
    start = statement
    for parent in facts.module.ancestors(statement):
        if parent is function:
            break
        if isinstance(parent, ast.For | ast.AsyncFor | ast.While):
            start = parent
    position = (start.lineno, start.col_offset)
    for node in walk(function):
        reads = isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load | ast.Del)
        if reads and (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)) >= position:
            return True
    return False
