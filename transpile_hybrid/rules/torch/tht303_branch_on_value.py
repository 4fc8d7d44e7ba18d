"""A branch on the numbers in a tensor, in what is compiled to one graph.

What it does
    Finds ``if``, ``while``, conditional expressions and (for ``torch.export``) assertions whose condition is a tensor.

Why is this bad
    The graph can't contain Python's choice: ``torch.compile(fullgraph=True)`` says "Data-dependent branching", and
    ``torch.export`` "Could not guard on data-dependent expression".

Fix safety
    Safe: a guard that raises becomes, while a compiler traces, an assertion in the graph (``torch._assert_async``); in
    Python it stays what it is.  A choice between two results becomes ``torch.where`` where both are made of the same
    tensor by ``+``, ``-``, ``*`` with whole or with broken numbers, so that both have the same shape and dtype and
    neither can fail.  Other branches are reported: ``torch.cond`` takes both sides as functions.

References
    https://docs.pytorch.org/docs/stable/cond.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import TRACED, name_for, reports
from ._reports import Report

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Checked(nn.Module):
    def forward(self, x):
        if torch.isnan(x).any():
            raise ValueError("not a number")
        if x.sum() > 0:
            y = x * 2
        else:
            y = x - 1
        return y
""",
        after="""
import torch
from torch import nn


class Checked(nn.Module):
    def forward(self, x):
        if torch.compiler.is_compiling():
            torch._assert_async(torch.logical_not(torch.isnan(x).any()), "not a number")
        elif torch.isnan(x).any():
            raise ValueError("not a number")
        y = torch.where(x.sum() > 0, x * 2, x - 1)
        return y
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Sized(nn.Module):
    def __init__(self, flag=True):
        super().__init__()
        self.flag = flag

    def forward(self, x):
        if x.size(0) > 1 and self.flag:
            x = x * 2
        assert x.dim() == 2
        return x if x.is_floating_point() else x.float()
""",
    """
import torch
from torch import nn


class Reversible(nn.Module):
    def forward(self, x, reverse=False):
        return x.flip(0) if reverse else x
""",
]

_REDUCED = ("sum", "mean", "max", "min", "any", "all", "norm", "item", "prod", "std", "var")


@rule("THT303", "branch-on-value", targets=TRACED, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert) or not _on_tensor(
                node.test, report, ctx
            ):
                continue
            if _behind_compiling(node, ctx):
                continue
            fix: Fix | None = None
            if isinstance(node, ast.If):
                edit = _guard(node, ctx) or _choice(node, function, report, ctx)
                fix = Fix((edit,)) if edit is not None else None
            yield Finding(
                node.test,
                "this branches on the numbers in a tensor, which a graph can't",
                help="use `torch.where` or `torch.cond`; for a check, `torch._assert_async`",
                targets=("torch.export",) if isinstance(node, ast.Assert) else TRACED,
                fix=fix,
            )


def _on_tensor(test: ast.expr, report: Report, ctx: UnitContext) -> bool:
    """Whether ``test`` is a tensor to TorchScript and to Python (an un-annotated flag is one to TorchScript only)."""
    if isinstance(test, ast.BoolOp):
        return any(_on_tensor(one, report, ctx) for one in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _on_tensor(test.operand, report, ctx)
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
        return False
    return id(test) in report.types and report.type(test).kind == "tensor" and ctx.value(test).is_tensor


def _behind_compiling(node: ast.AST, ctx: UnitContext) -> bool:
    """Whether the branch is read only where nothing compiles."""
    inner = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If) and isinstance(parent.test, ast.Call):
            asked = ctx.qualified(parent.test.func) in ("torch.compiler.is_compiling", "torch.jit.is_tracing")
            if asked and inner in parent.orelse:
                return True
        inner = parent
    return False


def _guard(node: ast.If, ctx: UnitContext) -> Edit | None:
    """``if test: raise ...`` as an assertion while a compiler traces."""
    if node.orelse or len(node.body) != 1 or not isinstance(node.body[0], ast.Raise) or _is_elif(node, ctx):
        return None
    raised = node.body[0].exc
    names = [name_for(f"torch.{one}", ctx, node) for one in ("compiler.is_compiling", "_assert_async", "logical_not")]
    texts = [found[0] for found in names if found is not None and not found[1]]
    if len(texts) < 3 or isinstance(node.test, ast.BoolOp):
        return None
    message: tuple[Part, ...] = ()
    if isinstance(raised, ast.Call) and raised.args and isinstance(raised.args[0], ast.Constant):
        message = (", ", raised.args[0]) if isinstance(raised.args[0].value, str) else ()
    source = ctx.source
    test: ast.expr = node.test
    wanted: tuple[Part, ...] = (f"{texts[2]}(", test, ")")
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        wanted = (test.operand,)
    indent, newline = source.indent_of(node), source.newline
    head = (f"if {texts[0]}():{newline}{indent}    {texts[1]}(", *wanted, *message, f"){newline}{indent}elif")
    start = source.span(node).start
    if source.text[start : start + 2] != "if":
        return None
    return Edit(start, start + 2, head)


def _is_elif(node: ast.If, ctx: UnitContext) -> bool:
    return not ctx.source.line_text(node.lineno).lstrip().startswith("if")


def _choice(node: ast.If, function: FunctionNode, report: Report, ctx: UnitContext) -> Edit | None:
    """Two assignments of the same variable as ``torch.where``."""
    if len(node.body) != 1 or len(node.orelse) != 1 or _is_elif(node, ctx) or isinstance(node.test, ast.BoolOp):
        return None
    yes, no = node.body[0], node.orelse[0]
    if not (isinstance(yes, ast.Assign) and isinstance(no, ast.Assign) and len(yes.targets) == len(no.targets) == 1):
        return None
    target = yes.targets[0]
    if not isinstance(target, ast.Name) or ast.unparse(target) != ast.unparse(no.targets[0]):
        return None
    text = name_for("torch.where", ctx, node)
    sides = [_elementwise(one.value, report) for one in (yes, no)]
    if text is None or text[1] or None in sides or sides[0] != sides[1] or not _single(node.test):
        return None
    return replace(ctx.source, node, f"{target.id} = {text[0]}(", node.test, ", ", yes.value, ", ", no.value, ")")


def _elementwise(node: ast.expr, report: Report) -> tuple[str, str] | None:
    """Return the tensor and the kind of the numbers of ``x * 2 + 1``; ``None`` for anything else."""
    names: set[str] = set()
    kinds: set[str] = set()
    for one in walk(node):
        if isinstance(one, ast.Name):
            if report.type(one).kind != "tensor":
                return None
            names.add(one.id)
        elif isinstance(one, ast.Constant):
            if type(one.value) not in (int, float):
                return None
            kinds.add(type(one.value).__name__)
        elif not isinstance(one, ast.BinOp | ast.Add | ast.Sub | ast.Mult | ast.UnaryOp | ast.USub | ast.expr_context):
            return None
    return (names.pop(), kinds.pop() if kinds else "int") if len(names) == 1 and len(kinds) <= 1 else None


def _single(test: ast.expr) -> bool:
    """Whether a condition is a comparison of a full reduction with a number, or a reduction to a truth value."""
    left = test.left if isinstance(test, ast.Compare) else test
    if isinstance(test, ast.Compare) and not (
        len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant | ast.UnaryOp)
    ):
        return False
    return (
        isinstance(left, ast.Call)
        and isinstance(left.func, ast.Attribute)
        and left.func.attr in _REDUCED[:7]
        and not left.args
        and not left.keywords
    )
