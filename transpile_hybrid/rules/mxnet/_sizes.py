"""Sizes without a shape: counted by operators, or found where they are named."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Part, operand
from ._plan import Reader
from ._shapes import config_text, shape_owner

MESSAGE = "a Symbol has no shape: this raises once hybridized"


def shaped(nodes: list[ast.expr], r: Reader) -> bool:
    """Whether any of ``nodes`` depends on the shape of a tensor."""
    for node in nodes:
        for inner in walk(node):
            if isinstance(inner, ast.expr):
                value = r.value(inner)
                if value.kind == "shape" or value.integer:
                    return True
    return False


def consume_callee(node: ast.Call, what: ast.expr, r: Reader) -> None:
    """Mark the name of a call that is replaced as a whole; the array that it is a method of stays."""
    if isinstance(node.func, ast.Attribute) and node.func.value is what:
        r.consumed.add(id(node.func))
    else:
        r.consume(node.func)


def counted(node: ast.expr, r: Reader) -> list[Part] | None:
    """Return an expression of tensors for a number made of sizes."""
    prefix = "F.np." if r.is_np else "F."
    value = r.value(node)
    if value.free and not value.integer:
        return ["(", node, ")"] if not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Call) else [node]
    known = config_text(value.dim, r)
    if known is not None and value.kind == "int":
        return [known]
    if isinstance(node, ast.Attribute) and node.attr == "size":
        return [f"{prefix}sum({prefix}ones_like(", node.value, "))"]
    if isinstance(node, ast.Subscript):
        owner, axis = shape_owner(node, r), r.value(node.slice).const
        if owner is None or not isinstance(axis, int):
            return None
        return [f"{prefix}mean({prefix}sum({prefix}ones_like(", owner, f"), axis={axis}))"]
    if isinstance(node, ast.Name):
        made = definition(node, r)
        if made is None:
            return None
        whole, axis = made
        if axis is None:
            return counted(whole, r)
        return [f"{prefix}mean({prefix}sum({prefix}ones_like(", whole, f"), axis={axis}))"]
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        name = r.qualified(node.func)
        inner = counted(node.args[0], r)
        if inner is None:
            return None
        if name in ("math.sqrt", "numpy.sqrt", "mxnet.np.sqrt"):
            return [f"{prefix}sqrt(", *inner, ")"]
        return inner if name in ("builtins.float", "builtins.int") and r.value(node.args[0]).kind == "int" else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv) and r.value(node.right).free:
        left = counted(node.left, r)
        return [f"{prefix}floor(", *left, " / ", operand(node.right), ")"] if left is not None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.Pow | ast.Add | ast.Sub):
        left, right = counted(node.left, r), counted(node.right, r)
        if left is None or right is None:
            return None
        sign = {ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Add: "+", ast.Sub: "-"}[type(node.op)]
        return ["(", *left, f" {sign} ", *right, ")"]
    return None


def definition(name: ast.Name, r: Reader) -> tuple[ast.expr, int | None] | None:
    """Return the only value of a local, where what it is made of still means the same at ``name``.

    For ``b, t, d = x.shape`` it is ``x`` and the axis.
    """
    stores = [
        n for n in walk(r.function) if isinstance(n, ast.Name) and n.id == name.id and isinstance(n.ctx, ast.Store)
    ]
    if len(stores) != 1:
        return None
    statement = next(p for p in r.module.ancestors(stores[0]) if isinstance(p, ast.stmt))
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    for inner in walk(statement.value):
        if isinstance(inner, ast.Name):
            for other in walk(r.function):
                if not (isinstance(other, ast.Name) and other.id == inner.id and isinstance(other.ctx, ast.Store)):
                    continue
                between = statement.lineno <= other.lineno <= name.lineno
                if between or other.lineno > name.lineno and repeated(name, r):
                    return None
    target = statement.targets[0]
    if target is stores[0]:
        return statement.value, None
    whole = statement.value
    if isinstance(target, ast.Tuple | ast.List) and stores[0] in target.elts and isinstance(whole, ast.Attribute):
        return (whole.value, target.elts.index(stores[0])) if whole.attr == "shape" else None
    if isinstance(target, ast.Tuple | ast.List) and stores[0] in target.elts and isinstance(whole, ast.Subscript):
        part, of = whole.slice, whole.value
        first = r.value(part.lower).const if isinstance(part, ast.Slice) and part.lower is not None else None
        plain = isinstance(part, ast.Slice) and part.upper is None and part.step is None
        if plain and isinstance(first, int) and first >= 0 and isinstance(of, ast.Attribute) and of.attr == "shape":
            return of.value, first + target.elts.index(stores[0])
    return None


def repeated(node: ast.AST, r: Reader) -> bool:
    """Whether what stands behind ``node`` may run before it: they may be in a loop."""
    for parent in r.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return parent is not r.function  # a local function is called who knows when
        if isinstance(parent, ast.For | ast.AsyncFor | ast.While | ast.comprehension):
            return True
    return True


def siblings(statement: ast.stmt, r: Reader) -> list[ast.stmt]:
    """Return the block that a statement stands in."""
    parent = r.parent(statement)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, None)
        if isinstance(block, list) and statement in block:
            return block
    return [statement]
