"""What PyTorch itself has and Dynamo doesn't trace.

What it does
    Finds, in what ``torch.compile`` reads, functions of torch that give Python an answer about numbers
    (``torch.equal``, ``torch.allclose``, ``math.sqrt`` of a tensor), settings and states
    (``torch.backends.cudnn.flags``, ``torch.get_rng_state``), layers with parameters that are built there,
    ``backward``, ``torch.autograd.grad``, ``x.requires_grad = True``, ``torch.zeros(3, requires_grad=True)``,
    views in place of what a call is given (``target.squeeze_(1)``), copies of tensors by ``copy``, and tensors made of
    a list of tensors (``torch.as_tensor([a.sum(), b])``).  The answers, the copies and the lists are found for
    ``torch.export`` too, and there ``torch.tensor([a.sum(), b])`` as well.

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
from ...meaning.values import TENSORS
from ..rule import Example, Finding, UnitContext, rule
from ._asked import asks_compiling
from ._common import TRACED, in_loop, is_compiled
from ._reached import where_reached

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
    Example(
        title="what is given, and lists of tensors",
        targets=("torch.compile", "torch.export"),
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, target):
        target.squeeze_(1)
        means = torch.as_tensor([x.mean(), target.mean()])
        weights = [1.0]
        for row in range(3):
            weights.append(weights[-1] * x.sum())
        return means, torch.tensor(weights)
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, target):
        target = target + 1
        target.squeeze_(1)
        scale = torch.tensor([1.0, x.shape[0]])
        return torch.stack([x.sum(), target.sum()]), scale
""",
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
_DYNAMO = ("torch.compile",)
_OF_LISTS = {"torch.tensor": ("torch.export",), "torch.as_tensor": TRACED}
_PLAIN = ("squeeze_", "unsqueeze_", "transpose_", "swapaxes_", "swapdims_", "t_", "detach_")
_VIEWS = (*_PLAIN, "resize_", "as_strided_", "set_")
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
@where_reached(TRACED)
def check(node: ast.Call | ast.Assign, ctx: UnitContext) -> Iterator[Finding]:
    if not is_compiled(ctx.unit, ctx) or ctx.function is None:
        return
    found = _found(node, ctx)
    if found is not None and not asks_compiling(node, ctx):
        at = node.targets[0] if isinstance(node, ast.Assign) else node
        yield Finding(at, f"{found[0]} breaks the graph", help=found[1], targets=found[2])


def _found(node: ast.Call | ast.Assign, ctx: UnitContext) -> tuple[str, str, tuple[str, ...]] | None:
    """Return what isn't traced, what to do instead, and which targets fail at it."""
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        if not isinstance(target, ast.Attribute) or target.attr != "requires_grad" or len(node.targets) > 1:
            return None
        if not ctx.value(target.value).is_tensor:
            return None
        return "setting `requires_grad` of a tensor", "set it on the input, before the call", _DYNAMO
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name in _LAYERS:
        return f"building a layer (`{ast.unparse(node.func)}`)", "build it in the constructor", _DYNAMO
    if name in _FUNCTIONS:
        help = "stay with tensors (`(a == b).all()`), or do it outside"
        return f"`{ast.unparse(node.func)}`", help, TRACED if name in _REFUSED_BY_EXPORT else _DYNAMO
    if name is not None and name.startswith("torch.") and _wants_gradient(node) and ctx.value(node).is_tensor:
        help = "make it outside of what is compiled"
        return f"`requires_grad=True` of a tensor that `{ast.unparse(node.func)}` makes", help, _DYNAMO
    if name in _OF_LISTS and node.args and _holds_tensors(node.args[0], ctx):
        return f"`{ast.unparse(node.func)}` of a list of tensors", "use `torch.stack`", _OF_LISTS[name]
    held = ctx.value(node.args[0]).is_tensor if node.args else False
    if name in _MATH and held:
        return f"`{ast.unparse(node.func)}` of a tensor", "use the function of torch", TRACED
    if name in ("copy.copy", "copy.deepcopy") and held:
        return f"`{ast.unparse(node.func)}` of a tensor", "use `clone()`", TRACED
    method = node.func if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS else None
    if method is not None and ctx.value(method.value).is_tensor:
        refused = TRACED if method.attr in ("equal", "allclose") else _DYNAMO
        return f"`.{method.attr}()` of a tensor", "do it outside of what is compiled", refused
    viewed = node.func if isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS else None
    if viewed is not None and _is_input(viewed.value, ctx):
        help = f"use `{viewed.attr[:-1]}`, which leaves the caller's tensor as it is" if viewed.attr in _PLAIN else ""
        refused = TRACED if viewed.attr == "unsqueeze_" else _DYNAMO  # export notes the dimensions that were given
        return f"`.{viewed.attr}()` of what the call is given", help or "do it outside of what is compiled", refused
    return None


def _wants_gradient(node: ast.Call) -> bool:
    given = next((one.value for one in node.keywords if one.arg == "requires_grad"), None)
    return isinstance(given, ast.Constant) and given.value is True


def _holds_tensors(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is a list or tuple in which a tensor is."""
    if isinstance(node, ast.List | ast.Tuple):
        return any(ctx.value(one).is_tensor for one in node.elts)
    if isinstance(node, ast.ListComp):
        return ctx.value(node.elt).is_tensor
    held = ctx.value(node)
    return held.is_("list", "tuple") and any(part.known and not part.kinds.isdisjoint(TENSORS) for part in held.parts)


def _is_input(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is a tensor that the call is given: a parameter of the entry, before it is anything else."""
    if not isinstance(node, ast.Name) or ctx.function is None or ctx.function is not ctx.unit.entry:
        return False
    found = ctx.module.scope_at(node).lookup(node.id)
    if found is None or found[0].node is not ctx.function or not ctx.value(node).is_tensor:
        return False
    others = [one.node for one in found[1] if one.kind != "param"]
    if len(others) == len(found[1]):
        return False
    return all(_at(one) >= node.lineno for one in others) and not (others and in_loop(node, ctx.module))


def _at(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)
