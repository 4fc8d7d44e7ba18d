"""Loops over lists of modules: what a rewrite needs to know and to write."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert, shares_line
from ..rule import UnitContext
from ._classes import class_model, self_name
from ._reports import Report
from ._types import CONTAINERS, T


def indent_body(loop: ast.For, ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the edits that indent the body of ``loop`` by four more blanks; ``None`` where its lines can't be told."""
    if loop.body[0].lineno == loop.lineno or loop.body[0].lineno == (loop.iter.end_lineno or 0):
        return None
    return indent_statements(loop.body, ctx)


def indent_statements(body: list[ast.stmt], ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the edits that indent ``body``, on lines of its own, by four more blanks; ``None`` where they can't be.

    A string over several lines would change with its indentation.
    """
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    if text_over_lines(node for statement in body for node in walk(statement)):
        return None
    source = ctx.source
    lines = [n for n in range(first, last + 1) if source.line_text(n).strip()]
    return tuple(insert(source.line_starts[n - 1], "    ") for n in lines)


def text_over_lines(nodes: Iterable[ast.AST]) -> bool:
    """Whether there is a text or bytes over several lines among ``nodes``, which changes with their indentation."""
    return any(isinstance(node, ast.JoinedStr | ast.Constant) and node.lineno != node.end_lineno for node in nodes)


PART_OF_MODULES = "TorchScript goes through all modules of a list, not through a part of it"
LISTS = (*CONTAINERS, "torch.nn.ParameterList")
SIDE_BY_SIDE = "TorchScript goes through modules and lists side by side only where it knows how many there are"


def side_by_side(node: ast.For | ast.ListComp | ast.DictComp, report: Report) -> ast.expr | None:
    """Return the ``zip`` that ``node`` goes through of what has a known length and of what has not."""
    row = node.iter if isinstance(node, ast.For) else node.generators[0].iter
    uneven = {id(problem.node) for problem in report.problems if problem.kind == "uneven-zip"}
    if id(row) in uneven:
        return row
    first = row.args[0] if isinstance(row, ast.Call) and row.args else None  # in `enumerate`
    return first if id(first) in uneven else None


_Pairs = list[tuple[ast.expr, ast.expr]]
"""Targets of a loop, each with what is gone through for it."""


def sides(node: ast.expr, target: ast.expr, report: Report, ctx: UnitContext) -> tuple[_Pairs, _Pairs] | None:
    """Return what a ``zip`` goes through that has a known length (modules, tuples), and what can be indexed instead.

    ``None`` where it is not made of those two alone.
    """
    if not isinstance(node, ast.Call) or node.keywords or not isinstance(target, ast.Tuple):
        return None
    if len(target.elts) != len(node.args) or any(isinstance(one, ast.Starred) for one in (*target.elts, *node.args)):
        return None
    pairs = list(zip(target.elts, node.args, strict=True))
    known = [(t, a) for t, a in pairs if _is_written_out(report.type(a), ctx)]
    lists = [(t, a) for t, a in pairs if report.type(a).kind in ("list", "tensor")]
    return (known, lists) if known and lists and len(known) + len(lists) == len(pairs) else None


def _is_written_out(held: T, ctx: UnitContext) -> bool:
    if held.kind != "module":
        return held.kind == "tuple"
    info = ctx.project.class_named(held.name)
    if info is None:
        return held.name in LISTS
    base = ctx.project.framework_base(info)
    own = any(ctx.project.method(info, name) for name in ("__iter__", "__len__", "__getitem__"))
    return base is not None and base.name in LISTS and not own


def begins(node: ast.expr, statement: ast.stmt, report: Report, ctx: UnitContext) -> bool:
    """Whether ``statement``, on lines of its own, evaluates ``node`` before anything that could tell the difference.

    Then it may as well be evaluated in a statement before.  Calls of which TorchScript knows nothing don't count: it
    takes them neither way.
    """
    if not isinstance(statement, ast.Assign | ast.Return | ast.Expr) or shares_line(ctx.source, statement):
        return False
    inner: ast.AST = node
    while inner is not statement:
        outer = ctx.module.parent(inner)
        if isinstance(outer, ast.Call):
            pure = all(isinstance(n, ast.Name | ast.Attribute | ast.expr_context) for n in walk(outer.func))
            if outer.func is not inner and not (
                pure and outer.args and outer.args[0] is inner and report.type(outer).known
            ):
                return False
        elif isinstance(outer, ast.BinOp | ast.Compare):
            if outer.left is not inner:
                return False
        elif isinstance(outer, ast.Subscript | ast.Attribute):
            if outer.value is not inner:
                return False
        elif isinstance(outer, ast.Tuple | ast.List):
            if outer.elts[0] is not inner:
                return False
        elif outer is not statement:
            return False
        inner = outer
    return True


def free_name(wanted: str, function: FunctionNode) -> str:
    """Return ``wanted``, or a name made of it, that the function doesn't use."""
    taken = {n.id for n in walk(function) if isinstance(n, ast.Name)}
    arguments = function.args
    taken |= {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    name, count = wanted, 2
    while name in taken:
        name, count = f"{wanted}_{count}", count + 1
    return name


def item_name(attribute: str, function: FunctionNode) -> str:
    """Return a name for one item of ``self.<attribute>``: ``layer`` for ``layers``."""
    word = attribute.strip("_") or "module"
    single = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else f"one_{word}"
    return free_name(single, function)


def same_length(name: str, stop: ast.expr, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether ``self.<name>`` has ``stop`` items after construction, by the way it is made.

    It is made by a comprehension over ``range(n)``, or filled by one ``append`` in a loop over ``range(n)``, where
    ``n`` is ``stop`` once ``self.a`` is read as the parameter that it holds.
    """
    model = class_model(info, ctx.project)
    writes = model.built.get(name, [])
    if len(writes) != 1 or name in model.later or not writes[0].sure or writes[0].function.name != "__init__":
        return False
    init, value = writes[0].function, writes[0].value
    if not isinstance(value, ast.Call) or value.keywords or len(value.args) > 1:
        return False
    mentions = [n for n in walk(init) if isinstance(n, ast.Attribute) and n.attr == name]
    bound: ast.expr | None = None
    if value.args:
        made = value.args[0]
        if isinstance(made, ast.ListComp | ast.GeneratorExp) and len(made.generators) == 1 and len(mentions) == 1:
            bound = _range_stop(made.generators[0].iter) if not made.generators[0].ifs else None
    else:
        for loop in init.body:
            if isinstance(loop, ast.For) and len(mentions) == 2 and not loop.orelse:
                appends = [s for s in loop.body if isinstance(s, ast.Expr) and _appends(s.value, name)]
                leaves = any(isinstance(n, ast.Break | ast.Continue) for n in walk(loop))
                if len(appends) == 1 and not leaves:
                    bound = _range_stop(loop.iter)
    if bound is None:
        return False
    left, right = _normal(bound, init, info, ctx), _normal(stop, None, info, ctx)
    return left is not None and left == right


def _appends(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "append"
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == name
    )


def _range_stop(node: ast.expr) -> ast.expr | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"):
        return None
    if len(node.args) == 1:
        return node.args[0]
    zero = isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
    return node.args[1] if len(node.args) == 2 and zero else None


def range_stop(node: ast.expr) -> ast.expr | None:
    """Return ``n`` of ``range(n)`` or ``range(0, n)``."""
    return _range_stop(node)


def _normal(node: ast.expr, init: FunctionNode | None, info: ClassInfo, ctx: UnitContext) -> str | None:
    """Return the text of a number with parameters of the constructor for the attributes that hold them."""
    model = class_model(info, ctx.project)
    own = info.methods.get("__init__")
    if own is None:
        return None
    parameters = {a.arg for a in (*own.args.posonlyargs, *own.args.args, *own.args.kwonlyargs)}
    stored = {n.id for n in walk(own) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if isinstance(node, ast.Name):
        return node.id if init is not None and node.id in parameters - stored else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        first = self_name(init) if init is not None else "self"
        writes = model.built.get(node.attr, [])
        if node.value.id != first or len(writes) != 1 or node.attr in model.later or not writes[0].sure:
            return None
        value = writes[0].value
        return _normal(value, own, info, ctx) if value is not None and not isinstance(value, ast.Attribute) else None
    return None


__all__ = ["free_name", "indent_body", "indent_statements", "item_name", "range_stop", "same_length"]
