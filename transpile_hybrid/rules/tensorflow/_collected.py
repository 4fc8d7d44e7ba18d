"""A list that a graph loop fills and that is stacked behind it: as a ``tf.TensorArray``, where that is the same."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Fix, delete_statement, insert_line_before, replace, shares_line
from ..rule import ModuleContext
from ._flow import assigned, own_nodes
from ._like import Follower
from ._program import AnyFunction, Program
from ._report import tensorflow_name, with_import
from ._static import mended_by_fixes, no_list


def array_fix(ctx: ModuleContext, program: Program, function: AnyFunction, node: ast.AST, loop: ast.stmt) -> Fix | None:
    """Return the fix that collects in a ``tf.TensorArray`` what ``node`` appends in each round of ``loop``.

    Only where there surely is a first round: ``tf.stack([])`` raises, and an empty array doesn't.  None for ``tf.xla``,
    which has no gradient through such a loop.
    """
    if not isinstance(function, ast.FunctionDef) or not isinstance(loop, ast.For) or "tf.xla" in ctx.targets:
        return None
    statement = program.module.statement_of(node)
    if not isinstance(node, ast.Call) or statement not in loop.body or loop not in function.body:
        return None
    left = (ast.Break, ast.Continue, ast.Return, ast.Yield, ast.Try)
    if loop.orelse or any(isinstance(inner, left) for inner in own_nodes(loop.body)):
        return None
    if not isinstance(statement, ast.Expr) or not _one_append(node) or shares_line(ctx.source, loop.body[0]):
        return None
    assert isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    name = node.func.value.id
    made, stacked = _made(program, function, name, loop), _stacked(program, function, name, node, loop)
    if made is None or stacked is None or shares_line(ctx.source, made) or made.lineno != made.end_lineno:
        return None
    steps = _steps(ctx, program, function, loop)
    dtype = _dtype(ctx, program, function, loop, statement, node.args[0])
    if steps is None or not dtype or not mended_by_fixes(ctx, function):
        return None
    size, index, edits = steps
    tf, add = tensorflow_name(ctx)
    edits.append(delete_statement(ctx.source, made, function.body))
    edits.append(insert_line_before(ctx.source, loop, f"{name} = {tf}.TensorArray({dtype}, size={size})"))
    edits.append(replace(ctx.source, node, f"{name} = {name}.write({index}, ", node.args[0], ")"))
    edits.append(replace(ctx.source, stacked, f"{name}.stack()"))
    return with_import(ctx, edits, add)


def _one_append(node: ast.Call) -> bool:
    func = node.func
    plain = isinstance(func, ast.Attribute) and func.attr == "append" and isinstance(func.value, ast.Name)
    return plain and len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred)


def _made(program: Program, function: ast.FunctionDef, name: str, loop: ast.For) -> ast.Assign | None:
    """Return the statement ``name = []`` before ``loop``, the only one that binds the name."""
    found = program.module.scopes.of(function).bindings.get(name, [])
    before = function.body[: function.body.index(loop)]
    for statement in before:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and len(found) == 1:
            target = statement.targets[0]
            empty = isinstance(statement.value, ast.List) and not statement.value.elts
            if isinstance(target, ast.Name) and target.id == name and empty:
                return statement
    return None


def _stacked(
    program: Program, function: ast.FunctionDef, name: str, append: ast.Call, loop: ast.For
) -> ast.Call | None:
    """Return the call behind ``loop`` that stacks the list, if that is all that is ever done with it."""
    uses = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
    others = [n for n in uses if not any(n is inner for inner in walk(append.func))]
    if len(others) != 1:
        return None
    call = program.module.parent(others[0])
    if not isinstance(call, ast.Call) or not call.args or call.args[0] is not others[0]:
        return None
    qualified = program.module.qualified(call.func)
    axes = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "axis")]
    first = all(isinstance(axis, ast.Constant) and axis.value == 0 for axis in axes)
    if qualified != "tensorflow.stack" or not first or any(k.arg != "axis" for k in call.keywords):
        return None
    for parent in program.module.ancestors(call):
        if parent is function:
            break
        if isinstance(parent, ast.For | ast.While | ast.Lambda | ast.FunctionDef | ast.comprehension | ast.ListComp):
            return None
    return call if call.lineno > (loop.end_lineno or loop.lineno) else None


def _steps(
    ctx: ModuleContext, program: Program, function: ast.FunctionDef, loop: ast.For
) -> tuple[str, str, list[Edit]] | None:
    """Return the number of rounds and the name of their index, with the edits that give the loop one."""
    if not isinstance(loop.target, ast.Name):
        return None
    tf, _ = tensorflow_name(ctx)
    before = function.body[: function.body.index(loop)]
    rows, node = _rows(program, loop), loop.iter
    if rows is None or rows.id in assigned([loop]) or not _taken(program, before, rows):
        return None
    bound = program.module.scopes.of(function).bindings.get(rows.id, [])
    if len(bound) != 1 or bound[0].value is None or not _gives_tensor(program, bound[0].value):
        return None  # it may be a variable, which the loop may write
    size = f"{tf}.shape({rows.id})[0]"
    if isinstance(node, ast.Name):
        index = _fresh(ctx)
        line = f"{loop.target.id} = {rows.id}[{index}]"
        edits = [
            replace(ctx.source, loop.target, index),
            replace(ctx.source, node, f"{tf}.range({size})"),
            insert_line_before(ctx.source, loop.body[0], line),
        ]
        return (size, index, edits) if loop.target.id not in assigned(loop.body) else None
    assert isinstance(node, ast.Call)
    if loop.target.id in assigned(loop.body):
        return None
    return ctx.source.segment(node.args[0]), loop.target.id, []


def _rows(program: Program, loop: ast.For) -> ast.Name | None:
    """Return the tensor whose rows ``loop`` goes through: ``for row in t``, ``for i in tf.range(tf.shape(t)[0])``."""
    node = loop.iter
    if isinstance(node, ast.Name):
        return node if program.kinds.value(node).is_tensor else None
    if not isinstance(node, ast.Call) or program.module.qualified(node.func) != "tensorflow.range":
        return None
    size = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if not isinstance(size, ast.Subscript) or not isinstance(size.slice, ast.Constant) or size.slice.value != 0:
        return None
    call = size.value
    if not isinstance(call, ast.Call) or program.module.qualified(call.func) != "tensorflow.shape":
        return None
    return call.args[0] if len(call.args) == 1 and not call.keywords and isinstance(call.args[0], ast.Name) else None


def _taken(program: Program, before: list[ast.stmt], rows: ast.Name) -> bool:
    """Whether an element of ``rows`` is taken before the loop: then it has one."""
    found = program.module.scope_at(rows).lookup(rows.id)
    if found is None:
        return False
    last = max((b.node.lineno for b in found[1] if b.kind != "param" and hasattr(b.node, "lineno")), default=0)
    choices = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    for statement in before:
        if not isinstance(statement, ast.Assign | ast.Expr | ast.AugAssign) or statement.lineno <= last:
            continue
        for node in walk(statement):
            taken = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == rows.id
            if not taken or not isinstance(node.slice, ast.Constant) or node.slice.value != 0:  # type: ignore[attr-defined]
                continue
            around = [parent for parent in program.module.ancestors(node) if isinstance(parent, choices)]
            if not any(any(parent is inner for inner in walk(statement)) for parent in around):
                return True
    return False


def _dtype(
    ctx: ModuleContext, program: Program, function: ast.FunctionDef, loop: ast.For, at: ast.stmt, element: ast.expr
) -> str:
    """Return how the dtype of ``element``, which is appended, is written, or ''."""
    follower = Follower(program, function)
    env = follower.until(function.body, loop)
    if env is None:
        return ""
    head, _ = follower.looped(loop, env)
    follower.bind(loop.target, follower.element(loop.iter, head), head)
    follower.run(loop.body[: loop.body.index(at)], head)
    dtype = follower.of(element, head).dtype
    if not dtype:
        return ""
    if "." not in dtype:
        return f"{tensorflow_name(ctx)[0]}.{dtype}"
    named = [name for name, value in env.items() if value.dtype == dtype and _is_tensor(program, function, name)]
    return f"{named[0]}.dtype" if named else ""


def _is_tensor(program: Program, function: ast.FunctionDef, name: str) -> bool:
    """Whether the local ``name`` is one thing only, and that surely a tensor."""
    bound = program.module.scopes.of(function).bindings.get(name, [])
    if len(bound) != 1:
        return False
    uses = [n for n in own_nodes(function.body) if isinstance(n, ast.Name) and n.id == name]
    if bound[0].kind != "param":
        value = bound[0].value
        return value is not None and _gives_tensor(program, value)
    scope = program.module.scopes.of(function)
    seed = program.kinds.seeds.get((id(scope.node), name))
    return seed is not None and (not seed.assumed or any(no_list(program, function, use) for use in uses))


def _gives_tensor(program: Program, node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _gives_tensor(program, node.left) or _gives_tensor(program, node.right)
    name = program.module.qualified(node.func) if isinstance(node, ast.Call) else None
    return bool(name) and str(name).startswith("tensorflow.") and program.kinds.value(node).is_tensor


def _fresh(ctx: ModuleContext) -> str:
    used = {n.id for n in ast.walk(ctx.source.tree) if isinstance(n, ast.Name)}
    used |= {n.arg for n in ast.walk(ctx.source.tree) if isinstance(n, ast.arg)}
    return next(name for name in ("index", "step", *(f"index_{n}" for n in range(2, 99))) if name not in used)
