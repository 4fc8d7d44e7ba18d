"""A star on a list: among the targets of an assignment, or in another list.

What it does
    Finds ``b, *rest = x.shape``, ``b, n, _, h = *x.shape, self.heads`` and ``[*x.shape[:-1], -1]``.

Why is this bad
    A size is a ``List[int]`` to TorchScript, and how many items a list has is not known to it: "cannot statically
    infer the expected size of a list in this context".  Tuples can be starred; ``torch.compile`` and ``torch.export``
    take both.

Fix safety
    Safe: the same items are taken by slices, whose number TorchScript checks while it runs, as Python does.  Where one
    item is asked for, ``x.shape[0]``, a size that is too short raises ``IndexError`` instead of ``ValueError``.  It is
    made where the sequence is a name, a size or a slice of those, which can be asked for twice, or is asked for once.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, in_place_of, problems
from ._reports import Report
from ._unpacking import Piece, pieces
from .tht503_starred_size import as_list

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Heads(nn.Module):
    def __init__(self, heads):
        super().__init__()
        self.heads = heads

    def forward(self, x):
        b, n, _, h = *x.shape, self.heads
        return x.view(b, n, h, -1).transpose(1, 2)
""",
        after="""
from torch import nn


class Heads(nn.Module):
    def __init__(self, heads):
        super().__init__()
        self.heads = heads

    def forward(self, x):
        (b, n, _), h = x.shape, self.heads
        return x.view(b, n, h, -1).transpose(1, 2)
""",
    ),
    Example(
        before="""
from torch import nn


class Swap(nn.Module):
    def forward(self, x):
        *rest, rows, columns = x.size()
        return x.view([*rest, columns, rows])
""",
        after="""
from torch import nn


class Swap(nn.Module):
    def forward(self, x):
        rest, (rows, columns) = list(x.size()[:-2]), x.size()[-2:]
        return x.view(list(rest) + [columns, rows])
""",
    ),
    Example(
        before="""
from torch import nn


class Flat(nn.Module):
    def forward(self, x):
        b, *_ = x.shape
        return x.reshape(b, -1)
""",
        after="""
from torch import nn


class Flat(nn.Module):
    def forward(self, x):
        b = x.shape[0]
        return x.reshape(b, -1)
""",
    ),
]

VALID = [
    """
from torch import nn


class Sum(nn.Module):
    def forward(self, x):
        pair = (x, x + 1)
        first, *rest = pair
        return first + rest[0]
""",
]


@rule("THT519", "starred-items", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "starred-items"):
        node = problem.node
        if isinstance(node, ast.List) and isinstance(node.ctx, ast.Load):
            known = all(report.type(one.value).kind == "list" for one in node.elts if isinstance(one, ast.Starred))
            fix = Fix((in_place_of(node, as_list(node.elts), ctx),)) if known else None
            text, hint = "a list with a star in it", "add lists: `list(x.shape[:-1]) + [n]`"
        else:
            fix = _sliced(node, report, ctx) if isinstance(node, ast.Assign) else None
            text, hint = "an assignment with a star", "take the items by slices: `b, rest = x.shape[0], x.shape[1:]`"
        yield Finding(node, f"TorchScript does not know how long a list is: {text}", help=hint, fix=fix)


def _sliced(node: ast.Assign, report: Report, ctx: UnitContext) -> Fix | None:
    """Write the assignment without stars: ``(a, b), c = x.shape, d``."""
    pairs: list[tuple[str, tuple[Part, ...]]] = []
    for piece in pieces(node) or ():
        if not piece.spread:
            pairs.append((_text(piece.targets, ctx), (piece.value,)))
            continue
        if report.type(piece.value).kind != "list":
            return None
        found = _taken(piece, ctx)
        if found is None:
            return None
        pairs += found
    if not pairs:
        return None
    names, values = [name for name, _ in pairs], [value for _, value in pairs]
    if len(pairs) == 1:
        target = names[0].removeprefix("(").removesuffix(")") if "," in names[0] else names[0]
        return Fix((replace(ctx.source, node, f"{target} = ", *values[0]),))
    parts: list[Part] = [", ".join(names), " = "]
    for index, value in enumerate(values):
        parts += [", ", *value] if index else value
    return Fix((replace(ctx.source, node, *parts),))


def _taken(piece: Piece, ctx: UnitContext) -> list[tuple[str, tuple[Part, ...]]] | None:
    """Return targets and values for the items of ``piece.value``, with no star left."""
    stars = [index for index, one in enumerate(piece.targets) if isinstance(one, ast.Starred)]
    whole = piece.value
    if not stars:
        return [(_text(piece.targets, ctx), (whole,))]
    first, star, last = piece.targets[: stars[0]], piece.targets[stars[0]], piece.targets[stars[0] + 1 :]
    assert isinstance(star, ast.Starred)
    p, s = len(first), len(last)
    out: list[tuple[str, tuple[Part, ...]]] = []
    if p:
        out.append((_text(first, ctx), (operand(whole), "[0]" if p == 1 else f"[:{p}]")))
    if _is_read(star.value, ctx) or not first and not last:
        rest = f"[{p or ''}:{-s if s else ''}]" if p or s else ""
        out.append((_text([star.value], ctx), ("list(", operand(whole) if rest else whole, f"{rest})")))
    if s:
        behind = f"[{p}:]" if p else ""  # what comes first is not taken for the last as well
        out.append((_text(last, ctx), (operand(whole), f"{behind}[{-s}]" if s == 1 else f"{behind}[{-s}:]")))
    return out if len(out) == 1 or _can_be_asked_twice(whole) else None


def _text(targets: list[ast.expr], ctx: UnitContext) -> str:
    texts = [ctx.source.segment(one) for one in targets]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _is_read(target: ast.expr, ctx: UnitContext) -> bool:
    """Whether the function asks for what ``target`` gets (what isn't a plain name counts as asked for)."""
    function = ctx.module.enclosing_function(target)
    if not isinstance(target, ast.Name) or function is None:
        return True
    return any(
        isinstance(n, ast.Name) and n.id == target.id and not isinstance(n.ctx, ast.Store) for n in walk(function)
    )


def _can_be_asked_twice(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return _can_be_asked_twice(node.value)
    if isinstance(node, ast.Subscript):
        return _can_be_asked_twice(node.value) and not any(isinstance(n, ast.Call) for n in walk(node.slice))
    if not isinstance(node, ast.Call) or node.args or node.keywords:
        return False
    return isinstance(node.func, ast.Attribute) and node.func.attr == "size" and _can_be_asked_twice(node.func)
