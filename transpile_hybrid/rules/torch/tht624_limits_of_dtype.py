"""The limits of a floating point type (``torch.finfo``).

What it does
    Finds ``torch.finfo(x.dtype).min`` and the like in what TorchScript compiles.

Why is this bad
    TorchScript has no ``torch.finfo``: "Unknown builtin op: aten::finfo".

Fix safety
    Safe: a function gives the number; Python asks ``torch.finfo`` as before, and TorchScript has the numbers of the
    four common types, and raises for others.

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
            if ctx.qualified(node.func) == "torch.finfo":
                yield Finding(
                    node,
                    "TorchScript has no `torch.finfo`",
                    help="keep the number in an attribute, or look it up by dtype in a function of your own",
                    fix=_fix(node, ctx),
                )


def _fix(node: ast.Call, ctx: UnitContext) -> Fix | None:
    parent = ctx.module.parent(node)
    plain = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)
    if not plain or not isinstance(parent, ast.Attribute) or parent.attr not in _LIMITS:
        return None
    scripting = name_for("torch.jit.is_scripting", ctx, node)
    if scripting is None or scripting[1] or not scripting[0].endswith(".jit.is_scripting"):
        return None
    torch = scripting[0].removesuffix(".jit.is_scripting")
    name = f"finfo_{parent.attr}"
    lines = [
        f"def {name}(dtype: {torch}.dtype) -> float:",
        "    # TorchScript has no torch.finfo",
        f"    if not {scripting[0]}():",
        f"        return {torch}.finfo(dtype).{parent.attr}",
    ]
    for word, number in zip(_TYPES, _LIMITS[parent.attr], strict=True):
        lines += [f"    elif dtype == {torch}.{word}:", f"        return {number!r}"]
    lines += ["    else:", '        raise TypeError("no floating point type")']
    added = add_function(name, tuple(lines), ctx)
    return Fix((replace(ctx.source, parent, f"{name}(", node.args[0], ")"), *added)) if added is not None else None
