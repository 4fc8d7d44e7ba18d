"""Copies of a function for one way of calling it: its text, with other names in the place of some of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...meaning.module import Module
from ...meaning.names import BUILTINS, FunctionNode
from ...meaning.nodes import walk
from ...source.source import Source
from ..rule import ModuleContext

_NOT_COPIED = (
    ast.Nonlocal, ast.Global, ast.Yield, ast.YieldFrom, ast.Await, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
    ast.NamedExpr, ast.Import, ast.ImportFrom,
)  # fmt: skip
_FRAME = frozenset({"super", "__class__", "locals", "vars", "eval", "exec", "globals", "inspect"})


@dataclass
class Change:
    """What becomes of a name in a copy.

    ``text`` stands in its place; ``more`` are arguments that a call of it gets behind its own, and ``answer`` says
    whether a test of it for ``None`` is settled: it isn't ``None``.
    """

    text: str
    more: tuple[str, ...] = ()
    answer: bool = False


def body_of(function: FunctionNode) -> list[ast.stmt]:
    """Return the statements of a function without its docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def can_be_copied(function: FunctionNode) -> bool:
    """Whether the text of a function means the same in another function: it has no inner ones and no frame tricks."""
    for statement in body_of(function):
        for node in walk(statement):
            word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if isinstance(node, _NOT_COPIED) or word in _FRAME or word.startswith("__") and not word.endswith("__"):
                return False
            if isinstance(node, ast.Lambda) and (node.args.vararg or node.args.kwarg):
                return False
    return bool(body_of(function))


def stored_names(function: ast.AST) -> set[str]:
    """Return the names that a function assigns, those of comprehensions and of lambdas' parameters among them."""
    found = {n.id for n in walk(function) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    for node in walk(function):
        if isinstance(node, ast.Lambda):
            found |= {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def parameter_names(function: FunctionNode) -> list[str]:
    arguments = function.args
    return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def same_names(function: FunctionNode, module: Module, ctx: ModuleContext) -> bool:
    """Whether the names that a function of ``module`` takes from its file mean the same in the file of ``ctx``."""
    if module is ctx.module:
        return True
    own = {*parameter_names(function), *stored_names(function)}
    there, here = module.scopes.top, ctx.module.scopes.top
    annotations = [a.annotation for a in (*function.args.posonlyargs, *function.args.args) if a.annotation is not None]
    for part in (*body_of(function), *annotations, *function.args.defaults):
        for node in walk(part):
            if not isinstance(node, ast.Name) or node.id in own:
                continue
            meant = there.qualified(node)
            if meant is None or meant != here.qualified(node):
                return False
            if not meant.startswith("builtins.") and not here.bindings.get(node.id):
                return False  # by `from ... import *`
            if node.id in BUILTINS and not meant.startswith("builtins."):
                return False
    return True


def copied_body(
    function: FunctionNode, module: Module, changes: Mapping[str, Change], me: str, path: str
) -> list[str] | None:
    """Return the lines of the body of ``function`` with ``changes`` made, without the body's own indentation.

    ``path`` stands in the place of ``me``, the function's own first parameter (none where ``me`` is empty).  ``None``
    where something can't be changed, or where the lines can't be told from what stands around them.
    """
    source = module.source
    cuts: list[tuple[int, int, str]] = []
    settled: set[int] = set()
    body = body_of(function)
    stored = stored_names(function)
    if stored & {*changes, me}:
        return None
    for statement in body:
        for node in walk(statement):
            if isinstance(node, ast.Name) and node.id in changes and id(node) not in settled:
                if not _change(node, changes[node.id], module, cuts, settled):
                    return None
            elif isinstance(node, ast.Name) and me and node.id == me and path != me:
                parent = module.parent(node)
                if not (isinstance(parent, ast.Attribute) and parent.value is node):
                    return None
                span = source.span(node)
                cuts.append((span.start, span.end, path))
            elif _spread(node):
                return None
    return _lines(function, body, source, cuts)


def _change(
    node: ast.Name, change: Change, module: Module, cuts: list[tuple[int, int, str]], settled: set[int]
) -> bool:
    source = module.source
    parent = module.parent(node)
    if change.answer and isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        left, right = parent.left, parent.comparators[0]
        other = right if node is left else left
        if not (isinstance(other, ast.Constant) and other.value is None):
            return False
        if not isinstance(parent.ops[0], ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            return False
        span = source.span(parent)
        cuts.append((span.start, span.end, str(isinstance(parent.ops[0], ast.IsNot | ast.NotEq))))
        return True
    if change.answer and _only_truth(node, parent):
        span = source.span(node)
        cuts.append((span.start, span.end, "True"))
        return True
    if change.more:
        if not isinstance(parent, ast.Call) or parent.func is not node:
            return False
        if any(isinstance(one, ast.Starred) for one in parent.args) or any(k.arg is None for k in parent.keywords):
            return False
        end = source.span(parent).end - 1
        before = source.text[:end].rstrip()
        lead = "" if before.endswith(",") or not (parent.args or parent.keywords) else ", "
        more = [f"{name}={name}" if parent.keywords else name for name in change.more]
        cuts.append((end, end, lead + ", ".join(more)))
    span = source.span(node)
    cuts.append((span.start, span.end, change.text))
    return True


def _only_truth(node: ast.expr, parent: ast.AST) -> bool:
    if isinstance(parent, ast.If | ast.IfExp | ast.While):
        return parent.test is node
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def _spread(node: ast.AST) -> bool:
    """Whether ``node`` is a text over several lines, which another indentation would change."""
    text = isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return text and node.lineno != node.end_lineno  # type: ignore[attr-defined]


def _lines(
    function: FunctionNode, body: list[ast.stmt], source: Source, cuts: Iterable[tuple[int, int, str]]
) -> list[str] | None:
    first, last = body[0], body[-1]
    end = source.span(last).end
    start = source.span(first).start
    if source.text[source.line_starts[first.lineno - 1] : start].strip():
        if len(body) > 1:
            return None
        return _with(source.text, start, end, cuts).split("\n") if first.lineno == first.end_lineno else None
    line = first.lineno
    above = function.lineno if body is function.body else function.body[0].end_lineno or function.lineno
    while line - 1 > above and source.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    start = source.line_starts[line - 1]
    tail = source.line_text(last.end_lineno or last.lineno)
    rest = source.text[end : source.line_starts[(last.end_lineno or last.lineno) - 1] + len(tail)]
    if rest.lstrip().startswith("#"):
        end += len(rest.rstrip())
    indent = source.indent_of(first)
    lines: list[str] = []
    for one in re.split(r"\r\n|\r|\n", _with(source.text, start, end, cuts)):
        if one.strip() and not one.startswith(indent):
            return None
        lines.append(one[len(indent) :] if one.strip() else "")
    return lines


def _with(text: str, start: int, end: int, cuts: Iterable[tuple[int, int, str]]) -> str:
    out: list[str] = []
    at = start
    for left, right, new in sorted(cuts):
        if left < at:
            continue  # inside of what was replaced
        out += [text[at:left], new]
        at = right
    return "".join([*out, text[at:end]])
