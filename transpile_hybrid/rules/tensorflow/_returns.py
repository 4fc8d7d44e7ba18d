"""How AutoGraph takes ``return`` out of branches, and which branches on a tensor it can't do that for.

A branch of a graph has to return on both sides.  Where one side surely returns, AutoGraph makes what follows the ``if``
*in the same block* the end of the other side, and looks no further.  What follows the block around it (the branch of
another ``if``, the ``elif`` that Python takes for one, a ``with``) isn't taken in: ``ValueError: the else branch must
also have a return statement``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...rewrite.edit import Edit, Fix, delete_statement, insert_line_after, shares_line
from ...source.source import Source
from ._flow import ends, on_tensor, own_nodes
from ._program import AnyFunction, Program

_Statements = list["ast.stmt | _Lowered"]
_HOLDERS = (ast.With, ast.For, ast.While, ast.Try)


@dataclass
class _Lowered:
    """A statement that holds others, with the blocks that AutoGraph makes of its own."""

    node: ast.stmt
    blocks: list[_Statements] = field(default_factory=list)


def half_returning(program: Program, function: AnyFunction) -> list[ast.If]:
    """Return the branches on a tensor in ``function`` of which one side returns and the other doesn't, the inmost."""
    if isinstance(function, ast.Lambda):
        return []
    kept: list[ast.If] | None = function.__dict__.get("_half_returning")
    if kept is None:
        kept = []
        if any(isinstance(node, ast.Return) for node in own_nodes(function.body)):
            _find(program, _lowered(function.body)[0], kept)
        function.__dict__["_half_returning"] = kept
    return kept


def _lowered(body: list[ast.stmt]) -> tuple[_Statements, bool]:
    """Return ``body`` as AutoGraph arranges it, and whether it takes it to return on every way (``raise`` is none)."""
    out: _Statements = []
    into, surely = out, False
    for node in body:
        if isinstance(node, ast.If):
            left, left_returns = _lowered(node.body)
            right, right_returns = _lowered(node.orelse)
            into.append(_Lowered(node, [left, right]))
            surely = surely or (left_returns and right_returns)
            if left_returns:
                into = right
            elif right_returns:
                into = left
        elif isinstance(node, _HOLDERS):
            made = [_lowered(block) for block in _blocks(node)]
            into.append(_Lowered(node, [block for block, _ in made]))
            surely = surely or (isinstance(node, ast.With) and made[0][1])
        else:
            into.append(node)
            surely = surely or isinstance(node, ast.Return)
    return out, surely


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if getattr(node, name, None):
            yield getattr(node, name)
    for handler in getattr(node, "handlers", []):
        yield handler.body


def _find(program: Program, block: _Statements, found: list[ast.If]) -> bool:
    """Note the branches of ``block`` that half return; whether there are any."""
    some = False
    for item in block:
        if not isinstance(item, _Lowered):
            continue
        node = item.node
        if isinstance(node, ast.For | ast.While):
            continue  # a loop that is left by a `return` is another matter
        inner = [_find(program, part, found) for part in item.blocks]
        branch = isinstance(node, ast.If) and on_tensor(program.kinds, node.test)
        half = any(_returns(part) for part in item.blocks) and not all(_ends(part) for part in item.blocks)
        if branch and half and not any(inner):
            assert isinstance(node, ast.If)
            found.append(node)
            some = True
        some = some or any(inner)
    return some


def _returns(block: _Statements) -> bool:
    return any(
        isinstance(item, ast.Return) or (isinstance(item, _Lowered) and any(_returns(part) for part in item.blocks))
        for item in block
    )


def _ends(block: _Statements) -> bool:
    """Whether every way through ``block`` returns or raises."""
    for item in block:
        if isinstance(item, ast.Return | ast.Raise):
            return True
        if isinstance(item, _Lowered):
            sides = item.blocks if isinstance(item.node, ast.If) else item.blocks[:1]
            if isinstance(item.node, ast.If | ast.With) and all(_ends(part) for part in sides):
                return True
    return False


def repeated_return(program: Program, node: ast.If) -> Fix | None:
    """Return the fix that lets both sides of ``node`` return where AutoGraph sees it.

    The ``return`` that comes next on the side that doesn't is written out there; behind branches that have returned, an
    ``elif`` becomes an ``if``.  Python does in either form what it did.
    """
    source = program.module.source
    block, index = _place(program, node)
    if block is None or _in_loop_or_try(program, node):
        return None
    for side in (node.body, node.orelse):
        if any(isinstance(n, ast.Return) for n in own_nodes(side)) and not ends(side):
            return _repeat(program, side, _next(program, node))
    if not ends(node.body) and not ends(node.orelse):
        return None
    if _is_elif(program, node):
        earlier = _chain(program, node)
        if all(ends(one.body) for one in earlier):
            start = source.span(node).start
            return Fix((Edit(start, start + 2, ("",)),)) if source.text.startswith("elif", start) else None
        follows = _next(program, node)
        if node.orelse or follows is None or not _plain(source, follows):
            return None
        indent = source.indent_of(node.body[0])[len(source.indent_of(node)) :]
        if not indent or shares_line(source, node.body[0]):
            return None
        lines = f"else:{source.newline}{source.indent_of(node)}{indent}{source.segment(follows)}"
        return Fix((insert_line_after(source, node, lines),))
    rest = block[index + 1 :]
    if ends(rest):
        return None
    return _repeat(program, block, _next(program, node, past_block=True))


def _repeat(program: Program, block: list[ast.stmt], follows: ast.Return | None) -> Fix | None:
    """Write ``follows`` at the end of ``block``; where nothing else leads to it any more, it is moved there."""
    source = program.module.source
    last = block[-1] if block else None
    if follows is None or last is None or not _plain(source, follows) or shares_line(source, last):
        return None
    edits = [insert_line_after(source, last, source.segment(follows))]
    around, index = _place(program, follows)
    end = source.span(follows).end
    line_end = source.text.find("\n", end)
    alone = not source.text[end : line_end if line_end >= 0 else len(source.text)].strip()
    if around is not None and index and alone and _ends_where([around[index - 1]], block):
        edits.append(delete_statement(source, follows, around))
    return Fix(tuple(edits))


def _ends_where(body: list[ast.stmt], ended: list[ast.stmt]) -> bool:
    """Whether every way through ``body`` returns or raises, if it does so through ``ended``, a block inside of it."""
    if body is ended or ends(body):
        return True
    last = body[-1] if body else None
    return isinstance(last, ast.If) and _ends_where(last.body, ended) and _ends_where(last.orelse, ended)


def _plain(source: Source, node: ast.Return) -> bool:
    """Whether ``node`` gives a value and stands on one line, so that it can be written once more."""
    return node.value is not None and node.lineno == node.end_lineno


def _place(program: Program, node: ast.stmt) -> tuple[list[ast.stmt] | None, int]:
    parent = program.module.parent(node)
    for block in _blocks(parent) if isinstance(parent, ast.stmt) else ():
        for index, other in enumerate(block):
            if other is node:
                return block, index
    return None, 0


def _next(program: Program, node: ast.stmt, *, past_block: bool = False) -> ast.Return | None:
    """Return the ``return`` that comes next behind ``node`` (or behind the block it is in), if nothing else does."""
    inner: ast.stmt = node
    while True:
        block, index = _place(program, inner)
        if block is None:
            return None
        rest = block[index + 1 :]
        if rest and not (past_block and inner is node):
            return rest[0] if isinstance(rest[0], ast.Return) else None
        parent = program.module.parent(inner)
        if not isinstance(parent, ast.If):
            return None
        inner = parent


def _is_elif(program: Program, node: ast.If) -> bool:
    parent = program.module.parent(node)
    if not isinstance(parent, ast.If) or parent.orelse != [node]:
        return False
    source = program.module.source
    return source.text.startswith("elif", source.span(node).start)


def _chain(program: Program, node: ast.If) -> list[ast.If]:
    """Return the branches before ``node``, an ``elif``."""
    found: list[ast.If] = []
    while _is_elif(program, node):
        parent = program.module.parent(node)
        assert isinstance(parent, ast.If)
        found.append(parent)
        node = parent
    return found


def _in_loop_or_try(program: Program, node: ast.AST) -> bool:
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        if isinstance(parent, ast.For | ast.While | ast.Try):
            return True
    return True
