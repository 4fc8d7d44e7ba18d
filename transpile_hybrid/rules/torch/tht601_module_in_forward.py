"""A stateless module that is built where it is used.

What it does
    Finds ``nn.Softmax(dim=-1)(x)`` in what TorchScript compiles, and ``loss = nn.MSELoss()`` that is called below.

Why is this bad
    TorchScript builds no modules: "Cannot instantiate class 'Softmax' in a script function".

Fix safety
    Safe: the function that the module's ``forward`` calls is called instead, with the same arguments:
    ``nn.functional.softmax(x, dim=-1)``.  It is made for modules without parameters and buffers only.  A freshly built
    ``nn.Dropout`` is in training mode, as ``dropout`` by itself is.  Where a variable holds the module, nothing but
    calls of it may follow, in the same block, and what the module is built with may not change in between.  Where a
    class of the repository holds nothing, and its ``forward`` doesn't ask for its object, TorchScript gets a function
    of the same text; Python goes on building the module.

References
    https://docs.pytorch.org/docs/stable/nn.functional.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, delete_statement, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, block_of, call_of, name_for, problems
from ._inlined import as_function
from ._reports import Report
from ._types import T

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Attend(nn.Module):
    def forward(self, scores, values):
        weights = nn.Softmax(dim=-1)(scores)
        return nn.ReLU()(weights @ values)
""",
        after="""
from torch import nn


class Attend(nn.Module):
    def forward(self, scores, values):
        weights = nn.functional.softmax(scores, dim=-1)
        return nn.functional.relu(weights @ values)
""",
    ),
    Example(
        before="""
import torch.nn.functional as F
from torch.nn import Module, MSELoss


class Head(Module):
    def __init__(self, reduction="sum"):
        super().__init__()
        self.reduction = reduction

    def forward(self, x, wanted):
        loss_fct = MSELoss(reduction=self.reduction)
        return loss_fct(F.relu(x), wanted)
""",
        after="""
import torch.nn.functional as F
from torch.nn import Module, MSELoss


class Head(Module):
    def __init__(self, reduction="sum"):
        super().__init__()
        self.reduction = reduction

    def forward(self, x, wanted):
        return F.mse_loss(F.relu(x), wanted, reduction=self.reduction)
""",
    ),
    Example(
        title="padding",
        before="""
from torch import nn


class Framed(nn.Module):
    def forward(self, x):
        pads = 1, x.dim() - 1
        x = nn.ReflectionPad1d(pads)(x)
        return nn.ConstantPad1d(2, 1.5)(nn.ZeroPad1d(padding=1)(x))
""",
        after="""
from torch import nn


class Framed(nn.Module):
    def forward(self, x):
        pads = 1, x.dim() - 1
        x = nn.functional.pad(x, pads, mode="reflect")
        return nn.functional.pad(nn.functional.pad(x, [1] * 2), [2] * 2, value=1.5)
""",
    ),
    Example(
        title="a layer with weights",
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return nn.Linear(4, 2)(x)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a module that holds nothing",
        before="""
import torch
from torch import nn


class Gram(nn.Module):
    def forward(self, x, scale=1.0):
        features = x.flatten(1)
        return features @ features.t() * scale


class Style(nn.Module):
    def forward(self, x, y):
        return (Gram()(x) - Gram()(y, 0.5)).square().mean()
""",
        after="""
import torch
from torch import nn


def _scripted_gram(x, scale: float = 1.0):
    if not torch.jit.is_scripting():
        return Gram()(x, scale)
    features = x.flatten(1)
    return features @ features.t() * scale


class Gram(nn.Module):
    def forward(self, x, scale: float = 1.0):
        features = x.flatten(1)
        return features @ features.t() * scale


class Style(nn.Module):
    def forward(self, x, y):
        return (_scripted_gram(x) - _scripted_gram(y, 0.5)).square().mean()
""",
    ),
]

VALID = [
    """
from torch import nn


class Attend(nn.Module):
    def __init__(self):
        super().__init__()
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, scores):
        return self.softmax(scores)
""",
]

# class -> (function, how many positional arguments have the same place in both)
_FUNCTIONS = {
    "Softmax": ("softmax", 1), "LogSoftmax": ("log_softmax", 1), "ReLU": ("relu", 1), "Sigmoid": ("sigmoid", 0),
    "Tanh": ("tanh", 0), "LeakyReLU": ("leaky_relu", 2), "ELU": ("elu", 2), "GELU": ("gelu", 0), "SiLU": ("silu", 1),
    "Softplus": ("softplus", 2), "ReLU6": ("relu6", 1), "Hardtanh": ("hardtanh", 2), "LogSigmoid": ("logsigmoid", 0),
    "AvgPool1d": ("avg_pool1d", 5), "AvgPool2d": ("avg_pool2d", 6), "AvgPool3d": ("avg_pool3d", 6),
    "MaxPool1d": ("max_pool1d", 4), "MaxPool2d": ("max_pool2d", 4), "MaxPool3d": ("max_pool3d", 4),
    "AdaptiveAvgPool1d": ("adaptive_avg_pool1d", 1), "AdaptiveAvgPool2d": ("adaptive_avg_pool2d", 1),
    "AdaptiveAvgPool3d": ("adaptive_avg_pool3d", 1), "AdaptiveMaxPool2d": ("adaptive_max_pool2d", 1),
    "Upsample": ("interpolate", 4), "Dropout": ("dropout", 1), "PixelShuffle": ("pixel_shuffle", 1),
    "CosineSimilarity": ("cosine_similarity", 2), "PairwiseDistance": ("pairwise_distance", 3),
    "MSELoss": ("mse_loss", 0),
    "L1Loss": ("l1_loss", 0), "SmoothL1Loss": ("smooth_l1_loss", 0), "BCELoss": ("binary_cross_entropy", 0),
    "BCEWithLogitsLoss": ("binary_cross_entropy_with_logits", 0), "CrossEntropyLoss": ("cross_entropy", 0),
    "NLLLoss": ("nll_loss", 0), "KLDivLoss": ("kl_div", 0), "Softsign": ("softsign", 0),
    "Tanhshrink": ("tanhshrink", 0),
    "Hardswish": ("hardswish", 1), "Hardsigmoid": ("hardsigmoid", 1), "Mish": ("mish", 1), "SELU": ("selu", 1),
    "CELU": ("celu", 2), "GLU": ("glu", 1), "Hardshrink": ("hardshrink", 1), "Softshrink": ("softshrink", 1),
    "Softmin": ("softmin", 1), "Threshold": ("threshold", 3), "Dropout2d": ("dropout2d", 1),
    "Dropout3d": ("dropout3d", 1), "PixelUnshuffle": ("pixel_unshuffle", 1), "Unfold": ("unfold", 4),
    "Fold": ("fold", 5), "AdaptiveMaxPool1d": ("adaptive_max_pool1d", 1),
    "AdaptiveMaxPool3d": ("adaptive_max_pool3d", 1), "HuberLoss": ("huber_loss", 0),
    "SoftMarginLoss": ("soft_margin_loss", 0), "CosineEmbeddingLoss": ("cosine_embedding_loss", 0),
    "MarginRankingLoss": ("margin_ranking_loss", 0), "TripletMarginLoss": ("triplet_margin_loss", 0),
}  # fmt: skip
_PADS = {"ReflectionPad": "reflect", "ReplicationPad": "replicate", "ZeroPad": "constant", "ConstantPad": "constant"}


@rule(
    "THT601",
    "module-in-forward",
    targets=SCRIPT,
    consequence=Consequence.ERROR,
    fix="sometimes",
    scope="unit",
)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "module-built"):
        node, kind = problem.node, problem.detail[0]
        assert isinstance(node, ast.Call) and isinstance(kind, T)
        yield Finding(
            node,
            f"TorchScript can't build a module: `{ast.unparse(node.func)}(...)`",
            help="build it in `__init__`, or call the function of the same meaning",
            fix=_functional(node, kind.name, unit, ctx)
            or _padded(node, kind.name, report, ctx)
            or _own(node, kind.name, ctx),
        )


def _own(node: ast.Call, name: str, ctx: UnitContext) -> Fix | None:
    edits = as_function(node, name, ctx)
    return Fix(edits) if edits else None


def _functional(node: ast.Call, name: str, unit: Unit, ctx: UnitContext) -> Fix | None:
    found = _FUNCTIONS.get(name.removeprefix("torch.nn."))
    if found is None:
        return None
    function, places = found
    if any(isinstance(one, ast.Starred) for one in node.args) or len(node.args) > places:
        return None
    if any(k.arg is None or (k.arg == "weight" and name.endswith("Loss")) for k in node.keywords):
        return None
    callee = _name(node.func, function, ctx, node)
    if callee is None:
        return None
    outer = ctx.module.parent(node)
    if isinstance(outer, ast.Call) and outer.func is node:
        edit = _call(outer, node, callee[0], ctx)
        return Fix((edit, *callee[1])) if edit is not None else None
    if not isinstance(outer, ast.Assign) or not _is_steady(node, outer, unit, ctx):
        return None
    calls = _only_called(outer, ctx)
    edits = [_call(call, node, callee[0], ctx) for call in calls]
    if not edits or None in edits:
        return None
    gone = delete_statement(ctx.source, outer, block_of(outer, ctx.module))
    return Fix((gone, *(edit for edit in edits if edit is not None), *callee[1]))


def _padded(node: ast.Call, name: str, report: Report, ctx: UnitContext) -> Fix | None:
    """``nn.ReflectionPad2d(pads)(x)``: the function takes a number for each side, the module also one for all."""
    match = re.fullmatch(r"torch\.nn\.(\w+Pad)([123])d", name)
    mode = _PADS.get(match[1]) if match is not None else None
    call = ctx.module.parent(node)
    sides = [*node.args, *(k.value for k in node.keywords if k.arg == "padding")]
    more = [one for one in node.keywords if one.arg != "padding"]
    if match is None or mode is None or not (isinstance(call, ast.Call) and call.func is node):
        return None
    if match[1] == "ConstantPad" and len(node.args) == 2:
        sides, value = [node.args[0]], [node.args[1]]
    else:
        value = [one.value for one in more if one.arg == "value" and match[1] == "ConstantPad"]
    if len(sides) != 1 or len(more) > len(value) or len(call.args) != 1 or call.keywords or len(value) > 1:
        return None
    kind, callee = report.type(sides[0]).kind, _name(node.func, "pad", ctx, node)
    if callee is None or kind not in ("int", "tuple", "list") or isinstance(call.args[0], ast.Starred):
        return None
    pads: tuple[Part, ...] = ("[", sides[0], f"] * {2 * int(match[2])}") if kind == "int" else (sides[0],)
    parts = [f"{callee[0]}(", call.args[0], ", ", *pads, f', mode="{mode}"' if mode != "constant" else ""]
    parts += [", value=", value[0]] if value else []
    return Fix((replace(ctx.source, call, *parts, ")"), *callee[1]))


def _call(call: ast.Call, built: ast.Call, callee: str, ctx: UnitContext) -> Edit | None:
    """Call ``callee`` with the arguments of ``call``, and with those of ``built`` behind them."""
    if not call.args or call.keywords or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    return replace(ctx.source, call, *call_of(callee, call.args[0], (*call.args[1:], *built.args), built.keywords))


def _only_called(binding: ast.Assign, ctx: UnitContext) -> list[ast.Call]:
    """Return the calls of the variable that ``binding`` sets; none where something else may become of it.

    Each place that sets the variable is followed by its calls, in the same block, up to the next such place.
    """
    target, function = binding.targets[0], ctx.module.enclosing_function(binding)
    if len(binding.targets) != 1 or not isinstance(target, ast.Name) or function is None:
        return []
    named = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == target.id]
    mine: list[ast.Call] = []
    told = 0
    for store in (n for n in named if not isinstance(n.ctx, ast.Load)):
        statement = ctx.module.parent(store)
        if not isinstance(statement, ast.Assign) or statement.targets != [store]:
            return []
        block = block_of(statement, ctx.module)
        for later in block[block.index(statement) + 1 :]:
            inside = {id(n) for n in walk(later)}
            uses = [n for n in named if id(n) in inside]
            if any(not isinstance(n.ctx, ast.Load) for n in uses):
                if isinstance(later, ast.Assign) and not any(isinstance(n.ctx, ast.Load) for n in uses):
                    break
                return []
            told += len(uses)
            if statement is binding:
                calls = [ctx.module.parent(n) for n in uses]
                if any(ctx.module.enclosing_function(n) is not function for n in uses):
                    return []
                if not all(isinstance(c, ast.Call) and c.func is n for c, n in zip(calls, uses, strict=True)):
                    return []
                mine += [call for call in calls if isinstance(call, ast.Call)]
    return mine if told == sum(isinstance(n.ctx, ast.Load) for n in named) else []


def _is_steady(built: ast.Call, binding: ast.Assign, unit: Unit, ctx: UnitContext) -> bool:
    """Whether what ``built`` is given is the same wherever the function asks for it below."""
    function = ctx.module.enclosing_function(binding)
    for node in (n for one in (*built.args, *built.keywords) for n in walk(one)):
        if isinstance(node, ast.Name):
            stores = [n for n in walk(function or built) if isinstance(n, ast.Name) and n.id == node.id]
            if any(not isinstance(n.ctx, ast.Load) for n in stores):
                return False
        elif isinstance(node, ast.Attribute):
            methods = unit.cls.methods.values() if unit.cls is not None else (function or built,)
            if any(_sets(method, node.attr) for method in methods if method is not unit.init):
                return False
        elif not isinstance(node, ast.Constant | ast.UnaryOp | ast.unaryop | ast.expr_context | ast.keyword):
            return False
    return True


def _sets(method: ast.AST, attribute: str) -> bool:
    return any(
        isinstance(n, ast.Attribute) and n.attr == attribute and not isinstance(n.ctx, ast.Load) for n in walk(method)
    )


def _name(func: ast.expr, function: str, ctx: UnitContext, at: ast.AST) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how ``function`` is called where ``func`` names the module class, and the import that it takes."""
    found = name_for(f"torch.nn.functional.{function}", ctx, at)
    if isinstance(func, ast.Attribute) and (found is None or found[1]):
        return f"{ast.unparse(func.value)}.functional.{function}", ()
    return found
