"""A stateless module that is built where it is used.

What it does
    Finds ``nn.Softmax(dim=-1)(x)`` in what TorchScript compiles.

Why is this bad
    TorchScript builds no modules: "Cannot instantiate class 'Softmax' in a script function".

Fix safety
    Safe: the function that the module's ``forward`` calls is called instead, with the same arguments:
    ``nn.functional.softmax(x, dim=-1)``.  It is made for modules without parameters and buffers only.  A freshly built
    ``nn.Dropout`` is in training mode, as ``dropout`` by itself is.

References
    https://docs.pytorch.org/docs/stable/nn.functional.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, name_for, problems
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
        title="a layer with weights",
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return nn.Linear(4, 2)(x)
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
}  # fmt: skip


@rule("THT601", "module-in-forward", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, _ in problems(unit, ctx, "module-built"):
        node, kind = problem.node, problem.detail[0]
        assert isinstance(node, ast.Call) and isinstance(kind, T)
        edit = _functional(node, kind.name, ctx)
        yield Finding(
            node,
            f"TorchScript can't build a module: `{ast.unparse(node.func)}(...)`",
            help="build it in `__init__`, or call the function of the same meaning",
            fix=Fix((edit,)) if edit is not None else None,
        )


def _functional(node: ast.Call, name: str, ctx: UnitContext) -> Edit | None:
    found = _FUNCTIONS.get(name.removeprefix("torch.nn."))
    outer = ctx.module.parent(node)
    if found is None or not isinstance(outer, ast.Call) or outer.func is not node or not outer.args:
        return None
    function, places = found
    starred = any(isinstance(one, ast.Starred) for one in (*node.args, *outer.args))
    if starred or len(node.args) > places or any(k.arg is None for k in (*node.keywords, *outer.keywords)):
        return None
    if outer.keywords or (name.endswith("Loss") and any(k.arg == "weight" for k in node.keywords)):
        return None
    callee = _name(node.func, function, ctx, node)
    if callee is None:
        return None
    parts: list[Part] = [callee, "("]
    for index, one in enumerate((*outer.args, *node.args)):
        parts += [", ", one] if index else [one]
    for keyword in node.keywords:
        parts += [f", {keyword.arg}=", keyword.value]
    return replace(ctx.source, outer, *parts, ")")


def _name(func: ast.expr, function: str, ctx: UnitContext, at: ast.AST) -> str | None:
    """Return how ``function`` is called where ``func`` names the module class."""
    found = name_for(f"torch.nn.functional.{function}", ctx, at)
    if found is not None and not found[1]:
        return found[0]
    if isinstance(func, ast.Attribute):
        return f"{ast.unparse(func.value)}.functional.{function}"
    return None
