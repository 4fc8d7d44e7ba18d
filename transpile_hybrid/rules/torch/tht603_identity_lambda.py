"""``self.f = lambda x: x`` where a module is wanted.

What it does
    Finds attributes that are a lambda and are called in what TorchScript compiles.

Why is this bad
    TorchScript can't compile a lambda: "This function exists as an attribute on the Python module, but we failed to
    compile it".

Fix safety
    Safe for the identity: ``nn.Identity()`` has no parameters, so the ``state_dict`` stays.  Another lambda that uses
    its parameters and names of the file only becomes a function of the file.  One that uses the module itself, and that
    construction sets once, becomes a method (a deep copy of the module then uses its own parts, and no longer those of
    the module that it was copied from).  Others are reported.

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import ClassModel, class_model, self_name
from ._common import SCRIPT, is_compiled, name_for
from ._helper import add_function
from ._lambda_methods import as_method

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
        self.act = lambda x: x.clamp(min=dim)

    def forward(self, x):
        return self.act(x)
""",
    ),
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, down=False):
        super().__init__()
        self.act = lambda x: x.clamp(min=0)
        self.half = nn.Linear(4, 2) if down else lambda x: x[:, :2]

    def forward(self, x):
        return self.act(self.half(x))
""",
        after="""
from torch import nn


def _block_act(x):
    return x.clamp(min=0)


def _block_half(x):
    return x[:, :2]


class Block(nn.Module):
    def __init__(self, down=False):
        super().__init__()
        self.act = _block_act
        self.half = nn.Linear(4, 2) if down else _block_half

    def forward(self, x):
        return self.act(self.half(x))
""",
    ),
    Example(
        title="the module itself is used",
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.mlp = nn.ModuleDict({"fc": nn.Linear(dim, dim), "act": nn.ReLU()})
        m = self.mlp
        self.both = lambda x: m.act(m.fc(x))

    def forward(self, x):
        return x + self.both(x)
""",
        after="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.mlp = nn.ModuleDict({"fc": nn.Linear(dim, dim), "act": nn.ReLU()})
        m = self.mlp

    def both(self, x):
        return self.mlp.act(self.mlp.fc(x))

    def forward(self, x):
        return x + self.both(x)
""",
    ),
    Example(
        title="something else of the constructor is used",
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, scale=2.0):
        super().__init__()
        self.scaled = lambda x: x * scale

    def forward(self, x):
        return self.scaled(x)
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
    made: dict[str, str] = {}
    for name in sorted(called & set(model.built)):
        for write in model.built[name]:
            if write.owner.module is not ctx.module or write.value is None:
                continue
            for node in _lambdas(write.value):
                text = _identity(node, ctx) if _only_called(name, unit, model) else None
                edits: tuple[Edit, ...] = ()
                if text and _after_super(write.function, node):
                    edits = (replace(ctx.source, node, text),)
                elif not text:
                    edits = _lifted(name, node, made, unit, ctx) or as_method(write, node, unit, ctx)
                yield Finding(
                    node,
                    f"`self.{name}` is a lambda, which TorchScript can't compile",
                    help="use `nn.Identity()` for the identity, a function for anything else",
                    fix=Fix(edits) if edits else None,
                )


def _called(unit: Unit) -> set[str]:
    names: set[str] = set()
    for function in unit.region:
        first = self_name(function)
        for node in walk(function):
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
    for node in walk(unit.node):
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


def _lifted(name: str, node: ast.Lambda, made: dict[str, str], unit: Unit, ctx: UnitContext) -> tuple[Edit, ...]:
    """Make a function of the file of a lambda that uses nothing but its parameters and names of the file."""
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults or not arguments.args:
        return ()
    own = {one.arg for one in (*arguments.posonlyargs, *arguments.args)}
    top = ctx.module.scopes.top
    for one in walk(node.body):
        if isinstance(one, ast.Lambda | ast.comprehension | ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
            return ()
        if isinstance(one, ast.Name) and one.id not in own:
            found = ctx.module.scope_at(node).lookup(one.id)
            if found is not None and found[0] is not top:
                return ()
    assert unit.cls is not None
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", f"{unit.cls.node.name}_{name.strip('_')}").lower()
    given = ", ".join(one.arg for one in (*arguments.posonlyargs, *arguments.args))
    body = ast.unparse(node.body)
    for count in range(1, 10):
        word = f"_{words}_{count}" if count > 1 else f"_{words}"
        if made.get(word, body) != body:
            continue
        added = add_function(word, (f"def {word}({given}):", f"    return {body}"), ctx)
        if added is not None:
            made[word] = body
            return (replace(ctx.source, node, word), *added)
    return ()


def _after_super(function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.AST) -> bool:
    """Whether the base constructor has run: a module can't be assigned before."""
    if function.name != "__init__":
        return True
    for statement in function.body:
        if "__init__" in ast.unparse(statement) and statement.lineno < getattr(node, "lineno", 0):
            return True
    return False
