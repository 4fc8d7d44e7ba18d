"""Shapes without asking for them: reshape by special codes, and sizes that the constructor knows."""

from __future__ import annotations

import ast

from ...rewrite.edit import Part
from ._plan import Reader
from ._values import Dim, Shape, Val, dim, quotient

# (copy, merge, split, infer) in the legacy API and in npx.reshape.
_CODES = {False: ("0", "-3", "-4", "-1"), True: ("-2", "-5", "-6", "-1")}


def reshape_codes(source: Shape, targets: list[ast.expr], r: Reader) -> tuple[list[list[Part]], bool] | None:
    """Return the elements of a shape argument that says ``targets`` without using a shape, or ``None``.

    The second part of the answer tells whether they are to be read from right to left (``reverse=True``).
    """
    for resolve, reverse in (("", False), ("last", False), ("", True), ("merge", False), ("split", False)):
        found = _attempt(source, targets, r, resolve=resolve, reverse=reverse)
        if found is not None:
            return found, reverse
    return None


def _attempt(
    source: Shape, targets: list[ast.expr], r: Reader, *, resolve: str, reverse: bool
) -> list[list[Part]] | None:
    """Try to say ``targets``.

    The pointer into the source's dimensions moves as MXNet moves it: one for a copy, a number or -1, two for a merge.
    ``resolve`` says what becomes of a -1: a ``last`` one is copied, so that a split can have the one -1 there may be;
    one that stands for two dimensions is a ``merge``, and two sizes that stand for one are a ``split``, so that what
    follows can be copied.
    """
    copy, merge, split, infer = _CODES[r.is_np]
    values = [r.value(t) for t in targets]
    if any(isinstance(v.const, int) and not v.integer and (v.const < -1 or v.const == 0) for v in values):
        return None
    if reverse:
        targets, values = targets[::-1], values[::-1]
    out: list[list[Part]] = []
    pointer = index = 0
    inferred = sum(1 for v in values if v.const == -1)
    if inferred > 1:
        return None

    def at(offset: int) -> Dim:
        place = pointer + offset
        if source.rank is not None and place >= source.rank:
            return (("d", "<beyond>", place),)
        return source.at(-1 - place if reverse else place)

    def copied(start: int, offset: int) -> bool:
        return all(v.dim == at(offset + i) for i, v in enumerate(values[start:]))

    while index < len(targets):
        value, target = values[index], targets[index]
        if value.const == -1 and resolve == "last" and index == len(targets) - 1 and source.rank == pointer + 1:
            inferred -= 1
            out.append([copy])
        elif (
            value.const == -1
            and resolve == "merge"
            and source.rank is not None
            and (source.rank - pointer == len(targets) - index + 1 and copied(index + 1, 2))
        ):
            inferred -= 1
            out.append([merge])
            pointer += 1
        elif (
            resolve == "split"
            and source.rank is not None
            and source.rank - pointer == len(targets) - index - 1
            and (_open_split(values[index : index + 2], at(0)) and copied(index + 2, 1))
        ):
            out.append([split])
            for part, size in zip(targets[index : index + 2], values[index : index + 2], strict=True):
                out.append([part] if plain(size) and size.const != -1 else ["-1"])
            inferred += 1 if all(v.const != -1 for v in values[index : index + 2]) else 0
            index += 1
        elif plain(value) or value.const == -1:
            out.append([target])
        elif value.dim is not None and value.dim == at(0):
            out.append([copy])
        elif value.dim is not None and value.dim == dim(at(0), at(1)):
            out.append([merge])
            pointer += 1
        elif value.dim is None and value.kind not in ("int", "number"):
            return None
        elif (
            not reverse
            and (inferred == 0 or resolve == "last")
            and index + 1 < len(targets)
            and _splits(value, values[index + 1], at(0))
        ):
            first, second = target, targets[index + 1]
            out += [[split], [first] if plain(value) else ["-1"], [second] if plain(values[index + 1]) else ["-1"]]
            inferred += 1
            index += 1
        elif not inferred:
            inferred = 1
            out.append([infer])
        else:
            known = config_text(value.dim, r)
            if known is None:
                return None
            out.append([known])
        pointer += 1
        index += 1
    if inferred > 1:
        return None
    return out[::-1] if reverse else out


def plain(value: Val) -> bool:
    """Whether a size is decided by the constructor, and can stay as it is written."""
    return value.free and not value.integer


def _open_split(pair: list[Val], whole: Dim) -> bool:
    """Whether two sizes, of which one is known to the constructor and the other is what is left, may split one."""
    known = [plain(v) and v.const != -1 for v in pair]
    if sorted(known) != [False, True]:
        return False
    other = pair[known.index(False)]
    return other.const == -1 or other.dim is None or other.dim != whole


def _splits(a: Val, b: Val, whole: Dim) -> bool:
    if a.dim is None or b.dim is None or plain(a) == plain(b):
        return False
    return dim(a.dim, b.dim) == whole or quotient(whole, b.dim) == a.dim or quotient(whole, a.dim) == b.dim


def config_text(wanted: Dim | None, r: Reader) -> str | None:
    """Return an expression for a size that the constructor knows: a number, or an attribute of ``self``."""
    if wanted is None:
        return None
    if len(wanted) == 1 and isinstance(wanted[0], int):
        return str(wanted[0])
    if any(not isinstance(f, int) and f[0] != "c" for f in wanted):
        return None
    first = r.function.args.args[0].arg if r.function.args.args else "self"
    if r.interp.self_of(r.function) is None:
        return None
    for name, attribute in r.interp.attrs.items():
        if (
            attribute.value.dim == wanted
            and attribute.setters <= {"__init__", "<class>"}
            and attribute.value.kind in ("int", "config")
        ):
            return f"{first}.{name}"
    return None


def shape_owner(node: ast.expr, r: Reader) -> ast.expr | None:
    """Return ``x`` of ``x.shape`` or ``x.shape[k]``."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        return node.value
    return None


def targets_of(args: list[ast.expr], r: Reader) -> list[ast.expr] | None:
    """Return the elements of a shape argument, given as one tuple or one by one.

    The sizes in ``(*x.shape[:2], -1)`` and in ``x.shape[:-1] + (4,)`` are given as if each were written out.
    """
    if len(args) == 1 and isinstance(args[0], ast.BinOp):
        return _spelled(args[0], r)
    if len(args) == 1 and isinstance(args[0], ast.Tuple | ast.List):
        args = list(args[0].elts)
    out: list[ast.expr] = []
    for arg in args:
        parts = _spelled(arg.value, r) if isinstance(arg, ast.Starred) else [arg]
        if parts is None:
            return None
        out += parts
    return out


def _spelled(node: ast.expr, r: Reader) -> list[ast.expr] | None:
    """Return the elements of an expression for several sizes, as expressions of their own."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _spelled(node.left, r), _spelled(node.right, r)
        return None if left is None or right is None else [*left, *right]
    if isinstance(node, ast.Tuple | ast.List):
        return None if any(isinstance(e, ast.Starred) for e in node.elts) else list(node.elts)
    value = r.value(node)
    if value.kind != "shape" or value.items is None:
        return None
    out: list[ast.expr] = []
    for item in value.items:
        one = ast.copy_location(ast.Name("_", ast.Load()), node)
        r.made.append(one)  # kept, so that its id stays its own
        r.interp.values[id(one)] = item
        out.append(one)
    return out


def join_parts(elements: list[list[Part]]) -> list[Part]:
    """Return the elements of a tuple as parts: ``(a, b)`` or ``(a,)``."""
    out: list[Part] = ["("]
    for index, element in enumerate(elements):
        if index:
            out.append(", ")
        out += element
    out.append(",)" if len(elements) == 1 else ")")
    return out
