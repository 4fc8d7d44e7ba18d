"""Rows picked by two arrays of numbers, and the rows of numbers that they are picked with (NumPy arrays only).

``x[i, j]`` is ``npx.gather_nd``; a repeat of each number as often as another array is long is a ``where`` over a grid;
and a reshape that takes the first axis apart in sizes of two arrays is a ``reshape_like`` of such a grid.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.nodes import walk
from ...rewrite.edit import Part, operand, replace
from ._arguments import PART, size_of
from ._plan import Item, Reader
from ._sizes import MESSAGE, consume_callee, shaped
from ._values import dim

CODE = "THM804"


def picked(node: ast.Subscript, parts: list[ast.expr], r: Reader) -> list[Part] | None:
    """Return what ``x[i, j]`` is for two arrays of numbers: they are spread over each other, and made whole."""
    if not r.is_np or len(parts) != 2 or not r.value(node.value).is_tensor:
        return None
    values = [r.value(part) for part in parts]
    # One that is known to hold numbers, as a mask picks otherwise; names, as each is named twice.
    if not all(isinstance(p, ast.Name) and v.is_tensor and not v.boolean for p, v in zip(parts, values, strict=True)):
        return None
    if not any(_numbers(part, r) for part in parts):
        return None
    text: list[Part] = []
    for mine, other in (parts, parts[::-1]):
        text += [", "] if text else []
        text += [mine, '.astype("int32") + F.np.zeros_like(', other, ').astype("int32")']
    return ["F.npx.gather_nd(", operand(node.value), ", F.np.stack((", *text, ")))"]


def _numbers(node: ast.expr, r: Reader) -> bool:
    """Whether a local certainly holds numbers and no mask: a count, repeated or not."""
    made = _value_of(node, r)
    if not isinstance(made, ast.Call):
        return False
    name = r.qualified(made.func)
    if name == "mxnet.np.repeat":
        return bool(made.args) and _numbers(made.args[0], r)
    if isinstance(made.func, ast.Attribute) and made.func.attr == "repeat" and r.value(made.func.value).is_tensor:
        return _numbers(made.func.value, r)
    return name == "mxnet.np.arange"


def _value_of(node: ast.expr, r: Reader) -> ast.expr | None:
    """Return the expression that a local was given before it is used at ``node``, outside of branches and loops."""
    if not isinstance(node, ast.Name):
        return node
    stores = [n for n in walk(r.function) if isinstance(n, ast.Name) and n.id == node.id]
    found: ast.Assign | None = None
    for store in stores:
        if isinstance(store.ctx, ast.Load):
            continue
        statement = r.parent(store)
        if not isinstance(statement, ast.Assign) or statement.targets != [store] or statement not in r.function.body:
            return None
        if (statement.end_lineno or statement.lineno) < node.lineno and (
            found is None or found.lineno < statement.lineno
        ):
            found = statement
    return found.value if found is not None else None


def repeated(node: ast.Call, what: ast.expr, times: ast.expr, r: Reader) -> Iterator[Item]:
    """``np.repeat(row, x.shape[1])``: each number as often as ``x`` is long, all in one row."""
    if id(node) in r.consumed or not r.is_np or not isinstance(what, ast.Name) or not r.value(what).is_tensor:
        return
    if not shaped([times], r):
        return
    found = size_of(times, r)
    if found is None:
        return
    owner, axis, first = found
    r.consume(*(a for a in node.args if a is not what), *node.keywords)
    consume_callee(node, what, r)
    edit = replace(r.source, node, *_grid(what, owner, axis), ".reshape((-1,))")
    yield Item(CODE, times, MESSAGE, help="spread it over arange_like", edits=(edit, *first))


def _grid(what: ast.Name, owner: str, axis: int) -> list[Part]:
    """Return a row of as many equal numbers as ``owner`` is long for each number of ``what``."""
    column = ("F.npx.reshape(", what, ", (-1, 1))")
    start = f"F.np.where(F.np.ones_like(F.npx.arange_like({owner}, axis={axis})), "
    return [start, *column, ", ", *column, ")"]


def in_rows(node: ast.Call, what: ast.expr, args: list[ast.expr], targets: list[ast.expr], r: Reader) -> list[Item]:
    """``row.repeat(x.shape[1]).reshape((-1, x.shape[1]))``: a row of equal numbers for each number."""
    if not r.is_np or len(targets) != 2 or r.value(targets[0]).const != -1 or not isinstance(what, ast.Call):
        return []
    callee, given = what.func, what.args
    if isinstance(callee, ast.Attribute) and callee.attr == "repeat" and r.value(callee.value).is_tensor:
        given = [callee.value, *given]
    elif r.qualified(callee) != "mxnet.np.repeat":
        return []
    if len(given) != 2 or what.keywords or not isinstance(given[0], ast.Name) or not r.value(given[0]).is_tensor:
        return []
    times, size = size_of(given[1], r), size_of(targets[1], r)
    if times is None or size is None or times[:2] != size[:2] or not shaped([given[1]], r):
        return []
    r.consume(node)
    edit = replace(r.source, node, *_grid(given[0], times[0], times[1]))
    message = f"`{r.quote(node)}` asks for a shape, which a Symbol has not"
    return [Item(CODE, node, message, help="spread it over arange_like", edits=(edit, *times[2], *size[2]))]


def taken_apart(node: ast.Call, what: ast.expr, args: list[ast.expr], targets: list[ast.expr], r: Reader) -> list[Item]:
    """``x[i, j].reshape((a.shape[0], b.shape[1], -1))``, where the rows of ``i`` are as many as the first two sizes."""
    if not r.is_np or len(targets) != 3 or r.value(targets[2]).const != -1 or not _rows(what, targets[:2], r):
        return []
    sizes = [size_of(target, r) for target in targets[:2]]
    if sizes[0] is None or sizes[1] is None:
        return []
    (one, first, kept), (two, second, kept_too) = sizes[0], sizes[1]
    r.consume(*args)
    consume_callee(node, what, r)
    grid = f"F.npx.reshape(F.npx.arange_like({one}, axis={first}), (-2, 1)) * "
    grid = f"({grid}F.np.ones_like(F.npx.arange_like({two}, axis={second}))).as_nd_ndarray()"
    last = f", (-2, -1)).as_nd_ndarray(), {grid}{PART.format(2)}).as_np_ndarray()"
    edit = replace(r.source, node, "F.reshape_like(F.npx.reshape(", what, last)
    message = f"`{r.quote(node)}` asks for a shape, which a Symbol has not"
    return [Item(CODE, node, message, help="use reshape_like", edits=(edit, *kept, *kept_too))]


def _rows(node: ast.expr, sizes: list[ast.expr], r: Reader) -> bool:
    """Whether ``node`` is ``x[i, j]`` (or a local that is) with as many numbers in ``i`` as the product of ``sizes``.

    Where ``j`` has more, which a single number in ``i`` allows, the rewrite raises.
    """
    picks = _value_of(node, r)
    if not isinstance(picks, ast.Subscript) or not isinstance(picks.slice, ast.Tuple) or len(picks.slice.elts) != 2:
        return False
    shape = r.value(picks.slice.elts[0]).shape
    wanted = [r.value(size).dim for size in sizes]
    if shape is None or shape.rank != 1 or wanted[0] is None or wanted[1] is None:
        return False
    return shape.at(0) == dim(wanted[0], wanted[1])
