"""The top-level statements of a file: which differ in two texts, what they use, and taking some back."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from .source import Source, SourceError


class _Piece(NamedTuple):
    """A top-level statement with its decorators: the names that it binds, and its lines (1-based, end inclusive)."""

    names: frozenset[str]
    first: int
    last: int
    text: str
    definition: bool


def _bound(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset([node.name])
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _pieces(source: Source) -> list[_Piece]:
    found = []
    for node in source.tree.body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        last = node.end_lineno or node.lineno
        starts = source.line_starts
        end = starts[last] if last < len(starts) else len(source.text)
        definition = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        found.append(_Piece(_bound(node), first, last, source.text[starts[first - 1] : end], definition))
    return found


def _definitions(pieces: list[_Piece]) -> dict[str, _Piece]:
    """Return definitions by name; those whose name is bound more than once are left out."""
    found: dict[str, _Piece] = {}
    twice: set[str] = set()
    for piece in pieces:
        if piece.definition:
            (name,) = piece.names
            if name in found:
                twice.add(name)
            found[name] = piece
    return {name: piece for name, piece in found.items() if name not in twice}


def touched(before: Source, after: Source) -> tuple[set[str], bool]:
    """Return the names of the top-level definitions whose text differs, and whether other code differs too.

    Imports that were added, and definitions that only ``after`` has, count with what uses them.
    """
    old, new = _pieces(before), _pieces(after)
    mine, theirs = _definitions(old), _definitions(new)
    names = {name for name, piece in mine.items() if name not in theirs or theirs[name].text != piece.text}
    rest_old = [piece.text for piece in old if not (piece.definition and piece.names <= set(mine))]
    rest_new = [piece.text for piece in new if not (piece.definition and piece.names <= set(theirs))]
    added = set(_added_imports(before, after))
    rest_new = [text for text in rest_new if text not in added]
    return names, rest_old != rest_new


def _added_imports(before: Source, after: Source) -> list[str]:
    old = {piece.text for piece in _pieces(before)}
    kinds = {ast.Import, ast.ImportFrom}
    pairs = zip(_pieces(after), after.tree.body, strict=True)
    return [piece.text for piece, node in pairs if type(node) in kinds and piece.text not in old]


def reaching(tree: ast.Module) -> dict[str, set[str]]:
    """Return, for each top-level definition, the definitions of the file that its code names, directly or not."""
    bodies = {
        node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    direct = {
        name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in bodies} - {name}
        for name, node in bodies.items()
    }
    return {name: _closure(direct, direct[name]) - {name} for name in direct}


def reached(tree: ast.Module, names: Iterable[str]) -> set[str]:
    """Return what the code of ``names`` names, directly or by way of other definitions and global variables."""
    uses: dict[str, set[str]] = {}
    for node in tree.body:
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        for name in _bound(node):
            uses[name] = uses.get(name, set()) | used
    return _closure(uses, {used for name in names for used in uses.get(name, ())})


def _closure(uses: dict[str, set[str]], names: set[str]) -> set[str]:
    """Return ``names`` and all that they use, directly or not."""
    seen: set[str] = set()
    todo = list(names)
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += uses.get(one, ())
    return seen


def restored(before: Source, after: Source, names: set[str]) -> str | None:
    """Return ``after`` with the definitions ``names`` as they were, ``None`` where that can't be done piece by piece.

    What was added for them alone (imports, helpers) goes too.
    """
    mine, theirs = _definitions(_pieces(before)), _definitions(_pieces(after))
    if not names <= set(mine) or not names <= set(theirs):
        return None
    starts = after.line_starts
    text, pieces = after.text, [theirs[name] for name in names]
    for piece in sorted(pieces, key=lambda one: -one.first):
        (name,) = piece.names
        start = starts[piece.first - 1]
        text = text[:start] + mine[name].text + text[start + len(piece.text) :]
    return _without_leftovers(before, after.with_text(text))


def _without_leftovers(before: Source, after: Source) -> str | None:
    """Drop top-level imports and definitions that only ``after`` has and nothing uses any more."""
    try:
        while True:
            old = _pieces(before)
            kept_names = {name for piece in old for name in piece.names}
            kept_texts = {piece.text for piece in old}
            used = {n.id for n in ast.walk(after.tree) if isinstance(n, ast.Name)}
            dropped = next(
                (
                    piece
                    for piece, node in zip(_pieces(after), after.tree.body, strict=True)
                    if piece.text not in kept_texts
                    and isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef)
                    and not piece.names & (used | kept_names)
                ),
                None,
            )
            if dropped is None:
                return after.text
            start = after.line_starts[dropped.first - 1]
            head, tail = after.text[:start], after.text[start + len(dropped.text) :]
            if (not head or head.endswith(after.newline * 2)) and tail.startswith(after.newline):
                tail = tail[len(after.newline) :]  # the empty line that set it apart
            after = after.with_text(head + tail)
    except SourceError:
        return None
