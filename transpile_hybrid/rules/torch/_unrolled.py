"""A loop over a few modules that are named one by one, written out: TorchScript calls a module by its own name only."""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode
from ...meaning.nodes import enumerated, walk
from ...rewrite.edit import Edit, delete_statement, shares_line
from ...source.source import LINE_END
from ..rule import UnitContext
from ._classes import self_name
from ._common import block_of
from ._loops import text_over_lines

_LINES = 40


def named_modules(node: ast.AST | None, me: str) -> list[ast.expr] | None:
    """Return the items of ``[self.a, self.b]``; ``None`` for any other expression."""
    if not isinstance(node, ast.List | ast.Tuple) or not node.elts or not me:
        return None
    own = [
        isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == me for one in node.elts
    ]
    return list(node.elts) if all(own) else None


def written_out(loop: ast.For, items: list[ast.expr], function: FunctionNode, ctx: UnitContext) -> Edit | None:
    """Return the edit that puts the body of ``loop`` once for each item in its place, or ``None`` where it can't.

    The same calls are made in the same order.  Not where the loop is left early, its variable is bound or read
    elsewhere, or the lines would become many.
    """
    source, names = ctx.source, _variables(loop, ctx)
    first, last = loop.body[0], loop.body[-1]
    if not names or any(_in_other_loop(loop, name, loop, ctx) for name in names):
        return None
    if loop.orelse or shares_line(source, loop) or first.lineno <= loop.iter.end_lineno:  # type: ignore[operator]
        return None
    nodes = [node for statement in loop.body for node in walk(statement)]
    inside = {id(node) for node in nodes}
    reads: list[ast.Name] = []
    own = {id(node) for node in walk(loop.target)}
    for node in walk(function):
        if isinstance(node, ast.Name) and node.id in names and id(node) not in own:
            if id(node) not in inside and _in_other_loop(node, node.id, loop, ctx):
                continue
            if id(node) not in inside or not isinstance(node.ctx, ast.Load):
                return None
            reads.append(node)
    if any(isinstance(node, ast.Break | ast.Continue | ast.FunctionDef | ast.Lambda) for node in nodes):
        return None
    if text_over_lines(nodes):
        return None  # its lines can't be moved to the left
    start = source.line_starts[loop.iter.end_lineno]  # type: ignore[index]  # comments in front of the body as well
    end = source.span(last).end
    if len(items) * (last.end_lineno - first.lineno + 1) > _LINES:  # type: ignore[operator]
        return None
    outer, inner = source.indent_of(loop), source.indent_of(first)
    if not inner.startswith(outer):
        return None
    places = sorted((source.span(node).start - start, node.id) for node in reads)
    copies: list[str] = []
    for count, item in enumerate(items):
        text, at = "", 0
        for place, name in places:
            text += source.text[start + at : start + place] + (str(count) if names[name] else source.segment(item))
            at = place + len(name)
        text += source.text[start + at : end]
        copies.append(_moved(text, inner, outer))
    return Edit(source.span(loop).start, end, (source.newline.join(copies).removeprefix(outer),))


def _variables(loop: ast.For, ctx: UnitContext) -> dict[str, bool]:
    """Return the variables of a loop, and whether each counts; none where there are others."""
    target = loop.target
    if isinstance(target, ast.Name):
        return {} if _counted(loop, ctx) else {target.id: False}
    if not _counted(loop, ctx) or not isinstance(target, ast.Tuple) or len(target.elts) != 2:
        return {}
    names = [one.id for one in target.elts if isinstance(one, ast.Name)]
    return dict(zip(names, (True, False), strict=True)) if len(set(names)) == 2 else {}


def _counted(loop: ast.For, ctx: UnitContext) -> bool:
    """Whether a loop goes over ``enumerate(...)`` from zero."""
    return looped_over(loop, ctx) is not loop.iter


def looped_over(loop: ast.For, ctx: UnitContext) -> ast.expr:
    """Return what a loop goes through, also where it is counted from zero."""
    over = enumerated(loop.iter, ctx.qualified)
    return loop.iter if over is None or isinstance(loop.iter, ast.Call) and loop.iter.keywords else over


def loops_written_out(
    reads: list[ast.expr], items: list[ast.expr], function: FunctionNode, ctx: UnitContext
) -> list[Edit] | None:
    """Write out each loop over what holds ``items``; ``None`` where one of its ``reads`` is something else."""
    edits: list[Edit] = []
    for read in reads:
        loop = ctx.module.statement_of(read)
        over = looped_over(loop, ctx) if isinstance(loop, ast.For) else None
        edit = written_out(loop, items, function, ctx) if isinstance(loop, ast.For) and over is read else None
        if edit is None:
            return None
        edits.append(edit)
    return edits


def local_row(over: ast.expr, function: FunctionNode, ctx: UnitContext) -> list[Edit] | None:
    """Write out the loop over ``[self.a, self.b]``, or those over a name that is given it, and is looped over alone."""
    me = self_name(function)
    items = named_modules(over, me)
    if items is not None:
        return loops_written_out([over], items, function, ctx)
    if not isinstance(over, ast.Name):
        return None
    found = ctx.module.scopes.of(function).bindings.get(over.id, [])
    items = named_modules(found[0].value, me) if len(found) == 1 else None
    if items is None:
        return None
    named = (node for node in walk(function) if isinstance(node, ast.Name) and node.id == over.id)
    edits = loops_written_out([node for node in named if isinstance(node.ctx, ast.Load)], items, function, ctx)
    given = ctx.module.statement_of(found[0].node)
    return None if edits is None else [delete_statement(ctx.source, given, block_of(given, ctx.module)), *edits]


def _in_other_loop(node: ast.AST, name: str, loop: ast.For, ctx: UnitContext) -> bool:
    """Whether a name belongs to another loop, which gives it a value of its own."""
    return any(
        isinstance(parent, ast.For)
        and parent is not loop
        and any(isinstance(one, ast.Name) and one.id == name for one in walk(parent.target))
        for parent in ctx.module.ancestors(node)
    )


def _moved(text: str, inner: str, outer: str) -> str:
    """Return lines that were indented by ``inner``, indented by ``outer``."""
    ends = LINE_END.findall(text)
    lines = LINE_END.split(text)
    moved = [outer + line[len(inner) :] if line.startswith(inner) else line for line in lines]
    return "".join(line + end for line, end in zip(moved, [*ends, ""], strict=True))
