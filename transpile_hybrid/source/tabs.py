"""Code for several tabs of a document: what ``if tab.selected("mxnet"):`` decides is known where one tab is read.

Cells that several frameworks share are written so; the code that a reader of one tab gets has the other branches left
out.
"""

from __future__ import annotations

import ast


def settle(tree: ast.Module, tab: str) -> None:
    """Leave out of a tree what isn't for ``tab``; what is stands where the ``if`` stood, with its own positions."""
    nodes = list(ast.walk(tree))
    if any(isinstance(n, ast.Name) and n.id == "tab" and not isinstance(n.ctx, ast.Load) for n in nodes):
        return
    for node in nodes:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and any(isinstance(v, ast.If) for v in value):
                kept = [s for statement in value for s in _kept(statement, tab)]
                if not kept and name != "orelse":
                    kept = [ast.copy_location(ast.Pass(), value[0])]
                value[:] = kept


def _kept(statement: ast.stmt, tab: str) -> list[ast.stmt]:
    """Return what stands for a statement in the code of one tab."""
    answer = _answer(statement.test, tab) if isinstance(statement, ast.If) else None
    if answer is None or not isinstance(statement, ast.If):
        return [statement]
    return [s for inner in (statement.body if answer else statement.orelse) for s in _kept(inner, tab)]


def _answer(test: ast.expr, tab: str) -> bool | None:
    """Return what a test comes to in one tab; ``None`` where it asks for something else."""
    if isinstance(test, ast.BoolOp):
        answers = [_answer(value, tab) for value in test.values]
        if None in answers:
            return None
        return any(answers) if isinstance(test.op, ast.Or) else all(answers)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        answer = _answer(test.operand, tab)
        return None if answer is None else not answer
    if not (isinstance(test, ast.Call) and ast.unparse(test.func) == "tab.selected") or test.keywords:
        return None
    names = [arg.value for arg in test.args if isinstance(arg, ast.Constant)]
    return tab in names if len(names) == len(test.args) else None
