"""An attribute that only some instances have, behind a condition that TorchScript can't decide.

What it does
    Finds ``if self.stride == 2: x = self.down(x)`` where the constructor makes ``self.down`` only then.

Why is this bad
    TorchScript decides few conditions when it compiles; of the others it reads both branches, and an instance without
    the attribute doesn't compile.  Where the defaults, or calls in the repository, make instances that have it, those
    compile: it is told as an "error for other settings", which stands in nobody's way.

Fix safety
    Safe: ``hasattr(self, "down") and`` is put before the condition; TorchScript decides that.  It is made where the
    condition is the one under which the constructor makes the attribute, so that both are true for the same instances.
    Elsewhere the statement that reads the attribute is put under ``if hasattr(self, "down")``, with an ``else`` that
    raises the ``AttributeError`` that Python raises.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, operand, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import ClassModel, class_model, self_name
from ._common import SCRIPT, problems
from ._flags import atoms, is_flag
from ._settings import some_have

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.inside = inside
        self.outside = outside
        if inside != outside:
            self.fc = nn.Linear(inside, outside)

    def forward(self, x):
        if self.inside != self.outside:
            x = self.fc(x)
        return x
""",
        after="""
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.inside = inside
        self.outside = outside
        if inside != outside:
            self.fc = nn.Linear(inside, outside)

    def forward(self, x):
        if hasattr(self, "fc") and self.inside != self.outside:
            x = self.fc(x)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        if inside != outside:
            self.fc = nn.Linear(inside, outside)
        else:
            self.fc = nn.Identity()

    def forward(self, x):
        return self.fc(x)
""",
]


@rule("THT510", "maybe-missing", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None:
        return
    from .tht513_construction_decision import check as decisions  # it asks this rule too

    settled = any(True for _ in decisions(unit, ctx))  # then THT513 makes the condition one that TorchScript settles
    for problem, _ in problems(unit, ctx, "maybe-missing"):
        node = problem.node
        assert isinstance(node, ast.Attribute)
        if _decided_by_flag(node, unit.cls, ctx):
            continue  # THT508 declares it
        edit = guard(node, unit.cls, ctx)
        if edit is None and not settled:
            edit = _asked(node, ctx)
        yield Finding(
            node,
            f"only some instances have `self.{node.attr}`",
            help="set it in every case (to `None`, say), or ask `hasattr(self, ...)` before",
            fix=Fix((edit,)) if edit is not None else None,
            consequence=Consequence.SETTINGS if some_have(node.attr, unit.cls, ctx) else None,
        )


def _decided_by_flag(node: ast.AST, info: ClassInfo, ctx: UnitContext) -> bool:
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If | ast.IfExp):
            for one in atoms(parent.test):
                if isinstance(one, ast.Attribute) and is_flag(one.attr, info, ctx):
                    return True
        if isinstance(parent, ast.FunctionDef):
            break
    return False


def guard(node: ast.Attribute, info: ClassInfo, ctx: UnitContext) -> Edit | None:
    """Return the ``hasattr`` before the condition under which the constructor makes the attribute."""
    model = class_model(info, ctx.project)
    made = _made_under(node.attr, model, ctx)
    inner: ast.AST = node
    for parent in ctx.module.ancestors(node):
        if isinstance(parent, ast.If | ast.IfExp):
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            if inner in body and made is not None and _same(parent.test, made, model, ctx):
                return replace(ctx.source, parent.test, f'hasattr(self, "{node.attr}") and ', _part(parent.test))
            return None
        if isinstance(parent, ast.FunctionDef):
            return None
        inner = parent
    return None


def _asked(node: ast.Attribute, ctx: UnitContext) -> Edit | None:
    """Ask for the attribute where a statement of one line reads it, and raise what Python would raise."""
    statement: ast.AST = node
    for statement in ctx.module.ancestors(node):
        if isinstance(statement, ast.stmt):
            break
    if not isinstance(statement, ast.Assign | ast.Return | ast.Expr | ast.AugAssign):
        return None
    source, newline = ctx.source, ctx.source.newline
    span, indent = source.span(statement), source.indent_of(statement)
    line = source.line_text(statement.lineno)
    if line.strip() != source.text[span.start : span.end]:
        return None
    text = source.text[span.start : span.end]
    lines = [
        f'if hasattr({ast.unparse(node.value)}, "{node.attr}"):',
        f"{indent}    {text}",
        f"{indent}else:",
        f'{indent}    raise AttributeError("{node.attr}")',
    ]
    return Edit(span.start, span.end, (newline.join(lines),))


def _part(test: ast.expr) -> ast.expr:
    """Only ``or`` and a conditional bind weaker than ``and``."""
    return operand(test) if isinstance(test, ast.BoolOp | ast.IfExp | ast.NamedExpr) else test  # type: ignore[return-value]


def _made_under(name: str, model: ClassModel, ctx: UnitContext) -> ast.expr | None:
    """Return the condition under which the constructor makes the attribute, where it is the only one."""
    found: ast.expr | None = None
    if name in model.later:
        return None
    for write in model.built.get(name, []):
        parent = ctx.module.parents.get(id(write.statement))
        if not (isinstance(parent, ast.If) and write.statement in parent.body and write.function.name == "__init__"):
            return None
        if parent not in write.function.body or (found is not None and found is not parent.test):
            return None
        found = parent.test
    return found


def _same(test: ast.expr, made: ast.expr, model: ClassModel, ctx: UnitContext) -> bool:
    """Whether two conditions are the same once ``self.a`` is read as the parameter that it holds."""
    function = ctx.module.enclosing_function(made)
    reader = ctx.module.enclosing_function(test)
    if function is None or reader is None:
        return False
    first, second = _normal(made, self_name(function), model), _normal(test, self_name(reader), model)
    if first is None or second is None or first != second:
        return False
    parameters = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    stores = {n.id for n in walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {n.id for n in walk(made) if isinstance(n, ast.Name)} - {self_name(function)}
    return names <= parameters and not names & stores


def _normal(test: ast.expr, first: str, model: ClassModel) -> str | None:
    class Reader(ast.NodeTransformer):
        bad = False

        def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
            if isinstance(node.value, ast.Name) and node.value.id == first:
                writes = model.built.get(node.attr, [])
                if len(writes) == 1 and writes[0].sure and node.attr not in model.later:
                    value = writes[0].value
                    if isinstance(value, ast.Name):
                        return ast.Name(value.id, ast.Load())
                    return ast.Name(f"self.{node.attr}", ast.Load())
                self.bad = True
            return self.generic_visit(node)

        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.bad = True
            return node

    reader = Reader()
    result = reader.visit(copy.deepcopy(test))
    return None if reader.bad else ast.dump(result)
