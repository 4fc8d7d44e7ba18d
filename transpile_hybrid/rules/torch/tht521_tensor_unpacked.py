"""A tensor that is unpacked into variables.

What it does
    Finds ``q, k, v = x.permute(2, 0, 1)``.

Why is this bad
    Python goes through the tensor's first axis.  TorchScript unpacks tuples and lists only: "Tensor cannot be used as a
    tuple".  A parameter without an annotation is a Tensor to it as well, whatever it is given.

Fix safety
    Safe: ``x.unbind(0)``, which is what Python's iteration asks for, gives the same tensors, and as many of them have
    to be there.  It is made for values that are results of tensor operations; a parameter may be a tuple in truth, and
    then wants an annotation.

References
    https://docs.pytorch.org/docs/stable/generated/torch.unbind.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import subclasses_of
from ._common import SCRIPT, problems
from ._reports import Report
from ._types import TENSOR, function_signatures, method_signatures

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Attend(nn.Module):
    def forward(self, x):
        q, k = x.reshape(x.size(0), 2, -1).permute(1, 0, 2)
        return q @ k.t()
""",
        after="""
from torch import nn


class Attend(nn.Module):
    def forward(self, x):
        q, k = x.reshape(x.size(0), 2, -1).permute(1, 0, 2).unbind(0)
        return q @ k.t()
""",
    ),
]

EXAMPLES += [
    Example(
        title="what a function gives",
        before="""
import torch
from torch import nn


class Grid(nn.Module):
    def places(self, h: int, w: int):
        rows, columns = torch.arange(h), torch.arange(w)
        return torch.stack(torch.meshgrid(rows, columns, indexing="ij"))

    def forward(self, x):
        i, j = self.places(x.size(-2), x.size(-1))
        a, b = torch.stack([x, x])
        return a * i + b * j
""",
        after="""
import torch
from torch import nn


class Grid(nn.Module):
    def places(self, h: int, w: int):
        rows, columns = torch.arange(h), torch.arange(w)
        return torch.stack(torch.meshgrid(rows, columns, indexing="ij"))

    def forward(self, x):
        i, j = self.places(x.size(-2), x.size(-1)).unbind(0)
        a, b = torch.stack([x, x]).unbind(0)
        return a * i + b * j
""",
    ),
]

EXAMPLES += [
    Example(
        title="another class may give a tuple",
        before="""
import torch
from torch import nn


class Grid(nn.Module):
    def places(self, x):
        return torch.stack([x, x])

    def forward(self, x):
        i, j = self.places(x)
        return i * j


class Pairs(Grid):
    def places(self, x):
        return x, x
""",
    ),
]

VALID = [
    """
from torch import nn


class Halves(nn.Module):
    def forward(self, x):
        a, b = x.chunk(2, dim=-1)
        return a * b
""",
]


@rule("THT521", "tensor-unpacked", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "tensor-unpacked"):
        source = problem.detail[0]
        assert isinstance(source, ast.expr)
        sure = _is_computed(source, report, ctx)
        yield Finding(
            source,
            f"TorchScript unpacks no tensor, and takes `{ast.unparse(source)}` for one",
            help="take it apart by `unbind(0)`" if sure else "annotate it as a Tuple, or take it apart by `unbind(0)`",
            fix=Fix((replace(ctx.source, source, operand(source), ".unbind(0)"),)) if sure else None,
        )


def _is_computed(node: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether ``node`` is a tensor in Python, too: the result of an operation, or a variable that holds nothing else.

    A function of the repository gives one where each of its results is.
    """
    if isinstance(node, ast.Call):
        return _gives_tensor(node, report, ctx)
    if not isinstance(node, ast.Name):
        return False
    stores = [n for n in walk(report.function) if isinstance(n, ast.Name) and n.id == node.id]
    stores = [n for n in stores if not isinstance(n.ctx, ast.Load)]
    found = [ctx.module.parent(n) for n in stores]
    values = [s.value for s, n in zip(found, stores, strict=True) if isinstance(s, ast.Assign) and s.targets == [n]]
    arguments = report.function.args
    if node.id in {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}:
        return False
    plain = [v for v in values if isinstance(v, ast.Call) and _is_computed(v, report, ctx)]
    return bool(stores) and len(plain) == len(stores)


def _gives_tensor(node: ast.Call, report: Report, ctx: UnitContext) -> bool:
    signatures = function_signatures(report.module.qualified(node.func) or "")
    if signatures:
        return all(one.returns == TENSOR for one in signatures)
    callee = node.func
    if isinstance(callee, ast.Attribute) and report.type(callee.value).kind == "tensor":
        return bool(method_signatures(callee.attr)) and callee.attr in _SHAPED
    name = callee.attr if isinstance(callee, ast.Attribute) else callee.id if isinstance(callee, ast.Name) else ""
    inner = [one for one in report.callees if one.function.name == name and one.module is ctx.module]
    if report.type(callee).kind not in ("method", "function") or len(inner) != 1 or inner[0].function.decorator_list:
        return False
    info = inner[0].info
    if info is not None and any(name in one.methods for one in subclasses_of(info, ctx.project)):
        return False
    results = [statement.value for statement, _ in inner[0].returned]
    return bool(results) and all(one is not None and _is_computed(one, inner[0], ctx) for one in results)


# methods that no tuple, list or array shares with tensors, or that give an array where they are an array's
_SHAPED = frozenset(
    {"permute", "view", "contiguous", "unsqueeze", "expand", "softmax", "sigmoid", "relu", "matmul", "bmm",
     "detach", "float", "movedim", "unflatten", "to", "type_as", "masked_fill", "gather", "index_select", "tanh"}
)  # fmt: skip
