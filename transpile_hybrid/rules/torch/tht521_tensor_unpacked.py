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
from ._common import SCRIPT, problems
from ._reports import Report
from ._types import method_signatures

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
    """Whether ``node`` is the result of a tensor's method, or a variable that holds nothing else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = node.func.attr
        return report.type(node.func.value).kind == "tensor" and bool(method_signatures(method)) and method in _SHAPED
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


# methods that no tuple, list or array shares with tensors, or that give an array where they are an array's
_SHAPED = frozenset(
    {"permute", "view", "contiguous", "unsqueeze", "expand", "softmax", "sigmoid", "relu", "matmul", "bmm",
     "detach", "float", "movedim", "unflatten", "to", "type_as", "masked_fill", "gather", "index_select", "tanh"}
)  # fmt: skip
