"""Choices by a tensor's numbers whose both sides can be computed: written as ``torch.where``.

Both sides are evaluated then, forward and backward.  So each must be total, of the same shape and dtype, and without a
derivative that is infinite (``0 * inf`` is NaN in the gradient of the side that isn't taken).
"""

from __future__ import annotations

import ast
import math

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part, replace, shares_line
from ..rule import UnitContext
from ._branches import known, single, tensor_atoms
from ._common import block_of, imported_name
from ._optional import is_elif
from ._reports import Report

_LIMITS = ("max", "min", "eps", "tiny")


def choice(node: ast.If, report: Report, ctx: UnitContext) -> Edit | None:
    """Two assignments of the same variable as ``torch.where``, for Python too: both are sums and products of one."""
    pair = _pair(node, ctx)
    if pair is None or isinstance(node.test, ast.BoolOp):
        return None
    target, yes, no = pair
    text = imported_name("torch.where", ctx, node)
    sides = [_elementwise(one, report) for one in (yes, no)]
    if text is None or None in sides or sides[0] != sides[1] or not _compared(node.test, ctx):
        return None
    return replace(ctx.source, node, f"{target} = {text}(", node.test, ", ", yes, ", ", no, ")")


def _compared(test: ast.expr, ctx: UnitContext) -> bool:
    right = test.comparators[0] if isinstance(test, ast.Compare) else None
    return _truth(test, ctx) and (right is None or isinstance(right, ast.Constant | ast.UnaryOp))


def _pair(node: ast.If, ctx: UnitContext) -> tuple[str, ast.expr, ast.expr] | None:
    """Return the variable and the values that an ``if`` and its ``else``, and nothing else in them, give it."""
    if len(node.body) != 1 or len(node.orelse) != 1 or is_elif(node, ctx):
        return None
    yes, no = _given(node.body[0]), _given(node.orelse[0])
    return (yes[0], yes[1], no[1]) if yes is not None and no is not None and yes[0] == no[0] else None


def _given(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    return (target.id, statement.value) if isinstance(target, ast.Name) else None


def _elementwise(node: ast.expr, report: Report) -> tuple[str, str] | None:
    """Return the tensor and the kind of the numbers of ``x * 2 + 1``; ``None`` for anything else."""
    names: set[str] = set()
    kinds: set[str] = set()
    for one in walk(node):
        if isinstance(one, ast.Name):
            if report.type(one).kind != "tensor":
                return None
            names.add(one.id)
        elif isinstance(one, ast.Constant):
            if type(one.value) not in (int, float):
                return None
            kinds.add(type(one.value).__name__)
        elif not isinstance(one, ast.BinOp | ast.Add | ast.Sub | ast.Mult | ast.UnaryOp | ast.USub | ast.expr_context):
            return None
    return (names.pop(), kinds.pop() if kinds else "int") if len(names) == 1 and len(kinds) <= 1 else None


def while_compiling(node: ast.If, report: Report, ctx: UnitContext) -> Edit | None:
    """What ``if`` does as ``torch.where`` under ``if is_compiling():``, and else as it stands."""
    before, test = known(node.test, report, ctx)
    atoms = tensor_atoms(test, report, ctx)
    needed = ("compiler.is_compiling", "where", "logical_or", "logical_not")
    names = [imported_name(f"torch.{one}", ctx, node) for one in needed]
    if not atoms or not all(_truth(one, ctx) for one in atoms) or is_elif(node, ctx) or None in names:
        return None
    if shares_line(ctx.source, node):
        return None
    compiling, where = str(names[0]), str(names[1])
    condition: list[Part] = _negated(atoms[0], str(names[3]))
    for one in atoms[1:]:
        condition = [f"{names[2]}(", *condition, ", ", *_negated(one, str(names[3])), ")"]
    if any(isinstance(one, ast.Call | ast.NamedExpr | ast.Await) for test in before for one in walk(test)):
        return None
    asked, lines = _tables(node, before, ctx), None
    if asked is None:
        asked, lines = _kept(node, before, ctx)
    if asked is None:
        return None
    indent, newline = ctx.source.indent_of(node), ctx.source.newline
    parts: list[Part] = [f"if {compiling}()", *(part for one in before for part in (" and ", one))]
    parts += [f" and {asked}:" if asked else ":"]
    for name, value in lines[:-1] if lines else []:
        parts += [f"{newline}{indent}    {name} = ", value]
    if lines:
        (name, yes), no = lines[-1], None
    else:
        pair = _pair(node, ctx)
        assert pair is not None
        name, yes, no = pair
    parts += [f"{newline}{indent}    {name} = {where}(", *condition, ", ", yes, ", ", no or name, ")"]
    start = ctx.source.span(node).start
    return Edit(start, start + 2, (*parts, f"{newline}{indent}elif"))


def _negated(atom: ast.expr, negates: str) -> list[Part]:
    if isinstance(atom, ast.UnaryOp) and isinstance(atom.op, ast.Not):
        return [f"{negates}(", atom.operand, ")"]
    return [atom]


def _truth(atom: ast.expr, ctx: UnitContext) -> bool:
    """Whether a condition is one truth value in a tensor of bools."""
    inner = atom.operand if isinstance(atom, ast.UnaryOp) else atom
    if not single(inner, ctx):
        return False
    if isinstance(inner, ast.Compare):
        return True
    if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Attribute):
        return False
    of = inner.args[0] if inner.args else inner.func.value
    tests = ("torch.isinf", "torch.isnan", "torch.isfinite")
    of_bools = isinstance(of, ast.Compare) or isinstance(of, ast.Call) and ctx.qualified(of.func) in tests
    return inner.func.attr in ("any", "all") and (of_bools or inner is not atom)


def _tables(node: ast.If, before: list[ast.expr], ctx: UnitContext) -> str | None:
    """Two tensors of one dtype made of two lists: of the same shape where the lists have the same length."""
    pair = _pair(node, ctx)
    if before or pair is None:
        return None
    rows = []
    for value in pair[1:]:
        if not isinstance(value, ast.Call) or ctx.qualified(value.func) != "torch.tensor" or len(value.args) != 1:
            return None
        words = sorted((one.arg or "**", ast.unparse(one.value)) for one in value.keywords)
        root = value.args[0]
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or {one[0] for one in words} not in ({"dtype"}, {"dtype", "device"}):
            return None
        rows.append((ast.unparse(value.args[0]), words))
    if rows[0][1] != rows[1][1]:
        return None
    return f"len({rows[0][0]}) == len({rows[1][0]})"


def _kept(
    node: ast.If, before: list[ast.expr], ctx: UnitContext
) -> tuple[str | None, list[tuple[str, ast.expr]] | None]:
    """Numbers, and then a variable made of itself with the shape and dtype that it has if it holds broken numbers."""
    given = [_given(one) for one in node.body]
    rows = [one for one in given if one is not None]
    if node.orelse or not rows or len(rows) < len(given):
        return None, None
    name, value = rows[-1]
    numbers = {one[0] for one in rows[:-1]}
    if len(numbers) < len(rows) - 1 or name in numbers or not all(_number(v, name, numbers, ctx) for _, v in rows[:-1]):
        return None, None
    if not _same(value, name, numbers, ctx) or isinstance(value, ast.Name):
        return None, None
    inside = {id(one) for one in walk(node)}
    for one in walk(ctx.module.scope_at(node).node):
        if not isinstance(one, ast.Name) or one.id not in numbers or not isinstance(one.ctx, ast.Load):
            continue
        if id(one) not in inside and not _given_before(one, node, ctx):
            return None, None
    halves = [f"{name}.dtype == torch.{one}" for one in ("float16", "bfloat16", "float32", "half")]
    return "" if any(ast.unparse(one) in halves for one in before) else f"{name}.is_floating_point()", rows


def _given_before(name: ast.Name, node: ast.If, ctx: UnitContext) -> bool:
    """Whether the block that reads a name gives it a value further up, and ``node`` doesn't stand between."""
    for parent in ctx.module.ancestors(name):
        if isinstance(parent, ast.stmt):
            block = block_of(parent, ctx.module)
            above = block[: block.index(parent)] if parent in block else []
            givers = [one for one in above if (_given(one) or ("",))[0] == name.id]
            return any(not one.lineno < node.lineno < name.lineno for one in givers)
    return False


def _number(node: ast.expr, name: str, numbers: set[str], ctx: UnitContext) -> bool:
    """Whether ``node`` is a finite number of Python: of literals and of the limits of the tensor's dtype."""
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float) and math.isfinite(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return node.id in numbers
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _number(node.operand, name, numbers, ctx)
    if isinstance(node, ast.BinOp):
        plain_operator = isinstance(node.op, ast.Add | ast.Sub)
        return plain_operator and all(_number(one, name, numbers, ctx) for one in (node.left, node.right))
    limits = isinstance(node, ast.Attribute) and node.attr in _LIMITS and isinstance(node.value, ast.Call)
    if not limits or ctx.qualified(node.value.func) != "torch.finfo":  # type: ignore[attr-defined]
        return False
    return [ast.unparse(one) for one in node.value.args] == [f"{name}.dtype"]  # type: ignore[attr-defined]


def _same(node: ast.expr, name: str, numbers: set[str], ctx: UnitContext) -> bool:
    """Whether ``node`` has the shape and dtype of the floating tensor ``name``, of which alone it is made."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
        sides = (node.left, node.right)
        first = [one for one in sides if _same(one, name, numbers, ctx)]
        return len(first) == 1 and all(_number(one, name, numbers, ctx) for one in sides if one not in first)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of_torch = ctx.qualified(node.func) == f"torch.{node.func.attr}"
    if node.func.attr not in ("clamp", "nan_to_num") or (not of_torch and not isinstance(node.func.value, ast.Name)):
        return False
    operand = node.args[0] if of_torch and node.args else node.func.value
    rest = [*node.args[int(of_torch) :], *(one.value for one in node.keywords)]
    words = {one.arg for one in node.keywords} <= {"min", "max", "nan", "posinf", "neginf"}
    return words and _same(operand, name, numbers, ctx) and all(_number(one, name, numbers, ctx) for one in rest)
