"""A running total that starts as a Python number and becomes a tensor in a loop or a branch.

What it does
    Finds ``loss = 0`` that a loop or a branch below turns into a tensor: ``loss += criterion(x)``.

Why is this bad
    A variable has one type in TorchScript: it stays a number, and the sum is converted back to one: "Cannot input a
    tensor of dimension other than 0 as a scalar argument", or "Type mismatch: loss is set to type int in the true
    branch and type Tensor in the false branch".

Fix safety
    Safe: the total starts as ``torch.tensor(0)``, a tensor without dimensions, which takes part in arithmetic as the
    number does; ``loss += x`` becomes ``loss = loss + x``, which is what Python does with a number.  It isn't made
    where the variable is used as a number (an index, a condition, a range).  What stays zero because its loop never
    runs is a tensor then.

References
    https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, reports
from ._reports import Report
from ._types import TENSOR, T, optional

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Total(nn.Module):
    def forward(self, x):
        total = 0
        for row in x:
            total += row.exp()
        return total
""",
        after="""
import torch
from torch import nn


class Total(nn.Module):
    def forward(self, x):
        total = torch.tensor(0)
        for row in x:
            total = total + row.exp()
        return total
""",
    ),
    Example(
        title="a number that stands in for a tensor",
        before="""
from typing import Optional

import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[torch.Tensor] = None):
        if mask is None:
            mask = 1
            n = x.sum()
        else:
            n = torch.sum(mask)
        return x * mask / n
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Masked(nn.Module):
    def forward(self, x, mask: Optional[torch.Tensor] = None):
        if mask is None:
            mask = torch.tensor(1)
            n = x.sum()
        else:
            n = torch.sum(mask)
        return x * mask / n
""",
    ),
]

VALID = [
    """
from torch import nn


class Count(nn.Module):
    def forward(self, x):
        n = 0
        for i in range(x.size(0)):
            n += i
        scale = 1
        scale = scale + x.sum()
        return x * n * scale
""",
]

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_BLOCKS = (ast.For, ast.While, ast.If, ast.With)


@rule("THT512", "number-becomes-tensor", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for start in _numbers(function):
            target = start.targets[0]
            assert isinstance(target, ast.Name)
            if not _becomes_tensor(start, target.id, function, report, ctx):
                continue
            edits = _edits(start, target.id, function, ctx)
            yield Finding(
                start,
                f"`{target.id}` starts as a number and becomes a tensor: it has one type in TorchScript",
                help=f"start with a tensor: `{target.id} = torch.tensor({ast.unparse(start.value)})`",
                fix=Fix(tuple(edits)) if edits else None,
            )
        yield from _in_one_branch(function, report, ctx)


def _in_one_branch(function: FunctionNode, report: Report, ctx: UnitContext) -> Iterator[Finding]:
    """``if mask is None: mask = 1``: a number stands in for a tensor that is only calculated with."""
    text = name_for("torch.tensor", ctx, function)
    for start in _numbers(function):
        target = start.targets[0]
        assert isinstance(target, ast.Name)
        if not isinstance(ctx.module.parent(start), ast.If) or not _stands_in(start, target.id, function, report, ctx):
            continue
        yield Finding(
            start,
            f"`{target.id}` is a number here and a tensor elsewhere: it has one type in TorchScript",
            help=f"write a tensor: `{target.id} = torch.tensor({ast.unparse(start.value)})`",
            fix=Fix((replace(ctx.source, start.value, f"{text[0]}(", start.value, ")"),))
            if text is not None and not text[1]
            else None,
        )


def _stands_in(start: ast.Assign, name: str, function: FunctionNode, report: Report, ctx: UnitContext) -> bool:
    """Whether the variable is a tensor wherever it is no number, and meets nothing but tensors."""
    given = report.parameters.get(name)
    tensor = given is not None and given in (TENSOR, optional(TENSOR))
    if given is not None and not tensor:
        return False
    met = False
    for node in walk(function):
        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.Global | ast.Nonlocal) and node is not function:
            return False
        if not (isinstance(node, ast.Name) and node.id == name):
            continue
        parent = ctx.module.parent(node)
        if isinstance(node.ctx, ast.Load):
            if isinstance(parent, ast.Compare) and ast.unparse(parent) in (f"{name} is None", f"{name} is not None"):
                continue
            if isinstance(parent, ast.Call | ast.Attribute) and not met and _only_as_tensor(parent, start, ctx):
                continue  # where it is a tensor for sure
            if not isinstance(parent, ast.BinOp) or type(parent.op) not in _OPERATORS:
                return False
            other = parent.right if parent.left is node else parent.left
            if report.type(other) != TENSOR:
                return False
            met = True
        elif isinstance(parent, ast.Assign) and parent.targets == [node]:
            number = isinstance(parent.value, ast.Constant) and type(parent.value.value) in (int, float)
            if not number and report.type(parent.value) != TENSOR:
                return False
            tensor = tensor or not number
        else:
            return False
    return tensor and met


def _only_as_tensor(use: ast.AST, start: ast.Assign, ctx: UnitContext) -> bool:
    """Whether a use stands in the branch that the number isn't given in."""
    branch = ctx.module.parent(start)
    assert isinstance(branch, ast.If)
    other = branch.orelse if start in branch.body else branch.body
    return any(one is use for statement in other for one in walk(statement))


def _numbers(function: FunctionNode) -> Iterator[ast.Assign]:
    for node in walk(function):
        if (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and type(node.value.value) in (int, float)
        ):
            yield node


def _becomes_tensor(start: ast.Assign, name: str, function: FunctionNode, report: Report, ctx: UnitContext) -> bool:
    """Whether a block that ``start`` does not stand in makes the variable a tensor by arithmetic with itself."""
    outer = {id(parent) for parent in ctx.module.ancestors(start)}
    for node in walk(function):
        value: ast.expr | None = None
        if (
            isinstance(node, ast.AugAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == name
            or (
                isinstance(node, ast.Assign)
                and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
                and isinstance(node.value, ast.BinOp)
                and any(isinstance(n, ast.Name) and n.id == name for n in walk(node.value))
            )
        ):
            value = node.value
        if value is None or getattr(node, "lineno", 0) < start.lineno or not _has_tensor(value, report):
            continue
        for parent in ctx.module.ancestors(node):
            if isinstance(parent, _BLOCKS) and id(parent) not in outer and not _unrolled(parent, report):
                return True
    return False


def _has_tensor(value: ast.expr, report: Report) -> bool:
    """Whether an operand of the arithmetic is a tensor."""
    if isinstance(value, ast.BinOp):
        return any(_has_tensor(side, report) for side in (value.left, value.right))
    return _may_be_tensor(report.type(value))


def _may_be_tensor(kind: T) -> bool:
    return kind.kind == "tensor" or kind.kind == "vary" and any(one.kind == "tensor" for one in kind.args)


def _unrolled(block: ast.AST, report: Report) -> bool:
    """A loop over modules is written out by TorchScript, turn by turn: a variable may change its type in it."""
    return isinstance(block, ast.With) or (
        isinstance(block, ast.For) and report.type(block.iter).kind in ("module", "moduleiter", "tuple")
    )


def _edits(start: ast.Assign, name: str, function: FunctionNode, ctx: UnitContext) -> list[Edit]:
    text = name_for("torch.tensor", ctx, function)
    if text is None or text[1]:
        return []
    edits = [replace(ctx.source, start.value, f"{text[0]}(", start.value, ")")]
    for node in walk(function):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            word = _OPERATORS.get(type(node.op))
            if word is None:
                return []
            value = node.value
            plain = isinstance(value, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant)
            right = (value,) if plain else ("(", value, ")")
            edits.append(replace(ctx.source, node, f"{name} = {name} {word} ", *right))
        elif isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            if not _arithmetic(node, ctx):
                return []
        elif isinstance(node, ast.Name) and node.id == name and node is not start.targets[0]:
            parent = ctx.module.parent(node)
            if not isinstance(parent, ast.Assign | ast.AugAssign):
                return []
        elif isinstance(node, ast.Global | ast.Nonlocal | ast.Lambda | ast.FunctionDef) and node is not function:
            return []
    return edits


def _arithmetic(node: ast.Name, ctx: UnitContext) -> bool:
    """Whether a use of the variable takes a number and a tensor without dimensions alike."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Call):
        word = parent.func.id if isinstance(parent.func, ast.Name) else ""
        return word not in ("isinstance", "range", "len", "type", "print", "str", "repr")
    return isinstance(
        parent, ast.BinOp | ast.UnaryOp | ast.Return | ast.keyword | ast.Attribute | ast.Dict | ast.Tuple | ast.List
    ) and not isinstance(ctx.module.parent(parent), ast.Subscript | ast.JoinedStr)
