"""A ``forward`` with stars, kept as it is for Python, beside one for TorchScript: what it is where they take nothing.

``**options`` that are asked for keys are empty there, and ``*args`` that are only handed on are tensors by name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert, replace
from ..rule import UnitContext
from ._classes import self_name
from ._copies import body_of
from ._decorators import COMPILED_FOR_LESS
from ._helper import add_function
from ._instances import calls_of_instances
from ._rows import MOST, modules_for_decorators

SHORT = 9  # lines that there may be two of
_OUT_OF_SIGHT = {"locals", "vars", "eval", "exec", "__class__"}


@dataclass
class _Without:
    """The edits that make of a body what it is without keywords; ``sure`` until a use is met that can't be settled."""

    name: str
    ctx: UnitContext
    edits: list[Edit] = field(default_factory=list)
    sure: bool = True

    def block(self, statements: list[ast.stmt]) -> None:
        for index, statement in enumerate(statements):
            if not self._mentions(statement):
                continue
            if isinstance(statement, ast.If):
                known = self.truth(statement.test)
                if known is False and not statement.orelse:
                    gone = replace(self.ctx.source, statement, "pass")
                    self.edits.append(gone if len(statements) == 1 else self._line(statement, index, gone))
                    continue
                self.sure = self.sure and known is None
                self.expression(statement.test)
                self.block(statement.body)
                self.block(statement.orelse)
            elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr | ast.AugAssign):
                if statement.value is not None:
                    self.expression(statement.value)
                kept = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                self.sure = self.sure and not any(one is not None and self._mentions(one) for one in kept)
            elif isinstance(statement, ast.For) and not self._mentions(statement.target):
                self.expression(statement.iter)
                self.block(statement.body)
                self.block(statement.orelse)
            else:
                self.sure = False

    def _line(self, statement: ast.stmt, index: int, otherwise: Edit) -> Edit:
        """Take a statement out with its lines; where it shares them with another, ``pass`` is left."""
        source = self.ctx.source
        span, last = source.span(statement), statement.end_lineno or statement.lineno
        start = source.line_starts[statement.lineno - 1]
        end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
        alone = not source.text[start : span.start].strip() and not source.text[span.end : end].strip()
        return Edit(start, end, ()) if alone else otherwise

    def truth(self, test: ast.expr) -> bool | None:
        """What a question about the keywords is, of which there are none."""
        if isinstance(test, ast.Name) and test.id == self.name:
            return False
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.truth(test.operand)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):  # of what comes before nothing is left out but what has no effect
            first = self.truth(test.values[0])
            return first if first is isinstance(test.op, ast.Or) else None
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.In | ast.NotIn):
            held = test.comparators[0]
            if isinstance(held, ast.Call) and isinstance(held.func, ast.Attribute) and held.func.attr == "keys":
                held = held.func.value
            if isinstance(held, ast.Name) and held.id == self.name and isinstance(test.left, ast.Constant):
                return isinstance(test.ops[0], ast.NotIn)
        return None

    def expression(self, node: ast.expr) -> None:
        """Settle each use of the keywords in an expression."""
        if not self._mentions(node):
            return
        if isinstance(node, ast.IfExp) and (known := self.truth(node.test)) is not None:
            kept = node.body if known else node.orelse
            self.sure = self.sure and not self._mentions(kept)
            self.edits.append(replace(self.ctx.source, node, kept))
            return
        default = self._asked(node)
        if default is not None:
            self.edits.append(replace(self.ctx.source, node, "None" if default is node else default))
            return
        if isinstance(node, ast.Name):
            self.sure = False
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.keyword):
                if child.arg is None and isinstance(child.value, ast.Name) and child.value.id == self.name:
                    self.edits.append(without(child, self.ctx))
                else:
                    self.expression(child.value)
            elif isinstance(child, ast.expr):
                self.expression(child)
            elif self._mentions(child):
                self.sure = False

    def _asked(self, node: ast.expr) -> ast.expr | None:
        """Return ``d`` of ``options.get("key", d)``, and the call itself where there is none: it gives None."""
        func = node.func if isinstance(node, ast.Call) and not node.keywords else None
        if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == self.name):
            return None
        assert isinstance(node, ast.Call)
        if func.attr not in ("get", "pop") or not node.args or not isinstance(node.args[0], ast.Constant):
            return None
        if len(node.args) == 1:
            return node if func.attr == "get" else None
        return node.args[1] if len(node.args) == 2 and isinstance(node.args[1], ast.Constant) else None

    def _mentions(self, node: ast.AST) -> bool:
        return any(isinstance(one, ast.Name) and one.id == self.name for one in walk(node))


def without_more(function: FunctionNode, info: ClassInfo, ctx: UnitContext, methods: set[str]) -> tuple[Edit, ...]:
    """Return the edits that put such a ``forward`` beside the whole one; none where the stars are used otherwise."""
    arguments, body = function.args, body_of(function)
    if not isinstance(function, ast.FunctionDef) or arguments.posonlyargs or arguments.kwonlyargs or not body:
        return ()
    used = {one.id for one in walk(function) if isinstance(one, ast.Name)}
    if used & _OUT_OF_SIGHT or (body[-1].end_lineno or 0) - body[0].lineno >= SHORT or not self_name(function):
        return ()
    if any(isinstance(one, ast.Lambda | ast.FunctionDef | ast.ClassDef) for line in body for one in walk(line)):
        return ()
    edits: list[Edit] = []
    if arguments.kwarg is not None:
        settled = _Without(arguments.kwarg.arg, ctx)
        settled.block(body)
        if not settled.sure:
            return ()
        edits += [*settled.edits, without_star(arguments.kwarg, "**", ctx)]
    if arguments.vararg is not None:
        named = _named(function, arguments.vararg, ctx)
        if not named:
            return ()
        edits += named
    stars = [one.arg.strip("_") for one in (arguments.vararg, arguments.kwarg) if one is not None]
    whole = "_forward_with_" + "_and_".join(stars)
    added, imports = add_function("compiled_for_less", COMPILED_FOR_LESS, ctx), modules_for_decorators(ctx)
    if added is None or imports is None or whole in methods or not stars:
        return ()
    source, span = ctx.source, ctx.source.span(function)
    newline, indent = source.newline, source.indent_of(function)
    head, first = source.span(function.body[0]).start, source.span(body[0]).start
    copy = (source.text[span.start : head] + source.text[first : span.end]).replace("def forward", f"def {whole}", 1)
    both = insert(span.start, f"{copy}{newline}{newline}{indent}@compiled_for_less({whole}){newline}{indent}")
    return (both, *edits, *added, *imports)


def _named(function: FunctionNode, star: ast.arg, ctx: UnitContext) -> list[Edit]:
    """Give the tensors that ``*args`` takes names: one, or as many as the repository's calls give.

    They may be handed on, ``args = layer(*args)`` may make as many of them, and ``return args`` may end it.
    """
    arguments = function.args
    if len(arguments.args) != 1 or arguments.defaults or star.annotation is not None:
        return []
    stored = any(isinstance(n, ast.Name) and n.id == star.arg and isinstance(n.ctx, ast.Store) for n in walk(function))
    count = _count(function, ctx)
    if not 0 < count <= MOST or (stored and count == 1):
        return []
    taken = {n.id for n in walk(function) if isinstance(n, ast.Name)} | {arguments.args[0].arg}
    names = ["x"] if count == 1 else [f"{star.arg.strip('_')}{index + 1}" for index in range(count)]
    if taken & set(names) or arguments.kwarg is not None and arguments.kwarg.arg in names:
        return []
    row, source = ", ".join(names), ctx.source
    edits: list[Edit] = []
    for node in _uses(function, star.arg):
        parent = ctx.module.parent(node)
        if isinstance(parent, ast.Starred) and isinstance(ctx.module.parent(parent), ast.Call):
            edits.append(replace(source, parent, row))
        elif isinstance(parent, ast.Assign) and parent.targets == [node]:
            edits.append(replace(source, node, row))
        elif isinstance(parent, ast.Return):
            edits.append(replace(source, node, f"({row},)" if count == 1 else row))
        else:
            return []
    span = source.span(star)
    mark = source.text.rindex("*", 0, span.start)
    return [Edit(mark, span.end, (row,)), *edits] if edits else []


def _uses(function: FunctionNode, name: str) -> Iterator[ast.Name]:
    for statement in function.body:
        for node in walk(statement):
            if isinstance(node, ast.Name) and node.id == name:
                yield node


def _count(function: FunctionNode, ctx: UnitContext) -> int:
    """Return how many the calls of the repository give: one where there are none, 0 where they don't agree."""
    sites = [site.node for site in calls_of_instances(function, ctx)]
    if any(isinstance(one, ast.Starred) for call in sites for one in call.args) or any(c.keywords for c in sites):
        return 0
    counts = {len(call.args) for call in sites}
    return counts.pop() if len(counts) == 1 else 0 if counts else 1


def without(argument: ast.AST, ctx: UnitContext) -> Edit:
    """Take an argument out of a call, with a comma."""
    span, text = ctx.source.span(argument), ctx.source.text
    return _and_comma(span.start, span.end, text)


def without_star(star: ast.arg, mark: str, ctx: UnitContext) -> Edit:
    """Take ``*args`` or ``**kwargs`` out of the parameters, with a comma."""
    span, text = ctx.source.span(star), ctx.source.text
    return _and_comma(text.rindex(mark, 0, span.start), span.end, text)


def _and_comma(start: int, end: int, text: str) -> Edit:
    before = text[:start].rstrip()
    if before.endswith(","):
        return Edit(len(before) - 1, end, ())
    after = text[end:]
    if after.lstrip().startswith(","):
        rest = after.lstrip()[1:]
        return Edit(start, end + len(after) - len(rest.lstrip()), ())
    return Edit(start, end, ())
