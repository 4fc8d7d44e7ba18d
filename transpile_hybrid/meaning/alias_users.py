"""Aliasing through calls of the repository's own functions: what they return and what they keep."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .names import FunctionNode
from .nodes import walk
from .values import Value

if TYPE_CHECKING:
    from .alias_flow import Flow, Tokens

_NOTHING: Tokens = frozenset()
_MAX_CALLEE_DEPTH = 3


def target(flow: Flow, callee: Value) -> tuple[FunctionNode, bool] | None:
    """The repository's function that a call runs."""
    engine = flow.facts.engine
    if callee.is_("function") and callee.site:
        found = engine.definition(callee)
        if found is not None:
            is_method = callee.cls is not None and engine.project.class_named(callee.cls.rpartition(".")[0]) is not None
            return found[0], is_method
        return None
    if callee.is_("module") and callee.cls is not None:
        info = engine.project.class_named(callee.cls)
        if info is None:
            return None
        for name in ("forward", "hybrid_forward", "call", "__call__"):
            method = engine.project.method(info, name)
            if method is not None and name != "hybrid_forward":
                return method[1], True
    return None


def user_call(
    flow: Flow, node: ast.Call, function: FunctionNode, is_method: bool, receiver: Tokens, given: list[Tokens],
    named: dict[str | None, Tokens],
) -> Tokens:  # fmt: skip
    """A function of the repository: what it returns and keeps, from a pass over its own body."""
    every: Tokens = frozenset().union(*given, *named.values(), receiver)
    known = summary(flow, function)
    spread = None in named or any(isinstance(part, ast.Starred) for part in node.args)
    name = ast.unparse(node.func)[:40]
    if known is None or spread or not is_method and function.decorator_list:
        flow.escape(every, f"`{name}`, which may keep it")
        return every | {f"what `{name}` gives, which may not be new"}
    returned, kept = known
    arguments = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
    if is_method and not any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list):
        arguments = arguments[1:]
    held: dict[str, Tokens] = dict(zip(arguments, given, strict=False))
    held |= {key: value for key, value in named.items() if key is not None}
    leftover: Tokens = frozenset().union(*given[len(arguments) :]) if len(given) > len(arguments) else _NOTHING
    found: Tokens = leftover
    if leftover:
        flow.escape(leftover, f"`{name}`, which may keep it")
    for parameter in sorted(kept):
        flow.escape(held.get(parameter, _NOTHING), f"what `{name}` keeps")
    for token in returned:
        if isinstance(token, str) and token.startswith("the argument `"):
            found |= held.get(token[14:-1], _NOTHING)
        elif isinstance(token, str):
            found |= {token}
    return found | flow.fresh(node)


def summary(flow: Flow, function: FunctionNode) -> tuple[Tokens, frozenset[str]] | None:
    """Return (tokens that a call returns, parameters that it keeps somewhere), ``None`` where that is not known."""
    from .alias_flow import Flow as NewFlow

    engine = flow.facts.engine
    key = ("alias", id(function))
    if key in engine.answers:
        return engine.answers[key]  # type: ignore[return-value]
    engine.answers[key] = None
    definition = engine.definitions.get(id(function))
    module = definition[1] if definition is not None else flow.facts.module
    if flow.depth >= _MAX_CALLEE_DEPTH or id(function) not in module.scopes.by_node:
        del engine.answers[key]
        return None
    from .infer import function_facts

    facts = function_facts(function, module, engine.project)
    inner = NewFlow(facts, function, flow.depth + 1).run()
    if any(isinstance(part, ast.Yield | ast.YieldFrom | ast.Await) for part in walk(function)):
        return None
    states = [*inner.before.values(), *([inner.state] if inner.state is not None else []), *inner.exits]
    kept = inner.kept
    fresh_but_kept = any(isinstance(t, int) and any(t in s.escaped for s in states) for t in inner.returned)
    returned = {token for token in inner.returned if isinstance(token, str)}
    if fresh_but_kept:
        returned.add(f"what `{function.name}` also keeps elsewhere")
    engine.answers[key] = (frozenset(returned), frozenset(kept))
    return frozenset(returned), frozenset(kept)
