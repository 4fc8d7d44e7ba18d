"""``torch.Tensor(...)``, ``torch.FloatTensor(...)``: constructors from before dtypes.

What it does
    Finds the legacy constructors in what TorchScript compiles, and in what is traced those that fail there.

Why is this bad
    TorchScript does not know them: "Unknown builtin op: aten::Tensor".  ``torch.compile`` knows them, but takes a size
    (``torch.Tensor(x.size())``) for a sequence of numbers and fails; tensors in a list are read by none of the three.

Fix safety
    Safe where it is plain what is given: sizes become ``torch.empty``, a list of numbers ``torch.tensor`` with the same
    dtype, a ``range`` of whole numbers ``torch.arange``.  Anything else (a tensor, an unknown list, the constructors
    for CUDA) is reported only.  Where a variable or an attribute holds the constructor, ``torch.compile`` is given
    ``Tensor(*x.size())``, and Python what it had.

References
    https://docs.pytorch.org/docs/stable/tensors.html#torch.Tensor
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...meaning.values import TENSORS
from ...rewrite.edit import Fix, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._classes import class_model
from ._common import ALL, SCRIPT, call_of, imported_name, in_place_of, name_for, reports
from ._parameters import parameters_with_defaults
from ._reached import where_reached
from ._reports import Report
from ._types import NO, T

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        noise = torch.Tensor(x.size(0), 3).fill_(0)
        scale = torch.FloatTensor([0.5, 1, 2])
        return x[torch.LongTensor(range(3))] + noise + scale + torch.Tensor([1, 2, 3])
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        noise = torch.empty(x.size(0), 3).fill_(0)
        scale = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float32)
        return x[torch.arange(3)] + noise + scale + torch.tensor([1.0, 2.0, 3.0])
""",
    ),
    Example(
        title="of a size",
        targets=("torch.compile",),
        before="""
import torch
from torch import nn


class Ones(nn.Module):
    def forward(self, x):
        return x + torch.Tensor(x.size()).fill_(1) + torch.FloatTensor(3, 3).zero_()
""",
        after="""
import torch
from torch import nn


class Ones(nn.Module):
    def forward(self, x):
        return x + torch.empty(x.size()).fill_(1) + torch.FloatTensor(3, 3).zero_()
""",
    ),
    Example(
        title="by another name",
        targets=("torch.compile",),
        before="""
import torch
from torch import nn


class Wanted(nn.Module):
    def __init__(self, tensor=torch.FloatTensor):
        super().__init__()
        self.Tensor = tensor

    def forward(self, x):
        Long = torch.cuda.LongTensor if x.is_cuda else torch.LongTensor
        ones = self.Tensor(x.size()).fill_(1.0)
        return ones + Long(x.shape).zero_()
""",
        after="""
import torch
from torch import nn


class Wanted(nn.Module):
    def __init__(self, tensor=torch.FloatTensor):
        super().__init__()
        self.Tensor = tensor

    def forward(self, x):
        Long = torch.cuda.LongTensor if x.is_cuda else torch.LongTensor
        ones = (self.Tensor(*x.size()) if torch.compiler.is_compiling() else self.Tensor(x.size())).fill_(1.0)
        return ones + (Long(*x.shape) if torch.compiler.is_compiling() else Long(x.shape)).zero_()
""",
    ),
    Example(
        title="tensors in a list",
        targets=("torch.compile", "torch.export"),
        before="""
import torch
from torch import nn


class Ends(nn.Module):
    def forward(self, x):
        return torch.Tensor([x.min(), x.max()])
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.Tensor(3))

    def forward(self, x):
        assert isinstance(x, torch.Tensor)
        return x + self.weight
""",
]

_CONSTRUCTORS = {
    "Tensor": "", "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64",
    "IntTensor": "int32", "ShortTensor": "int16", "ByteTensor": "uint8", "CharTensor": "int8", "BoolTensor": "bool",
}  # fmt: skip


@rule("THT805", "legacy-constructor", targets=ALL, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
@where_reached(ALL)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
            if name is None or not name.startswith("torch."):
                # what values are is a dear question, asked last
                if "torch.compile" in ctx.targets and _is_type(node.func, function, ctx) and _is_sized(node, ctx):
                    yield _by_name(node, ctx)
                continue
            word = name[6:].removeprefix("cuda.")
            if word not in _CONSTRUCTORS:
                continue
            parts = _modern(node, word, ctx, report) if "cuda" not in name else ()
            yield Finding(
                node,
                f"TorchScript has no `{ast.unparse(node.func)}(...)`"
                if SCRIPT[0] in ctx.targets
                else f"`{ast.unparse(node)}` can't be made while a compiler traces",
                help="use `torch.empty(sizes)` or `torch.tensor(data, dtype=...)`",
                targets=_refusing(node, ctx, report),
                fix=Fix((replace(ctx.source, node, *parts),)) if parts else None,
            )


def _by_name(node: ast.Call, ctx: UnitContext) -> Finding:
    """``self.Tensor(x.size())``: one of the constructors by another name."""
    asked = imported_name("torch.compiler.is_compiling", ctx, node)
    fix = None
    if asked is not None:
        call = ast.unparse(node.func)
        size = node.args[0]
        choice: tuple[Part, ...] = (f"{call}(*", size, f") if {asked}() else {call}(", size, ")")
        fix = Fix((in_place_of(node, choice, ctx),))
    return Finding(
        node,
        f"torch.compile takes the size in `{ast.unparse(node)}` for a sequence of numbers",
        help="use `torch.empty(sizes)`",
        targets=("torch.compile",),
        fix=fix,
    )


def _is_sized(node: ast.Call, ctx: UnitContext) -> bool:
    """Whether a size is all that the call gives, and no question for the compiler stands above it."""
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        return False
    sized = _is_size(node.args[0]) and ctx.value(node.args[0]).may_be("shape") or ctx.value(node.args[0]).is_("shape")
    return sized and not asks_compiling(node, ctx)


def _is_type(
    node: ast.expr, function: FunctionNode, ctx: UnitContext, names: frozenset[tuple[FunctionNode, str]] = frozenset()
) -> bool:
    """Whether ``node`` is one of the constructors, whichever: by a variable, an attribute, or a choice.

    ``names`` are the variables that are being looked at, which others may go by in turn (``a = b``, ``b = a``).
    """
    if isinstance(node, ast.IfExp):
        return _is_type(node.body, function, ctx, names) and _is_type(node.orelse, function, ctx, names)
    name = ctx.qualified(node) if isinstance(node, ast.Name | ast.Attribute) else None
    if name is not None and name.startswith("torch."):
        return name[6:].removeprefix("cuda.") in _CONSTRUCTORS
    if isinstance(node, ast.Name):
        if (function, node.id) in names:
            return False
        names |= {(function, node.id)}
        values = [
            one.value
            for one in walk(function)
            if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets)
        ]
        values += [default for arg, default in parameters_with_defaults(function.args) if arg.arg == node.id]
        return bool(values) and all(_is_type(one, function, ctx, names) for one in values)
    if isinstance(node, ast.Attribute) and ctx.unit.cls is not None and isinstance(node.value, ast.Name):
        writes = class_model(ctx.unit.cls, ctx.project).built.get(node.attr, [])
        if any((one.function, node.attr) in names for one in writes):
            return False
        names |= {(one.function, node.attr) for one in writes}
        return bool(writes) and all(
            one.value is not None and one.owner.module is ctx.module and _is_type(one.value, one.function, ctx, names)
            for one in writes
        )
    return False


def _refusing(node: ast.Call, ctx: UnitContext, report: Report) -> tuple[str, ...]:
    """The targets that refuse a call: Dynamo takes a size for a sequence, and no tracer reads tensors in a list."""
    if len(node.args) != 1:
        return SCRIPT
    only = node.args[0]
    rows = only.elts if isinstance(only, ast.List | ast.Tuple) else [only.elt] if isinstance(only, ast.ListComp) else []
    element = ctx.value(only).element
    among = element is not None and element.known and not element.kinds.isdisjoint(TENSORS)
    if among or any(ctx.value(one).is_tensor for one in rows):
        return ALL
    return (*SCRIPT, "torch.compile") if ctx.value(only).is_("shape") else SCRIPT


def _modern(node: ast.Call, word: str, ctx: UnitContext, report: Report) -> tuple[Part, ...]:
    found = name_for(f"torch.{_CONSTRUCTORS[word]}", ctx, node) if _CONSTRUCTORS[word] else None
    if node.keywords or (_CONSTRUCTORS[word] and (found is None or found[1])):
        return ()
    dtype = f", dtype={found[0]}" if found is not None else ""
    kinds = [report.type(one) for one in node.args]
    only = node.args[0] if len(node.args) == 1 else None
    if all(kind.kind == "int" for kind in kinds) or (only is not None and _is_size(only)):
        text = name_for("torch.empty", ctx, node)
        if text is None or text[1]:
            return ()
        parts: list[Part] = [f"{text[0]}("]
        for index, one in enumerate(node.args):
            parts += [", ", one] if index else [one]
        return (*parts, "0" if not node.args else "", f"{dtype})")
    if word == "LongTensor" and isinstance(only, ast.Call) and ctx.qualified(only.func) == "builtins.range":
        text = name_for("torch.arange", ctx, node)
        plain = all(report.type(one).kind == "int" for one in only.args) and not only.keywords
        return (
            call_of(text[0], only.args[0], only.args[1:], [])
            if plain and only.args and text is not None and not text[1]
            else ()
        )
    text = name_for("torch.tensor", ctx, node)
    if only is None or text is None or text[1]:
        return ()
    floats = word in ("Tensor", "FloatTensor", "DoubleTensor", "HalfTensor")
    data = numbers(only, report, floats)
    return (f"{text[0]}(", *data, f"{dtype})") if data else ()


def _is_size(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "size" and not node.args
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def numbers(node: ast.expr, report: Report, floats: bool) -> tuple[Part, ...]:
    """Return a display of numbers, all of them floats (ints); nothing where it isn't one, or would lose digits."""
    if isinstance(node, ast.List | ast.Tuple):
        if not node.elts or any(isinstance(one, ast.Starred) for one in node.elts):
            return ()
        parts: list[Part] = ["["]
        for index, one in enumerate(node.elts):
            inner = numbers(one, report, floats)
            if not inner:
                return ()
            parts += [", ", *inner] if index else inner
        return (*parts, "]")
    if isinstance(node, ast.ListComp):
        return (node,) if report.type(node.elt).kind == ("float" if floats else "int") else ()
    kind: T = report.type(node)
    if kind.kind == ("float" if floats else "int"):
        return (node,)
    if floats and kind.kind == "int":
        return (f"{ast.unparse(node)}.0",) if kind.const is not NO else ("float(", node, ")")
    return ()
