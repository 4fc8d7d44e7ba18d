"""An import inside of a function that TorchScript compiles.

What it does
    Finds imports in the body of what ``torch.jit.script`` reads.

Why is this bad
    TorchScript's parser has no imports: "import statements aren't supported".  One stops the whole module.

Fix safety
    Safe: the import goes to the top of the file, or away where the same name means the same there already.  Only
    imports of PyTorch's main modules, NumPy and the standard library are moved; others may be late to break a circle,
    or because the library may be missing.  An import in a ``try`` or an ``if`` stays, and so does one whose name the
    file gives to something else.

References
    https://docs.pytorch.org/docs/stable/jit_unsupported.html
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.canonical import canonical
from ...meaning.names import BUILTINS, FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, add_import, delete_statement
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, is_read, reports

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        import math
        from torch.nn import functional as F

        return F.relu(x) * math.pi
""",
        after="""
import torch
from torch import nn
import math
from torch.nn import functional as F


class Net(nn.Module):
    def forward(self, x):

        return F.relu(x) * math.pi
""",
    ),
    Example(
        title="the name means the same already",
        before="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        from torch.nn import functional as F

        return F.relu(x)
""",
        after="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):

        return F.relu(x)
""",
    ),
    Example(
        title="it may be late for a reason",
        before="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        from fast_library import fast_relu

        return fast_relu(x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        import math

        self.scale = math.pi

    def forward(self, x):
        return x * self.scale
""",
]

_OF_TORCH = frozenset(
    f"torch{rest}" for rest in ("", ".nn", ".nn.functional", ".nn.init", ".autograd", ".utils.checkpoint", ".linalg")
)
"""Modules that each version has, and that nothing keeps from being imported early."""


@rule("THT630", "local-import", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module or not is_read(function, ctx):
            continue
        for statement in function.body:
            for node in walk(statement):
                if not isinstance(node, ast.Import | ast.ImportFrom):
                    continue
                edits = _moved(node, function, ctx)
                yield Finding(
                    node,
                    "TorchScript's parser does not take an import",
                    help="import it at the top of the file",
                    fix=Fix(edits) if edits else None,
                )


def _moved(node: ast.Import | ast.ImportFrom, function: FunctionNode, ctx: UnitContext) -> tuple[Edit, ...]:
    if node not in function.body or not all(_is_early(module) for module in _modules(node)):
        return ()
    top, scope = ctx.module.scopes.top, ctx.module.scopes.of(function)
    missing: list[str] = []
    for one in node.names:
        name = one.asname or one.name.partition(".")[0]
        if any(binding.node is not node for binding in scope.bindings.get(name, [])):
            return ()
        meant = scope.qualified(ast.Name(name, ast.Load()))
        if top.lookup(name) is None:
            if name in BUILTINS or name in ctx.module.scopes.rebound_globals:
                return ()
            missing.append(_line(node, one))
        elif meant is None or top.qualified(ast.Name(name, ast.Load())) != meant:
            return ()
    added = tuple(add_import(ctx.source, line) for line in missing)
    return (*added, delete_statement(ctx.source, node, function.body))


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if node.level or node.module is None or any(one.name == "*" for one in node.names):
        return [""]
    names = [f"{node.module}.{one.name}" for one in node.names]  # a function of a module, or a module itself
    return [node.module if node.module in _OF_TORCH or not node.module.startswith("torch") else name for name in names]


def _is_early(module: str) -> bool:
    """Whether an import at the top of a file changes nothing but when it happens."""
    return canonical(module) in _OF_TORCH or module.partition(".")[0] in {"numpy", *sys.stdlib_module_names}


def _line(node: ast.Import | ast.ImportFrom, one: ast.alias) -> str:
    word = f"{one.name} as {one.asname}" if one.asname else one.name
    return f"import {word}" if isinstance(node, ast.Import) else f"from {node.module} import {word}"
