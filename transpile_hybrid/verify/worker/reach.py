"""Which lines of the user's file the calls led to: what none of them reached, nothing was compared of."""

from __future__ import annotations

import ast
import contextlib
import sys
import types
from collections.abc import Iterator
from typing import Any

Lines = list[list[int]]


class Reach:
    """The lines of the module ``home`` that ran, function by function."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.seen: dict[types.CodeType, set[int]] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what runs inside of the ``with``."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def _called(self, frame: types.FrameType, event: str, arg: Any) -> Any:
        if frame.f_globals.get("__name__") != self.home or frame.f_code.co_name == "<module>":
            return None
        lines = self.seen.setdefault(frame.f_code, set())

        def line(frame: types.FrameType, event: str, arg: Any) -> Any:
            lines.add(frame.f_lineno)
            return line

        return line

    def take(self, other: Reach) -> bool:
        """Add the lines of another; return whether some of them are new."""
        new = False
        for code, lines in other.seen.items():
            mine = self.seen.setdefault(code, set())
            new |= not lines <= mine
            mine |= lines
        return new

    def missed(self, tree: ast.AST) -> Lines:
        """Return the lines, as ``[first, last]``, of the statements that never ran in the functions that did."""
        ran: dict[tuple[str, int], set[int]] = {}
        for code, lines in self.seen.items():
            ran.setdefault((code.co_name, code.co_firstlineno), set()).update(lines)
        found: Lines = []
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                if (node.name, first) in ran:
                    found += _missed(node.body, ran[node.name, first])
        joined: Lines = []
        for start, end in sorted(found):
            if joined and start <= joined[-1][1] + 1:
                joined[-1][1] = max(end, joined[-1][1])
            else:
                joined.append([start, end])
        return joined


def _missed(body: list[ast.stmt], ran: set[int]) -> Lines:
    found: Lines = []
    for statement in body:
        last = statement.end_lineno or statement.lineno
        blocks = [b for name in ("body", "orelse", "finalbody") if (b := getattr(statement, name, None))]
        blocks += [part.body for name in ("handlers", "cases") for part in getattr(statement, name, ())]
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            blocks = []
        head = blocks[0][0].lineno if blocks else last + 1
        nested = isinstance(statement, ast.Try) or (blocks and head <= statement.lineno)
        if _silent(statement) or (nested and not isinstance(statement, ast.Try)):
            continue
        reached = any(statement.lineno <= line < max(head, statement.lineno + 1) for line in ran)
        if isinstance(statement, ast.Try):
            reached = any(statement.lineno <= line <= last for line in ran)
        if not reached:
            found.append([statement.lineno, last])
            continue
        for block in blocks:
            found += _missed(block, ran)
    return found


def _silent(statement: ast.stmt) -> bool:
    """Whether a statement runs without a trace of it: a docstring, ``pass``, a bare annotation."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.AnnAssign):
        return statement.value is None
    return isinstance(statement, (ast.Pass, ast.Global, ast.Nonlocal, ast.Continue, ast.Break))


def shown(lines: Lines) -> str:
    """Return ``57-58, 60``."""
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in lines)
