"""Numbers of a tensor that become Python's, and shapes that hang on them."""

from __future__ import annotations

import ast

from ..rule import UnitContext

_CASTS = ("builtins.float", "builtins.int", "builtins.bool")
_SIZED = ("arange", "linspace", "zeros", "ones", "empty", "view", "reshape", "new_zeros", "new_ones")
_METHODS = ("view", "reshape", "new_zeros", "new_ones")
_SHAPED = ("nonzero", "argwhere", "masked_select", "bincount")


def read_number(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is a number read out of a tensor: ``x.item()``, ``int(x)``."""
    if not isinstance(node, ast.Call) or node.keywords:
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "item" and not node.args:
        return ctx.value(node.func.value).may_be_tensor  # what else has it is a number of NumPy, no better in a graph
    if len(node.args) != 1 or not isinstance(node.func, ast.Name) or ctx.qualified(node.func) not in _CASTS:
        return False
    return ctx.value(node.args[0]).is_tensor


def asks_number(test: ast.expr, ctx: UnitContext) -> bool:
    """Whether a condition hangs on a number read out of a tensor, there or where a name was given it."""
    if isinstance(test, ast.BoolOp):
        return any(asks_number(one, ctx) for one in test.values)
    if isinstance(test, ast.UnaryOp):
        return asks_number(test.operand, ctx)
    if isinstance(test, ast.Compare):
        sides = [test.left, *test.comparators]
        plain = all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq | ast.NotEq) for op in test.ops)
        return plain and any(asks_number(one, ctx) for one in sides)
    if isinstance(test, ast.Name):
        found = ctx.module.scope_at(test).lookup(test.id)
        if found is None or not isinstance(found[0].node, ast.FunctionDef):
            return False
        given = [one.value for one in found[1]]
        return all(one is not None and read_number(one, ctx) for one in given)
    return read_number(test, ctx) or _length(test, ctx)


def _length(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether ``node`` is a length (``x.shape[0]``, ``x.numel()``, ``len(x)``) of what is shaped by numbers."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        return _held_shape(node.value.value, ctx)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("numel", "size"):
        return _held_shape(node.func.value, ctx)
    return len(node.args) == 1 and ctx.qualified(node.func) == "builtins.len" and _held_shape(node.args[0], ctx)


def _held_shape(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether a name holds nothing but what is shaped by numbers, or a part of a tuple of such."""
    if not isinstance(node, ast.Name):
        return shaped_by_numbers(node, ctx)
    found = ctx.module.scope_at(node).lookup(node.id)
    if found is None or not isinstance(found[0].node, ast.FunctionDef):
        return False
    return all(one.kind == "assign" and shaped_by_numbers(_source(one.node, ctx), ctx) for one in found[1])


def _source(target: ast.AST, ctx: UnitContext) -> ast.AST:
    """Return what an assignment gives to ``target``, a name or a part of a tuple."""
    while isinstance(target, ast.Name | ast.Tuple | ast.List):
        above = ctx.module.parent(target)
        if above is None:
            break
        target = above
    value = target.value if isinstance(target, ast.Assign) else target
    return value.value if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Call) else value


def counts_by_tensor(node: ast.AST, ctx: UnitContext) -> bool:
    """Whether ``node`` is ``range(...)`` of a tensor, or of a number that is read out of one there."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.keywords:
        return False
    if ctx.qualified(node.func) != "builtins.range":
        return False
    # what nothing proves to be a tensor is the number that it is used as
    return any(ctx.value(one).is_tensor and not ctx.value(one).assumed or read_number(one, ctx) for one in node.args)


def shaped_by_numbers(node: ast.AST, ctx: UnitContext) -> bool:
    """Whether the shape of what ``node`` gives hangs on the numbers in a tensor."""
    if isinstance(node, ast.Subscript):
        masked = isinstance(node.ctx, ast.Load) and _is_mask(node.slice, ctx) and ctx.value(node.value).is_tensor
        parent = ctx.module.parent(node)
        return masked and not (isinstance(parent, ast.AugAssign) and parent.target is node)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    name = ctx.qualified(node.func)
    if name == "torch.where":
        return len(node.args) == 1 and not node.keywords
    if node.func.attr == "repeat_interleave":
        counts = node.args[int(name == "torch.repeat_interleave") :]
        sized = any(one.arg in ("output_size", "repeats") for one in node.keywords)
        return not sized and bool(counts) and ctx.value(counts[0]).is_tensor
    if node.func.attr in _SIZED:
        of_torch = name == f"torch.{node.func.attr}"
        sizes = [part for one in node.args for part in (one.elts if isinstance(one, ast.Tuple | ast.List) else [one])]
        sized = any(ctx.value(one).is_tensor for one in sizes)
        return sized and (of_torch or node.func.attr in _METHODS and ctx.value(node.func.value).is_tensor)
    if node.func.attr not in _SHAPED:
        return False
    return name == f"torch.{node.func.attr}" or ctx.value(node.func.value).is_tensor


def _is_mask(index: ast.expr, ctx: UnitContext) -> bool:
    """Whether an index is a tensor of truth values: a comparison, or one turned round."""
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.Invert):
        return _is_mask(index.operand, ctx)
    if isinstance(index, ast.BinOp) and isinstance(index.op, ast.BitAnd | ast.BitOr):
        return _is_mask(index.left, ctx) and _is_mask(index.right, ctx)
    if isinstance(index, ast.Name):
        found = ctx.module.scope_at(index).lookup(index.id)
        given = [one.value for one in found[1]] if found is not None else []
        return (
            bool(given)
            and all(one is not None and not isinstance(one, ast.Name) for one in given)
            and all(one is not None and _is_mask(one, ctx) for one in given)
        )
    return isinstance(index, ast.Compare) and ctx.value(index).is_tensor
