"""A call of Python or PyTorch that TorchScript has none of.

What it does
    Finds calls, in what TorchScript compiles, of Python's functions (``next``, ``set``, ``iter``, ``callable``), of the
    standard library (``random``, ``copy``, ``itertools``, ``functools``), of ``nn.Module``'s own methods and tables
    (``self.parameters()``, ``self.layer.to(device)``, ``self._modules``), of functions of PyTorch that are no operators
    (``torch.iinfo``, ``torch.utils.checkpoint.checkpoint``, ``torch.distributed.is_available``), context managers other
    than ``torch.no_grad()``, ``torch.autocast`` and ``record_function``, and classes built that have no ``__init__`` in
    their own body, dataclasses above all.

Why is this bad
    TorchScript compiles functions from their source and has operators of its own for some of Python's: everything else
    ends with "Python builtin ... is currently not supported in Torchscript", "Unknown builtin op", or an error
    somewhere inside of the library.

Fix safety
    Safe for ``next(self.parameters()).device`` (and ``dtype``) where the constructor shows which parameter comes first:
    TorchScript asks that one by name; and for ``self.__class__.__name__`` in the message of an exception.
    None is made of the others.  What doesn't depend on the inputs is worked out in ``__init__`` and kept as an
    attribute; what is only for Python goes under ``if not torch.jit.is_scripting():``, or into a method with
    ``@torch.jit.unused``.

References
    https://docs.pytorch.org/docs/stable/jit_python_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, in_place_of, problems
from ._first_parameter import first_parameter
from ._messages import readable
from ._refused import DISTRIBUTION, NO_CONSTRUCTOR, is_distribution
from ._types import CONTAINERS
from ._writing import of_torch
from .tht627_asks_for_function import is_never

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = x.to(next(self.parameters()).device)
        return self.fc(x)
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = x.to(self.fc.weight.device if torch.jit.is_scripting() else next(self.parameters()).device)
        return self.fc(x)
""",
    ),
    Example(
        title="a parameter of a part",
        before="""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.dim = dim
        self.act = nn.ReLU()
        self.layers = nn.Sequential(nn.Dropout(0.1), nn.Conv1d(dim, dim, 1))

    def forward(self, x):
        return self.layers(self.act(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(4, 8)
        self.scale = nn.Linear(4, 4)

    def forward(self, x):
        dtype = next(self.block.parameters()).dtype
        device = next(iter(self.parameters())).device
        return self.block(x.to(dtype).to(device))
""",
        after="""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.dim = dim
        self.act = nn.ReLU()
        self.layers = nn.Sequential(nn.Dropout(0.1), nn.Conv1d(dim, dim, 1))

    def forward(self, x):
        return self.layers(self.act(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(4, 8)
        self.scale = nn.Linear(4, 4)

    def forward(self, x):
        dtype = self.block.layers[1].weight.dtype if torch.jit.is_scripting() else next(self.block.parameters()).dtype
        device = self.block.layers[1].weight.device if torch.jit.is_scripting() else next(iter(self.parameters())).device
        return self.block(x.to(dtype).to(device))
""",  # noqa: E501  formatting is not the rule's
    ),
    Example(
        title="a part that is given",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, encoder=None):
        super().__init__()
        self.encoder = encoder
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x.to(next(self.parameters()).device))
""",
    ),
    Example(
        title="a context manager",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        with torch.enable_grad():
            return x * 2
""",
    ),
]

EXAMPLES += [
    Example(
        title="a distribution of one's own",
        before="""
import torch
from torch import nn


class Choice(torch.distributions.Categorical):
    def mode(self):
        return self.probs.argmax(dim=-1)


class Policy(nn.Module):
    def forward(self, x):
        return Choice(logits=x)
""",
    ),
    Example(
        title="the class in the message of an exception",
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if x.dim() < 2:
            raise ValueError("{} wants a batch".format(self.__class__.__name__))
        assert x.dim() < 5, f"{type(self).__name__} wants at most 4 axes"
        return x * 2
""",
        after="""
from torch import nn
import torch


class Net(nn.Module):
    def forward(self, x):
        if x.dim() < 2:
            raise ValueError("{} wants a batch".format("Net" if torch.jit.is_scripting() else self.__class__.__name__))
        assert x.dim() < 5, "{} wants at most 4 axes".format("Net" if torch.jit.is_scripting() else type(self).__name__)
        return x * 2
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        with torch.no_grad():
            x = x.to(self.fc.weight.device)
        return self.fc(x)
""",
]

_TOLD_ELSEWHERE = frozenset({"torch.from_numpy", "torch.is_tensor", "torch.spmm"})
_PARAMETERS = frozenset({"parameters", "named_parameters", "buffers"})


@rule("THT613", "refused-call", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for problem, report in problems(unit, ctx, "refused-call"):
        node, name = problem.node, problem.detail[0]
        assert isinstance(node, ast.Call | ast.Attribute) and isinstance(name, str)
        if name in _TOLD_ELSEWHERE or _is_inside(node, ctx) or (name == "_modules" and _is_looped(node, unit, ctx)):
            continue
        if any(is_never(test, report, ctx) for test in (node, ctx.module.parent(node))):
            continue  # THT627 tells of that
        shown = f"{ast.unparse(node.func)}(...)" if isinstance(node, ast.Call) else ast.unparse(node)
        if name == NO_CONSTRUCTOR:
            yield Finding(
                node,
                f"TorchScript finds no `__init__` in the body of this class: `{shown}`",
                help="write one; a class derived from `typing.NamedTuple` needs none",
            )
            continue
        if name == DISTRIBUTION or is_distribution(name):
            yield Finding(
                node,
                f"TorchScript can't compile a distribution of PyTorch: `{shown}`",
                help="return what it is made of, and make it where the module is called",
            )
            continue
        device = name in _PARAMETERS
        edits = _by_name(node, unit, ctx) or readable(node, unit, ctx)
        yield Finding(
            node,
            f"TorchScript has no `{shown}`",
            help="ask a parameter by name (`self.fc.weight.device`)"
            if device
            else "work it out in `__init__`, or keep it from TorchScript by `if not torch.jit.is_scripting():`",
            fix=Fix(edits) if edits else None,
        )


def _by_name(node: ast.expr, unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """``next(self.parameters()).device``: that of the parameter which comes first."""
    asked, given = ctx.module.parent(node), node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else None
    if isinstance(given, ast.Call) and ctx.qualified(given.func) == "builtins.iter" and len(given.args) == 1:
        given = given.args[0]
    if not isinstance(asked, ast.Attribute) or asked.attr not in ("device", "dtype") or unit.cls is None:
        return ()
    inner = given.func if isinstance(given, ast.Call) and not given.args and not given.keywords else None
    if not isinstance(inner, ast.Attribute) or inner.attr != "parameters" or not isinstance(node, ast.Call):
        return ()
    if ctx.qualified(node.func) != "builtins.next" or unit.self_name != ast.unparse(inner.value).partition(".")[0]:
        return ()
    found = first_parameter(ast.unparse(inner.value), unit.cls, ctx)
    scripting = of_torch("torch.jit.is_scripting", ctx, node)
    if found is None or scripting is None:
        return ()
    parts: tuple[Part, ...] = (f"{found}.{asked.attr} if {scripting[0]}() else ", asked)
    return (in_place_of(asked, parts, ctx), *scripting[1])


def _is_looped(node: ast.expr, unit: Unit, ctx: UnitContext) -> bool:
    """Whether THT607 or THT629 tells of a loop over ``self._modules.values()``."""
    base = ctx.project.framework_base(unit.cls) if unit.cls is not None else None
    values = ctx.module.parent(node)
    if not isinstance(values, ast.Attribute):
        return False
    loop = ctx.module.parent(ctx.module.parent(values))
    if isinstance(loop, ast.For) and values.attr in ("values", "items"):
        return True
    return base is not None and base.name in CONTAINERS and values.attr == "values"


def _is_inside(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether the call is an argument of another that is told: ``next(self.parameters())``."""
    parent = ctx.module.parent(node)
    return isinstance(parent, ast.Call) and node in parent.args and ctx.qualified(parent.func) == "builtins.next"
