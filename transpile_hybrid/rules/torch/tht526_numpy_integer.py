"""The number of features of a module is an integer of NumPy.

What it does
    Finds ``nn.Linear(np.prod(shape), 10)`` and the like: sizes of modules that are the product (or sum) of a shape by
    NumPy; and arrays of whole numbers (``np.cumsum([64, 32])``) whose items a constructor gives to others.

Why is this bad
    The module keeps the number as a constant, and TorchScript knows Python's only: "'numpy.int64' object in attribute
    'Linear.in_features' is not a valid constant".

Fix safety
    Safe: ``int(np.prod(shape))`` is the same number, and these parameters take whole numbers only.  An array of which
    only single items are used becomes a list of the same numbers.

References
    https://docs.pytorch.org/docs/stable/jit.html#module-attributes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, insert_after, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model
from ._common import SCRIPT, is_compiled

EXAMPLES = [
    Example(
        before="""
import numpy as np
from torch import nn


class Net(nn.Module):
    def __init__(self, shape=(3, 1)):
        super().__init__()
        self.shape = shape
        self.linear = nn.Linear(np.prod(shape), 2)
        self.back = nn.Sequential(nn.Linear(2, np.prod(self.shape)), nn.ReLU())

    def forward(self, x):
        return self.back(self.linear(x))
""",
        after="""
import numpy as np
from torch import nn


class Net(nn.Module):
    def __init__(self, shape=(3, 1)):
        super().__init__()
        self.shape = shape
        self.linear = nn.Linear(int(np.prod(shape)), 2)
        self.back = nn.Sequential(nn.Linear(2, int(np.prod(self.shape))), nn.ReLU())

    def forward(self, x):
        return self.back(self.linear(x))
""",
    ),
]

EXAMPLES += [
    Example(
        title="kept as an attribute",
        before="""
import numpy as np
from torch import nn


class Net(nn.Module):
    def __init__(self, shape=(3, 1), size=None):
        super().__init__()
        self.size = np.prod(shape) if size is None else size
        self.linear = nn.Linear(self.size, 2)

    def forward(self, x):
        return self.linear(x)
""",
        after="""
import numpy as np
from torch import nn


class Net(nn.Module):
    def __init__(self, shape=(3, 1), size=None):
        super().__init__()
        self.size = np.prod(shape) if size is None else size
        self.linear = nn.Linear(int(self.size), 2)

    def forward(self, x):
        return self.linear(x)
""",
    ),
    Example(
        title="items of an array",
        before="""
import numpy as np
from torch import nn


def layer(inside, outside):
    return nn.Sequential(nn.Linear(inside, outside), nn.ReLU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sums = np.cumsum([1, 2])
        self.first = layer(sums[0], 4)
        self.last = layer(sums[-1], 4)

    def forward(self, x):
        return self.first(x[:, :1]) + self.last(x)
""",
        after="""
import numpy as np
from torch import nn


def layer(inside, outside):
    return nn.Sequential(nn.Linear(inside, outside), nn.ReLU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sums = np.cumsum([1, 2]).tolist()
        self.first = layer(sums[0], 4)
        self.last = layer(sums[-1], 4)

    def forward(self, x):
        return self.first(x[:, :1]) + self.last(x)
""",
    ),
]

VALID = [
    """
import numpy as np
from torch import nn


class Net(nn.Module):
    def __init__(self, shape=(3, 1)):
        super().__init__()
        self.linear = nn.Linear(int(np.prod(shape)), 2)
        self.scale = float(np.prod(shape))

    def forward(self, x):
        return self.linear(x) * self.scale
""",
]

_WHOLE = frozenset({"numpy.prod", "numpy.product", "numpy.sum", "numpy.max", "numpy.min", "numpy.amax", "numpy.amin"})
_SIZES = frozenset(
    {"in_features", "out_features", "in_channels", "out_channels", "num_features", "input_size", "hidden_size",
     "num_embeddings", "embedding_dim", "num_channels", "num_groups", "embed_dim", "num_heads", "in1_features",
     "in2_features", "kernel_size", "stride", "padding"}
)  # fmt: skip


@rule("THT526", "numpy-integer", targets=SCRIPT, consequence=Consequence.ERROR, fix="always", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or not is_compiled(unit, ctx):
        return
    for name, method in unit.cls.methods.items():
        if method in unit.region or name == "forward":
            continue
        yield from _arrays(method, ctx)
        local = _held(method, ctx)
        for node in walk(method):
            if not isinstance(node, ast.Call):
                continue
            for value, alone in _sizes(node, ctx):
                if (
                    _is_numpys(value, ctx)
                    or isinstance(value, ast.Name)
                    and value.id in local
                    or alone
                    and _kept(value, unit.cls, ctx)
                ):
                    yield Finding(
                        value,
                        f"`{ast.unparse(value)}` is an integer of NumPy, which is no constant to TorchScript",
                        help=f"write `int({ast.unparse(value)})`",
                        fix=Fix((replace(ctx.source, value, "int(", value, ")"),)),
                    )


def _arrays(method: ast.AST, ctx: UnitContext) -> Iterator[Finding]:
    """Arrays of whole numbers of which nothing but single items are used, as arguments of calls."""
    for node in walk(method):
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if not isinstance(target, ast.Name) or not isinstance(node, ast.Assign) or not _whole_array(node.value, ctx):
            continue
        named = [one for one in walk(method) if isinstance(one, ast.Name) and one.id == target.id and one is not target]
        if not named or not all(_is_item(one, ctx) for one in named):
            continue
        yield Finding(
            node.value,
            f"the items of `{target.id}` are integers of NumPy, which are no constants to TorchScript",
            help=f"write `{ast.unparse(node.value)}.tolist()`",
            fix=Fix((insert_after(ctx.source, node.value, ".tolist()"),)),
        )


def _whole_array(node: ast.expr, ctx: UnitContext) -> bool:
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return False
    listed = node.args[0]
    return (
        ctx.qualified(node.func) in ("numpy.cumsum", "numpy.array", "numpy.asarray", "numpy.cumprod")
        and isinstance(listed, ast.List | ast.Tuple)
        and bool(listed.elts)
        and all(isinstance(one, ast.Constant) and type(one.value) is int for one in listed.elts)
    )


def _is_item(node: ast.Name, ctx: UnitContext) -> bool:
    """``xs[0]`` in what is given to a call."""
    item = ctx.module.parent(node)
    if not (isinstance(item, ast.Subscript) and item.value is node and isinstance(node.ctx, ast.Load)):
        return False
    index = item.slice.operand if isinstance(item.slice, ast.UnaryOp) else item.slice
    whole = isinstance(index, ast.Constant) and type(index.value) is int
    return whole and any(isinstance(one, ast.Call) for one in ctx.module.ancestors(item))


def _sizes(call: ast.Call, ctx: UnitContext) -> Iterator[tuple[ast.expr, bool]]:
    """Yield what a call of a module's constructor gives for its sizes, and whether that can't be a tuple of them."""
    name = ctx.qualified(call.func) if isinstance(call.func, ast.Name | ast.Attribute) else None
    if name is None or not name.startswith("torch.nn."):
        return
    for keyword in call.keywords:
        if keyword.arg in _SIZES:
            yield keyword.value, keyword.arg not in ("kernel_size", "stride", "padding")
    if not any(isinstance(one, ast.Starred) for one in call.args):
        for index, value in enumerate(call.args[: _POSITIONAL.get(name, 0)]):
            yield value, index < 2


_POSITIONAL = {
    "torch.nn.Linear": 2, "torch.nn.Bilinear": 3, "torch.nn.Embedding": 2, "torch.nn.Conv1d": 3, "torch.nn.Conv2d": 3,
    "torch.nn.Conv3d": 3, "torch.nn.ConvTranspose1d": 3, "torch.nn.ConvTranspose2d": 3, "torch.nn.ConvTranspose3d": 3,
    "torch.nn.BatchNorm1d": 1, "torch.nn.BatchNorm2d": 1, "torch.nn.BatchNorm3d": 1, "torch.nn.LSTM": 2,
    "torch.nn.GRU": 2, "torch.nn.RNN": 2, "torch.nn.LSTMCell": 2, "torch.nn.GRUCell": 2, "torch.nn.RNNCell": 2,
    "torch.nn.GroupNorm": 2, "torch.nn.MultiheadAttention": 2,
}  # fmt: skip


def _is_numpys(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether an expression is an integer of NumPy: one of its reductions, or a product with one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv):
        return _is_numpys(node.left, ctx) or _is_numpys(node.right, ctx)
    return isinstance(node, ast.Call) and ctx.qualified(node.func) in _WHOLE


def _kept(node: ast.expr, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether ``node`` is an attribute that is an integer of NumPy in some instances."""
    name = ctx.self_attribute(node) if isinstance(node, ast.Attribute) else None
    if name is None:
        return False
    for write in class_model(info, ctx.project).built.get(name, []):
        values = [write.value.body, write.value.orelse] if isinstance(write.value, ast.IfExp) else [write.value]
        if write.owner.module is ctx.module and any(one is not None and _is_numpys(one, ctx) for one in values):
            return True
    return False


def _held(function: ast.AST, ctx: UnitContext) -> set[str]:
    """Return the variables of a function that are only ever integers of NumPy."""
    found: dict[str, bool] = {}
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            parent = ctx.module.parent(node)
            whole = isinstance(parent, ast.Assign) and parent.targets == [node] and _is_numpys(parent.value, ctx)
            found[node.id] = found.get(node.id, True) and whole
    return {name for name, whole in found.items() if whole}
