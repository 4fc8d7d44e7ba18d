"""The limits of a floating point type (``torch.finfo``, ``numpy.finfo``).

What it does
    Finds ``torch.finfo(x.dtype).min`` and the like in what TorchScript compiles.

Why is this bad
    TorchScript has no ``torch.finfo``: "Unknown builtin op: aten::finfo".

Fix safety
    Safe: a function gives the number; Python asks ``torch.finfo`` as before, and TorchScript has the numbers of the
    four common types, and raises for others.  The same goes for NumPy's limits where a ``float`` is made of them and
    they are asked for by way of a tensor: ``float(np.finfo(torch.tensor(0, dtype=x.dtype).numpy().dtype).min)``.
    Where NumPy's type is written down, the number itself takes the place.

References
    https://docs.pytorch.org/docs/stable/type_info.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, reports
from ._helper import add_function

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x):
        return x.masked_fill(x > 0.5, torch.finfo(x.dtype).min)
""",
        after="""
import torch
from torch import nn


def finfo_min(dtype: torch.dtype) -> float:
    # TorchScript has no torch.finfo
    if not torch.jit.is_scripting():
        return torch.finfo(dtype).min
    elif dtype == torch.float16:
        return -65504.0
    elif dtype == torch.bfloat16:
        return -3.3895313892515355e+38
    elif dtype == torch.float32:
        return -3.4028234663852886e+38
    elif dtype == torch.float64:
        return -1.7976931348623157e+308
    else:
        raise TypeError("no floating point type")


class Masked(nn.Module):
    def forward(self, x):
        return x.masked_fill(x > 0.5, finfo_min(x.dtype))
""",
    ),
]

EXAMPLES += [
    Example(
        title="NumPy's limits",
        before="""
import numpy as np
import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x):
        least = float(np.finfo(torch.tensor(0, dtype=x.dtype).numpy().dtype).min)
        return x.masked_fill(x > 0.5, least) + np.finfo(float).eps
""",
        after="""
import numpy as np
import torch
from torch import nn


def finfo_min(dtype: torch.dtype) -> float:
    # TorchScript has no torch.finfo
    if not torch.jit.is_scripting():
        return torch.finfo(dtype).min
    elif dtype == torch.float16:
        return -65504.0
    elif dtype == torch.bfloat16:
        return -3.3895313892515355e+38
    elif dtype == torch.float32:
        return -3.4028234663852886e+38
    elif dtype == torch.float64:
        return -1.7976931348623157e+308
    else:
        raise TypeError("no floating point type")


class Masked(nn.Module):
    def forward(self, x):
        least = float(finfo_min(x.dtype))
        return x.masked_fill(x > 0.5, least) + 2.220446049250313e-16
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.least = torch.finfo(torch.float32).min

    def forward(self, x):
        return x.masked_fill(x > 0.5, self.least)
""",
]

_TYPES = ("float16", "bfloat16", "float32", "float64")
_LIMITS = {
    "min": (-65504.0, -3.3895313892515355e38, -3.4028234663852886e38, -1.7976931348623157e308),
    "max": (65504.0, 3.3895313892515355e38, 3.4028234663852886e38, 1.7976931348623157e308),
    "eps": (0.0009765625, 0.0078125, 1.1920928955078125e-07, 2.220446049250313e-16),
    "tiny": (6.103515625e-05, 1.1754943508222875e-38, 1.1754943508222875e-38, 2.2250738585072014e-308),
}
"""What ``torch.finfo`` of PyTorch 2.13 gives for :data:`_TYPES`."""


@rule("THT624", "limits-of-dtype", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module:
            continue
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            library = (ctx.qualified(node.func) or "").removesuffix(".finfo")
            if library in ("torch", "numpy") and ctx.qualified(node.func) != library:
                yield Finding(
                    node,
                    f"TorchScript has no `{library}.finfo`",
                    help="keep the number in an attribute, or look it up by dtype in a function of your own",
                    fix=_fix(node, ctx) if library == "torch" else _fix_numpy(node, ctx),
                )


def _fix(node: ast.Call, ctx: UnitContext) -> Fix | None:
    parent = ctx.module.parent(node)
    plain = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
    if not plain or not isinstance(parent, ast.Attribute) or parent.attr not in _LIMITS:
        return None
    return _looked_up(parent, node.args[0], ctx)


def _fix_numpy(node: ast.Call, ctx: UnitContext) -> Fix | None:
    """Write the number for NumPy's ``float64``, and look it up where a ``float`` is made of a tensor's type."""
    parent = ctx.module.parent(node)
    if len(node.args) != 1 or node.keywords or not isinstance(parent, ast.Attribute) or parent.attr not in _LIMITS:
        return None
    kind = node.args[0]
    if isinstance(kind, ast.Name | ast.Attribute) and ctx.qualified(kind) in ("builtins.float", "numpy.float64"):
        number = repr(_LIMITS[parent.attr][_TYPES.index("float64")])
        return Fix((replace(ctx.source, parent, number if number[0] != "-" else f"({number})"),))
    outer = ctx.module.parent(parent)
    if not isinstance(outer, ast.Call) or ctx.qualified(outer.func) != "builtins.float" or len(outer.args) != 1:
        return None
    dtype = _dtype_of_array(kind, ctx)
    return _looked_up(parent, dtype, ctx) if dtype is not None else None


def _dtype_of_array(node: ast.expr, ctx: UnitContext) -> ast.expr | None:
    """Return ``d`` of ``torch.tensor(0, dtype=d).numpy().dtype``."""
    if not isinstance(node, ast.Attribute) or node.attr != "dtype" or not isinstance(node.value, ast.Call):
        return None
    array = node.value
    if not isinstance(array.func, ast.Attribute) or array.func.attr != "numpy" or array.args or array.keywords:
        return None
    made = array.func.value
    if not isinstance(made, ast.Call) or ctx.qualified(made.func) != "torch.tensor" or len(made.args) != 1:
        return None
    named = [one for one in made.keywords if one.arg == "dtype"]
    return named[0].value if len(made.keywords) == len(named) == 1 and isinstance(made.args[0], ast.Constant) else None


def _looked_up(limit: ast.Attribute, dtype: ast.expr, ctx: UnitContext) -> Fix | None:
    scripting = name_for("torch.jit.is_scripting", ctx, limit)
    if scripting is None or scripting[1] or not scripting[0].endswith(".jit.is_scripting"):
        return None
    torch = scripting[0].removesuffix(".jit.is_scripting")
    name = f"finfo_{limit.attr}"
    lines = [
        f"def {name}(dtype: {torch}.dtype) -> float:",
        "    # TorchScript has no torch.finfo",
        f"    if not {scripting[0]}():",
        f"        return {torch}.finfo(dtype).{limit.attr}",
    ]
    for word, number in zip(_TYPES, _LIMITS[limit.attr], strict=True):
        lines += [f"    elif dtype == {torch}.{word}:", f"        return {number!r}"]
    lines += ["    else:", '        raise TypeError("no floating point type")']
    added = add_function(name, tuple(lines), ctx)
    return Fix((replace(ctx.source, limit, f"{name}(", dtype, ")"), *added)) if added is not None else None
