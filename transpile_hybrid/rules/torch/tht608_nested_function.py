"""A function defined inside of what TorchScript compiles.

What it does
    Finds ``def`` and ``name = lambda ...`` in compiled functions.

Why is this bad
    TorchScript's parser takes neither: "function definitions aren't supported".

Fix safety
    Safe where the function is only called, by its name: it becomes a method of the class (a function of the module),
    and what it reads of its surroundings is given to it as further arguments, which have the same value at the call.
    It isn't made where it changes its surroundings (``nonlocal``), calls itself, yields, or is handed on, but to
    ``torch.utils.checkpoint.checkpoint`` in a branch of its own, which TorchScript is told to leave out.

References
    https://docs.pytorch.org/docs/stable/jit_unsupported.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Kept, delete_statement, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import family_of
from ._common import SCRIPT, is_method, reports
from ._reports import Report
from ._types import TENSOR, UNKNOWN, T, unify
from ._writing import of_torch, writable

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x, scale):
        def step(y):
            y = self.fc(y)
            return y * scale

        double = lambda y: y * 2
        return double(step(step(x)))
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def _step(self, y, scale):
        y = self.fc(y)
        return y * scale

    def _double(self, y):
        return y * 2

    def forward(self, x, scale):
        return self._double(self._step(self._step(x, scale), scale))
""",
    ),
    Example(
        title="what a checkpoint is given",
        before="""
import torch.utils.checkpoint as cp
from torch import nn


class Block(nn.Module):
    def __init__(self, with_cp=False):
        super().__init__()
        self.with_cp = with_cp
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        def _inner_forward(x):
            out = self.fc(x)
            return out + x

        if self.with_cp and x.requires_grad:
            out = cp.checkpoint(_inner_forward, x)
        else:
            out = _inner_forward(x)
        return out.relu()
""",
        after="""
import torch.utils.checkpoint as cp
from torch import nn
import torch


class Block(nn.Module):
    def __init__(self, with_cp=False):
        super().__init__()
        self.with_cp = with_cp
        self.fc = nn.Linear(3, 3)

    def _inner_forward(self, x):
        out = self.fc(x)
        return out + x

    def forward(self, x):
        if not torch.jit.is_scripting() and self.with_cp and x.requires_grad:
            out = cp.checkpoint(self._inner_forward, x)
        else:
            out = self._inner_forward(x)
        return out.relu()
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()

        def width(n):
            return 2 * n

        self.fc = nn.Linear(3, width(2))

    def forward(self, x):
        return self.fc(x)
""",
]


@dataclass
class _Inner:
    """A function inside of another: its statement, name, parameters and body."""

    statement: ast.stmt
    name: str
    arguments: ast.arguments
    body: list[ast.stmt] | ast.expr


@rule("THT608", "nested-function", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for inner in _inner_functions(function):
            edits = _lift(inner, function, report, ctx)
            yield Finding(
                inner.statement,
                f"TorchScript takes no function inside of another: `{inner.name}`",
                help="make it a method of the class, or a function of the module",
                fix=Fix(tuple(edits)) if edits else None,
            )


def _inner_functions(function: FunctionNode) -> Iterator[_Inner]:
    for node in walk(function):
        if isinstance(node, ast.FunctionDef) and node is not function:
            yield _Inner(node, node.name, node.args, node.body)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                yield _Inner(node, target.id, node.value.args, node.value.body)


def _lift(inner: _Inner, function: FunctionNode, report: Report, ctx: UnitContext) -> list[Edit]:
    source = ctx.source
    method = is_method(function, ctx)
    first = function.args.args[0].arg if method and function.args.args else ""
    parent = ctx.module.parent(inner.statement)
    if not _plain(inner, function) or parent is not function or (method and (not first or function.decorator_list)):
        return []
    name = _free_name(inner, function, method, ctx)
    captured = _captured(inner, function, first)
    uses = _uses(inner, function, {*captured, first}, ctx) if captured is not None else None
    if name is None or uses is None or captured is None:
        return []
    calls, checkpoints = uses
    if not calls or captured and (checkpoints or inner.arguments.defaults):
        return []
    text = _definition(name, inner, function, first, captured, calls, report, ctx)
    if text is None:
        return []
    start = source.line_starts[min([function.lineno, *(d.lineno for d in function.decorator_list)]) - 1]
    edits: list[Edit] = [insert(start, text[0]), *text[1], _removed(inner, function, ctx)]
    for call in calls:
        edits.append(replace(source, call.func, f"{first}.{name}" if method else name))
        if captured:
            end = source.span(call).end - 1
            comma = source.text[:end].rstrip().endswith(",")
            lead = "" if comma or not (call.args or call.keywords) else ", "
            more = [f"{one}={one}" if call.keywords else one for one in captured]
            edits.append(insert(end, lead + ", ".join(more)))
    for given, choice in checkpoints:
        edits.append(replace(source, given, f"{first}.{name}" if method else name))
        guard = of_torch("torch.jit.is_scripting", ctx, choice)
        if guard is None:
            return []
        edits += [
            replace(source, choice.test, f"not {guard[0]}() and ", Kept(choice.test, paren=_is_weak(choice.test))),
            *guard[1],
        ]
    return edits


def _is_weak(test: ast.expr) -> bool:
    """Whether a condition binds weaker than ``and``."""
    either = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
    return either or isinstance(test, ast.IfExp | ast.Lambda | ast.NamedExpr)


def _free_name(inner: _Inner, function: FunctionNode, method: bool, ctx: UnitContext) -> str | None:
    """Return the name of the method or function, which no class of the family has for another one."""
    name = f"_{inner.name.strip('_')}"
    own = ctx.unit.cls if method else None
    if own is None:
        taken = {getattr(n, "attr", getattr(n, "name", getattr(n, "id", ""))) for n in walk(ctx.source.tree)}
        return None if name in taken else name
    mine = _members(own.node) | _becoming(own.node, inner.statement)
    others = [_members(one.node) | _becoming(one.node) for one in family_of(own, ctx.project) if one is not own]
    again = name in mine and name not in _members(own.node)  # another method has a function of that name
    if again:
        name += f"_of_{function.name.strip('_')}"
    if again and others or any(name in names for names in others):  # each class calls its own, and not another one's
        name += f"_of_{own.name.lower()}"
    return None if any(name in names for names in [mine, *others]) else name


def _members(cls: ast.ClassDef) -> set[str]:
    """Return the names of a class's methods and attributes, and of all that its code reads by a dot."""
    body = {one.name for one in cls.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    values = {n.id for one in cls.body if isinstance(one, ast.Assign | ast.AnnAssign) for n in walk(one)
              if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
    return body | values | {n.attr for n in walk(cls) if isinstance(n, ast.Attribute)}


def _becoming(cls: ast.ClassDef, apart: ast.stmt | None = None) -> set[str]:
    """Return what the functions inside of a class's methods, but for one, would become."""
    found: set[str] = set()
    for method in cls.body:
        if isinstance(method, ast.FunctionDef):
            found |= {f"_{one.name.strip('_')}" for one in _inner_functions(method) if one.statement is not apart}
    return found


def _plain(inner: _Inner, function: FunctionNode) -> bool:
    given = inner.arguments
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs:
        return False
    if any(not isinstance(one, ast.Constant) for one in given.defaults):
        return False
    if isinstance(inner.statement, ast.FunctionDef) and inner.statement.decorator_list:
        return False
    bad = (ast.Nonlocal, ast.Global, ast.Yield, ast.YieldFrom, ast.Await, ast.FunctionDef, ast.Lambda, ast.ClassDef)
    for node in _nodes(inner):
        if isinstance(node, bad) or isinstance(node, ast.Name) and node.id == inner.name:
            return False
        text = isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and node.lineno != node.end_lineno:  # type: ignore[attr-defined]
            return False
    stores = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == inner.name]
    made = 0 if isinstance(inner.statement, ast.FunctionDef) else 1
    return sum(isinstance(n.ctx, ast.Store) for n in stores) == made


def _nodes(inner: _Inner) -> Iterator[ast.AST]:
    for part in inner.body if isinstance(inner.body, list) else [inner.body]:
        yield from walk(part)


def _uses(
    inner: _Inner, function: FunctionNode, seen: set[str], ctx: UnitContext
) -> tuple[list[ast.Call], list[tuple[ast.Name, ast.If]]] | None:
    """Return the calls of the function, and where a checkpoint is given it under which condition.

    ``None`` where it is used for anything else, or where one of the names that it has ``seen`` may mean another thing.
    """
    within = {id(one) for one in walk(function)}
    found: list[ast.Call] = []
    checkpoints: list[tuple[ast.Name, ast.If]] = []
    for node in walk(function):
        if isinstance(node, ast.Name) and node.id == inner.name and isinstance(node.ctx, ast.Load):
            parent = ctx.module.parent(node)
            choice = _checkpointed(node, parent, function, ctx)
            if choice is not None:
                checkpoints.append((node, choice))
                continue
            if not (isinstance(parent, ast.Call) and parent.func is node):
                return None
            if any(isinstance(one, ast.Starred) for one in parent.args) or any(k.arg is None for k in parent.keywords):
                return None
            others = [one for one in ctx.module.ancestors(parent) if id(one) in within and one is not function]
            around = [one for one in others if isinstance(one, _SCOPES)]
            if any(seen & _bound(one) for one in around) or any(isinstance(one, ast.ClassDef) for one in others):
                return None
            found.append(parent)
    return found, checkpoints


_SCOPES = (ast.Lambda, ast.FunctionDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _bound(scope: ast.AST) -> set[str]:
    """Return the names that a function inside of another, or a comprehension, may give another meaning."""
    found = {n.id for n in walk(scope) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    found |= {n.arg for n in walk(scope) if isinstance(n, ast.arg)}
    return found | {n.name for n in walk(scope) if isinstance(n, ast.FunctionDef) and n is not scope}


def _checkpointed(node: ast.Name, call: ast.AST | None, function: FunctionNode, ctx: UnitContext) -> ast.If | None:
    """Return the condition under which ``checkpoint(f, x)`` stands alone: TorchScript takes the other branch."""
    if not isinstance(call, ast.Call) or not call.args or call.args[0] is not node:
        return None
    if ctx.qualified(call.func) != "torch.utils.checkpoint.checkpoint":
        return None
    statement = ctx.module.parent(call)
    choice = ctx.module.parent(statement) if isinstance(statement, ast.Assign | ast.Return) else None
    alone = isinstance(choice, ast.If) and choice.body == [statement] and bool(choice.orelse)
    within = isinstance(choice, ast.If) and ctx.module.enclosing_function(choice) is function
    return choice if isinstance(choice, ast.If) and alone and within else None


def _captured(inner: _Inner, function: FunctionNode, first: str) -> list[str] | None:
    """Return the variables of the surroundings that the function reads."""
    own = {a.arg for a in inner.arguments.args}
    own |= {n.id for n in _nodes(inner) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    arguments = function.args
    outer = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    outer |= {n.id for n in walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    outer |= {n.name for n in walk(function) if isinstance(n, ast.FunctionDef) and n is not function}
    if any(isinstance(n, ast.Global) for n in walk(function)):
        return None
    read = [n for n in _nodes(inner) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    read.sort(key=lambda n: (n.lineno, n.col_offset))
    found = list(dict.fromkeys(n.id for n in read if n.id in outer - own and n.id != first))
    unseen = {n.name for n in walk(function) if isinstance(n, ast.FunctionDef | ast.ClassDef) and n is not function}
    unseen |= {one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None}
    for node in walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom):
            unseen |= {one.asname or one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            unseen.add(node.name)
    return None if unseen & {n.id for n in read if n.id not in own} else found


def _definition(
    name: str, inner: _Inner, function: FunctionNode, first: str, captured: list[str], calls: list[ast.Call],
    report: Report, ctx: UnitContext,
) -> tuple[str, tuple[Edit, ...]] | None:  # fmt: skip
    source, newline = ctx.source, ctx.source.newline
    indent = source.indent_of(function)
    imports: tuple[Edit, ...] = ()
    shown = [first] if first else []
    for index, arg in enumerate(inner.arguments.args):
        given = [c.args[index] for c in calls if index < len(c.args)]
        given += [k.value for c in calls for k in c.keywords if k.arg == arg.arg]
        kind = _joined([report.type(one) for one in given])
        if arg.annotation is not None:
            shown.append(source.segment(arg))
            continue
        text = writable(kind, ctx, function) if kind.known and kind.bare != TENSOR else None
        shown.append(f"{arg.arg}: {text[0]}" if text else arg.arg)
        imports += text[1] if text else ()
    defaults = inner.arguments.defaults
    for index, default in enumerate(defaults, len(shown) - len(defaults)):
        shown[index] += f" = {source.segment(default)}"
    for one in captured:
        kind = variable_type(one, function, report)
        text = writable(kind, ctx, function) if kind.known and kind.bare != TENSOR else None
        shown.append(f"{one}: {text[0]}" if text else one)
        imports += text[1] if text else ()
    head = f"{indent}def {name}({', '.join(shown)}):{newline}"
    if isinstance(inner.body, ast.expr):
        body = f"{indent}    return {source.segment(inner.body)}{newline}"
        return (head + body + newline, imports) if inner.body.lineno == inner.body.end_lineno else None
    start, end = inner.body[0].lineno, inner.body[-1].end_lineno or inner.body[-1].lineno
    if start == inner.statement.lineno:
        return None
    while start - 1 > inner.statement.lineno and source.line_text(start - 1).lstrip().startswith("#"):
        start -= 1
    cut = len(source.indent_of(inner.statement)) - len(indent)
    lines = []
    for number in range(start, end + 1):
        line = source.line_text(number).rstrip("\r\n")
        if line.strip() and line[:cut].strip():
            return None
        lines.append(line[cut:])
    gap = newline if first else newline * 2
    return head + newline.join(lines) + newline + gap, imports


def _joined(kinds: list[T]) -> T:
    result: T | None = None
    for kind in kinds:
        if not kind.known:
            return UNKNOWN
        merged = kind.bare if result is None else unify(result, kind.bare)
        if merged is None:
            return UNKNOWN
        result = merged
    return result if result is not None else UNKNOWN


def variable_type(name: str, function: FunctionNode, report: Report) -> T:
    """Return the type of a parameter or variable of a function, where it has one."""
    return report.parameters.get(name) or _joined(_given(name, function, report))


def _given(name: str, function: FunctionNode, report: Report) -> list[T]:
    """Return the types that the surroundings give to a variable."""
    found: list[T] = []
    for node in walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    found.append(report.type(node.value))
                elif isinstance(target, ast.Tuple):
                    names = [getattr(one, "id", "") for one in target.elts]
                    held = report.type(node.value)
                    if name in names and held.kind == "list" and held.args:
                        found.append(held.args[0])
                    elif name in names and held.kind == "tuple" and len(held.args) == len(names):
                        found.append(held.args[names.index(name)])
    return found


def _removed(inner: _Inner, function: FunctionNode, ctx: UnitContext) -> Edit:
    """Remove the function from its place, with one empty line behind it."""
    edit = delete_statement(ctx.source, inner.statement, function.body)
    source = ctx.source
    line = (inner.statement.end_lineno or inner.statement.lineno) + 1
    if edit.parts or not isinstance(inner.statement, ast.FunctionDef) or line >= len(source.line_starts):
        return edit
    if edit.end != source.line_starts[line - 1] or source.line_text(line).strip():
        return edit
    return Edit(edit.start, source.line_starts[line], ())
