"""A call of Python or PyTorch that TorchScript has none of.

What it does
    Finds calls, in what TorchScript compiles, of Python's functions (``next``, ``set``, ``iter``, ``callable``), of the
    standard library (``random``, ``copy``, ``itertools``, ``functools``), of ``nn.Module``'s own methods and tables
    (``self.parameters()``, ``self.layer.to(device)``, ``self._modules``), of functions of PyTorch that are no operators
    (``torch.iinfo``, ``torch.utils.checkpoint.checkpoint``, ``torch.distributed.is_available``), context managers other
    than ``torch.no_grad()``, ``torch.autocast`` and ``record_function``, and classes built that have no ``__init__`` in
    their own body, dataclasses above all.

Why is this bad
    TorchScript compiles functions from their source and has operators of its own for some of Python's: everything else
    ends with "Python builtin ... is currently not supported in Torchscript", "Unknown builtin op", or an error
    somewhere inside of the library.

Fix safety
    None is made.  What doesn't depend on the inputs is worked out in ``__init__`` and kept as an attribute; what is
    only for Python goes under ``if not torch.jit.is_scripting():``, or into a method with ``@torch.jit.unused``.

References
    https://docs.pytorch.org/docs/stable/jit_python_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, problems
from ._refused import NO_CONSTRUCTOR
from ._types import CONTAINERS
from .tht627_asks_for_function import is_never

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = x.to(next(self.parameters()).device)
        return self.fc(x)
""",
    ),
    Example(
        title="a context manager",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        with torch.enable_grad():
            return x * 2
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
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        with torch.no_grad():
            x = x.to(self.fc.weight.device)
        return self.fc(x)
""",
]

_TOLD_ELSEWHERE = frozenset({"torch.from_numpy", "torch.is_tensor", "torch.spmm"})
_PARAMETERS = frozenset({"parameters", "named_parameters", "buffers"})


@rule("THT613", "refused-call", targets=SCRIPT, consequence=Consequence.ERROR, scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "refused-call"):
        node, name = problem.node, problem.detail[0]
        assert isinstance(node, ast.Call | ast.Attribute) and isinstance(name, str)
        if name in _TOLD_ELSEWHERE or _is_inside(node, ctx) or (name == "_modules" and _is_looped(node, unit, ctx)):
            continue
        if any(is_never(test, report, ctx) for test in (node, ctx.module.parent(node))):
            continue  # THT627 tells of that
        shown = f"{ast.unparse(node.func)}(...)" if isinstance(node, ast.Call) else ast.unparse(node)
        if name == NO_CONSTRUCTOR:
            yield Finding(
                node,
                f"TorchScript finds no `__init__` in the body of this class: `{shown}`",
                help="write one; a class derived from `typing.NamedTuple` needs none",
            )
            continue
        device = name in _PARAMETERS
        yield Finding(
            node,
            f"TorchScript has no `{shown}`",
            help="ask a parameter by name (`self.fc.weight.device`)"
            if device
            else "work it out in `__init__`, or keep it from TorchScript by `if not torch.jit.is_scripting():`",
        )


def _is_looped(node: ast.expr, unit: Unit, ctx: UnitContext) -> bool:
    """Whether THT607 tells of a loop over ``self._modules.values()`` of a list of modules."""
    base = ctx.project.framework_base(unit.cls) if unit.cls is not None else None
    values = ctx.module.parent(node)
    if base is None or base.name not in CONTAINERS:
        return False
    return isinstance(values, ast.Attribute) and values.attr == "values"


def _is_inside(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether the call is an argument of another that is told: ``next(self.parameters())``."""
    parent = ctx.module.parent(node)
    return isinstance(parent, ast.Call) and node in parent.args and ctx.qualified(parent.func) == "builtins.next"
