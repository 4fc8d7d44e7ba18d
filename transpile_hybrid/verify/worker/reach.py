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
        if _silent(statement):
            continue
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        blocks = _blocks(statement)
        inside = min((block[0].lineno for block in blocks), default=last + 1)
        # its head shows whether it ran; `try` has none, and what stands on one line can't be told apart
        until = last if isinstance(statement, ast.Try) or inside <= first else inside - 1
        if not any(first <= line <= until for line in ran):
            found.append([first, last])
        elif inside > first:
            for block in blocks:
                found += _missed(block, ran)
    return found


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a statement that run with it: none of a definition."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return []
    found = [block for name in ("body", "orelse", "finalbody") if (block := getattr(statement, name, None))]
    return found + [part.body for name in ("handlers", "cases") for part in getattr(statement, name, ())]


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
