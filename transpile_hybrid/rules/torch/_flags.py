"""Conditions that construction decides: attributes that hold a flag, and how a class declares them constant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert, insert_line_before
from ..rule import UnitContext
from ._classes import class_model, declared_constants, self_name
from ._common import block_of, decorators, problems
from ._reports import Report
from ._typer import Problem, attribute_type

KINDS = ("return", "undefined", "conflict", "maybe-missing", "reassign", "operand", "argument", "none-called",
         "none-compare")  # fmt: skip


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
            or (isinstance(node, ast.If) and _ends_before(node, problem.node, report))
            or (problem.kind == "return" and any(isinstance(one, ast.Return) for one in within))
            or (
                name is not None
                and any(isinstance(one, ast.Name) and one.id == name and _stored(one) for one in within)
            )
        ):
            yield node.test


def _ends_before(choice: ast.If, node: ast.AST, report: Report) -> bool:
    """Whether a branch of ``choice`` returns, and ``node`` stands in what then is left out."""
    if not any(rows and isinstance(rows[-1], ast.Return | ast.Raise) for rows in (choice.body, choice.orelse)):
        return False
    block = block_of(choice, report.module)
    return any(one is node for later in block[block.index(choice) + 1 :] for one in walk(later))


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
    if name not in model.built or model.hides(name) or _set_when_compiled(name, info, ctx):
        return False
    held = attribute_type(info, name, ctx.project)
    kinds = {one.kind for one in held.alternatives}
    if not all(_plain_source(write.value) for write in model.built[name]):
        return False
    return kinds <= {"bool", "?"} and ("bool" in kinds or all(_is_bool(write.value) for write in model.built[name]))


def _set_when_compiled(name: str, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether TorchScript may compile a method, of the class or one derived from it, that sets ``self.name``.

    Any other method is Python's own: a scripted module has none of those, so the attribute stays what it was.
    """
    later = class_model(info, ctx.project).later.get(name, [])
    if not later:
        return False
    if any("torch.jit.export" in decorators(write.function, ctx) for write in later):
        return True
    setters = {write.function.name for write in later}
    for module in ctx.project.mentioning(name) or ():
        functions = (module.enclosing_function(node) for node in module.attribute_stores.get(name, ()))
        setters |= {function.name for function in functions if function is not None}
    return any(one != "__init__" and _may_be_compiled(one, ctx) for one in setters)


def _may_be_compiled(method: str, ctx: UnitContext) -> bool:
    """Whether ``forward`` is this method, or some method of the repository asks its instance for it."""
    modules = ctx.project.mentioning(method)
    if method == "forward" or modules is None:
        return True
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method
        and isinstance(node.value, ast.Name)
        and (function := module.enclosing_function(node)) is not None
        and node.value.id == self_name(function)
        for module in modules
        for node in walk(module.tree)
    )


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
    inherited = _inherited(info, ctx)
    if inherited is None:
        return None
    body = info.node.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(body) > 1:
        first = body[1]
    if first.lineno == info.node.lineno:
        return None
    listed = ", ".join([*inherited, *(f'"{name}"' for name in names)])
    edit = insert_line_before(ctx.source, first, f"__constants__ = [{listed}]")
    return Edit(edit.start, edit.end, (*edit.parts, ctx.source.newline))


_WITHOUT = frozenset(
    f"torch.nn.{name}"
    for name in ("Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "Identity")
)
_DECLARING = re.compile(
    r"torch\.nn\.(modules\.batchnorm\._(BatchNorm|NormBase)|modules\.conv\._ConvNd|(Sync)?BatchNorm\d?d?|Conv(Transpose)?\dd|"
    r"InstanceNorm\dd|GroupNorm|LayerNorm|Linear|Bilinear|Embedding(Bag)?|(RNN|LSTM|GRU)(Cell)?|RNNBase|Dropout\d?d?|"
    r"MultiheadAttention|Transformer(En|De)coder(Layer)?|(Adaptive)?(Avg|Max)Pool\dd|Upsample|L1Loss|MSELoss|"
    r"CrossEntropyLoss|NLLLoss|BCELoss|SmoothL1Loss|KLDivLoss|(Leaky|P|R)?ReLU|[CGS]?ELU|SiLU|Softplus)"
)
"""Classes of PyTorch that have ``__constants__`` of their own, which a class that writes the name anew would hide."""


def _inherited(info: ClassInfo, ctx: UnitContext) -> tuple[str, ...] | None:
    """Return how the constants of the base class are handed on; ``None`` where that can't be written."""
    base = ctx.project.framework_base(info)
    if base is None:
        return None
    declared = any(_has_own(owner) for owner in ctx.project.mro(info)[1:])
    if base.name in _WITHOUT and not declared:
        return ()
    known = declared or _DECLARING.fullmatch(base.name) is not None
    bases = info.node.bases
    if not known or len(bases) != 1 or not isinstance(bases[0], ast.Name | ast.Attribute):
        return None
    return (f"*{ast.unparse(bases[0])}.__constants__",)


def _has_own(owner: ClassInfo) -> bool:
    return any(isinstance(s, ast.Assign) and "__constants__" in ast.unparse(s.targets[0]) for s in owner.node.body)


def written_once(name: str, unit: Unit, ctx: UnitContext) -> bool:
    """Whether nothing but the constructor writes an attribute of that name to an instance of the class."""
    modules = ctx.project.mentioning(name)
    if modules is None:
        return False
    for module in modules:
        for node in module.attribute_stores.get(name, ()):
            function = module.enclosing_function(node)
            if function is unit.init:
                continue
            own = isinstance(node.value, ast.Name) and function is not None and node.value.id == self_name(function)
            if not own:
                return False
            parent = module.scopes.of(function).parent if function is not None else None
            owner = next((i for i in ctx.project.classes_of(module) if parent and i.node is parent.node), None)
            if owner is None or unit.cls in ctx.project.mro(owner):
                return False
    return True
