"""Adaptive pooling that keeps the size of some dimensions.

What it does
    Finds calls of ``nn.AdaptiveAvgPool2d((None, 1))`` and the like: layers whose output is as large as the input where
    ``None`` stands.

Why is this bad
    PyTorch's own ``forward`` gives ``None`` on to an operation that takes whole numbers: TorchScript refuses the layer,
    "Expected a value of type 'List[int]' for argument 'output_size' but instead found type 'Tuple[NoneType, int]'".

Fix safety
    Safe where construction makes the layer with a literal size and nothing else sets it: the operation is called with
    the size that the layer looks up.  The layer stays where it is, but is no longer called: nothing is changed where
    some file of the repository registers forward hooks.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, self_name, subclasses_of
from ._common import SCRIPT, reports
from ._reports import Report
from ._writing import functional_name

EXAMPLES = [
    Example(
        before="""
import torch
import torch.nn.functional as F
from torch import nn


class Coordinates(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.AdaptiveAvgPool2d((None, 1))
        self.columns = nn.AdaptiveAvgPool2d((1, None))

    def forward(self, x):
        return F.relu(self.rows(x)) + self.columns(x)
""",
        after="""
import torch
import torch.nn.functional as F
from torch import nn


class Coordinates(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = nn.AdaptiveAvgPool2d((None, 1))
        self.columns = nn.AdaptiveAvgPool2d((1, None))

    def forward(self, x):
        return F.relu(F.adaptive_avg_pool2d(x, (x.shape[-2], 1))) + F.adaptive_avg_pool2d(x, (1, x.shape[-1]))
""",
    ),
    Example(
        title="one of several layers",
        before="""
from torch import nn


class Rows(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.layers = nn.Sequential(nn.AdaptiveAvgPool2d((None, 1)), nn.Conv2d(channels, 1, 1))

    def forward(self, x):
        return self.layers(x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d((2, 1))
        self.unused = nn.AdaptiveAvgPool2d((None, 1))

    def forward(self, x):
        return self.pool(x)
""",
]

_POOL = re.compile(r"torch\.nn\.Adaptive(Avg|Max)Pool([23])d")
_HOOKS = ("register_forward_hook", "register_forward_pre_hook", "register_module_forward_hook")


@rule("THT633", "pool-any-size", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        info = report.info
        if report.module is not ctx.module or info is None:
            continue
        for node in walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            if not (isinstance(owner, ast.Name) and owner.id == self_name(function)):
                continue
            made = [one for write in _writes(node.func.attr, info, ctx) for one in _pools(write, ctx)]
            if made:
                edits = _edits(node, made, report, ctx)
                yield Finding(
                    node,
                    f"`{ast.unparse(node.func)}` keeps the size of a dimension, which TorchScript can't compile",
                    help="call the function: `F.adaptive_avg_pool2d(x, (x.shape[-2], 1))`",
                    fix=Fix(edits) if edits else None,
                )


def _writes(name: str, info: ClassInfo, ctx: UnitContext) -> list[ast.expr | None]:
    return [write.value for write in class_model(info, ctx.project).built.get(name, ())]


def _pools(value: ast.expr | None, ctx: UnitContext) -> list[ast.Call]:
    """Return the layers of that kind in what is assigned: it may be one of a ``Sequential``."""
    calls = [one for one in walk(value) if isinstance(one, ast.Call)] if value is not None else []
    return [one for one in calls if _POOL.fullmatch(ctx.qualified(one.func) or "") and _keeps(one)]


def _size(call: ast.Call) -> ast.expr | None:
    return call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "output_size"), None)


def _keeps(call: ast.Call) -> bool:
    size = _size(call)
    items = size.elts if isinstance(size, ast.Tuple | ast.List) else [size]
    return any(isinstance(one, ast.Constant) and one.value is None for one in items)


def _edits(node: ast.Call, made: list[ast.Call], report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    assert isinstance(node.func, ast.Attribute) and report.info is not None
    name, info = node.func.attr, report.info
    given = node.args[0] if len(node.args) == 1 and not node.keywords else None
    found = _POOL.fullmatch(ctx.qualified(made[0].func) or "")
    if not isinstance(given, ast.Name) or found is None or not _is_the_layer(name, made[0], info, ctx):
        return ()
    if any(ctx.project.mentioning(hook) != [] for hook in _HOOKS):
        return ()
    functional = functional_name(node, ctx)
    size, count = _size(made[0]), int(found[2])
    if functional is None or not isinstance(size, ast.Tuple | ast.List) or len(size.elts) != count:
        return ()
    items: list[str] = []
    for index, one in enumerate(size.elts):
        if not isinstance(one, ast.Constant):
            return ()
        items.append(f"{given.id}.shape[{index - count}]" if one.value is None else repr(one.value))
    text = f"{functional[0]}.adaptive_{found[1].lower()}_pool{count}d({given.id}, ({', '.join(items)}))"
    return (replace(ctx.source, node, text), *functional[1])


def _is_the_layer(name: str, made: ast.Call, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether ``self.name`` is what that call makes, in every instance."""
    if len(made.args) + len(made.keywords) != 1:
        return False
    for one in (info, *subclasses_of(info, ctx.project)):
        model = class_model(one, ctx.project)
        writes = model.built.get(name, [])
        if len(writes) != 1 or writes[0].value is not made or not writes[0].sure or name in model.later:
            return False
        if name in model.registered or model.hides(name):
            return False
    return True
