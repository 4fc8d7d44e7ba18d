"""Arguments of a forward as they came, which are asked for what their shape was once a name is given another value."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert_line_before
from ._grow import sized_by
from ._plan import Reader
from ._values import Dim, Shape, Val, dim

PART = ", lhs_begin=0, lhs_end=1, rhs_begin=0, rhs_end={}"


def size_of(size: ast.expr, r: Reader) -> tuple[str, int, tuple[Edit, ...]] | None:
    """Return the name of an array whose axis a size is, the axis, and the edit that gives the array this name.

    The array may be an argument that has another value by now: it is kept as it came.
    """
    owner, axis = sized_by(size, r)
    if owner is not None:
        plain = isinstance(owner, ast.Name) and isinstance(axis, int) and axis >= 0 and r.value(owner).is_tensor
        return (r.text(owner), axis, ()) if plain and isinstance(axis, int) else None
    if not (r.converting and isinstance(size, ast.Name) and r.function is r.unit.entry):
        return None
    stores = [n for n in walk(r.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    mine = [n for n in stores if n.id == size.id]
    statement = r.parent(mine[0]) if len(mine) == 1 else None
    if not isinstance(statement, ast.Assign) or statement not in r.function.body or statement.targets != mine:
        return None
    what = statement.value
    if not (isinstance(what, ast.Subscript) and isinstance(what.value, ast.Attribute) and what.value.attr == "shape"):
        return None
    given, at = what.value.value, r.value(what.slice).const
    arguments = {a.arg for a in r.function.args.args[1:]}
    if not (isinstance(given, ast.Name) and given.id in arguments and isinstance(at, int) and at >= 0):
        return None
    if not r.value(given).is_tensor or any(n.id == given.id and n.lineno < statement.lineno for n in stores):
        return None
    names = {n.id for n in walk(r.function) if isinstance(n, ast.Name)} | arguments
    kept = named_at_the_top(given.id, names, r)
    return None if kept is None else (kept[0], at, kept[1])


def kept_argument(source: Shape | None, targets: list[Val], r: Reader) -> tuple[str, str, tuple[Edit, ...]] | None:
    """Return a name for an argument of the forward, as it came, that has the wanted shape, with the edit that keeps it.

    Also how much of its shape is wanted.
    """
    entry = r.unit.entry
    if not r.converting or r.function is not entry:
        return None
    names = {n.id for n in walk(entry) if isinstance(n, ast.Name)} | {a.arg for a in entry.args.args}
    for arg in entry.args.args[1:]:
        like = r.interp.named_shape(arg.arg).dims
        if like is None:
            continue
        taken = 0 if like == tuple(t.dim for t in targets) else unmerged(source, like, targets)
        if not taken and like != tuple(t.dim for t in targets):
            continue
        kept = named_at_the_top(arg.arg, names, r)
        return None if kept is None else (kept[0], PART.format(taken) if taken else "", kept[1])
    return None


def named_at_the_top(argument: str, names: set[str], r: Reader) -> tuple[str, tuple[Edit, ...]] | None:
    """Return a name for an argument as it came, with the edit that gives it this name."""
    name = f"{argument}_given"
    if name in names:
        return None
    key = f"{r.function.name}:{name}"
    if key in r.told:
        return name, ()
    r.told.add(key)
    body = r.function.body[1:] if ast.get_docstring(r.function) is not None else r.function.body
    return name, (insert_line_before(r.source, body[0], f"{name} = {argument}"),)


def shape_of_argument(whole: Val, r: Reader) -> tuple[str, tuple[Edit, ...]] | None:
    """Return a name for the argument of this function that has the shape ``whole``, with the edit that keeps it."""
    if not r.converting or whole.shape is None:
        return None
    given = r.interp.entry_arguments(r.function) if r.function is r.unit.entry else {}
    given = given or r.interp.joined_arguments(r.function)
    names = {n.id for n in walk(r.function) if isinstance(n, ast.Name)}
    stored = {n.id for n in walk(r.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for name, value in given.items():
        shape = r.interp.sized(value.shape)
        if value.is_tensor and shape is not None and shape.same(whole.shape):
            return named_at_the_top(name, names, r) if name in stored else (name, ())
    return None


def unmerged(source: Shape | None, like: tuple[Dim, ...], targets: list[Val]) -> int:
    """Return how many first axes of ``like`` the first axis of ``source`` becomes, the others kept (0: not so)."""
    if source is None or source.dims is None:
        return 0
    count = len(targets) - len(source.dims) + 1
    if not 2 <= count <= len(like) or source.dims[0] != dim(*like[:count]):
        return 0
    kept = zip(targets[count:], source.dims[1:], strict=True)
    same = all(t.dim == size or t.const == -1 for t, size in kept) and sum(t.const == -1 for t in targets) <= 1
    return count if same and all(t.dim == size for t, size in zip(targets, like[:count], strict=False)) else 0
