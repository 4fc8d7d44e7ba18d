"""Loops that a tensor ends: how they are written so that AutoGraph takes them, where that is the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.nodes import walk
from ...rewrite.edit import (
    Edit,
    Fix,
    Part,
    delete_statement,
    insert_line_after,
    insert_line_before,
    replace,
    shares_line,
)
from ..rule import ModuleContext
from ._branches import bound_before
from ._flow import assigned, loops_on_tensor, on_tensor, own_nodes
from ._like import Follower
from ._live import live_names
from ._program import AnyFunction, Program
from ._report import tensorflow_name, with_import
from ._static import mended_by_fixes
from ._tables import short

Loop = ast.For | ast.While
_NEVER = (
    "random.",
    "summary.",
    "debugging.",
    "io.",
    "data.",
    "sparse.",
    "ragged.",
    "strings.",
    "distribute.",
    "image.",
)
_FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Try, ast.Raise, ast.Assert, ast.Delete,
    ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await, ast.For,
    ast.While, ast.Match,
)  # fmt: skip
_CALLS_DEEP = 3


def loop_fix(ctx: ModuleContext, program: Program, function: AnyFunction, loop: Loop) -> Fix | None:
    """Return the fix that lets AutoGraph make a graph loop of ``loop``, or that takes a ``return`` out of it.

    None for ``tf.xla``: what goes through such a loop has no gradient there.
    """
    if isinstance(function, ast.Lambda | ast.AsyncFunctionDef) or "tf.xla" in ctx.targets or loop.orelse:
        return None
    if not any(loop is statement for statement in function.body) or shares_line(ctx.source, loop):
        return None
    if any(shares_line(ctx.source, node) for node in [loop.body[0], *_following(function, loop)[:1]]):
        return None
    if loops_on_tensor(program.kinds, loop):
        edits = _without_return(ctx, program, function, loop)
    elif isinstance(loop, ast.While):
        edits = _endless(ctx, program, function, loop)
    else:
        edits = _counted(ctx, program, function, loop)
    if edits is None or not mended_by_fixes(ctx, function):
        return None
    return with_import(ctx, edits, tensorflow_name(ctx)[1])


def _following(function: ast.FunctionDef, loop: Loop) -> list[ast.stmt]:
    at = next(index for index, statement in enumerate(function.body) if statement is loop)
    return function.body[at + 1 :]


def _exits(loop: Loop) -> Iterator[ast.Return | ast.Break]:
    """Yield what leaves ``loop`` itself; all of nested loops' ``return`` too."""
    work: list[tuple[ast.AST, bool]] = [(node, True) for node in reversed(loop.body)]
    while work:
        node, mine = work.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Return) or (isinstance(node, ast.Break) and mine):
            yield node
        inner = mine and not isinstance(node, ast.For | ast.While)
        work.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))


def _in_nested_loop(program: Program, node: ast.AST, loop: Loop) -> bool:
    for parent in program.module.ancestors(node):
        if parent is loop:
            return False
        if isinstance(parent, ast.For | ast.While | ast.With | ast.Try):
            return True
    return True


def _same(left: ast.expr | None, right: ast.expr | None) -> bool:
    return left is not None and right is not None and ast.dump(left) == ast.dump(right)


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _without_return(ctx: ModuleContext, program: Program, function: ast.FunctionDef, loop: Loop) -> list[Edit] | None:
    """``return`` in a loop on a tensor, with a ``return`` behind it."""
    found = [node for node in _exits(loop) if isinstance(node, ast.Return)]
    rest = _following(function, loop)
    behind = rest[0] if rest and isinstance(rest[0], ast.Return) else None
    if behind is None or behind.value is None or not found or any(_in_nested_loop(program, n, loop) for n in found):
        return None
    if all(_same(node.value, behind.value) for node in found):
        return _broken(ctx, function, loop, found, behind.value)
    if isinstance(loop, ast.For) and _names(behind.value) & _names_stored(loop.target):
        return None
    first = _steady(program, function, loop, behind.value, found)
    if not first:
        return None
    name = _fresh(ctx, function)
    edits = [insert_line_before(ctx.source, loop, f"{name} = {ctx.source.segment(behind.value)}")]
    for node in found:
        assert node.value is not None
        indent = ctx.source.indent_of(node)
        edits.append(replace(ctx.source, node, f"{name} = ", node.value, f"{ctx.source.newline}{indent}break"))
    edits.append(replace(ctx.source, behind.value, name))
    return edits if not any(shares_line(ctx.source, node) for node in found) else None


def _names_stored(target: ast.expr) -> set[str]:
    return {n.id for n in walk(target) if isinstance(n, ast.Name)}


def _steady(program: Program, function: ast.FunctionDef, loop: Loop, value: ast.expr, found: list[ast.Return]) -> bool:
    """Whether ``value`` may as well be computed before the loop, and is what all of ``found`` give."""
    if _names(value) & assigned([loop]) or not _pure(program, value, loop) or value.lineno != value.end_lineno:
        return False
    if not _plain(program, loop.body, 0):
        return False
    follower = Follower(program, function)
    env = follower.until(function.body, loop)
    if env is None:
        return False
    given = follower.of(value, env)
    head, _ = follower.looped(loop, env)
    if isinstance(loop, ast.While):
        follower.run(loop.body, head)
    return given.told and all(follower.returned.get(id(node)) == given for node in found)


_LINEAR = frozenset({"identity", "negative", "ones_like", "reduce_mean", "reduce_sum", "zeros_like", "zeros", "ones",
                     "constant", "stop_gradient", "cast"})  # fmt: skip


def _pure(program: Program, node: ast.expr, loop: Loop) -> bool:
    """Whether ``node`` never raises where the loop was gone into, and has a gradient that zero times it leaves zero.

    What a loop overwrites gets the gradient zero, which ``sqrt`` at 0 would make ``nan``.
    """
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _pure(program, node.operand, loop)
    if isinstance(node, ast.BinOp):
        by_number = isinstance(node.right, ast.Constant) or isinstance(node.left, ast.Constant)
        scaled = isinstance(node.op, ast.Mult) and by_number
        divided = isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant) and node.right.value != 0
        return (scaled or divided) and _pure(program, node.left, loop) and _pure(program, node.right, loop)
    if isinstance(node, ast.Subscript):
        mine = isinstance(loop, ast.For) and isinstance(loop.iter, ast.Name) and isinstance(node.value, ast.Name)
        first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        return mine and first and node.value.id == loop.iter.id  # type: ignore[attr-defined,union-attr]
    if isinstance(node, ast.Attribute):
        return node.attr in ("dtype", "shape") and isinstance(node.value, ast.Name)
    if isinstance(node, ast.Call):
        qualified = program.module.qualified(node.func) or ""
        plain = qualified.startswith("tensorflow.") and short(qualified).rsplit(".", 1)[-1] in _LINEAR
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        return plain and all(_pure(program, part, loop) or _is_type(program, part) for part in parts)
    return isinstance(node, ast.Tuple | ast.List) and all(_pure(program, part, loop) for part in node.elts)


def _is_type(program: Program, node: ast.expr) -> bool:
    return program.kinds.value(node).is_("dtype")


def _fresh(ctx: ModuleContext, function: ast.FunctionDef) -> str:
    """Return a name for the result that nothing in the file uses."""
    used = {n.id for n in ast.walk(ctx.source.tree) if isinstance(n, ast.Name)}
    used |= {n.arg for n in ast.walk(ctx.source.tree) if isinstance(n, ast.arg)}
    names = ["result", "found", "returned", *(f"result_{number}" for number in range(2, 99))]
    return next(name for name in names if name not in used)


def _broken(
    ctx: ModuleContext, function: ast.FunctionDef, loop: Loop, found: list[ast.Return], value: ast.expr
) -> list[Edit] | None:
    """Return the edits that leave the loop by ``break``, for the ``return`` of the same behind it."""
    local = assigned([loop]) & _names(value)
    if local - bound_before(function, loop):
        return None
    if isinstance(loop, ast.For) and local & _names_stored(loop.target):
        return None
    if any(isinstance(n, ast.Lambda | ast.ListComp | ast.GeneratorExp) for n in walk(value)):
        return None
    return [replace(ctx.source, node, "break") for node in found]


def _endless(ctx: ModuleContext, program: Program, function: ast.FunctionDef, loop: ast.While) -> list[Edit] | None:
    """``while True``: the condition becomes a tensor, and one ``return`` moves behind the loop."""
    if (
        not isinstance(loop.test, ast.Constant)
        or not loop.test.value
        or not _same_as_graph(program, function, loop, "")
    ):
        return None
    found = list(_exits(loop))
    results = [node for node in found if isinstance(node, ast.Return)]
    edits: list[Edit] = []
    tf, _ = tensorflow_name(ctx)
    follows: list[Edit] = []
    if results:
        value = results[0].value
        if value is None or len(results) != len(found) or not all(_same(node.value, value) for node in results):
            return None
        if value.lineno != value.end_lineno or _broken(ctx, function, loop, results, value) is None:
            return None
        follows = [insert_line_after(ctx.source, loop, f"return {ctx.source.segment(value)}")]
    elif not found:
        return None
    head = loop.body[0]
    alone = isinstance(head, ast.If) and len(found) == 1 and head.body == [found[0]] and not head.orelse
    if alone and len(loop.body) > 1:
        assert isinstance(head, ast.If)
        edits.append(replace(ctx.source, loop.test, *_negated(head.test)))
        edits.append(delete_statement(ctx.source, head, loop.body))
        return edits + follows
    edits.append(replace(ctx.source, loop.test, f"{tf}.constant(True)"))
    edits += [replace(ctx.source, node, "break") for node in results]
    if results and results[-1].end_lineno == loop.end_lineno and follows:
        # both would write at the end of the last line
        last = results[-1]
        indent = ctx.source.indent_of(loop)
        edits[-1] = replace(ctx.source, last, f"break{ctx.source.newline}{indent}return ", value)  # type: ignore[arg-type]
        follows = []
    return edits + follows


def _negated(test: ast.expr) -> tuple[Part, ...]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and test.lineno == test.end_lineno:
        return (test.operand,)
    plain = isinstance(test, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return ("not ", test) if plain else ("not (", test, ")")


def _counted(ctx: ModuleContext, program: Program, function: ast.FunctionDef, loop: ast.For) -> list[Edit] | None:
    """``for i in range(n)`` that a tensor ends: the range becomes a tensor."""
    if not isinstance(loop.target, ast.Name) or not _counts_up(program, loop.iter):
        return None
    if not _same_as_graph(program, function, loop, loop.target.id):
        return None
    assert isinstance(loop.iter, ast.Call)
    found = [node for node in _exits(loop) if isinstance(node, ast.Return)]
    edits = [replace(ctx.source, loop.iter.func, f"{tensorflow_name(ctx)[0]}.range")]
    if found:
        rest = _following(function, loop)
        behind = rest[0] if rest and isinstance(rest[0], ast.Return) else None
        if behind is None or behind.value is None or not all(_same(node.value, behind.value) for node in found):
            return None
        broken = _broken(ctx, function, loop, found, behind.value)
        if broken is None:
            return None
        edits += broken
    return edits


def _counts_up(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` is a ``range`` that is the same as a tensor: ``tf.range`` refuses what is less than nothing."""
    if not isinstance(node, ast.Call) or program.module.qualified(node.func) != "builtins.range" or node.keywords:
        return False
    if len(node.args) != 1:
        values = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        whole = len(values) == len(node.args) == 2 and all(isinstance(value, int) for value in values)
        return whole and values[0] <= values[1]  # type: ignore[operator]
    (size,) = node.args
    if isinstance(size, ast.Constant):
        return isinstance(size.value, int) and not isinstance(size.value, bool) and 0 <= size.value < 2**31
    if isinstance(size, ast.Call):
        return program.module.qualified(size.func) == "builtins.len"
    if isinstance(size, ast.Subscript) and isinstance(size.value, ast.Attribute) and size.value.attr == "shape":
        return True
    return _constant_size(program, size)


def _constant_size(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` is a name of the file's own that is given one whole number, once."""
    if not isinstance(node, ast.Name):
        return False
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1 or not found[0].is_module:
        return False
    value = found[1][0].value
    return isinstance(value, ast.Constant) and type(value.value) is int and 0 <= value.value < 2**31


def _same_as_graph(program: Program, function: ast.FunctionDef, loop: Loop, index: str) -> bool:
    """Whether the loop does the same as one of a graph, whose body is traced once.

    Nothing in it may be Python's own affair, all that goes from one round to the next has to be tensors that stay
    alike, and ``index``, which becomes a tensor, may only pick elements of tensors.
    """
    if not _plain(program, loop.body, 0):
        return False
    live = live_names(function)
    carried = live.before.get(id(loop.body[0]), frozenset()) | live.after.get(id(loop), frozenset())
    names = (assigned(loop.body) & carried) - {index}
    if index and (index in live.after.get(id(loop), frozenset()) or index in assigned(loop.body)):
        return False
    if index and any(
        isinstance(n, ast.Name) and n.id == index and not _picks(program, n) for s in loop.body for n in walk(s)
    ):
        return False
    follower = Follower(program, function)
    env = follower.until(function.body, loop)
    if env is None:
        return False
    head, held = follower.looped(loop, env)
    return all(name in held and head[name].told for name in names)


def _picks(program: Program, node: ast.Name) -> bool:
    parent = program.module.parent(node)
    return isinstance(parent, ast.Subscript) and parent.slice is node and program.kinds.value(parent.value).is_tensor


def _plain(program: Program, body: list[ast.stmt], depth: int) -> bool:
    """Whether ``body`` does nothing but compute on tensors.

    Variables aren't written either: a name of a variable stands for what it holds at the time, and what a graph loop
    carries under that name is what it held before.
    """
    for node in own_nodes(body):
        if isinstance(node, _FORBIDDEN):
            return False
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node, ast.With) and not all(_tape(program, item.context_expr) for item in node.items):
            return False
        if isinstance(node, ast.Call) and not _plain_call(program, node, depth):
            return False
    return True


def _tape(program: Program, node: ast.expr) -> bool:
    name = program.module.qualified(node.func) if isinstance(node, ast.Call) else ""
    return name in ("tensorflow.GradientTape", "tensorflow.name_scope")


def _plain_call(program: Program, node: ast.Call, depth: int) -> bool:
    qualified = program.module.qualified(node.func) or ""
    if qualified.startswith("tensorflow."):
        return _tape(program, node) or (
            program.kinds.value(node).has_tensor
            and not short(qualified).startswith(_NEVER)
            and _no_function(program, node)
        )
    if qualified == "builtins.len":
        return True
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("gradient", "watch"):
        return program.kinds.value(node.func.value).cls == "tensorflow.GradientTape"
    callees = program.kinds.callees(node)
    if depth >= _CALLS_DEEP or len(callees) != 1 or not isinstance(callees[0], ast.FunctionDef):
        return False
    return not callees[0].decorator_list and _plain(program, callees[0].body, depth + 1)


def _no_function(program: Program, node: ast.Call) -> bool:
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    return not any(program.kinds.value(value).is_("function") for value in values)


def stops_on_tensor(program: Program, loop: Loop) -> list[ast.If]:
    """Return the branches on a tensor that leave ``loop``."""
    return [
        node
        for node in own_nodes(loop.body)
        if isinstance(node, ast.If)
        and on_tensor(program.kinds, node.test)
        and any(isinstance(inner, ast.Return | ast.Break) for inner in own_nodes(node.body + node.orelse))
    ]
