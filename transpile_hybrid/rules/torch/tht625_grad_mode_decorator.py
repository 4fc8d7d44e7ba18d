"""``@torch.no_grad()`` on a function: TorchScript compiles it without.

What it does
    Finds decorators that set a mode (``no_grad``, ``enable_grad``, ``inference_mode``, ``autocast``) on functions that
    TorchScript compiles.

Why is this bad
    TorchScript compiles the function that stands below the decorator, and never calls the decorator: gradients flow
    where Python has none.  Names of the file are not found in such a function ("undefined value torch").

Fix safety
    Safe for ``no_grad``: the body goes into ``with torch.no_grad():``, which TorchScript takes.  The other modes
    are reported.

References
    https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_before, shares_line
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._loops import indent_statements

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    @torch.no_grad()
    def forward(self, x):
        \"\"\"Return targets.\"\"\"
        x = torch.relu(x)  # as the student does
        if x.dim() == 1:
            return self.fc(x)

        return self.fc(x).softmax(-1)
""",
        after="""
import torch
from torch import nn


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        \"\"\"Return targets.\"\"\"
        with torch.no_grad():
            x = torch.relu(x)  # as the student does
            if x.dim() == 1:
                return self.fc(x)

            return self.fc(x).softmax(-1)
""",
    ),
    Example(
        title="no such block",
        before="""
import torch
from torch import nn


class Teacher(nn.Module):
    @torch.inference_mode()
    def forward(self, x):
        return x * 2
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Student(nn.Module):
    @torch.no_grad()
    def reset(self):
        self.scale.fill_(1.0)

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.reset()

    def forward(self, x):
        with torch.no_grad():
            y = x * 2
        return y * self.scale
""",
]

_NO_GRAD = ("torch.no_grad", "torch.autograd.no_grad", "torch.autograd.grad_mode.no_grad")
_OTHERS = (
    "torch.enable_grad", "torch.inference_mode", "torch.set_grad_enabled", "torch.autocast", "torch.amp.autocast",
    "torch.cuda.amp.autocast", "torch.amp.autocast_mode.autocast", "torch.cuda.amp.autocast_mode.autocast",
)  # fmt: skip


@rule("THT625", "grad-mode-decorator", targets=SCRIPT, consequence=Consequence.SILENT, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, _ in reports(unit, ctx):
        for decorator in function.decorator_list:
            name = ctx.qualified(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if name not in (*_NO_GRAD, *_OTHERS):
                continue
            last = decorator is function.decorator_list[-1]
            edits = _as_block(decorator, function, ctx) if name in _NO_GRAD and last else ()
            yield Finding(
                decorator,
                f"TorchScript compiles `{function.name}` without `@{ast.unparse(decorator)}`",
                help="write `with torch.no_grad():` inside"
                if name in _NO_GRAD
                else "set the mode where the module is called",
                fix=Fix(edits) if edits else None,
            )


def _as_block(decorator: ast.expr, function: FunctionNode, ctx: UnitContext) -> tuple[Edit, ...]:
    source = ctx.source
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body or shares_line(source, body[0]) or body[0].lineno == function.lineno:
        return ()
    if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in walk(function)):
        return ()  # the decorator sets the mode at each step of a generator, the block once
    indented = indent_statements(body, ctx)
    if indented is None or decorator.lineno != decorator.end_lineno:
        return ()
    line = source.line_starts[decorator.lineno - 1], source.line_starts[decorator.lineno]
    if source.text[line[0] : line[1]].strip() != "@" + source.segment(decorator):
        return ()
    call = source.segment(decorator) if isinstance(decorator, ast.Call) else f"{source.segment(decorator)}()"
    return (Edit(*line, ()), insert_line_before(source, body[0], f"with {call}:"), *indented)
