"""A parameter that callers give something else than a Tensor, and that has no annotation.

What it does
    Finds functions of the repository that are compiled with their caller and get an ``int``, a list, a tuple or another
    value where TorchScript takes the parameter for a Tensor; and parameters that are only counted to (``range(n)``), or
    asked for their truth.

Why is this bad
    "Expected a value of type 'Tensor' for argument 'n' but instead found type 'int'".

Fix safety
    Safe: an annotation changes nothing at run time.  It is made where all calls in the repository agree.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#default-typing
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Fix, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import bind, self_name, takes_no_self
from ._common import SCRIPT, is_condition, is_method, is_scripted, problems, reports
from ._optional import statement_of
from ._parameters import (
    given_to,
    is_supposed,
    parameters_with_defaults,
    passed_to,
    type_at,
    uses_of,
    wanted_type,
)
from ._reports import Report, function_named
from ._typer import Problem
from ._types import BOOL, FLOAT, INT, STR, TENSOR, UNKNOWN, T, has_no_value, optional, unify
from ._writing import annotate, optional_word, writable

EXAMPLES = [
    Example(
        before="""
from torch import nn


def windows(x, size):
    return x.view(x.shape[0], x.shape[1] // size, size, -1)


class Net(nn.Module):
    def forward(self, x):
        return windows(x, x.shape[1] // 2)
""",
        after="""
from torch import nn


def windows(x, size: int):
    return x.view(x.shape[0], x.shape[1] // size, size, -1)


class Net(nn.Module):
    def forward(self, x):
        return windows(x, x.shape[1] // 2)
""",
    ),
    Example(
        title="a setting of the module, which nothing but its use tells the type of",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, flip, size):
        super().__init__()
        self.flip = flip
        self.size = size

    def turned(self, x, flip, size):
        if flip:
            x = x.flip(0)
        return x[:, : size // 2]

    def forward(self, x):
        return self.turned(x, self.flip, self.size)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, flip, size):
        super().__init__()
        self.flip = flip
        self.size = size

    def turned(self, x, flip: bool, size: int):
        if flip:
            x = x.flip(0)
        return x[:, : size // 2]

    def forward(self, x):
        return self.turned(x, self.flip, self.size)
""",
    ),
]

EXAMPLES += [
    Example(
        title="a flag",
        before="""
from torch import nn


class Loss(nn.Module):
    def forward(self, x, is_real):
        return (1 - x if is_real else x).relu().mean()
""",
        after="""
from torch import nn


class Loss(nn.Module):
    def forward(self, x, is_real: bool):
        return (1 - x if is_real else x).relu().mean()
""",
    ),
]

EXAMPLES += [
    Example(
        title="sizes and a mode",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x, height, width, mode):
        x = x.view(-1, height, width)
        return x.mean() if mode == "mean" else x
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, x, height: int, width: int, mode: str):
        x = x.view(-1, height, width)
        return x.mean() if mode == "mean" else x
""",
    ),
    Example(
        title="a flag that is handed on",
        before="""
from torch import nn


class Loss(nn.Module):
    def target(self, x, is_real):
        return x.new_ones(1) if is_real else x.new_zeros(1)

    def forward(self, x, is_real):
        return (x - self.target(x, is_real)).mean()
""",
        after="""
from torch import nn


class Loss(nn.Module):
    def target(self, x, is_real: bool):
        return x.new_ones(1) if is_real else x.new_zeros(1)

    def forward(self, x, is_real: bool):
        return (x - self.target(x, is_real)).mean()
""",
    ),
]

VALID = [
    """
from torch import nn


def twice(x):
    return x * 2


class Net(nn.Module):
    def forward(self, x):
        return twice(x)
""",
]


_MAX_DEPTH = 4


@rule("THT507", "untyped-parameter", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    seen: set[int] = set()
    for problem, _ in problems(unit, ctx, "argument"):
        name, wanted, given, function = problem.detail
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and isinstance(given, T)
        arg = next((a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg == name), None)
        if arg is None or wanted != TENSOR or id(arg) in seen or has_no_value(given):
            continue  # (THT616 looks at what can be called)
        seen.add(id(arg))
        if arg.annotation is not None:
            yield from _too_narrow(arg, given, function, problem, ctx)
            continue
        default = {a.arg: d for a, d in parameters_with_defaults(function.args)}.get(arg.arg)
        if default is not None:
            continue  # THT502 looks at those
        local = any(node is function for node in ctx.module.scopes.functions)
        kind = _kind(function, arg.arg, ctx) if local else UNKNOWN
        if local and not kind.known and given.kind == "dict" and _is_dict(function, arg.arg, ctx):
            kind = given
        # a decorated function compiled when the file was imported: its calls are not known well enough to change that
        written = kind.known and kind.kind != "none" and not is_scripted(function, ctx)
        text = writable(kind, ctx, function) if written else None
        yield Finding(
            arg if local else problem.node,
            f"`{arg.arg}` of `{function.name}` is given {given}, and TorchScript takes it for a Tensor",
            help=f"annotate it: `{arg.arg}: {text[0] if text else '...'}`",
            fix=Fix((annotate(ctx, arg, None, text[0]), *text[1])) if text is not None else None,
        )
    yield from _counted(unit, ctx, seen)
    yield from _sometimes_none(unit, ctx, seen)
    yield from _told_by_use(unit, ctx, seen)


def _told_by_use(unit: Unit, ctx: UnitContext, seen: set[int]) -> Iterator[Finding]:
    """Parameters that are used as flags are; those of helpers, where calls say the same, also as sizes are."""
    for function, report in reports(unit, ctx):
        if report.module is not ctx.module or is_scripted(function, ctx):
            continue
        defaults = {arg.arg for arg, _ in parameters_with_defaults(function.args)}
        own = is_method(function, ctx) and not takes_no_self(function)
        for arg in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs][1 if own else 0 :]:
            if arg.annotation is not None or arg.arg in defaults or id(arg) in seen:
                continue
            entry = function is unit.entry
            kind = (_kind_of_entry if entry else _kind_by_use)(function, arg.arg, report, ctx)
            if kind is None:
                continue
            seen.add(id(arg))
            yield Finding(
                arg,
                f"`{arg.arg}` of `{function.name}` is used as {kind}, and TorchScript takes it for a Tensor",
                help=f"annotate it: `{arg.arg}: {kind}`",
                fix=Fix((annotate(ctx, arg, None, str(kind)),)),
            )


def _reads_of(function: FunctionNode, name: str) -> list[ast.Name]:
    """Return where a parameter is read; nothing if the function gives it another value somewhere."""
    nodes = [n for one in function.body for n in walk(one) if isinstance(n, ast.Name) and n.id == name]
    return nodes if all(isinstance(node.ctx, ast.Load) for node in nodes) else []


def _kind_by_use(function: FunctionNode, name: str, report: Report, ctx: UnitContext) -> T | None:
    """Return ``int``, ``bool`` or ``str`` for a parameter that is used as nothing else is."""
    nodes = _reads_of(function, name)
    if not nodes:
        return None
    given = given_to(function, name, ctx)
    types = [type_at(node, module, ctx) for node, module in given]
    if not given or not all(not kind.known or kind.kind in ("int", "bool", "str") for kind in types):
        return None
    setting = any(
        kind == BOOL or not kind.known and isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
        for (node, _), kind in zip(given, types, strict=True)
    )
    flags = [_goes_to_flag(node, report, ctx) for node in nodes]
    if (setting or any(flags)) and all(one or is_condition(node, ctx) for node, one in zip(nodes, flags, strict=True)):
        return BOOL
    uses = uses_of(function, name, report, ctx)
    if uses.tensor or uses.weak or uses.other or uses.exact:
        return None
    if uses.text or any(kind == STR for kind in types):
        return STR if uses.text and not uses.integer and all(kind == STR or not kind.known for kind in types) else None
    return INT if uses.size or setting and uses.integer else None


def _kind_of_entry(function: FunctionNode, name: str, report: Report, ctx: UnitContext) -> T | None:
    """Return ``bool`` for a parameter of ``forward`` that is used as a flag, ``int`` for a size, ``str`` for a mode.

    A scripted module takes for a ``bool`` whatever has one truth value, a Tensor of one element too.
    """
    nodes = _reads_of(function, name)
    if not nodes:
        return None
    if any(ctx.module.enclosing_function(node) is not function for node in nodes):
        return None
    for node, module in given_to(function, name, ctx):
        kind = type_at(node, module, ctx)
        if kind.known and kind.kind not in ("int", "bool", "str") and not is_supposed(node, module, ctx):
            return None
    if all(is_condition(node, ctx) or _goes_to_flag(node, report, ctx) for node in nodes):
        return BOOL
    uses = uses_of(function, name, report, ctx)
    if uses.tensor or uses.weak > uses.supposed or uses.other or uses.exact:
        return None
    if uses.text:
        return STR if not uses.integer else None
    return INT if uses.size else None


def _goes_to_flag(node: ast.expr, report: Report, ctx: UnitContext, depth: int = 0) -> bool:
    """Whether a name is given to a parameter that is declared to be a bool, or of which only the truth is asked."""
    parent = ctx.module.parent(node)
    call = ctx.module.parent(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call) or node is call.func:
        return False
    if wanted_type(node, call, report, ctx) == {BOOL}:
        return True
    callee = _callee(call, report, ctx) if depth < _MAX_DEPTH else None
    if callee is None or callee.module is not ctx.module:
        return False
    own = is_method(callee.function, ctx) and not takes_no_self(callee.function)
    bound = bind(call, callee.function, skip_self=own) or {}
    spec = callee.function.args
    plain = {arg.arg for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs) if arg.annotation is None}
    name = next((name for name, value in bound.items() if value is node and name in plain), "")
    reads = _reads_of(callee.function, name)
    return bool(reads) and all(is_condition(one, ctx) or _goes_to_flag(one, callee, ctx, depth + 1) for one in reads)


def _callee(call: ast.Call, report: Report, ctx: UnitContext) -> Report | None:
    """Return the report of the repository's function that a call runs."""
    func = call.func
    function: FunctionNode | None = None
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and report.info is not None:
        if func.value.id == self_name(report.function):
            found = ctx.project.method(report.info, func.attr)
            function = found[1] if found is not None else None
    elif isinstance(func, ast.Name) and (name := ctx.qualified(func)) is not None:
        named = function_named(name, report.module, ctx.project)
        function = named[0] if named is not None else None
    return next((one for one in report.callees if one.function is function), None)


def _is_dict(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether the function asks of its parameter what only a dict has: no caller can give anything else."""
    for statement in function.body:
        for node in walk(statement):
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            if not isinstance(node.ctx, ast.Load):
                return False
            parent = ctx.module.parent(node)
            if isinstance(parent, ast.Attribute) and parent.attr in ("items", "keys", "values"):
                return True
            key = parent.slice if isinstance(parent, ast.Subscript) and parent.value is node else None
            if isinstance(key, ast.JoinedStr) or isinstance(key, ast.Constant) and isinstance(key.value, str):
                return True
    return False


def _counted(unit: Unit, ctx: UnitContext, seen: set[int]) -> Iterator[Finding]:
    """Parameters that nothing speaks of but a ``range``."""
    for problem, report in problems(unit, ctx, "range-tensor"):
        function = report.function
        if report.module is not ctx.module or not isinstance(problem.node, ast.Call):
            continue
        defaults = {arg.arg for arg, _ in parameters_with_defaults(function.args)}
        for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            used = any(isinstance(n, ast.Name) and n.id == arg.arg for one in problem.node.args for n in _counts(one))
            if not used or arg.annotation is not None or arg.arg in defaults or id(arg) in seen:
                continue
            uses = uses_of(function, arg.arg, report, ctx)
            if uses.tensor or uses.other or uses.text or _kind(function, arg.arg, ctx) not in (INT, UNKNOWN):
                continue
            seen.add(id(arg))
            yield Finding(
                arg,
                f"`{arg.arg}` of `{function.name}` is counted to, and TorchScript takes it for a Tensor",
                help=f"annotate it: `{arg.arg}: int`",
                fix=Fix((annotate(ctx, arg, None, "int"),)),
            )


def _sometimes_none(unit: Unit, ctx: UnitContext, seen: set[int]) -> Iterator[Finding]:
    """Numbers and texts that a caller has as an attribute which is None in some instances."""
    for problem, _ in problems(unit, ctx, "argument-none"):
        name, function = problem.detail
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        arg = next((a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg == name), None)
        local = any(node is function for node in ctx.module.scopes.functions)
        if arg is None or arg.annotation is None or not local or id(arg) in seen:
            continue
        seen.add(id(arg))
        if not _bears_none(function, arg.arg, ctx):
            continue
        word = None if isinstance(arg.annotation, ast.Constant) else optional_word(ctx, function)
        edit = replace(ctx.source, arg.annotation, f"{word[0]}[", arg.annotation, "]") if word is not None else None
        yield Finding(
            arg,
            f"`{arg.arg}` of `{function.name}` is given None by some instances",
            help=f"annotate it: `{arg.arg}: Optional[{ast.unparse(arg.annotation)}]`",
            fix=Fix((edit, *word[1])) if edit is not None and word is not None else None,
        )


def _bears_none(function: FunctionNode, name: str, ctx: UnitContext) -> bool:
    """Whether the function only asks about the value, or calculates with it where an assertion can stand before."""
    asked = False
    for statement in function.body:
        for node in walk(statement):
            if not (isinstance(node, ast.Name) and node.id == name):
                continue
            parent = ctx.module.parent(node)
            if is_condition(node, ctx) or isinstance(parent, ast.Compare) and parent.left is node:
                asked = True
            elif not (isinstance(parent, ast.BinOp) and statement_of(node, ctx) is not None):
                return False
    return asked


def _counts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what must be an ``int`` for ``node`` to be one."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod):
        yield from _counts(node.left)
        yield from _counts(node.right)
    else:
        yield node


def _too_narrow(
    arg: ast.arg, given: T, function: FunctionNode, problem: Problem, ctx: UnitContext
) -> Iterator[Finding]:
    """A parameter annotated as a Tensor that a caller may give ``None``."""
    if given.kind != "none" and given != optional(TENSOR) or arg.annotation is None:
        return
    local = any(node is function for node in ctx.module.scopes.functions)
    text = writable(optional(TENSOR), ctx, function) if local else None
    yield Finding(
        arg if local else problem.node,
        f"`{arg.arg}` of `{function.name}` may be given None, and is annotated as a Tensor",
        help=f"annotate it: `{arg.arg}: Optional[torch.Tensor]`",
        fix=Fix((replace(ctx.source, arg.annotation, text[0]), *text[1])) if text is not None else None,
    )


def _kind(function: FunctionNode, name: str, ctx: UnitContext) -> T:
    result: T | None = None
    for one in passed_to(function, name, ctx):
        if one.kind == "vary":
            known = {kind.bare for kind in one.args if kind.known}
            one = known.pop() if len(known) == 1 else UNKNOWN
        if not one.known:
            continue
        if result is None:
            result = one.bare
        elif {result.kind, one.kind} == {"int", "float"}:
            result = FLOAT
        else:
            result = unify(result, one.bare)
            if result is None:
                return UNKNOWN
    return result if result is not None else UNKNOWN
