"""An operation that TorchScript knows by another name only.

What it does
    Finds operations of tensors and sizes that Python has and TorchScript's tables lack, where the same operation has
    a name that both know: ``x.nelement()``, ``x.new(...)``, ``x.type(torch.FloatTensor)``, ``torch.is_tensor(x)``,
    ``nonzero(as_tuple=True)``, ``size.numel()``, ``torch.add(x, 2, y)``, ``n //= 2``, ``w.data *= mask``,
    ``torch.spmm``, ``x.requires_grad = False``, ``torch.tensor([])``, ``mode in (None, "mean")``, ``+x``,
    ``x.type() == y.type()``, ``x.cuda(y.get_device())``, ``x[range(n)]``, ``typing.cast(Tensor, x)``.

Why is this bad
    "'Tensor' object has no attribute or method 'nelement'": nothing of the module compiles.

Fix safety
    Safe: what is put there is the definition of the old spelling.  ``x.new(...)`` and ``x.new_tensor(...)`` are only
    changed where it is plain whether a size or the data is given, and where naming ``x`` twice repeats no work.

References
    https://docs.pytorch.org/docs/stable/jit_unsupported.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, Part, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, call_of, imported_name, reports
from ._created import is_simple, new, new_tensor, without_gradient
from ._reports import Report
from ._type_texts import same_type, typed
from ._types import TENSOR, UNKNOWN

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        mask = (x > 0).type(torch.FloatTensor)
        rows, columns = x.nonzero(as_tuple=True)
        n = x.nelement() + x[0].size().numel()
        n //= 2
        return mask * n + x.new_tensor([1.0, 2.0]).sum()
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        mask = (x > 0).cpu().to(torch.float32)
        rows, columns = torch.where(x)
        n = x.numel() + x[0].numel()
        n = n // 2
        return mask * n + torch.tensor([1.0, 2.0], dtype=x.dtype, device=x.device).sum()
""",
    ),
    Example(
        title="a new tensor of a size",
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x.new(x.size(0), 3).zero_() + x.new_zeros(x.size(0), 3, requires_grad=False)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x.new_empty((x.size(0), 3)).zero_() + x.new_zeros(x.size(0), 3)
""",
    ),
    Example(
        title="assignments, empty tensors and None among words",
        before="""
from typing import Optional

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, mode: Optional[str] = None):
        assert mode in (None, "mean", "sum")
        y = x.detach()
        y.requires_grad = False
        return torch.cat([torch.spmm(x, y).flatten(), torch.tensor([])])
""",
        after="""
from typing import Optional

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, mode: Optional[str] = None):
        assert (mode is None or mode in ("mean", "sum"))
        y = x.detach()
        y.requires_grad_(False)
        return torch.cat([torch.mm(x, y).flatten(), torch.empty(0)])
""",
    ),
    Example(
        title="weights before what they weigh",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        distances = x * 2
        distances.addmm_(1, -2, x, x.t())
        return torch.addmm(0.5, distances, x, x)
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        distances = x * 2
        distances.addmm_(x, x.t(), beta=1, alpha=-2)
        return torch.addmm(distances, x, x, beta=0.5)
""",
    ),
]

EXAMPLES += [
    Example(
        title="an index that is a range, and what is said to type checkers only",
        before="""
from typing import cast

import torch
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        x = cast(Tensor, self.fc(x)).clone()
        x[range(len(x)), range(len(x))] = 0
        return x
""",
        after="""
from typing import cast

import torch
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        x = self.fc(x).clone()
        x[torch.arange(len(x)), torch.arange(len(x))] = 0
        return x
""",
    ),
    Example(
        title="from the last to the first",
        before="""
from torch import nn


class Sum(nn.Module):
    def forward(self, x, last: int = 1):
        dims = [0, last]
        for dim in sorted(dims, reverse=True):
            x = x.sum(dim)
        return x
""",
        after="""
from torch import nn


class Sum(nn.Module):
    def forward(self, x, last: int = 1):
        dims = [0, last]
        for dim in sorted(dims)[::-1]:
            x = x.sum(dim)
        return x
""",
    ),
    Example(
        title="numbers that are counted or rounded, and the name of a type",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        steps = x.new_tensor(range(x.shape[0]))
        half = round(x.shape[1] / 2)
        if x.type() == "torch.cuda.HalfTensor":
            x = x.float()
        return x[:, :half] + steps[:, None]
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        steps = torch.arange(x.shape[0], dtype=x.dtype, device=x.device)
        half = int(round(x.shape[1] / 2))
        if x.dtype == torch.float16 and x.device.type == "cuda" and x.layout == torch.strided:
            x = x.float()
        return x[:, :half] + steps[:, None]
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x.numel() * x.type(torch.float32) + x.new_zeros(3).sum() + x.nonzero().sum()
""",
]


_WEIGHTED = frozenset({"addmm", "addmv", "addr", "addbmm", "baddbmm"})
_IN_PLACE = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}


@rule("THT804", "other-spelling", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if isinstance(node, ast.AugAssign):
                yield from _augmented(node, ctx, report)
            elif isinstance(node, ast.Assign):
                yield from _assigned(node, ctx, report)
            elif isinstance(node, ast.Compare) and id(node) in report.types:
                yield from _among(node, ctx)
                yield from same_type(node, ctx, report)
            elif isinstance(node, ast.Attribute) and node.attr == "volatile" and report.type(node.value) == TENSOR:
                yield Finding(
                    node,
                    "TorchScript knows no `volatile`, which no tensor has been since PyTorch 0.4",
                    help="write `False`, or ask `torch.is_grad_enabled()`",
                    fix=Fix((replace(ctx.source, node, "False"),)),
                )
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd) and id(node) in report.types:
                yield from _plus(node, ctx, report)
            elif isinstance(node, ast.Call) and id(node) in report.types:
                parts = _other(node, ctx, report)
                if parts is None:
                    continue
                yield Finding(
                    node,
                    f"TorchScript does not know `{ast.unparse(node.func)}(...)` as it is written here",
                    help="use the operation's other name, which both know",
                    fix=Fix((replace(ctx.source, node, *parts),)) if parts else None,
                )


def _assigned(node: ast.Assign, ctx: UnitContext, report: Report) -> Iterator[Finding]:
    """``x.requires_grad = False``."""
    target = node.targets[0]
    if len(node.targets) > 1 or not isinstance(target, ast.Attribute):
        return
    if target.attr == "data" and report.type(target.value).kind == "tensor":
        yield Finding(
            node,
            "TorchScript assigns to no attribute of a tensor",
            help=f"`{ast.unparse(target.value)}.copy_(...)` under `torch.no_grad()` sets the tensor's numbers",
        )
    if target.attr != "requires_grad":
        return
    if report.type(target.value).kind == "tensor":
        yield Finding(
            node,
            "TorchScript assigns to no attribute of a tensor",
            help=f"write `{ast.unparse(target)}_(...)`",
            fix=Fix((replace(ctx.source, node, operand(target.value), ".requires_grad_(", node.value, ")"),)),
        )


def _among(node: ast.Compare, ctx: UnitContext) -> Iterator[Finding]:
    """``mode in (None, "mean")``: the elements have one type."""
    within = node.comparators[0]
    if len(node.ops) > 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
        return
    if not isinstance(within, ast.Tuple | ast.List):
        return
    values = [one.value if isinstance(one, ast.Constant) else ... for one in within.elts]
    others = [one for one, value in zip(within.elts, values, strict=True) if value is not None]
    kinds = {type(one.value) for one in others if isinstance(one, ast.Constant)}
    if None not in values or ... in values or len(kinds) != 1 or not is_simple(node.left):
        return
    yes = isinstance(node.ops[0], ast.In)
    words = ("is", "or", "in") if yes else ("is not", "and", "not in")
    listed: list[Part] = []
    for index, one in enumerate(others):
        listed += [", ", one] if index else [one]
    text = ctx.source.segment(node.left)
    head = f"({text} {words[0]} None {words[1]} {text} {words[2]} ("
    yield Finding(
        node,
        "TorchScript looks for a value among values of one type, and None is of another",
        help=f"write `{text} {words[0]} None {words[1]} {text} {words[2]} (...)`",
        fix=Fix((replace(ctx.source, node, head, *listed, ",))" if len(others) == 1 else "))"),)),
    )


def _on_device_of(node: ast.Call, owner: ast.expr, ctx: UnitContext) -> tuple[Part, ...] | None:
    """``x.cuda(y.get_device())`` where ``y`` is on a GPU for sure."""
    (argument,) = node.args
    if not (
        isinstance(argument, ast.Call)
        and isinstance(argument.func, ast.Attribute)
        and argument.func.attr == "get_device"
        and isinstance(argument.func.value, ast.Name)
    ):
        return None
    asked = f"{argument.func.value.id}.is_cuda"
    inner: ast.AST = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If) and inner in parent.body and ast.unparse(parent.test) == asked:
            return (operand(owner), f".to({argument.func.value.id}.device)")
        inner = parent
    return None


def _plus(node: ast.UnaryOp, ctx: UnitContext, report: Report) -> Iterator[Finding]:
    """``+x``: its parser has no such operator."""
    same = report.type(node.operand).kind in ("int", "float", "tensor")
    yield Finding(
        node,
        "TorchScript's parser has no `+` before a value",
        help="leave it out",
        fix=Fix((replace(ctx.source, node, operand(node.operand)),)) if same else None,
    )


def _augmented(node: ast.AugAssign, ctx: UnitContext, report: Report) -> Iterator[Finding]:
    word = _IN_PLACE.get(type(node.op))
    target = node.target
    if (
        word is not None
        and isinstance(target, ast.Attribute)
        and target.attr == "data"
        and (report.type(target.value).kind == "tensor" or getattr(target.value, "attr", "") == "weight")
    ):
        yield Finding(
            node,
            "TorchScript assigns to no attribute of a tensor",
            help=f"write `{ast.unparse(target)}.{word}(...)`",
            fix=Fix((replace(ctx.source, node, f"{ctx.source.segment(target)}.{word}(", node.value, ")"),)),
        )
        return
    if not isinstance(node.op, ast.FloorDiv) or not isinstance(node.target, ast.Name):
        return
    if report.type(node.target).kind not in ("int", "float"):
        return
    yield Finding(
        node,
        "TorchScript has no `//=`",
        help=f"write `{node.target.id} = {node.target.id} // ...`",
        fix=Fix((replace(ctx.source, node, f"{node.target.id} = {node.target.id} // ", operand(node.value)),)),
    )


def _other(node: ast.Call, ctx: UnitContext, report: Report) -> tuple[Part, ...] | None:
    """Return the other spelling; ``()`` where there is none to be had, ``None`` where none is needed."""
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name == "torch.is_tensor" and len(node.args) == 1:
        text = imported_name("torch.Tensor", ctx, node)
        return ("isinstance(", node.args[0], f", {text})") if text else ()
    if name == "builtins.reversed" and len(node.args) == 1:
        return _reversed(node, ctx, report)
    if name == "builtins.sorted" and node.keywords:
        return _sorted(node, report)
    if name == "builtins.round" and len(node.args) == 1 and not node.keywords:
        return _rounded(node, ctx, report)
    if name == "typing.cast" and len(node.args) == 2 and not node.keywords:
        return (operand(node.args[1]),)
    if name == "builtins.range" and _is_index(node, ctx, report):
        return _renamed("torch.arange", node, ctx)
    if name == "torch.spmm" and node.args:
        return _renamed("torch.mm", node, ctx)
    if name == "torch.tensor" and node.args and isinstance(node.args[0], ast.List) and not node.args[0].elts:
        return _renamed("torch.empty", node, ctx, "0")
    if name == "torch.nonzero":
        return _nonzero(node, node.args[:1], ctx)
    if name in ("torch.add", "torch.sub", "torch.addcmul", "torch.addcdiv"):
        return _scaled(node, name.partition(".")[2], node.args, (node.func,), report)
    if name is not None and name.partition(".")[2] in _WEIGHTED and name.startswith("torch."):
        return _weighted(node, None, report)
    if not isinstance(node.func, ast.Attribute):
        return None
    owner, method = node.func.value, node.func.attr
    held = report.type(owner)
    if held.kind in ("list", "tensor", "str", "dict") and method == "__len__" and not node.args:
        return ("len(", owner, ")")
    if held.kind == "list" and method == "numel":
        return _size_numel(owner)
    if method == "cuda" and len(node.args) == 1 and not node.keywords:
        return _on_device_of(node, owner, ctx)
    if held.kind != "tensor":
        return None
    if method.rstrip("_") in ("add", "sub", "addcmul", "addcdiv"):
        head = (operand(owner), f".{method}")
        return _scaled(node, method.rstrip("_"), [owner, *node.args], head, report)
    if method.rstrip("_") in _WEIGHTED:
        return _weighted(node, owner, report)
    if method in ("nelement", "ndimension") and not node.args:
        return (operand(owner), ".numel()" if method == "nelement" else ".dim()")
    if method in ("bool", "bfloat16") and not node.args and not node.keywords:
        text = imported_name(f"torch.{method}", ctx, node)
        return (operand(owner), f".to({text})") if text else ()
    if method == "nonzero":
        return _nonzero(node, [owner], ctx)
    if method == "type" and len(node.args) == 1 and not node.keywords:
        return typed(node, owner, node.args[0], ctx)
    if method in ("new_empty", "new_zeros", "new_ones", "new_full"):
        return without_gradient(node)
    if method == "new":
        return new(node, owner, ctx, report)
    if method == "new_tensor":
        return new_tensor(node, owner, ctx, report)
    return None


def _is_index(node: ast.Call, ctx: UnitContext, report: Report) -> bool:
    """``x[range(n), range(n)]``: PyTorch makes tensors of what it is given there."""
    parent = ctx.module.parent(node)
    inside: ast.AST = node
    if isinstance(parent, ast.Tuple):
        inside, parent = parent, ctx.module.parent(parent)
    if not isinstance(parent, ast.Subscript) or parent.slice is not inside or node.keywords or not node.args:
        return False
    return report.type(parent.value) == TENSOR and all(report.type(one).kind == "int" for one in node.args)


def _reversed(node: ast.Call, ctx: UnitContext, report: Report) -> tuple[Part, ...]:
    """``for x in reversed(xs)``: a slice gives the same items."""
    parent, held = ctx.module.parent(node), report.type(node.args[0])
    looped = isinstance(parent, ast.For | ast.comprehension) and parent.iter is node
    listed = isinstance(parent, ast.Call) and ctx.qualified(parent.func) in ("builtins.enumerate", "builtins.zip")
    if (looped or listed) and held.kind in ("list", "tuple"):
        return (operand(node.args[0]), "[::-1]")
    counted = isinstance(node.args[0], ast.Call) and ctx.qualified(node.args[0].func) == "builtins.range"
    if looped and counted:
        return ("list(", node.args[0], ")[::-1]")
    return ()


def _rounded(node: ast.Call, ctx: UnitContext, report: Report) -> tuple[Part, ...] | None:
    """``round(x)``: an ``int`` in Python, a ``float`` in TorchScript."""
    parent = ctx.module.parent(node)
    whole = isinstance(parent, ast.Call) and ctx.qualified(parent.func) == "builtins.int"
    return ("int(", node, ")") if report.type(node.args[0]).kind in ("int", "float") and not whole else None


def _sorted(node: ast.Call, report: Report) -> tuple[Part, ...] | None:
    """``sorted(xs, reverse=True)``: equal whole numbers and texts can't be told apart, so their order is no matter."""
    keyword = node.keywords[0]
    falling = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    held = report.type(node.args[0]) if len(node.args) == 1 else UNKNOWN
    alike = bool(held.args) and all(one.kind in ("int", "str") for one in held.args)
    if held.kind != "list" or not alike:
        return None
    if len(node.keywords) > 1 or keyword.arg != "reverse" or not falling:
        return ()
    return ("sorted(", node.args[0], ")[::-1]")


def _scaled(
    node: ast.Call, word: str, given: list[ast.expr], head: tuple[Part, ...], report: Report
) -> tuple[Part, ...] | None:
    """``add(x, 2, y)`` is ``add(x, y, alpha=2)``, and ``addcmul(x, 2, y, z)`` is ``addcmul(x, y, z, value=2)``."""
    count, keyword = (3, "alpha") if word in ("add", "sub") else (4, "value")
    if node.keywords or len(given) != count or any(isinstance(one, ast.Starred) for one in given):
        return None
    if report.type(given[1]).kind not in ("int", "float") or report.type(given[0]).kind != "tensor":
        return None
    parts: list[Part] = [*head, "("]
    shown = given[2:] if head[-1] != node.func else [given[0], *given[2:]]
    for index, one in enumerate(shown):
        parts += [", ", one] if index else [one]
    return (*parts, f", {keyword}=", given[1], ")")


def _weighted(node: ast.Call, owner: ast.expr | None, report: Report) -> tuple[Part, ...] | None:
    """``m.addmm_(1, -2, x, y)`` is ``m.addmm_(x, y, beta=1, alpha=-2)``, and ``addmm(1, m, -2, x, y)`` the same."""
    if node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        return None
    numbers = [one for one in node.args if report.type(one).kind in ("int", "float")]
    tensors = [one for one in node.args if report.type(one).kind == "tensor"]
    first = node.args[: len(numbers)] if owner is not None else [*node.args[:1], *node.args[2 : 1 + len(numbers)]]
    if not numbers or numbers != first or len(numbers) + len(tensors) != len(node.args):
        return None
    if len(numbers) > 2 or len(tensors) != (2 if owner is not None else 3):
        return None
    parts: list[Part] = [node.func, "("]
    for index, one in enumerate(tensors):
        parts += [", ", one] if index else [one]
    for word, number in zip(("beta", "alpha"), numbers, strict=False):
        parts += [f", {word}=", number]
    return (*parts, ")")


def _renamed(qualified: str, node: ast.Call, ctx: UnitContext, first: str = "") -> tuple[Part, ...]:
    """Return the call of another function with the same arguments, or with ``first`` in place of the first one."""
    text = imported_name(qualified, ctx, node)
    if text is None or any(keyword.arg is None for keyword in node.keywords):
        return ()
    return call_of(text, first or node.args[0], node.args[1:], node.keywords)


def _nonzero(node: ast.Call, given: list[ast.expr], ctx: UnitContext) -> tuple[Part, ...] | None:
    keyword = next((k for k in node.keywords if k.arg == "as_tuple"), None)
    if keyword is None or not isinstance(keyword.value, ast.Constant) or len(node.keywords) > 1 or not given:
        return None
    wanted = "torch.where" if keyword.value.value else "torch.nonzero"
    text = imported_name(wanted, ctx, node)
    return (f"{text}(", given[0], ")") if text else ()


def _size_numel(owner: ast.expr) -> tuple[Part, ...]:
    """``x.size().numel()`` and ``x.shape.numel()``."""
    if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr == "size":
        return (operand(owner.func.value), ".numel()") if not owner.args and not owner.keywords else ()
    if isinstance(owner, ast.Attribute) and owner.attr == "shape":
        return (operand(owner.value), ".numel()")
    return ()
