"""What PyTorch itself has and Dynamo doesn't trace.

What it does
    Finds, in what ``torch.compile`` reads, functions of torch that give Python an answer about numbers
    (``torch.equal``, ``torch.allclose``, ``math.sqrt`` of a tensor), settings and states
    (``torch.backends.cudnn.flags``, ``torch.get_rng_state``), layers with parameters that are built there,
    ``backward``, ``torch.autograd.grad``, ``x.requires_grad = True``, and copies of tensors by ``copy``.  The answers
    and the copies are found for ``torch.export`` too.

Why is this bad
    Dynamo leaves the graph at each, and ``fullgraph=True`` compiles nothing.  (Each was tried with torch 2.13.)

Fix safety
    There is no fix: stay with tensors, build layers in the constructor, and do the rest outside of what is compiled; or
    put it in a function under ``torch.compiler.disable``, the last resort, at which the graph breaks too.

References
    https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/compile/programming_model.common_graph_breaks.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import TRACED, is_compiled

EXAMPLES = [
    Example(
        before="""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Loss(nn.Module):
    def forward(self, x, lengths, targets, target_lengths):
        if torch.equal(lengths, target_lengths):
            x = x / math.sqrt(lengths.max())
        with torch.backends.cudnn.flags(enabled=False):
            return F.ctc_loss(x, targets, lengths, target_lengths)
""",
    ),
    Example(
        title="what belongs elsewhere",
        before="""
import copy

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        layer = nn.Linear(x.shape[-1], 3)
        x.requires_grad = True
        y = layer(copy.deepcopy(x))
        return y, torch.autograd.grad(y.sum(), x)
""",
    ),
]

VALID = [
    """
import copy
import math

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layers = nn.ModuleList([copy.deepcopy(layer), nn.Linear(3, 3)])
        self.scale = math.sqrt(3)

    def forward(self, x):
        x.requires_grad_(True)
        y = nn.ReLU()(x) / math.sqrt(x.shape[-1])
        name = f"{x.shape[0]:d} rows of {x.dtype}"
        if torch.is_grad_enabled() and y.requires_grad and not torch.compiler.is_compiling():
            assert torch.allclose(y, y)
        return y, name, self.scale
""",
]

_FUNCTIONS = frozenset(
    {f"torch.{word}" for word in (
        "equal", "allclose", "is_nonzero", "get_rng_state", "set_rng_state", "initial_seed", "get_num_threads",
        "set_num_threads", "save", "load", "backends.cudnn.flags", "backends.mkldnn.flags", "random.fork_rng",
        "autograd.detect_anomaly", "autograd.grad", "cuda.device_count", "jit.fork",
    )}
)  # fmt: skip
_REFUSED_BY_EXPORT = ("torch.equal", "torch.allclose", "torch.is_nonzero")
_METHODS = ("equal", "allclose", "storage_offset", "backward", "retain_grad", "is_pinned", "is_set_to", "is_shared",
            "apply_", "map_", "share_memory_")  # fmt: skip
_LAYERS = frozenset(
    {f"torch.nn.{word}" for word in (
        "Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "Embedding",
        "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "PReLU", "LSTM", "GRU", "RNN",
        "MultiheadAttention", "Bilinear",
    )}
)  # fmt: skip
_MATH = frozenset(
    {f"math.{word}" for word in (
        "exp", "log", "log2", "log10", "floor", "ceil", "sin", "cos", "tanh", "pow", "sqrt", "fabs", "isinf",
        "isnan", "isfinite",
    )}
)  # fmt: skip


@rule(
    "THT411",
    "unseen-by-dynamo",
    targets=TRACED,
    consequence=Consequence.ERROR,
    on=(ast.Call, ast.Assign),
)
def check(node: ast.Call | ast.Assign, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx) or ctx.function is None:
        return
    found = _found(node, ctx)
    if found is not None and not asks_compiling(node, ctx):
        at = node.targets[0] if isinstance(node, ast.Assign) else node
        targets = TRACED if found[2] else ("torch.compile",)
        yield Finding(at, f"{found[0]} breaks the graph", help=found[1], targets=targets)


def _found(node: ast.Call | ast.Assign, ctx: UnitContext) -> tuple[str, str, bool] | None:
    """Return what isn't traced, what to do instead, and whether ``torch.export`` fails at it too."""
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        if not isinstance(target, ast.Attribute) or target.attr != "requires_grad" or len(node.targets) > 1:
            return None
        if not ctx.value(target.value).is_tensor:
            return None
        return "setting `requires_grad` of a tensor", "set it on the input, before the call", False
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name in _LAYERS:
        return f"building a layer (`{ast.unparse(node.func)}`)", "build it in the constructor", False
    if name in _FUNCTIONS:
        help = "stay with tensors (`(a == b).all()`), or do it outside"
        return f"`{ast.unparse(node.func)}`", help, name in _REFUSED_BY_EXPORT
    held = ctx.value(node.args[0]).is_tensor if node.args else False
    if name in _MATH and held:
        return f"`{ast.unparse(node.func)}` of a tensor", "use the function of torch", True
    if name in ("copy.copy", "copy.deepcopy") and held:
        return f"`{ast.unparse(node.func)}` of a tensor", "use `clone()`", True
    method = node.func if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS else None
    if method is not None and ctx.value(method.value).is_tensor:
        refused = method.attr in ("equal", "allclose")
        return f"`.{method.attr}()` of a tensor", "do it outside of what is compiled", refused
    return None
