"""``super().forward(x)`` in what TorchScript compiles.

What it does
    Finds calls of the base class's ``forward`` (or another method) through ``super()``.

Why is this bad
    TorchScript compiles one class without its bases: it has no ``super``.

Fix safety
    Safe where the base class is one of PyTorch's whose ``forward`` is one function of its attributes (``nn.Linear``,
    ``nn.LayerNorm``, ``nn.Embedding``, convolutions, pooling, losses): that function is called; a ``Sequential`` is run
    child by child, and batch normalization gets a method for TorchScript alone.  For a base class of the same file the
    method's text is put into this class under a name of its own.  Other bases are reported, and so is a class that is
    one of several bases of another: there ``super()`` may be something else.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._bases import CALLS, METHODS, short_name
from ._classes import self_name, subclasses_of
from ._common import SCRIPT, problems
from ._writing import functional_name, of_torch

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Norm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.float()).type_as(x)
""",
        after="""
import torch
from torch import nn


class Norm(nn.LayerNorm):
    def forward(self, x):
        return nn.functional.layer_norm(x.float(), self.normalized_shape, self.weight, self.bias, self.eps).type_as(x)
""",
    ),
    Example(
        before="""
from torch import nn


class Pool(nn.Sequential):
    def forward(self, x):
        x = super().forward(x)
        return x + 1
""",
        after="""
from torch import nn


class Pool(nn.Sequential):
    def forward(self, x):
        for module in self:
            x = module(x)
        return x + 1
""",
    ),
]

EXAMPLES += [
    Example(
        before="""
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        return x * 2


class Shifted(Scale):
    def forward(self, x):
        return super().forward(x) + 1
""",
        after="""
from torch import nn


class Scale(nn.Module):
    def forward(self, x):
        return x * 2


class Shifted(Scale):
    def _forward_of_scale(self, x):
        return x * 2

    def forward(self, x):
        return self._forward_of_scale(x) + 1
""",
    ),
    Example(
        title="a Sequential that does something with what comes of it",
        before="""
import torch
from torch import nn


class Dense(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(3, 3), nn.ReLU())

    def forward(self, x):
        new = super().forward(x)
        return torch.cat([x, new], 1)
""",
        after="""
import torch
from torch import nn


class Dense(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(3, 3), nn.ReLU())

    def forward(self, x):
        new = x
        for module in self:
            new = module(new)
        return torch.cat([x, new], 1)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a loss with weights",
        before="""
import torch
from torch import nn


class Hard(nn.CrossEntropyLoss):
    def __init__(self, k=2):
        super().__init__(reduction="none")
        self.k: int = k

    def forward(self, x, y):
        found = super().forward(x, y)
        return torch.topk(found, self.k)[0].mean()
""",
        after="""
import torch
from torch import nn


class Hard(nn.CrossEntropyLoss):
    def __init__(self, k=2):
        super().__init__(reduction="none")
        self.k: int = k

    def forward(self, x, y):
        found = nn.functional.cross_entropy(x, y, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction, label_smoothing=self.label_smoothing)
        return torch.topk(found, self.k)[0].mean()
""",  # noqa: E501  formatting is not the rule's
    ),
    Example(
        title="batch normalization",
        before="""
import torch
from torch import nn


class Shifted(nn.BatchNorm1d):
    def __init__(self, features=3):
        super().__init__(features)
        self.shift = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return super().forward(x) + self.shift
""",
        after="""
import torch
from torch import nn


class Shifted(nn.BatchNorm1d):
    def __init__(self, features=3):
        super().__init__(features)
        self.shift = nn.Parameter(torch.zeros(1))

    def _forward_of_batch_norm1d(self, x):
        if not torch.jit.is_scripting():
            return super().forward(x)
        # what PyTorch's own module does, for TorchScript, which has no `super`
        self._check_input_dim(x)
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                factor = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or (self.running_mean is None and self.running_var is None)
        kept = not self.training or self.track_running_stats
        mean, variance = self.running_mean if kept else None, self.running_var if kept else None
        return nn.functional.batch_norm(
            x, mean, variance, self.weight, self.bias, by_batch, factor, self.eps
        )

    def forward(self, x):
        return self._forward_of_batch_norm1d(x) + self.shift
""",
    ),
]

EXAMPLES += [
    Example(
        title="a Sequential that is given something new",
        before="""
import torch
from torch import nn


class Dense(nn.Sequential):
    def forward(self, x):
        y = super().forward(torch.relu(x))
        return torch.cat([x, y], 1)
""",
        after="""
import torch
from torch import nn


class Dense(nn.Sequential):
    def forward(self, x):
        y = torch.relu(x)
        for module in self:
            y = module(y)
        return torch.cat([x, y], 1)
""",
    ),
    Example(
        title="another class may come in between",
        before="""
from torch import nn


class Other(nn.Linear):
    def forward(self, x):
        return x * 2


class Base(nn.Linear):
    def __init__(self):
        super().__init__(3, 3)

    def forward(self, x):
        return super().forward(x) + 1


class Both(Base, Other):
    pass
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Linear):
    def __init__(self):
        super().__init__(4, 2)
""",
]


@rule("THT604", "super-forward", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, _ in problems(unit, ctx, "super"):
        node = problem.node
        assert isinstance(node, ast.Call)
        known = unit.cls is not None and not _may_lead_elsewhere(unit.cls, ctx)
        edits = _inline(node, unit, ctx) or _copied(node, unit, ctx) if known else ()
        yield Finding(
            node,
            "TorchScript has no `super()`",
            help="put the base class's computation here, or in a method with a name of its own",
            fix=Fix(edits) if edits else None,
        )


def _may_lead_elsewhere(info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether ``super()`` in ``info`` is another class where a subclass has several bases."""
    return any(len(one.bases) > 1 for one in subclasses_of(info, ctx.project))


def _framework_forward(node: ast.Call, unit: Unit, ctx: UnitContext) -> str:
    """Return the short name of PyTorch's class whose ``forward`` is called; '' where it is another method."""
    assert isinstance(node.func, ast.Attribute)
    info, function = unit.cls, ctx.module.enclosing_function(node)
    if info is None or node.func.attr != "forward" or function is not info.methods.get("forward"):
        return ""
    around, first = node.func.value, self_name(function) if function is not None else ""
    assert isinstance(around, ast.Call)
    own = [ast.unparse(one) for one in around.args] in ([], [info.name, first])
    above = ctx.project.mro(info)[1:]
    base = ctx.project.framework_base(info)
    if not own or not first or base is None or ctx.project.unresolved_bases(info):
        return ""
    return "" if any("forward" in one.methods for one in above) else short_name(base.name)


def _inline(node: ast.Call, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Write what the base class computes in the place of the call, or in a method for TorchScript."""
    base = _framework_forward(node, unit, ctx)
    if not base or node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        return ()
    if base == "Sequential":
        edit = _children(node, ctx) if len(node.args) == 1 else None
        return (edit,) if edit is not None else ()
    if base in METHODS:
        return _method(node, base, unit, ctx)
    text = CALLS.get(base, "")
    if not text or text.count("{}") != len(node.args):
        return ()
    imports: tuple[Edit, ...] = ()
    if not text.startswith("self."):
        found = functional_name(node, ctx)
        if found is None:
            return ()
        text, imports = f"{found[0]}.{text}", found[1]
    function = ctx.module.enclosing_function(node)
    assert function is not None
    pieces = re.sub(r"\bself\b", self_name(function), text).split("{}")
    parts: list[Part] = [pieces[0]]
    for argument, piece in zip(node.args, pieces[1:], strict=True):
        parts += [argument, piece]
    return (replace(ctx.source, node, *parts), *imports)


def _method(node: ast.Call, base: str, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Write a method that does what the base class does for TorchScript, and asks the base class in Python."""
    function, source = ctx.module.enclosing_function(node), ctx.source
    found, torch = functional_name(node, ctx), of_torch("torch.jit.is_scripting", ctx, node)
    assert isinstance(node.func, ast.Attribute)
    if function is None or found is None or torch is None or unit.cls is None or len(node.args) != 1:
        return ()
    name = f"_forward_of_{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', base).lower()}"
    me = self_name(function)
    if any(name in one.methods for one in ctx.project.mro(unit.cls)) or source.newline in source.segment(node.func):
        return ()
    lines = [
        f"if not {torch[0]}():",
        f"    return {source.segment(node.func)}(x)",
        "# what PyTorch's own module does, for TorchScript, which has no `super`",
        *(line.replace("{functional}", found[0]) for line in METHODS[base]),
    ]
    indent, step = source.indent_of(function), "    "
    text = source.newline.join(
        [f"def {name}({me}, x):", *(indent + step + re.sub(r"\bself\b", me, line) for line in lines)]
    )
    start = min([source.span(function).start, *(source.span(one).start - 1 for one in function.decorator_list)])
    added = insert(start, text + source.newline * 2 + indent)
    return (added, replace(source, node.func, f"{me}.{name}"), *found[1], *torch[1])


def _copied(node: ast.Call, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Give this class the base class's method under another name, and call that."""
    assert isinstance(node.func, ast.Attribute)
    source, info = ctx.source, unit.cls
    function = ctx.module.enclosing_function(node)
    if info is None or function is None or function is not info.methods.get(function.name) or len(info.bases) != 1:
        return ()
    base = ctx.project.class_named(info.bases[0])
    found = ctx.project.method(base, node.func.attr) if base is not None else None
    if found is None or found[0].module is not ctx.module or function.decorator_list or not function.args.args:
        return ()
    owner, method = found
    name = f"_{node.func.attr}_of_{owner.name.lower()}"
    taken = any(name in one.methods for one in ctx.project.mro(info))
    if taken or method.decorator_list or source.indent_of(method) != source.indent_of(function):
        return ()
    for one in walk(method):
        word = one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else ""
        if word in ("super", "__class__") or (word.startswith("__") and not word.endswith("__")):
            return ()
    span = source.span(method)
    text = source.text[span.start : span.end].replace(f"def {node.func.attr}", f"def {name}", 1)
    start = source.span(function).start
    gap = source.newline * 2 + source.indent_of(function)
    return (
        Edit(start, start, (text + gap,)),
        replace(source, node.func, f"{function.args.args[0].arg}.{name}"),
    )


def _children(node: ast.Call, ctx: UnitContext) -> Edit | None:
    """``x = super().forward(...)`` or ``return super().forward(...)`` of a Sequential."""
    statement, argument, source = ctx.module.parent(node), node.args[0], ctx.source
    function = ctx.module.enclosing_function(node)
    used = {one.id if isinstance(one, ast.Name) else getattr(one, "arg", "") for one in walk(function or statement)}
    child = next((one for one in ("module", "child", "layer") if one not in used), "")
    given = argument.id if isinstance(argument, ast.Name) else ""
    target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
    if isinstance(target, ast.Name):
        name, end = target.id, []
    elif isinstance(statement, ast.Return):
        name = given or next((one for one in ("x", "y", "out") if one not in used), "")
        end = [f"return {name}"]
    else:
        return None
    if not name or not child:
        return None
    newline = source.newline + source.indent_of(statement)
    begin: list[Part] = [] if name == given else [f"{name} = ", argument, newline]
    lines = [f"for {child} in self:", f"    {name} = {child}({name})", *end]
    return replace(source, statement, *begin, newline.join(lines))
