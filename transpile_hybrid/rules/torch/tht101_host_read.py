"""Reading a tensor's numbers on the host.

What it does
    Finds ``x.numpy()``, ``x.tolist()``, NumPy functions and ``torch.from_numpy`` in what is compiled, and, for
    ``torch.compile`` and ``torch.export``, ``x.item()``, ``float(x)``, ``int(x)`` and ``bool(x)`` of tensors.

Why is this bad
    TorchScript has no NumPy: it refuses to compile.  ``torch.compile`` leaves the graph to read the number (a graph
    break, an error with ``fullgraph=True``) and ``torch.export`` fails or, worse, keeps the number of the example
    input.

Fix safety
    There is no fix: what is meant has to be said with tensor operations.

References
    https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/torch.compiler_faq.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import ALL, SCRIPT, TRACED, reports
from ._reports import Report

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
        return x * x.max().item()
""",
        targets=("torch.compile",),
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

_READS = {"numpy": ALL, "tolist": ALL, "item": TRACED, "__array__": ALL}
_CASTS = ("builtins.float", "builtins.int", "builtins.bool", "builtins.complex")


@rule("THT101", "host-read", targets=ALL, consequence=Consequence.ERROR, fix="none", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for statement in function.body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Call):
                    yield from _call(node, ctx, report)


def _call(node: ast.Call, ctx: UnitContext, report: Report) -> Iterator[Finding]:
    if id(node) not in report.types:
        return  # a dead branch, or a nested function
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _READS
        and report.type(node.func.value).kind == "tensor"
    ):
        yield Finding(
            node,
            f"`.{node.func.attr}()` reads the tensor on the host",
            help="stay with tensor operations",
            targets=_READS[node.func.attr],
        )
        return
    if name in _CASTS and node.args and report.type(node.args[0]).kind == "tensor":
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}(...)` of a tensor reads it on the host",
            help="stay with tensor operations",
            targets=TRACED,
        )
    elif name is not None and name.startswith("numpy.") or name == "torch.from_numpy":
        traced = name is not None and any(report.type(one).kind == "tensor" for one in node.args)
        yield Finding(
            node,
            f"`{ast.unparse(node.func)}` is NumPy: TorchScript has none of it",
            help="use the torch function of the same meaning, or `math` for Python numbers",
            targets=ALL if traced else SCRIPT,
        )
