"""Conditions that construction decides: attributes that hold a flag, and how a class declares them constant."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert, insert_line_before
from ..rule import UnitContext
from ._classes import class_model, declared_constants, self_name
from ._common import problems
from ._reports import Report
from ._typer import Problem, attribute_type

KINDS = ("return", "undefined", "conflict", "maybe-missing", "reassign", "operand", "argument", "none-called")


def plain_flags(unit: Unit, ctx: UnitContext) -> dict[str, ast.expr]:
    """Return the attributes that a class should declare constant, each with a place where it decides something."""
    found: dict[str, ast.expr] = {}
    if unit.cls is None:
        return found
    for problem, _ in problems(unit, ctx, "class-attribute"):
        assert isinstance(problem.node, ast.Attribute)
        if problem.node.attr not in declared_constants(unit.cls, ctx.project):
            found.setdefault(problem.node.attr, problem.node)
    for problem, report in problems(unit, ctx, *KINDS):
        for flag, test in flags_of(problem, report, ctx):
            if flag not in found and is_flag(flag, unit.cls, ctx):
                found[flag] = test
    return found


def flags_of(problem: Problem, report: Report, ctx: UnitContext) -> Iterator[tuple[str, ast.expr]]:
    """Yield the attributes that decide, by themselves, whether the problem is met."""
    first = self_name(report.function)
    for node in conditions_of(problem, report, ctx):
        for test in atoms(node):
            if isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name) and test.value.id == first:
                yield test.attr, test


def conditions_of(problem: Problem, report: Report, ctx: UnitContext) -> Iterator[ast.expr]:
    name = problem.node.id if isinstance(problem.node, ast.Name) else None
    for node in walk(report.function):
        if not isinstance(node, ast.If | ast.IfExp):
            continue
        inside = any(one is problem.node for one in walk(node))
        body = [*node.body, *node.orelse] if isinstance(node, ast.If) else []
        within = [one for statement in body for one in walk(statement)]
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
    if name not in model.built or name in model.later or model.hides(name):
        return False
    held = attribute_type(info, name, ctx.project)
    kinds = {one.kind for one in held.alternatives}
    if not all(_plain_source(write.value) for write in model.built[name]):
        return False
    return kinds <= {"bool", "?"} and ("bool" in kinds or all(_is_bool(write.value) for write in model.built[name]))


def _is_bool(value: ast.expr | None) -> bool:
    """Whether an expression gives a ``bool`` by its form."""
    if isinstance(value, ast.BoolOp):
        return all(_is_bool(one) for one in value.values)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return isinstance(value, ast.Compare) or isinstance(value, ast.Constant) and isinstance(value.value, bool)


def _plain_source(value: ast.expr | None) -> bool:
    """Whether a value can be a ``bool``: a name or attribute, a comparison, a literal, not a call or container."""
    if isinstance(value, ast.BoolOp):
        return all(_plain_source(one) for one in value.values)
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.Not)
    return isinstance(value, ast.Name | ast.Attribute | ast.Compare | ast.Constant)


def declare(names: list[str], info: ClassInfo, ctx: UnitContext) -> Edit | None:
    """Add ``names`` to ``__constants__`` of the class, or ``None`` where a base class has its own."""
    if info.module is not ctx.module:
        return None
    for statement in info.node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__constants__" for t in statement.targets
        ):
            value = statement.value
            if isinstance(value, ast.List | ast.Tuple) and value.elts:
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
