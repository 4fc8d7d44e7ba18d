"""``x.data``, a tensor's numbers without its history.

What it does
    Finds ``x.data`` of tensors in what ``torch.export`` and ``torch.compile`` read.

Why is this bad
    ``torch.export`` doesn't trace it: what ``.data`` gives is a constant to it, and it stops ("We found a fake tensor
    in the exported program constant's list").  An assignment to ``.data`` of a tensor that is computed is not seen at
    all: the exported program goes on with the old numbers.  ``torch.compile`` reads ``.data``, and breaks the graph at
    such an assignment.

Fix safety
    Safe: a compiler is given ``x.detach()``, which shares the numbers as ``.data`` does.  Python is given the same
    where what is made of it is a new tensor of its own at once (``w.data.abs()``); elsewhere Python keeps ``.data``,
    which hides from the gradients that the numbers are written to.  An assignment to ``.data`` of what the module keeps
    becomes a copy for the compiler, which is sure that shape and dtype are the same (else it raises while it traces);
    an assignment to that of a computed tensor is reported only.

References
    https://docs.pytorch.org/docs/stable/notes/autograd.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Fix, Part, operand, replace, shares_line, text_behind
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import TRACED, imported_name, in_training, is_compiled, is_read
from ._reached import where_reached

EXAMPLES = [
    Example(
        targets=("torch.export",),
        before="""
import torch
from torch import nn


class Position(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.register_buffer("encoding", torch.rand(size, 4))
        self.weight = nn.Parameter(torch.ones(4))

    def forward(self, x):
        scale = self.weight.data.abs().max()
        table = self.encoding.data
        return x + table[: x.data.size(0)] * scale
""",
        after="""
import torch
from torch import nn


class Position(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.register_buffer("encoding", torch.rand(size, 4))
        self.weight = nn.Parameter(torch.ones(4))

    def forward(self, x):
        scale = self.weight.detach().abs().max()
        table = self.encoding.detach() if torch.compiler.is_compiling() else self.encoding.data
        return x + table[: x.data.size(0)] * scale
""",
    ),
    Example(
        title="written to in place",
        targets=("torch.export",),
        before="""
import torch
from torch import nn


class Damped(nn.Module):
    def forward(self, x):
        y = x * 2
        y.data *= 0.5
        y.data[0] = x.sum(0)
        return y
""",
        after="""
import torch
from torch import nn


class Damped(nn.Module):
    def forward(self, x):
        y = x * 2
        (y.detach() if torch.compiler.is_compiling() else y.data).mul_(0.5)
        (y.detach() if torch.compiler.is_compiling() else y.data)[0] = x.sum(0)
        return y
""",
    ),
    Example(
        title="what a module keeps",
        targets=("torch.export",),
        before="""
import torch
from torch import nn


class Power(nn.Module):
    def __init__(self):
        super().__init__()
        self.u = nn.Parameter(torch.ones(4), requires_grad=False)

    def forward(self, x):
        self.u.data = self.u.detach() / self.u.detach().norm()
        return x.sum() + self.u
""",
        after="""
import torch
from torch import nn


class Power(nn.Module):
    def __init__(self):
        super().__init__()
        self.u = nn.Parameter(torch.ones(4), requires_grad=False)

    def forward(self, x):
        if torch.compiler.is_compiling():
            new_data = self.u.detach() / self.u.detach().norm()
            torch._check(new_data.shape == self.u.shape and new_data.dtype == self.u.dtype)
            self.u.detach().copy_(new_data)
        else:
            self.u.data = self.u.detach() / self.u.detach().norm()
        return x.sum() + self.u
""",
    ),
    Example(
        title="assigned",
        targets=("torch.export",),
        before="""
from torch import nn


class Clip(nn.Module):
    def forward(self, x):
        y = x * 2
        y.data = y.data.size(0) + x
        return y
""",
    ),
]

VALID = [
    """
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4))
        self.weight.data.fill_(2.0)

    def forward(self, x, lengths):
        zeros = x.data.new(x.data.shape).zero_()
        if not self.training:
            return zeros
        self.weight.data.mul_(0.9)
        return pack_padded_sequence(x + zeros, lengths).data.to(self.weight.data.device)
""",
]

# what tells of a tensor and computes nothing; ``new`` and ``new_tensor`` take only dtype and device from it
_TELLS = frozenset(
    {"new", "new_tensor", "size", "shape", "dim", "ndim", "numel", "nelement", "device", "dtype", "is_cuda", "type"}
    | {"get_device", "is_contiguous", "is_floating_point", "stride", "layout", "element_size"}
)
# methods that give a new tensor (or a number) and keep nothing for a gradient
_MAKES = frozenset(
    {"clone", "sum", "mean", "max", "min", "abs", "norm", "item", "nonzero", "any", "all", "argmax", "argmin", "sqrt"}
    | {"exp", "log", "sign", "round", "floor", "ceil", "std", "var", "eq", "ne", "gt", "lt", "ge", "le", "new_zeros"}
    | {"new_ones", "new_empty", "new_full", "tolist"}
)
_IN_PLACE: dict[type[ast.operator], str] = {ast.Add: "add_", ast.Sub: "sub_", ast.Mult: "mul_", ast.Div: "div_"}


@rule(
    "THT808",
    "data-attribute",
    targets=TRACED,
    consequence=Consequence.ERROR,
    fix="sometimes",
    on=(ast.Attribute,),
)
@where_reached(TRACED)
def check(node: ast.Attribute, ctx: UnitContext) -> Iterator[Finding]:
    if node.attr != "data" or not is_compiled(ctx.unit, ctx) or asks_compiling(node, ctx):
        return
    if ctx.function is not None and not is_read(ctx.function, ctx):
        return
    if not _is_tensor(node.value, ctx):
        return
    value = ctx.value(node.value)
    parent = ctx.module.parent(node)
    trained = in_training(node, ctx)
    if isinstance(node.ctx, ast.Store) and not isinstance(parent, ast.AugAssign):
        of_instance = not isinstance(node.value, ast.Name) or _is_kept(node.value.id, ctx)
        if of_instance and trained:
            return
        yield Finding(
            node,
            f"`{ast.unparse(node)} = ...` puts other numbers into a tensor, which a graph can't",
            help="assign the tensor itself, or `copy_` the numbers into a buffer under `torch.no_grad()`",
            targets=("torch.export",) if of_instance else TRACED,
            consequence=Consequence.ERROR if of_instance else Consequence.SILENT,
            fix=_assigned(node, parent, ctx) if of_instance else None,
        )
        return
    if _only_tells(node, parent, ctx) or _is_assigned(node, ctx):
        return
    intermediate = isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
    if trained and not intermediate:
        return
    yield Finding(
        node,
        f"a graph doesn't follow `{ast.unparse(node)}`",
        help="write `.detach()`",
        targets=TRACED if intermediate else ("torch.export",),
        fix=_detached(node, ctx, certain=value.is_tensor and not value.assumed),
    )


def _only_tells(node: ast.expr, parent: ast.AST | None, ctx: UnitContext) -> bool:
    """Whether only what kind of tensor it is counts where ``node`` stands."""
    if isinstance(parent, ast.Attribute):
        return parent.attr in _TELLS
    if not isinstance(parent, ast.Call) or node not in parent.args:
        return False
    return ctx.qualified(parent.func) in ("builtins.isinstance", "builtins.type", "torch.is_tensor")


def _detached(node: ast.Attribute, ctx: UnitContext, certain: bool) -> Fix | None:
    source, parent = ctx.source, ctx.module.parent(node)
    temporary = isinstance(node.value, ast.Call | ast.BinOp)
    if certain and (_is_new(node, ctx) or temporary and not _writes(ctx)):
        end = source.span(node).end
        return Fix((Edit(end - len("data"), end, ("detach()",)),))
    asked = imported_name("torch.compiler.is_compiling", ctx, node)
    if asked is None or not _can_stand_twice(node.value):
        return None
    choice: tuple[Part, ...] = (operand(node.value), f".detach() if {asked}() else ", operand(node.value), ".data")
    if isinstance(parent, ast.AugAssign):
        method = _IN_PLACE.get(type(parent.op))
        if method is None:
            return None
        return Fix((replace(source, parent, "(", *choice, f").{method}(", parent.value, ")"),))
    alone = isinstance(parent, ast.Assign | ast.Return) or (isinstance(parent, ast.Call) and node is not parent.func)
    return Fix((replace(source, node, *(choice if alone else ("(", *choice, ")"))),))


def _assigned(node: ast.Attribute, statement: ast.AST | None, ctx: UnitContext) -> Fix | None:
    """``w.data = value``: a graph copies the numbers, if shape and dtype are the same, asked while it is traced."""
    asked, checked = (imported_name(f"torch.{word}", ctx, node) for word in ("compiler.is_compiling", "_check"))
    called = any(isinstance(one, ast.Call) for one in walk(node.value))
    if asked is None or checked is None or called or not isinstance(statement, ast.Assign):
        return None
    if len(statement.targets) != 1 or ctx.module.scope_at(node).lookup("new_data") is not None:
        return None
    source, held = ctx.source, ast.unparse(node.value)
    line = f"{source.newline}{source.indent_of(statement)}"
    if shares_line(source, statement) or text_behind(source, statement):
        return None
    span = source.span(statement)
    parts: tuple[Part, ...] = (
        f"if {asked}():{line}    new_data = {_with_detached(statement.value, ctx)}",
        f"{line}    {checked}(new_data.shape == {held}.shape and new_data.dtype == {held}.dtype)",
        f"{line}    {held}.detach().copy_(new_data){line}else:{line}    ",
        source.text[span.start : span.end],
    )  # fmt: skip
    return Fix((replace(source, statement, *parts),))


def _can_stand_twice(node: ast.expr) -> bool:
    """Whether an expression is short; a choice evaluates one of its two sides only, so calls do no harm."""
    return sum(isinstance(one, ast.Call) for one in walk(node)) < 2 and len(ast.unparse(node)) < 40


def _comes_from_kept(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether the value is what the module keeps, or made of it by methods: ``w.view(height, -1)``."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and _is_kept(node.id, ctx)


def _is_assigned(node: ast.Attribute, ctx: UnitContext) -> bool:
    """Whether ``node`` is read for a value that is assigned to ``.data``: that fix mends both."""
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.stmt):
            target = parent.targets[0] if isinstance(parent, ast.Assign) else None
            if not isinstance(target, ast.Attribute) or target.attr != "data" or not _is_tensor(target.value, ctx):
                return False
            kept = not isinstance(target.value, ast.Name) or _is_kept(target.value.id, ctx)
            return kept and _assigned(target, parent, ctx) is not None
    return False


def _with_detached(node: ast.expr, ctx: UnitContext) -> str:
    """Return the text of ``node`` with ``.detach()`` for each ``.data`` of a tensor."""
    span, text = ctx.source.span(node), ctx.source.text
    ends = [ctx.source.span(one).end for one in walk(node) if _is_read(one, ctx)]
    for end in sorted(ends, reverse=True):
        text = text[: end - len("data")] + "detach()" + text[end:]
    return text[span.start : span.end + len(ends) * (len("detach()") - len("data"))]


def _is_read(node: ast.AST, ctx: UnitContext) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "data" and _is_tensor(node.value, ctx)


def _is_tensor(node: ast.expr, ctx: UnitContext) -> bool:
    value = ctx.value(node)
    return value.is_tensor or value.kinds <= {"unknown", "opaque"} and _comes_from_kept(node, ctx)


def _is_kept(name: str, ctx: UnitContext) -> bool:
    """Whether the variable holds nothing but what the module keeps: ``getattr(self.module, "weight_u")``."""
    values = []
    for node in walk(ctx.function) if ctx.function is not None else ():
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            parent = ctx.module.parent(node)
            values.append(parent.value if isinstance(parent, ast.Assign) and parent.targets == [node] else None)
    return bool(values) and all(one is not None and _of_instance(one, ctx) for one in values)


def _of_instance(node: ast.expr, ctx: UnitContext) -> bool:
    if isinstance(node, ast.Call) and ctx.qualified(node.func) == "builtins.getattr" and node.args:
        return ctx.is_self(node.args[0]) or _of_instance(node.args[0], ctx)
    return isinstance(node, ast.Attribute) and (ctx.is_self(node.value) or _of_instance(node.value, ctx))


def _is_new(node: ast.Attribute, ctx: UnitContext) -> bool:
    """Whether a new tensor, or a number, is made of ``node`` at once."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Attribute) and parent.attr in _MAKES:
        call = ctx.module.parent(parent)
        return isinstance(call, ast.Call) and not any(isinstance(one, ast.Starred) for one in call.args)
    return isinstance(parent, ast.Compare) and all(isinstance(one, ast.Constant) for one in parent.comparators)


def _writes(ctx: UnitContext) -> bool:
    """Whether the function writes to any tensor in place, as far as its text shows."""
    for node in walk(ctx.function) if ctx.function is not None else ():
        if isinstance(node, ast.AugAssign) or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)):
            return True
        if isinstance(node, ast.Attribute) and node.attr.endswith("_") and not node.attr.startswith("_"):
            return True
        if isinstance(node, ast.keyword) and node.arg in ("inplace", "out"):
            return True
    return False
