"""An annotation that names no type of TorchScript.

What it does
    Finds parameters and results of compiled functions that are annotated with a function (``torch.tensor``), an
    abstract container (``Sequence``, ``Iterable``, ``Mapping``), a container that doesn't say what it holds (``list``,
    ``Dict``), a tuple of any length (``Tuple[Tensor, ...]``), a function, an array of NumPy, ``torch.Size``, or with
    what is no type at all (``-> (Tensor, Tensor)``, ``int or float``).

Why is this bad
    TorchScript reads annotations: "Unknown type name 'torch.tensor'", "Unknown type constructor Sequence", "Attempted
    to use List without a contained type", "Expression of type tuple-literal cannot be used in a type expression".

Fix safety
    Safe: an annotation changes nothing at run time.  What is known to be meant is written: ``torch.Tensor`` for
    ``torch.tensor``, a list for a sequence, ``List[int]`` for ``torch.Size``, what the function returns, and what
    callers give.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#supported-type
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._annotations import annotation_type
from ._common import SCRIPT, VARIABLE, is_scripted, name_for, reports
from ._parameters import passed_to, uses_of
from ._reports import Report
from ._types import TENSOR, UNKNOWN, T, list_of, unify
from ._writing import typing_word, writable

EXAMPLES = [
    Example(
        before="""
from typing import Dict, Sequence

import torch
from torch import nn


class Net(nn.Module):
    def added(self, xs: Sequence[torch.Tensor]):
        return xs[0] + xs[1]

    def forward(self, x: torch.tensor, y) -> Dict:
        return {"sum": self.added([x, y])}
""",
        after="""
from typing import Dict, Sequence, List

import torch
from torch import nn


class Net(nn.Module):
    def added(self, xs: List[torch.Tensor]):
        return xs[0] + xs[1]

    def forward(self, x: torch.Tensor, y) -> Dict[str, torch.Tensor]:
        return {"sum": self.added([x, y])}
""",
    ),
    Example(
        title="a size, and two tensors that are no type",
        before="""
from typing import List

import torch
from torch import nn


class Net(nn.Module):
    def halves(self, x) -> (torch.Tensor, torch.Tensor):
        return x * 2, x.flatten(0)

    def like(self, x, size: torch.Size):
        return x.reshape(size)

    def forward(self, x):
        a, b = self.halves(x)
        return self.like(a, b.size()) + b
""",
        after="""
from typing import List, Tuple

import torch
from torch import nn


class Net(nn.Module):
    def halves(self, x) -> Tuple[torch.Tensor, torch.Tensor]:
        return x * 2, x.flatten(0)

    def like(self, x, size: List[int]):
        return x.reshape(size)

    def forward(self, x):
        a, b = self.halves(x)
        return self.like(a, b.size()) + b
""",
    ),
    Example(
        before="""
from typing import Callable

from torch import nn


class Net(nn.Module):
    def forward(self, x, f: Callable):
        return f(x)
""",
    ),
    Example(
        title="anything, and a choice that is none",
        before="""
from typing import Any

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.same = nn.Identity()

    def forward(self, x: Any, y: (torch.Tensor or list)):
        return self.same(x), y
""",
        after="""
from typing import Any

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.same = nn.Identity()

    def forward(self, x: torch.Tensor, y: (torch.Tensor)):
        return self.same(x), y
""",
    ),
]

VALID = [
    """
from typing import Any, Dict, List, Optional, Tuple, Union

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x: torch.FloatTensor, n: Union[int, Tuple[int, int]] = 1, y: Any = None) -> Tuple[torch.Tensor]:
        return (x,)
""",
    """
from typing import Sequence

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, sizes: Sequence[int]):
        super().__init__()
        self.sizes = list(sizes)

    @torch.jit.ignore
    def told(self, sizes: Sequence[int]) -> list:
        return list(sizes)

    def forward(self, x):
        return x + 1
""",
]

_WORDS = ("Sequence", "MutableSequence", "Iterable", "Collection")
_ROWS = frozenset({*(f"typing.{word}" for word in _WORDS), *(f"collections.abc.{word}" for word in _WORDS)})
_OTHER = ("Callable", "Iterator", "Generator", "Mapping", "MutableMapping", "Set", "AbstractSet", "Type", "Hashable")
_NONE = frozenset(
    {*(f"typing.{word}" for word in _OTHER), *(f"collections.abc.{word}" for word in _OTHER),
     "typing.FrozenSet", "builtins.set", "builtins.frozenset", "builtins.type", "builtins.slice", "builtins.range",
     "builtins.object", "builtins.callable", "numpy.ndarray", "numpy.array"}
)  # fmt: skip
_BARE = frozenset({"typing.List", "typing.Dict", "builtins.list", "builtins.dict"})
_TUPLES = ("typing.Tuple", "builtins.tuple")
_MISTAKEN = {"torch.tensor": "torch.Tensor"}
_SIZE = "torch.Size"
_TENSORS = ("torch.Tensor", *VARIABLE)
_NO_TYPE = (ast.Tuple, ast.BoolOp, ast.Call, ast.Dict, ast.Compare, ast.Lambda)


@rule("THT523", "unknown-annotation", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module or is_scripted(function, ctx):
            continue
        arguments = function.args
        for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if arg.annotation is None:
                continue
            if (word := _unknown(arg.annotation, ctx)) is not None:
                yield _finding(arg.annotation, word, _given(function, arg, ctx), function, ctx)
            elif ctx.qualified(arg.annotation) == "typing.Any" and _is_tensor(function, arg, report, ctx):
                yield _finding(arg.annotation, arg.annotation, TENSOR, function, ctx)
        if function.returns is not None and (word := _unknown(function.returns, ctx)) is not None:
            yield _finding(function.returns, word, _returned(report), function, ctx)


def _is_tensor(function: FunctionNode, arg: ast.arg, report: Report, ctx: UnitContext) -> bool:
    """Whether a parameter is used as nothing but a tensor is."""
    uses = uses_of(function, arg.arg, report, ctx)
    others = uses.other or uses.text or uses.integer or uses.exact or any(kind != TENSOR for kind in uses.passed)
    return bool(uses.tensor) and not others and _given(function, arg, ctx) in (TENSOR, UNKNOWN)


def _finding(node: ast.expr, word: ast.expr, known: T, function: FunctionNode, ctx: UnitContext) -> Finding:
    text = _corrected(node, word, ctx)
    if text is None and known.known and not (ctx.qualified(word) or "").startswith("numpy."):
        text = writable(known, ctx, function)
    shown = ast.unparse(word)
    return Finding(
        node,
        f"TorchScript knows no type `{shown}`",
        help=f"write `{text[0]}`" if text else "name a type of TorchScript: Tensor, int, List[Tensor], ...",
        fix=Fix((replace(ctx.source, node, text[0]), *text[1])) if text else None,
    )


def _unknown(node: ast.expr, ctx: UnitContext) -> ast.expr | None:
    """Return the part of an annotation that TorchScript has no type for."""
    if isinstance(node, ast.Subscript):
        head = ctx.qualified(node.value) if isinstance(node.value, ast.Name | ast.Attribute) else None
        if head in _ROWS or head in _NONE:
            return node.value
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head in _TUPLES and any(isinstance(one, ast.Constant) and one.value is ... for one in items):
            return node
        return next((found for one in items if (found := _unknown(one, ctx)) is not None), None)
    if isinstance(node, _NO_TYPE):
        return node
    if isinstance(node, ast.BinOp):
        return _unknown(node.left, ctx) or _unknown(node.right, ctx)
    if not isinstance(node, ast.Name | ast.Attribute):
        return None
    name = ctx.qualified(node)
    return node if name in _ROWS or name in _NONE or name in _BARE or name in _MISTAKEN or name == _SIZE else None


def _corrected(node: ast.expr, word: ast.expr, ctx: UnitContext) -> tuple[str, tuple[Edit, ...]] | None:
    """Return the annotation with another word in place of the unknown one, where it says enough."""
    name = ctx.qualified(word) if isinstance(word, ast.Name | ast.Attribute) else None
    if name in _MISTAKEN and isinstance(word, ast.Attribute) and word is node:
        return f"{ast.unparse(word.value)}.{_MISTAKEN[name].rpartition('.')[2]}", ()
    first = word.values[0] if isinstance(word, ast.BoolOp) and isinstance(word.op, ast.Or) else None
    if word is node and first is not None and ctx.qualified(first) in _TENSORS:  # that is all `A or B` says
        return name_for("torch.Tensor", ctx, node)
    if name == _SIZE:
        size = typing_word("List", ctx, node)
        at, text = ctx.source.span(word), ctx.source.segment(node)
        start = at.start - ctx.source.span(node).start
        return size and (f"{text[:start]}{size[0]}[int]{text[start + at.end - at.start :]}", size[1])
    if name in _ROWS and isinstance(node, ast.Subscript) and node.value is word:
        element = annotation_type(node.slice, ctx.module)
        return writable(list_of(element), ctx, node) if element.known else None
    return None


def _given(function: FunctionNode, arg: ast.arg, ctx: UnitContext) -> T:
    """Return what all callers of the repository give, if that is one type."""
    result: T | None = None
    for one in passed_to(function, arg.arg, ctx):
        if not one.known:
            return UNKNOWN
        result = one.bare if result is None else unify(result, one.bare)
        if result is None:
            return UNKNOWN
    assigned = any(isinstance(n, ast.Name) and n.id == arg.arg and isinstance(n.ctx, ast.Store) for n in walk(function))
    return UNKNOWN if result is None or assigned or _vague(result) else result


def _returned(report: Report) -> T:
    result: T | None = None
    for _, kind in report.returned:
        if not kind.known:
            return UNKNOWN
        result = kind.bare if result is None else unify(result, kind.bare)
        if result is None:
            return UNKNOWN
    return UNKNOWN if result is None or _vague(result) else result


def _vague(kind: T) -> bool:
    """Whether a container in it doesn't say what it holds."""
    if kind.kind in ("list", "dict", "tuple") and not kind.args:
        return True
    return not kind.known or kind.kind == "none" or any(_vague(one) for one in kind.args)
