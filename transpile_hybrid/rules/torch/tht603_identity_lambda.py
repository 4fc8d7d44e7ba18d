"""``self.f = lambda x: x`` where a module is wanted.

What it does
    Finds attributes that are a lambda and are called in what TorchScript compiles.

Why is this bad
    TorchScript can't compile a lambda: "This function exists as an attribute on the Python module, but we failed to
    compile it".

Fix safety
    Safe for the identity: ``nn.Identity()`` has no parameters, so the ``state_dict`` stays.  Other lambdas are
    reported.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import ClassModel, class_model, self_name
from ._common import SCRIPT, is_compiled, name_for

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, out):
        super().__init__()
        self.down = nn.Linear(dim, out) if dim != out else lambda x: x

    def forward(self, x):
        return self.down(x)
""",
        after="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, out):
        super().__init__()
        self.down = nn.Linear(dim, out) if dim != out else nn.Identity()

    def forward(self, x):
        return self.down(x)
""",
    ),
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.act = lambda x: x.clamp(min=0)

    def forward(self, x):
        return self.act(x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.key = lambda x: x

    def forward(self, x):
        return x
""",
]


@rule("THT603", "lambda-attribute", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or not is_compiled(unit, ctx):
        return
    called = _called(unit)
    model = class_model(unit.cls, ctx.project)
    for name in sorted(called & set(model.built)):
        for write in model.built[name]:
            if write.owner.module is not ctx.module or write.value is None:
                continue
            for node in _lambdas(write.value):
                text = _identity(node, ctx) if _only_called(name, unit, model) else None
                yield Finding(
                    node,
                    f"`self.{name}` is a lambda, which TorchScript can't compile",
                    help="use `nn.Identity()` for the identity, a method for anything else",
                    fix=Fix((replace(ctx.source, node, text),))
                    if text and _after_super(write.function, node)
                    else None,
                )


def _called(unit: Unit) -> set[str]:
    names: set[str] = set()
    for function in unit.region:
        first = self_name(function)
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == first
            ):
                names.add(node.func.attr)
    return names


def _only_called(name: str, unit: Unit, model: ClassModel) -> bool:
    """Whether nothing in the class does more with the attribute than call it with one value."""
    if name in model.later:
        return False
    for node in ast.walk(unit.node):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == name
            and (len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred))
        ):
            return False
    return True


def _lambdas(value: ast.expr) -> Iterator[ast.Lambda]:
    if isinstance(value, ast.Lambda):
        yield value
    elif isinstance(value, ast.IfExp):
        yield from _lambdas(value.body)
        yield from _lambdas(value.orelse)


def _identity(node: ast.Lambda, ctx: UnitContext) -> str | None:
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults or len(arguments.args) != 1:
        return None
    if not (isinstance(node.body, ast.Name) and node.body.id == arguments.args[0].arg):
        return None
    found = name_for("torch.nn.Identity", ctx, node)
    return f"{found[0]}()" if found is not None and not found[1] else None


def _after_super(function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.AST) -> bool:
    """Whether the base constructor has run: a module can't be assigned before."""
    if function.name != "__init__":
        return True
    for statement in function.body:
        if "__init__" in ast.unparse(statement) and statement.lineno < getattr(node, "lineno", 0):
            return True
    return False
