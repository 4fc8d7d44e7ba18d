"""Helpers of a forward: methods and functions that use operators gain an ``F``, and so do their calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert
from ...source.source import Source
from ._added import is_added
from ._bound import bound_again, owner_of, shadowed
from ._interp import is_static
from ._plan import Plan, needs_f
from ._uses import is_top, outside_uses
from ._words import names as words


def helpers(plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Give ``F`` to the helpers that need it, and to their calls."""
    reader = plan.reader
    region = [f for f in reader.unit.region if f is not reader.unit.entry and f.name != "__init__"]
    keyword: set[int] = {id(f) for f in region if takes_optional_f(f, plan)}
    wanting: set[int] = set(keyword)
    for item in plan.items:
        if item.edits and item.function is not None and item.function in region and needs_f(item.edits):
            wanting.add(id(item.function))
    calls = {id(f): list(calls_of(f, plan)) for f in [*region, reader.unit.entry] if f is not None}
    moved = True
    while moved:
        moved = False
        for function in region:
            if id(function) not in wanting and any(id(target) in wanting for target, _ in calls[id(function)]):
                wanting.add(id(function))
                moved = True
    plan.helpers = wanting
    for function in region:
        if id(function) not in wanting:
            continue
        args = function.args
        positional = [*args.posonlyargs, *args.args]
        if any(a.arg == "F" for a in [*positional, *args.kwonlyargs]):
            continue
        plain = not function.decorator_list or is_static(function) and len(function.decorator_list) == 1
        plain = plain or is_added(function, reader.module, reader.project)
        if not plain or args.posonlyargs:
            yield f"its helper `{function.name}` is decorated"
            continue
        if any(isinstance(node, ast.Name) and node.id == "F" and not is_nd(node, plan) for node in walk(function)):
            yield f"its helper `{function.name}` has another F"
            continue
        home = owner_of(function, reader.unit.cls, reader.project) if reader.unit.cls is not None else None
        me = reader.unit.cls
        again = bound_again(function, home, reader.project) if home is not None else ""
        if me is not None and is_method(function, plan):
            again = again or shadowed(function.name, me, reader.project)
        if again:
            yield again
            continue
        outside = outside_uses(function, reader.unit, reader.project)
        overrides = [use for use in outside if isinstance(use, ast.FunctionDef)]
        if overrides:
            yield f"its helper `{function.name}`, which needs F, is also used at line {overrides[0].lineno}"
        elif outside and any(
            item.code == "THM805" and item.function is function and _of_arguments(item.at, function)
            for item in plan.items
        ):
            line = getattr(outside[0], "lineno", 0)
            yield f"its helper `{function.name}`, which would take arrays only, is also used at line {line}"
        elif outside or is_top(function, reader.unit, reader.project):
            yield from optional(function, plan, edits)
            keyword.add(id(function))
        elif is_method(function, plan) and not is_static(function):
            if not positional:
                yield f"its helper `{function.name}` takes no self"
                continue
            edits.append(insert(reader.source.span(positional[0]).end, ", F"))
        else:
            edits.append(insert(_open_paren(function, plan), "F" + (", " if _has_any(args) else "")))
    for caller in calls.values():
        for target, call in caller:
            if id(target) in keyword:
                yield from hand_on(target, call, plan, edits)
            elif id(target) in wanting:
                edits.append(insert(_call_paren(call, plan), "F" + (", " if call.args or call.keywords else "")))


def _of_arguments(node: object, function: FunctionNode) -> bool:
    """Whether an operation is on an argument as it came, for which others may hand in a number."""
    names = {arg.arg for arg in walk(function.args) if isinstance(arg, ast.arg)} - _surely_arrays(function)
    return not isinstance(node, ast.AST) or any(
        isinstance(inner, ast.Name) and inner.id in names for inner in ast.iter_child_nodes(node)
    )


# Members of arrays that numbers have not, NumPy's either.
_NO_NUMBERS = words(
    "context ctx as_in_context as_in_ctx expand_dims slice_axis broadcast_to broadcast_like asnumpy asscalar",
    "softmax log_softmax sigmoid relu wait_to_read zeros_like ones_like split tile flip one_hot topk attach_grad",
)


def _surely_arrays(function: FunctionNode) -> set[str]:
    """Return the names whose members a function uses first of all and always, such that no number gets past it."""
    found: set[str] = set()
    for statement in function.body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Return):
            return found
        choices = [n for n in walk(statement) if isinstance(n, ast.IfExp | ast.BoolOp | ast.Lambda | ast.ListComp)]
        maybe = {id(inner) for choice in choices for inner in walk(choice)}
        for node in walk(statement):
            owner: ast.expr | None = None
            if isinstance(node, ast.Attribute) and node.attr in _NO_NUMBERS:
                owner = node.value
            elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
                owner = node.value.value if node.value.attr == "shape" else None
            if isinstance(owner, ast.Name) and id(node) not in maybe:
                found.add(owner.id)
    return found


def optional(function: FunctionNode, plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Give a helper that others call too an ``F`` that is the arrays' namespace unless another one is handed in."""
    reader = plan.reader
    nd, edit = nd_name(reader.module, reader.source)
    if not nd:
        yield f"its helper `{function.name}`, which needs F, is also used elsewhere, and mx.nd has no name here"
        return
    if edit is not None and edit not in edits:
        edits.append(edit)
    args = function.args
    last = [*args.args, *args.defaults, *args.kwonlyargs, *(d for d in args.kw_defaults if d is not None)]
    if args.vararg is not None:
        last.append(args.vararg)
    ends = [reader.source.span(node).end for node in last]
    if not ends:
        rest = ", " if args.kwarg is not None else ""
        edits.append(insert(_open_paren(function, plan), f"F={nd}{rest}"))
        return
    edits.append(insert(max(ends), f", F={nd}"))


def hand_on(target: FunctionNode, call: ast.Call, plan: Plan, edits: list[Edit]) -> Iterator[str]:
    """Give a call of such a helper its ``F=F``."""
    reader = plan.reader
    if any(k.arg == "F" for k in call.keywords):
        return
    given = [*call.args, *(k.value for k in call.keywords)]
    if any(isinstance(a, ast.GeneratorExp) for a in given) or any(isinstance(a, ast.Starred) for a in call.args):
        yield f"a call of its helper `{target.name}` can't be given F"
        return
    if not given:
        edits.append(insert(_call_paren(call, plan), "F=F"))
        return
    text, end = reader.source.text, max(reader.source.span(node).end for node in given)
    close = reader.source.span(call).end - 1
    # Parentheses around the last argument belong to it.
    depth_end = end
    while depth_end < close and text[depth_end] in " \t\r\n)":
        depth_end += 1
        if text[depth_end - 1] == ")":
            end = depth_end
    edits.append(insert(end, ", F=F"))


def is_nd(node: ast.expr, plan: Plan) -> bool:
    """Whether ``node`` is a name of ``mxnet.nd`` that the file imports."""
    return plan.reader.qualified(node) in ("mxnet.nd", "mxnet.ndarray")


def nd_name(module: Module, source: Source) -> tuple[str, Edit | None]:
    """Return how ``mxnet.nd`` is called in a file, with the edit of an import that makes it so."""
    top = module.scopes.top
    imported = {
        top.qualified(ast.Name(name, ast.Load())): name
        for name, bindings in top.bindings.items()
        if all(binding.kind == "import" for binding in bindings)
    }
    for qualified, suffix in (("mxnet.nd", ""), ("mxnet.ndarray", ""), ("mxnet", ".nd")):
        if qualified in imported:
            return imported[qualified] + suffix, None
    if "nd" in top.bindings:
        return "", None
    for statement in module.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "mxnet" and not statement.level:
            return "nd", insert(source.span(statement.names[-1]).end, ", nd")
    return "", None


def takes_optional_f(function: FunctionNode, plan: Plan) -> bool:
    """Whether a helper has an ``F`` that defaults to ``mxnet.nd``."""
    args = function.args
    defaults = [None] * (len(args.args) - len(args.defaults)) + list(args.defaults)
    pairs = [*zip(args.args, defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    return any(arg.arg == "F" and default is not None and is_nd(default, plan) for arg, default in pairs)


def _has_any(args: ast.arguments) -> bool:
    return bool(args.posonlyargs or args.args or args.vararg or args.kwonlyargs or args.kwarg)


def _open_paren(function: FunctionNode, plan: Plan) -> int:
    text = plan.reader.source.text
    start = plan.reader.source.span(function).start
    return text.index("(", text.index(function.name, text.index("def", start) + 3)) + 1


def _call_paren(call: ast.Call, plan: Plan) -> int:
    return plan.reader.source.text.index("(", plan.reader.source.span(call.func).end) + 1


def is_method(function: FunctionNode, plan: Plan) -> bool:
    """Whether a function of the region is defined in a class."""
    scope = plan.reader.module.scopes.of(function)
    within = scope.parent is not None and scope.parent.is_class
    return within or is_added(function, plan.reader.module, plan.reader.project)


def calls_of(function: FunctionNode, plan: Plan) -> Iterator[tuple[FunctionNode, ast.Call]]:
    """Yield the calls of functions of the region in ``function``."""
    reader = plan.reader
    region = {f.name: f for f in reader.unit.region}
    first = function.args.args[0].arg if function.args.args and is_method(function, plan) else None
    for node in walk(function):
        if not isinstance(node, ast.Call):
            continue
        callee = node.func
        if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and callee.value.id == first:
            target = region.get(callee.attr)
            if target is not None and is_method(target, plan):
                yield target, node
        elif isinstance(callee, ast.Name):
            target = region.get(callee.id)
            if target is not None and not is_method(target, plan):
                yield target, node
