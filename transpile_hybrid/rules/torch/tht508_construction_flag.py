"""A flag that is set at construction decides types, and TorchScript reads both branches.

What it does
    Finds values of the class (``expansion = 4`` in its body) that ``forward`` reads, and ``if self.flag:`` where the
    branches don't agree for TorchScript: different return types, a variable that only one branch has, an attribute
    that only some instances have.

Why is this bad
    An attribute is a variable to TorchScript: it compiles both branches and wants them to fit together.  A name in
    ``__constants__`` is a constant: the compiler drops the branch that an instance never takes, unread.

Fix safety
    Safe: ``__constants__`` means nothing to Python.  It is made for attributes that hold a ``bool``, are written by
    the constructor only, and stand as a condition by themselves (``self.flag``, with ``not``, ``and``, ``or``): the
    compiler decides no others.

References
    https://docs.pytorch.org/docs/stable/jit.html#attributes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert, insert_line_before
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, declared_constants, self_name
from ._common import SCRIPT, problems
from ._reports import Report
from ._typer import Problem, attribute_type
from ._types import T

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, both=False):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.both = both

    def forward(self, x):
        y = self.fc(x)
        if self.both:
            return x, y
        return y
""",
        after="""
from torch import nn


class Block(nn.Module):
    __constants__ = ["both"]

    def __init__(self, dim, both=False):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.both = both

    def forward(self, x):
        y = self.fc(x)
        if self.both:
            return x, y
        return y
""",
    ),
    Example(
        title="an attribute that only some instances have",
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.same = inside == outside
        if not self.same:
            self.fc = nn.Linear(inside, outside)

    def forward(self, x):
        if not self.same:
            x = self.fc(x)
        return x
""",
        after="""
from torch import nn


class Block(nn.Module):
    __constants__ = ["same"]

    def __init__(self, inside, outside):
        super().__init__()
        self.same = inside == outside
        if not self.same:
            self.fc = nn.Linear(inside, outside)

    def forward(self, x):
        if not self.same:
            x = self.fc(x)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Block(nn.Module):
    def __init__(self, dim, double=False):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.double = double

    def forward(self, x):
        if self.double:
            x = x * 2
        return self.fc(x)
""",
]

_KINDS = ("return", "undefined", "conflict", "maybe-missing", "reassign", "operand", "argument")


@rule("THT508", "construction-flag", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None:
        return
    found: dict[str, ast.expr] = {}
    for problem, _ in problems(unit, ctx, "class-attribute"):
        assert isinstance(problem.node, ast.Attribute)
        if problem.node.attr not in declared_constants(unit.cls, ctx.project):
            found.setdefault(problem.node.attr, problem.node)
    for problem, report in problems(unit, ctx, *_KINDS):
        for flag, test in _flags(problem, report, ctx):
            if flag not in found and is_flag(flag, unit.cls, ctx):
                found[flag] = test
    if not found:
        return
    edit = _declare(list(found), unit.cls, ctx)
    for flag, test in found.items():
        decides = flag in class_model(unit.cls, ctx.project).built
        yield Finding(
            test,
            f"`self.{flag}` belongs to the class: TorchScript sees the attributes of instances only"
            if not decides
            else f"`self.{flag}` decides here what exists, and TorchScript reads both branches",
            help=f'declare it constant: `__constants__ = ["{flag}"]` in the class',
            fix=Fix((edit,)) if edit is not None else None,
        )


def _flags(problem: Problem, report: Report, ctx: UnitContext) -> Iterator[tuple[str, ast.expr]]:
    """Yield the attributes that decide, by themselves, whether the problem is met."""
    first = self_name(report.function)
    for node in _conditions(problem, report, ctx):
        for test in atoms(node):
            if isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name) and test.value.id == first:
                yield test.attr, test


def _conditions(problem: Problem, report: Report, ctx: UnitContext) -> Iterator[ast.expr]:
    name = problem.node.id if isinstance(problem.node, ast.Name) else None
    for node in ast.walk(report.function):
        if not isinstance(node, ast.If | ast.IfExp):
            continue
        inside = any(one is problem.node for one in ast.walk(node))
        body = [*node.body, *node.orelse] if isinstance(node, ast.If) else []
        within = [one for statement in body for one in ast.walk(statement)]
        if (
            inside
            or (problem.kind == "return" and any(isinstance(one, ast.Return) for one in within))
            or (
                name is not None
                and any(isinstance(one, ast.Name) and one.id == name and _stored(one) for one in within)
            )
        ):
            yield node.test


def _stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def atoms(test: ast.expr) -> Iterator[ast.expr]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from atoms(test.operand)
    elif isinstance(test, ast.BoolOp):
        for one in test.values:
            yield from atoms(one)
    else:
        yield test


def is_flag(name: str, info: ClassInfo, ctx: UnitContext) -> bool:
    model = class_model(info, ctx.project)
    if name == "training" or name in model.registered or name in declared_constants(info, ctx.project):
        return False
    if name not in model.built or name in model.later or model.opaque:
        return False
    held = attribute_type(info, name, ctx.project)
    kinds = held.args if held.kind == "vary" else (held,)
    return all(_constant(one) for one in kinds) and all(_plain_source(w.value) for w in model.built[name])


def _plain_source(value: ast.expr | None) -> bool:
    """Whether a value can be a ``bool``: a name or attribute, a comparison, a literal, not a call or container."""
    if isinstance(value, ast.BoolOp):
        return all(_plain_source(one) for one in value.values)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return isinstance(value, ast.Name | ast.Attribute | ast.Compare | ast.Constant)


def _constant(one: T) -> bool:
    return one.kind in ("bool", "?", "none", "int", "str", "float")


def _declare(names: list[str], info: ClassInfo, ctx: UnitContext) -> Edit | None:
    """Add ``names`` to ``__constants__`` of the class, or ``None`` where a base class has its own."""
    if info.module is not ctx.module:
        return None
    for statement in info.node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__constants__" for t in statement.targets
        ):
            value = statement.value
            if isinstance(value, ast.List) and value.elts:
                return insert(ctx.source.span(value.elts[-1]).end, "".join(f', "{name}"' for name in names))
            return None
    base = ctx.project.framework_base(info)
    if base is None or base.name != "torch.nn.Module":
        return None
    for owner in ctx.project.mro(info)[1:]:
        if any(isinstance(s, ast.Assign) and "__constants__" in ast.unparse(s.targets[0]) for s in owner.node.body):
            return None
    body = info.node.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(body) > 1:
        first = body[1]
    if first.lineno == info.node.lineno:
        return None
    listed = ", ".join(f'"{name}"' for name in names)
    edit = insert_line_before(ctx.source, first, f"__constants__ = [{listed}]")
    return Edit(edit.start, edit.end, (*edit.parts, ctx.source.newline))
