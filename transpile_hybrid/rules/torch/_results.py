"""What a function returns, by what the instance decides and by what the call decides."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from ...meaning.nodes import walk
from ._classes import self_name
from ._flags import atoms
from ._reports import Report
from ._types import T, unify

_MOST_QUESTIONS = 4
_Answers = dict[str, bool]


def members(kinds: list[T]) -> list[T]:
    """Return the types that a value may have, those that TorchScript takes for one put together."""
    found: list[T] = []
    for one in kinds:
        rest, merged = [], one.bare
        for other in found:
            both = unify(other, merged) if "none" not in (other.kind, merged.kind) else None
            if both is None:
                rest.append(other)
            else:
                merged = both
        found = [*rest, merged]
    return found


def disagreeing(report: Report) -> set[bool]:
    """Return whether the results are of several types: one answer or both, by what attributes of instances decide.

    Where an attribute settles the type, TorchScript can be told so, and has a single type for the result.
    """
    body = report.function.body
    asked = list(dict.fromkeys(_questions(body, report)))
    if len(asked) > _MOST_QUESTIONS:
        return {True, False}
    found: set[bool] = set()
    kinds: dict[int, list[T]] = {}
    for node, kind in report.returned:
        kinds.setdefault(id(node), []).append(kind)
    for answers in itertools.product((True, False), repeat=len(asked)):
        met: list[ast.Return] = []
        _follow(body, dict(zip(asked, answers, strict=True)), met)
        found.add(len(members([kind for node in met for kind in kinds.get(id(node), [])])) > 1)
    return found


def _questions(body: list[ast.stmt], report: Report) -> Iterator[str]:
    """Yield the conditions on the instance that decide about a ``return``."""
    for statement in body:
        for node in walk(statement):
            if isinstance(node, ast.If) and any(isinstance(one, ast.Return) for one in walk(node)):
                for test in atoms(node.test):
                    if _asks_instance(test, report):
                        yield ast.unparse(test)


def _asks_instance(test: ast.expr, report: Report) -> bool:
    me = self_name(report.function)
    return any(
        isinstance(one, ast.Attribute)
        and isinstance(one.value, ast.Name)
        and one.value.id == me
        and one.attr != "training"  # the mode is no constant to TorchScript
        for one in walk(test)
    ) or any(isinstance(one, ast.Call) and ast.unparse(one.func) == "hasattr" for one in walk(test))


def _answer(test: ast.expr, answers: _Answers) -> bool | None:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _answer(test.operand, answers)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        known = [_answer(one, answers) for one in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in known:
            return decisive
        return (not decisive) if all(one is not None for one in known) else None
    return answers.get(ast.unparse(test))


def _follow(body: list[ast.stmt], answers: _Answers, met: list[ast.Return]) -> bool:
    """Collect the ``return`` statements that can be met; tell whether the end of ``body`` can."""
    for statement in body:
        if isinstance(statement, ast.Return):
            met.append(statement)
            return False
        if isinstance(statement, ast.Raise):
            return False
        if isinstance(statement, ast.If):
            answer = _answer(statement.test, answers)
            arms = [statement.body] * (answer is not False) + [statement.orelse] * (answer is not True)
            ends = [_follow(arm, answers, met) for arm in arms]
            if True not in ends:
                return False
        elif isinstance(statement, ast.For | ast.While):
            _follow(statement.body, answers, met)
        elif isinstance(statement, ast.With) and not _follow(statement.body, answers, met):
            return False
    return True
