"""A random number that Python or NumPy draws.

What it does
    Finds ``random.random()``, ``random.uniform(a, b)``, ``np.random.rand()`` and the like in what TorchScript compiles.

Why is this bad
    TorchScript knows tensors' random numbers only: "Python builtin <built-in method random of Random object> is
    currently not supported in Torchscript".  ``torch.rand(1)`` would be another stream of numbers.

Fix safety
    Safe where the types of its arguments are known: a function that TorchScript leaves to Python
    (``@torch.jit.ignore``) draws the number, so that seeds mean what they meant.  A scripted module that calls such a
    function runs, but can't be saved; draw with ``torch.rand`` if it must be.

References
    https://docs.pytorch.org/docs/stable/generated/torch.jit.ignore.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._helper import add_function, first_definition
from ._refused import DRAWN
from ._reports import Report
from ._writing import of_torch

EXAMPLES = [
    Example(
        before="""
import random

import torch
from torch import nn


class Noise(nn.Module):
    def forward(self, x):
        if random.random() < 0.5:
            return x * random.uniform(1, 1.5)
        return x[: random.randint(1, 2)]
""",
        after="""
import random

import torch
from torch import nn


@torch.jit.ignore
def _random_randint(low: int, high: int) -> int:
    # Python draws the number for TorchScript too; a scripted module that calls this can't be saved
    return random.randint(low, high)


@torch.jit.ignore
def _random_uniform(low: float, high: float) -> float:
    # Python draws the number for TorchScript too; a scripted module that calls this can't be saved
    return random.uniform(low, high)


@torch.jit.ignore
def _random_random() -> float:
    # Python draws the number for TorchScript too; a scripted module that calls this can't be saved
    return random.random()


class Noise(nn.Module):
    def forward(self, x):
        if _random_random() < 0.5:
            return x * _random_uniform(1.0, 1.5)
        return x[: _random_randint(1, 2)]
""",
    ),
    Example(
        title="of a type that is not known",
        before="""
import random

from torch import nn


class Noise(nn.Module):
    def __init__(self, low):
        super().__init__()
        self.low = low

    def forward(self, x):
        return x * random.uniform(self.low, 1.0)
""",
    ),
]

VALID = [
    """
import random

import torch
from torch import nn


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = random.random()

    def forward(self, x):
        return x + self.scale * torch.rand(1)
""",
]


@rule("THT626", "python-random", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types:
                continue
            name = ctx.qualified(node.func)
            if name in DRAWN:
                edits = _left_to_python(node, name, report, ctx)
                yield Finding(
                    node,
                    f"TorchScript draws no number by `{ast.unparse(node.func)}`",
                    help="draw with `torch.rand`, or in a function under `@torch.jit.ignore`",
                    fix=Fix(edits) if edits else None,
                )


def _left_to_python(node: ast.Call, name: str, report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    wanted = DRAWN[name]
    if node.keywords or len(node.args) != (2 if wanted.bounds else 0):
        return ()
    parts: list[Part] = []
    for argument in node.args:
        kind = report.type(argument).kind
        if kind not in ("int", wanted.kind):
            return ()
        parts += [", "] if parts else []
        if kind == wanted.kind:
            parts.append(argument)
        elif isinstance(argument, ast.Constant):
            parts.append(f"{argument.value!r}.0")
        else:
            parts += ["float(", argument, ")"]
    at = first_definition(ctx)
    ignore = of_torch("torch.jit.ignore", ctx, at) if at is not None else None
    root = ast.unparse(node.func).partition(".")[0]
    bound = ctx.module.scopes.top.bindings.get(root)
    if ignore is None or not bound or any(one.kind != "import" for one in bound):
        return ()
    helper, given = "_" + name.replace(".", "_"), f"low: {wanted.kind}, high: {wanted.kind}" if wanted.bounds else ""
    lines = (
        f"@{ignore[0]}",
        f"def {helper}({given}) -> {wanted.kind}:",
        "    # Python draws the number for TorchScript too; a scripted module that calls this can't be saved",
        f"    return {ast.unparse(node.func)}({'low, high' if wanted.bounds else ''})",
    )
    added = add_function(helper, lines, ctx)
    if added is None:
        return ()
    return (replace(ctx.source, node, f"{helper}(", *parts, ")"), *added, *ignore[1])
