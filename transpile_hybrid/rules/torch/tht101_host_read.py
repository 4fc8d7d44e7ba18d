"""Reading a tensor's numbers on the host.

What it does
    Finds ``x.numpy()``, ``x.tolist()``, NumPy functions and ``torch.from_numpy`` in what TorchScript and
    ``torch.export`` read, for ``torch.compile`` those that it doesn't trace as torch, and, for ``torch.export``,
    ``float(x)``, ``int(x)`` and ``bool(x)`` of tensors.

Why is this bad
    TorchScript has no NumPy: it refuses to compile.  ``torch.compile`` takes most of it into the graph, as torch, and
    breaks the graph at the rest and at lists of numbers (an error with ``fullgraph=True``).  ``torch.export`` fails:
    ".numpy() is not supported for tensor subclasses", "Could not guard on data-dependent expression".

Fix safety
    Safe where an array is made on the spot of numbers and turned into a tensor (``torch.from_numpy(np.array([1.0]))``),
    and where a function of Python numbers is called (``np.sqrt(n)``): torch or ``math`` make the same, with the same
    dtype.  Unsafe where that number is returned or kept in an attribute: ``np.log(2.0)`` is a ``numpy.float64``, and
    whoever calls its methods (``.item()``) finds a ``float``.  Elsewhere there is no fix: what is meant has to be said
    with tensor operations.

References
    https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/torch.compiler_faq.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import ALL, SCRIPT, call_of, imported_name, reports
from ._helper import add_function, first_definition
from ._numpy import Numpy
from ._reached import where_reached
from ._refused import DRAWN
from ._reports import Report
from ._types import INT
from ._writing import of_torch, writable

EXAMPLES = [
    Example(
        before="""
import numpy as np
import torch
from torch import nn


class Median(nn.Module):
    def forward(self, x):
        values = x.detach().numpy()
        return x - torch.from_numpy(np.median(values, axis=-1, keepdims=True))
""",
    ),
    Example(
        before="""
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        count = int(x.sum().item())
        return x * float(x.max()) + count
""",
        after="""
import torch
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        count = torch.sym_int(x.sum().item())
        return x * torch.sym_float(x.max().item()) + count
""",
        targets=("torch.export",),
    ),
    Example(
        title="a range",
        before="""
import torch
from torch import nn


class Dice(nn.Module):
    def forward(self, x):
        axes = torch.arange(1, len(x.shape)).tolist()
        return torch.sum(x, axes)
""",
        after="""
import torch
from torch import nn


class Dice(nn.Module):
    def forward(self, x):
        axes = list(range(1, len(x.shape)))
        return torch.sum(x, axes)
""",
    ),
    Example(
        title="the limits of a dtype",
        targets=("torch.compile",),
        before="""
import numpy
import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x):
        least = float(numpy.finfo(torch.tensor(0, dtype=x.dtype).numpy().dtype).min)
        return x.masked_fill(x > 0.5, least)
""",
        after="""
import numpy
import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x):
        least = float(torch.finfo(x.dtype).min)
        return x.masked_fill(x > 0.5, least)
""",
    ),
]

EXAMPLES += [
    Example(
        title="arrays of numbers",
        before="""
import math

import numpy as np
import torch
from torch import nn


class Align(nn.Module):
    def forward(self, x):
        eye = torch.from_numpy(np.array([1, 0, 0, 1]).astype(np.float32)).view(2, 2)
        steps = torch.FloatTensor(np.arange(x.size(1)))
        return (x @ eye + steps.sum()) / np.sqrt(x.size(-1)) / np.prod(x.shape)
""",
        after="""
import math

import numpy as np
import torch
from torch import nn


class Align(nn.Module):
    def forward(self, x):
        eye = torch.tensor([1, 0, 0, 1], dtype=torch.float32).view(2, 2)
        steps = torch.arange(x.size(1), dtype=torch.float32)
        return (x @ eye + steps.sum()) / math.sqrt(x.size(-1)) / x.numel()
""",
    ),
]

EXAMPLES += [
    Example(
        title="a number that is kept",
        before="""
import numpy as np
import torch
from torch import nn


class Squeeze(nn.Module):
    def forward(self, x):
        self.log_det = x.size(1) / 4 * np.log(0.5)
        return x[:, ::2]
""",
    ),
]

EXAMPLES += [
    Example(
        title="distinct dimensions",
        targets=("torch.script",),
        before="""
import numpy as np
import torch
from torch import nn


class Sum(nn.Module):
    def forward(self, x, first: int = 1):
        axes = [first, 0, 1]
        axes = np.unique(axes).astype(int)
        for axis in axes:
            x = x.sum(int(axis), keepdim=True)
        return x
""",
        after="""
from typing import List

import numpy as np
import torch
from torch import nn


def _distinct_numbers(numbers: List[int]) -> List[int]:
    found: List[int] = []
    for number in sorted(numbers):
        if number not in found:
            found.append(number)
    return found


class Sum(nn.Module):
    def forward(self, x, first: int = 1):
        axes = [first, 0, 1]
        axes = _distinct_numbers(axes) if torch.jit.is_scripting() else np.unique(axes).astype(int)
        for axis in axes:
            x = x.sum(int(axis), keepdim=True)
        return x
""",
    ),
]

VALID = [
    """
import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = float(np.sqrt(2.0))

    def forward(self, x):
        return x * self.scale + float(x.shape[0])


def load(path):
    return np.load(path)
""",
]

_HOST = ("torch.script", "torch.export")
_READS = {"numpy": _HOST, "tolist": ("torch.script", "torch.compile"), "__array__": _HOST}
# Dynamo traces NumPy as torch (``torch._numpy``), but for these
_UNTRACED = frozenset({
    "numpy.apply_along_axis", "numpy.apply_over_axes", "numpy.argpartition", "numpy.partition", "numpy.asanyarray",
    "numpy.block", "numpy.compress", "numpy.digitize", "numpy.ediff1d", "numpy.extract", "numpy.fromiter",
    "numpy.in1d", "numpy.insert", "numpy.interp", "numpy.intersect1d", "numpy.isin", "numpy.ix_", "numpy.lexsort",
    "numpy.nanargmax", "numpy.nanargmin", "numpy.nancumprod", "numpy.nancumsum", "numpy.nanmax", "numpy.nanmean",
    "numpy.nanmedian", "numpy.nanmin", "numpy.nanpercentile", "numpy.nanprod", "numpy.nanquantile", "numpy.nanstd",
    "numpy.nansum", "numpy.nanvar", "numpy.packbits", "numpy.piecewise", "numpy.place", "numpy.poly", "numpy.polyfit",
    "numpy.polyval", "numpy.putmask", "numpy.ravel_multi_index", "numpy.roots", "numpy.select", "numpy.setdiff1d",
    "numpy.setxor1d", "numpy.trapz", "numpy.trim_zeros", "numpy.union1d", "numpy.unpackbits", "numpy.unravel_index",
    "numpy.unwrap",
})  # fmt: skip
# what is made of a tensor's number here is a symbol in the graph; torch.export can't ask it anything
_SYMBOLIC = {"builtins.float": "torch.sym_float", "builtins.int": "torch.sym_int"}
_CASTS = ("builtins.float", "builtins.int", "builtins.bool", "builtins.complex")


@rule("THT101", "host-read", targets=ALL, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
@where_reached(ALL)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        numpy = Numpy(ctx, report)
        inside: set[int] = set()
        for statement in function.body:
            for node in walk(statement):
                if isinstance(node, ast.Call) and id(node) not in inside:
                    found = list(_call(node, function, ctx, report, numpy))
                    if any(one.fix is not None for one in found):
                        inside |= {id(one) for one in walk(node) if one is not node}
                    yield from found


def _call(node: ast.Call, function: FunctionNode, ctx: UnitContext, report: Report, numpy: Numpy) -> Iterator[Finding]:
    if id(node) not in report.types:
        return  # a dead branch, or a nested function
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _READS
        and report.type(node.func.value).kind == "tensor"
    ):
        typed = node.func.attr == "tolist" and isinstance(ctx.module.parent(node), ast.AnnAssign)
        counted = _counted(node, ctx, report)
        yield Finding(
            node,
            f"`.{node.func.attr}()` reads the tensor on the host",
            help="stay with tensor operations",
            # TorchScript takes an annotated list
            targets=ALL if counted else ("torch.compile",) if typed else _READS[node.func.attr],
            fix=counted,
        )
        return
    exports = "torch.export" in ctx.targets  # asked first: what values are is a dear question
    if name in _CASTS and node.args and exports and (read := _read_number(node.args[0], ctx)):
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}(...)` of a tensor's number reads it on the host",
            help="stay with tensor operations",
            targets=("torch.export",),
            fix=_cast(node, read, ctx),
        )
        return
    if name is None or name in DRAWN:
        return
    numpy.imports.clear()
    parts, safety = numpy.tensor(node), "safe"
    if not parts and name.startswith("numpy."):
        parts = () if numpy.is_asked(node, function) else numpy.number(node)
        safety = "unsafe" if numpy.leaves(node, function) else "safe"
    if parts or name.startswith("numpy.") or name == "torch.from_numpy":
        traced = any(report.type(one).kind == "tensor" and ctx.value(one).is_tensor for one in node.args)
        arrays = any(ctx.value(one).is_("tensor", "array") for one in node.args)
        compiled = bool(parts) and numpy.is_refused_by_dynamo(node) or arrays and name in _UNTRACED
        fix = Fix((replace(ctx.source, node, *parts), *numpy.imports), safety) if parts else None
        if name == "numpy.unique":
            fix = _distinct(node, ctx, report)
        elif name == "numpy.finfo":
            fix = _limits(node, ctx)
            traced = compiled = fix is not None or traced
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` is NumPy: TorchScript has none of it"
            if name.startswith("numpy.") or name == "torch.from_numpy"
            else f"`{ast.unparse(node.func)}` is given a NumPy array: TorchScript has none",
            help="use the torch function of the same meaning, or `math` for Python numbers",
            targets=(*(_HOST if traced else SCRIPT), *(("torch.compile",) if compiled else ())),
            fix=fix,
        )


def _counted(node: ast.Call, ctx: UnitContext, report: Report) -> Fix | None:
    """``torch.arange(a, b).tolist()`` is a range."""
    made = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "tolist" else None
    if not isinstance(made, ast.Call) or ctx.qualified(made.func) != "torch.arange" or made.keywords or node.args:
        return None
    if not made.args or any(report.type(one).kind != "int" or not ctx.value(one).is_number for one in made.args):
        return None
    if any(ctx.module.scope_at(node).lookup(word) is not None for word in ("list", "range")):
        return None
    return Fix((replace(ctx.source, node, *call_of("list(range", made.args[0], made.args[1:], ()), ")"),))


def _read_number(node: ast.expr, ctx: UnitContext) -> tuple[Part, ...]:
    """Return what gives the number that ``node``, a tensor or ``x.item()``, holds; nothing for anything else."""
    if ctx.value(node).is_tensor:
        return (operand(node), ".item()")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "item":
        return (node,) if ctx.value(node.func.value).is_tensor and not node.args else ()
    return ()


def _cast(node: ast.Call, read: tuple[Part, ...], ctx: UnitContext) -> Fix | None:
    """``float(x)`` by a function that takes a graph's numbers too; TorchScript doesn't know it."""
    word = _SYMBOLIC.get(ctx.qualified(node.func) or "")
    text = imported_name(word, ctx, node) if word is not None and "torch.script" not in ctx.targets else None
    if text is None or len(node.args) != 1 or node.keywords:
        return None
    return Fix((replace(ctx.source, node, f"{text}(", *read, ")"),))


def _limits(node: ast.Call, ctx: UnitContext) -> Fix | None:
    """``float(np.finfo(torch.tensor(0, dtype=d).numpy().dtype).min)``: PyTorch tells the limits of its own dtypes."""
    limit = ctx.module.parent(node)
    cast = ctx.module.parent(limit) if isinstance(limit, ast.Attribute) else None
    if not isinstance(cast, ast.Call) or ctx.qualified(cast.func) != "builtins.float" or len(node.args) != 1:
        return None
    made = node.args[0]
    for word in ("dtype", "numpy"):
        made = made.func if word == "numpy" and isinstance(made, ast.Call) else made
        if not isinstance(made, ast.Attribute) or made.attr != word:
            return None
        made = made.value
    if not isinstance(made, ast.Call) or ctx.qualified(made.func) != "torch.tensor":
        return None
    given = [one.value for one in made.keywords if one.arg == "dtype"]
    text = imported_name("torch.finfo", ctx, node)
    if not given or text is None or node.keywords:
        return None
    return Fix((replace(ctx.source, node, f"{text}(", given[0], ")"),))


def _distinct(node: ast.Call, ctx: UnitContext, report: Report) -> Fix | None:
    """``axes = np.unique(axes).astype(int)`` of a list of whole numbers: for TorchScript by a function of lists."""
    whole, above = node, ctx.module.parent(node)
    call = ctx.module.parent(above) if isinstance(above, ast.Attribute) and above.attr == "astype" else None
    if isinstance(call, ast.Call) and [ctx.qualified(one) for one in call.args] == ["builtins.int"]:
        whole = call
    asked, kind = of_torch("torch.jit.is_scripting", ctx, node), report.type(node.args[0]) if node.args else None
    if kind is None or len(node.args) > 1 or node.keywords or kind.kind != "list" or kind.args[0].bare != INT:
        return None
    at = first_definition(ctx)
    listed = writable(kind.bare, ctx, at) if at is not None else None
    if asked is None or listed is None or not isinstance(ctx.module.parent(whole), ast.Assign):
        return None
    lines = (
        f"def _distinct_numbers(numbers: {listed[0]}) -> {listed[0]}:",
        f"    found: {listed[0]} = []",
        "    for number in sorted(numbers):",
        "        if number not in found:",
        "            found.append(number)",
        "    return found",
    )
    added = add_function("_distinct_numbers", lines, ctx)
    if added is None:
        return None
    new = replace(ctx.source, whole, "_distinct_numbers(", node.args[0], f") if {asked[0]}() else ", whole)
    return Fix((new, *added, *asked[1], *listed[1]))
