"""Readings on the host in whose place the tensor itself serves: what is written for ``t.numpy()`` and ``bool(t)``."""

from __future__ import annotations

import ast

from ...rewrite.edit import Fix, Part, replace
from ..rule import ModuleContext
from ._dtypes import dtype_family, dtype_source, is_number_tensor
from ._flow import bound_whole, reads_of_assigned
from ._program import AnyFunction, Program, program_of
from ._report import tensorflow_name, with_import
from ._static import mended_by_fixes
from ._tables import leaf

_REDUCE = frozenset({"norm", "reduce_all", "reduce_any", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod",
                     "reduce_sum", "reduce_logsumexp", "reduce_std", "reduce_variance", "global_norm"})  # fmt: skip
"""Ops that give a scalar where no axis is named."""
_KEEP = frozenset({"abs", "exp", "log", "negative", "sqrt", "square", "tanh", "identity", "stop_gradient"})
_DEPTH = 8


def is_condition(ctx: ModuleContext, node: ast.expr) -> bool:
    """Whether only the truth of ``node`` counts: it is the test of a branch or loop, or a part of one."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not) and is_condition(ctx, parent)
    if isinstance(parent, ast.BoolOp):
        return is_condition(ctx, parent)
    return isinstance(parent, ast.If | ast.While | ast.IfExp) and parent.test is node


def is_scalar(program: Program, node: ast.expr, depth: int = _DEPTH, seen: frozenset[str] = frozenset()) -> bool:
    """Whether ``node`` is a tensor without dimensions, or a number, whichever way it was bound."""
    if depth == 0:
        return False
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float)
    if isinstance(node, ast.UnaryOp):
        return is_scalar(program, node.operand, depth - 1, seen)
    if isinstance(node, ast.BinOp):
        return all(is_scalar(program, side, depth - 1, seen) for side in (node.left, node.right))
    if isinstance(node, ast.Name):
        if node.id in seen:
            return True  # of its own former value
        found = program.module.scope_at(node).lookup(node.id)
        if found is None or found[0].is_module or not found[1]:
            return False
        values = [binding.value for binding in found[1]]
        return all(
            value is not None
            and binding.kind == "assign"
            and isinstance(program.module.parent(value), ast.Assign | ast.AnnAssign | ast.AugAssign)
            and bound_whole(program.module, value)
            and is_scalar(program, value, depth - 1, seen | {node.id})
            for binding, value in zip(found[1], values, strict=True)
        )
    if not isinstance(node, ast.Call) or not node.args:
        return False
    name = program.module.qualified(node.func) or ""
    if not name.startswith("tensorflow."):
        return False
    if leaf(name) in _REDUCE:
        return len(node.args) == 1 and not node.keywords
    return leaf(name) in _KEEP and is_scalar(program, node.args[0], depth - 1, seen)


def fix_of_read(ctx: ModuleContext, function: AnyFunction, node: ast.Call, base: ast.expr) -> Fix | None:
    """Return the fix for ``base.numpy()``: the tensor itself in a comparison, without its gradient as an operand."""
    program = program_of(ctx)
    if not program.kinds.value(base).is_tensor:
        return None
    compared = _compared(ctx, program, node, base)
    if compared:
        parts = [base] if compared == "as it is" else ["float(", base, ")"]
        return Fix((replace(ctx.source, node, *parts),)) if mended_by_fixes(ctx, function) else None
    truth = dtype_family(program, base) == "bool" and is_scalar(program, base)
    if truth and is_condition(ctx, node):
        return Fix((replace(ctx.source, node, base),)) if mended_by_fixes(ctx, function) else None
    if is_scalar(program, base) and _only_operand(program, function, node, base) and mended_by_fixes(ctx, function):
        tf, add = tensorflow_name(ctx)
        return with_import(ctx, [replace(ctx.source, node, f"{tf}.stop_gradient(", base, ")")], add)
    return None


def fix_of_truth(ctx: ModuleContext, function: AnyFunction, node: ast.Call) -> Fix | None:
    """Return the fix for ``bool(t)`` in a condition, which asks for the same by itself."""
    program = program_of(ctx)
    (base,) = node.args if len(node.args) == 1 and not node.keywords else (None,)
    if base is None or not is_condition(ctx, node) or not program.kinds.value(base).is_tensor:
        return None
    number = is_number_tensor(program, base)
    if not number and dtype_family(program, base) != "bool":
        return None
    if not mended_by_fixes(ctx, function):
        return None
    parts: list[Part] = ["(", base, ") != 0"] if number else ["(", base, ")"]
    if isinstance(base, ast.Call | ast.Name | ast.Attribute | ast.Subscript):
        parts = [base, " != 0"] if number else [base]
    inside = isinstance(ctx.module.parent(node), ast.UnaryOp) and number
    return Fix((replace(ctx.source, node, *(["(", *parts, ")"] if inside else parts)),))


def _compared(ctx: ModuleContext, program: Program, node: ast.Call, base: ast.expr) -> str:
    """Return how ``base`` may stand for its number, which is only compared in a condition: ``as it is``, ``float``, ''.

    A number of floating point can't be compared with a tensor of integers, and nothing may tell that it is none.
    """
    test = ctx.module.parent(node)
    if not isinstance(test, ast.Compare) or not is_condition(ctx, test) or not is_scalar(program, base):
        return ""
    if any(isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) for op in test.ops):
        return ""
    family = dtype_family(program, base)
    how = "as it is"
    for side in [test.left, *test.comparators]:
        if side is node:
            continue
        value = program.kinds.value(side)
        if value.is_("int") or (value.is_("float") and family == "float"):
            continue
        if value.is_("float") and family == "":
            how = "float"
        elif not _same_dtype(program, base, side) or not is_scalar(program, side):
            return ""
    return how


def _same_dtype(program: Program, one: ast.expr, other: ast.expr) -> bool:
    """Whether two tensors have the same dtype: both of one name, or both made of that dtype by the text."""
    if not program.kinds.value(one).is_tensor or not program.kinds.value(other).is_tensor:
        return False
    source = _source(program, one)
    return bool(source) and source == _source(program, other)


def _source(program: Program, node: ast.expr, depth: int = _DEPTH) -> str:
    """Return the name whose dtype ``node`` has, through names bound once; '' where such a name may change its own."""
    name = dtype_source(program, node)
    found = program.module.scope_at(node).lookup(name) if name else None
    if found is None or depth == 0:
        return ""
    if len(found[1]) == 1:
        (binding,) = found[1]
        if binding.kind == "param":
            return name
        if binding.value is not None and binding.kind == "assign" and bound_whole(program.module, binding.value):
            return _source(program, binding.value, depth - 1) or name
        return ""
    values = [binding.value for binding in found[1] if binding.kind != "param"]
    kept = [
        value is not None and bound_whole(program.module, value) and dtype_source(program, value) == name
        for value in values
    ]
    return name if all(kept) else ""


def _only_operand(program: Program, function: AnyFunction, node: ast.expr, base: ast.expr | None) -> bool:
    """Whether what ``node`` gives only meets tensors (of the dtype of ``base``), as an operand or in an op of two."""

    def fits(other: ast.expr) -> bool:
        if base is None:
            return program.kinds.value(other).is_tensor
        return _same_dtype(program, base, other)

    names: set[str] = set()
    waiting: list[ast.expr] = [node]
    while waiting:
        at = waiting.pop()
        parent = program.module.parent(at)
        if isinstance(parent, ast.BinOp):
            other = parent.right if parent.left is at else parent.left
            if not fits(other):
                return False
            continue
        if isinstance(parent, ast.Call) and at is not parent.func:
            name = program.module.qualified(parent.func) or ""
            second = name.startswith("tensorflow.") and bool(parent.args) and parent.args[0] is not at
            if second and leaf(name) in _BESIDE and fits(parent.args[0]):
                continue
            return False
        reads = reads_of_assigned(function, parent, names)
        if reads is None:
            return False
        waiting += reads
    return True


_BESIDE = frozenset({"add", "divide", "maximum", "minimum", "multiply", "pow", "subtract"})


def fix_of_choice(ctx: ModuleContext, function: AnyFunction, node: ast.Call, name: str) -> Fix | None:
    """Return the fix for ``any(t)`` and ``all(t)`` in a condition, and for ``max(a, b)`` and ``min(a, b)`` of scalars.

    ``tf.where(b > a, b, a)`` gives what ``max(a, b)`` gives, the first of equals and beside NaN as well.
    """
    program = program_of(ctx)
    if node.keywords:
        return None
    tf, add = tensorflow_name(ctx)
    if name in ("any", "all") and len(node.args) == 1:
        truth = dtype_family(program, node.args[0]) == "bool"
        if truth and is_condition(ctx, node) and mended_by_fixes(ctx, function):
            return with_import(ctx, [replace(ctx.source, node.func, f"{tf}.reduce_{name}")], add)
        return None
    if name not in ("max", "min") or len(node.args) != 2:
        return None
    first, second = node.args
    if not all(_repeated(program, side) and is_scalar(program, side) for side in node.args):
        return None
    if not all(dtype_family(program, side) == "float" for side in node.args if program.kinds.value(side).is_tensor):
        return None
    tensors = all(program.kinds.value(side).is_tensor for side in node.args)
    if not (tensors or _only_operand(program, function, node, None)) or not mended_by_fixes(ctx, function):
        return None
    sign = ">" if name == "max" else "<"
    parts: list[Part] = [f"{tf}.where(", second, f" {sign} ", first, ", ", second, ", ", first, ")"]
    return with_import(ctx, [replace(ctx.source, node, *parts)], add)


def _repeated(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` may be written twice: a name, or a number of floating point."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.Name) and program.kinds.value(node).is_tensor
