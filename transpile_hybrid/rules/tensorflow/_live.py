"""Which local names are read later on: what AutoGraph carries through a branch or loop of the graph, and what not."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ...meaning.nodes import walk
from ._flow import own_nodes
from ._program import AnyFunction

_Names = frozenset[str]
_NONE: _Names = frozenset()
_ROUNDS = 8


@dataclass
class Live:
    """The names that are read before they are bound anew: ``before`` a statement and ``after`` it, by its id."""

    before: dict[int, _Names] = field(default_factory=dict)
    after: dict[int, _Names] = field(default_factory=dict)


def live_names(function: AnyFunction) -> Live:
    """Return the live names of ``function``, computed once.

    What a nested function or a comprehension reads counts wherever it stands; a nested function may run any time.
    """
    kept: Live | None = function.__dict__.get("_live_names")
    if kept is None:
        kept = Live()
        if not isinstance(function, ast.Lambda):
            _block(function.body, _closures(function), _Way(kept, _NONE, _NONE))
        function.__dict__["_live_names"] = kept
    return kept


@dataclass(frozen=True)
class _Way:
    """Where a statement leads that doesn't go on: what is live behind ``break`` and ``continue``."""

    live: Live
    stop: _Names
    again: _Names


def _closures(function: ast.FunctionDef | ast.AsyncFunctionDef) -> _Names:
    names = set()
    for node in own_nodes(function.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            names |= {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return frozenset(names)


def _block(body: list[ast.stmt], out: _Names, way: _Way) -> _Names:
    for statement in reversed(body):
        way.live.after[id(statement)] = out
        out = _statement(statement, out, way)
        way.live.before[id(statement)] = out
    return out


def _statement(node: ast.stmt, out: _Names, way: _Way) -> _Names:
    if isinstance(node, ast.If):
        return _reads(node.test) | _block(node.body, out, way) | _block(node.orelse, out, way)
    if isinstance(node, ast.For | ast.AsyncFor | ast.While):
        return _loop(node, out, way)
    if isinstance(node, ast.With | ast.AsyncWith):
        inner = _block(node.body, out, way)
        for item in reversed(node.items):
            inner = (inner - _binds(item.optional_vars)) | _reads(item)
        return inner
    if isinstance(node, ast.Try | ast.Match):
        return _anything(node, out, way)
    if isinstance(node, ast.Return | ast.Raise):
        return _reads(node)
    if isinstance(node, ast.Break):
        return way.stop
    if isinstance(node, ast.Continue):
        return way.again
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return out - {node.name} | _reads(node)
    if isinstance(node, ast.Assign):
        return (out - frozenset().union(*(_binds(target) for target in node.targets))) | _reads(node)
    if isinstance(node, ast.AnnAssign):
        return (out - _binds(node.target) if node.value is not None else out) | _reads(node)
    if isinstance(node, ast.AugAssign):
        return out | _reads(node) | _binds(node.target)
    return out | _reads(node)


def _loop(node: ast.For | ast.AsyncFor | ast.While, out: _Names, way: _Way) -> _Names:
    done = _block(node.orelse, out, way)
    test = _reads(node.test) if isinstance(node, ast.While) else _NONE
    binds = _NONE if isinstance(node, ast.While) else _binds(node.target)
    head = done | test
    for _ in range(_ROUNDS):
        new = done | test | (_block(node.body, head, _Way(way.live, out, head)) - binds)
        if new == head:
            break
        head = new
    return head if isinstance(node, ast.While) else head | _reads(node.iter)


def _anything(node: ast.stmt, out: _Names, way: _Way) -> _Names:
    """A statement that may be left anywhere: all that it reads is live throughout."""
    all_ = out | _reads(node)
    inner = _Way(way.live, way.stop | all_, way.again | all_)
    for child in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(child, name, None)
            if isinstance(block, list) and isinstance(child, ast.Try | ast.ExceptHandler | ast.match_case):
                _block(block, all_, inner)
    return all_


def _reads(node: ast.AST) -> _Names:
    return frozenset(n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def _binds(target: ast.expr | None) -> _Names:
    if target is None:
        return _NONE
    return frozenset(n.id for n in walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
