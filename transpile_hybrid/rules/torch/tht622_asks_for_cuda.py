"""Code that asks whether there is a GPU.

What it does
    Finds ``torch.cuda.is_available()`` in the methods of a module that TorchScript compiles.

Why is this bad
    TorchScript compiles what it calls, down to the libraries of the driver: "attribute lookup is not defined on python
    value of type 'module'".

Fix safety
    Safe: a method asks as before, and a scripted module knows what was the case when it was made.

References
    https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_available.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_after, insert_line_before, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import self_name, takes_no_self
from ._common import SCRIPT, is_method, name_for, reports

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = 2.0

    def forward(self, x):
        mask = torch.ones(3)
        if torch.cuda.is_available():
            mask = mask.cuda()
        return x * mask
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self._had_cuda = torch.cuda.is_available()
        self.scale = 2.0

    def _has_cuda(self) -> bool:
        if torch.jit.is_scripting():
            return self._had_cuda
        else:
            return torch.cuda.is_available()

    def forward(self, x):
        mask = torch.ones(3)
        if self._has_cuda():
            mask = mask.cuda()
        return x * mask
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
        self.gpu = torch.cuda.is_available()

    def forward(self, x):
        return x.cuda() if self.gpu else x
""",
]

_METHOD, _KEPT = "_has_cuda", "_had_cuda"


@rule("THT622", "asks-for-cuda", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    asked: list[ast.Call] = []
    sure = True
    for function, report in reports(unit, ctx):
        if function.name == _METHOD:
            continue
        found = [
            node
            for node in walk(function)
            if isinstance(node, ast.Call)
            and id(node) in report.types
            and ctx.qualified(node.func) == "torch.cuda.is_available"
        ]
        asked += found
        sure = sure and (not found or is_method(function, ctx) and not takes_no_self(function))
    if not asked:
        return
    edits = _edits(asked, unit, ctx) if sure else ()
    for index, node in enumerate(asked):
        yield Finding(
            node,
            "TorchScript can't ask whether there is a GPU",
            help="ask in `__init__` and keep the answer, or look at the input: `x.is_cuda`, `x.device`",
            fix=Fix(edits) if edits and not index else None,
        )


def _edits(asked: list[ast.Call], unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Return the edits that add the method, and those that call it."""
    if unit.cls is None or unit.init is None or unit.cls.module is not ctx.module:
        return ()
    names = {node.attr for node in walk(unit.cls.node) if isinstance(node, ast.Attribute)} | set(unit.cls.methods)
    scripting = name_for("torch.jit.is_scripting", ctx, asked[0])
    ready = next((one for one in unit.init.body if _calls_base(one)), None)
    entry = unit.cls.methods.get("forward")
    if names & {_METHOD, _KEPT} or scripting is None or scripting[1] or ready is None or entry is None:
        return ()
    if not ctx.source.line_text(ready.lineno).strip().startswith("super"):
        return ()
    me, text = self_name(unit.init), ast.unparse(asked[0])
    inner = ctx.source.indent_of(entry)
    step = "    "
    lines = [
        f"def {_METHOD}(self) -> bool:",
        f"{inner}{step}if {scripting[0]}():",
        f"{inner}{step * 2}return self.{_KEPT}",
        f"{inner}{step}else:",
        f"{inner}{step * 2}return {text}",
        "",
    ]
    above = insert_line_before(ctx.source, entry, ctx.source.newline.join(lines))
    kept = insert_line_after(ctx.source, ready, f"{me}.{_KEPT} = {text}")
    return (above, kept, *(replace(ctx.source, node, f"{_first(node, ctx)}.{_METHOD}()") for node in asked))


def _first(node: ast.AST, ctx: UnitContext) -> str:
    function = ctx.module.enclosing_function(node)
    return self_name(function) if function is not None else "self"


def _calls_base(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and ast.unparse(statement).startswith("super(")
        and "__init__" in ast.unparse(statement)
    )
