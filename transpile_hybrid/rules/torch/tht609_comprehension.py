"""Comprehensions and generators of forms that TorchScript's parser does not take.

What it does
    Finds ``[x for x in xs if x.numel() > 0]``, comprehensions with two loops, ``[layer(x) for layer, x in
    zip(self.layers, xs)]``, generators, and ``tuple(...)`` of a list that is given to a torch function.

Why is this bad
    "Comprehension ifs are not supported yet", "cannot statically infer the expected size of a list in this context".

Fix safety
    Safe: a generator that is used up at once becomes a list, ``tuple(...)`` is dropped where a list is as good, and a
    comprehension that is the first thing its statement works out is written as a loop, where its variables mean
    nothing else in the function.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, Part, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._loops import PART_OF_MODULES, SIDE_BY_SIDE, begins, free_name, side_by_side, sides
from ._reports import Report
from ._types import TENSOR, T, function_signatures
from ._writing import writable

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        parts = [part for part in (x, y) if part.dim() == 2]
        z = torch.cat(tuple(part * 2 for part in parts))
        return z + torch.stack(list(map(torch.relu, parts))).sum()
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        parts = []
        for part in (x, y):
            if part.dim() == 2:
                parts.append(part)
        z = torch.cat([part * 2 for part in parts])
        return z + torch.stack([torch.relu(item) for item in parts]).sum()
""",
    ),
    Example(
        title="modules and tensors side by side",
        before="""
import torch
from torch import nn


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 2)])

    def forward(self, x):
        parts = [x, x * 2]
        return torch.cat([head(part) for head, part in zip(self.heads, parts)], 1)
""",
        after="""
import torch
from torch import nn


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 2)])

    def forward(self, x):
        parts = [x, x * 2]
        found = []
        for index, head in enumerate(self.heads):
            if index < len(parts):
                part = parts[index]
                found.append(head(part))
        return torch.cat(found, 1)
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, y):
        return torch.cat([part * 2 for part in [x, y]])
""",
]

_CONSUMERS = ("builtins.list", "builtins.tuple", "builtins.max", "builtins.min", "builtins.sorted")


@rule("THT609", "comprehension", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for node in walk(function):
            if not isinstance(node, ast.expr) or id(node) not in report.types:
                continue
            if isinstance(node, ast.Call):
                edit = _call(node, function, report, ctx)
                if edit is not None:
                    yield Finding(
                        node,
                        f"TorchScript does not take `{ast.unparse(node.func)}(...)` of this",
                        help="write a list: `[... for x in xs]`",
                        fix=Fix((edit,)),
                    )
            elif isinstance(node, ast.ListComp | ast.DictComp):
                yield from _conditional(node, function, report, ctx)


def _call(node: ast.Call, function: FunctionNode, report: Report, ctx: UnitContext) -> Edit | None:
    name = ctx.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    if name is None:
        return None
    takes_list = name.startswith("torch.") and bool(function_signatures(name))
    if takes_list or name in _CONSUMERS:
        for argument in node.args[:1]:
            inner = argument
            if takes_list and _is(inner, "builtins.tuple", ctx) or takes_list and _is(inner, "builtins.list", ctx):
                assert isinstance(inner, ast.Call)
                inner = inner.args[0]
                if isinstance(inner, ast.ListComp | ast.List):
                    return replace(ctx.source, argument, inner)
                if report.type(inner).kind == "list" and _is(argument, "builtins.tuple", ctx):
                    return replace(ctx.source, argument, inner)
            if isinstance(inner, ast.GeneratorExp) and _plain_generator(inner):
                whole = node if name in ("builtins.list",) else argument
                return replace(ctx.source, whole, *_bracketed(inner, whole is argument and inner is argument, ctx))
    return None


def _is(node: ast.expr, name: str, ctx: UnitContext) -> bool:
    return (
        isinstance(node, ast.Call)
        and len(node.args) == 1
        and not node.keywords
        and isinstance(node.func, ast.Name)
        and ctx.qualified(node.func) == name
    )


def _plain_generator(node: ast.GeneratorExp) -> bool:
    return len(node.generators) == 1 and not node.generators[0].ifs and not node.generators[0].is_async


def _bracketed(node: ast.GeneratorExp, alone: bool, ctx: UnitContext) -> tuple[Part, ...]:
    """Return the generator as a list; its text has the parentheses of the call where it is its only argument."""
    text = ctx.source.segment(node)
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    return (f"([{inner}])" if alone and text.startswith("(") else f"[{inner}]",)


def _conditional(
    node: ast.ListComp | ast.DictComp, function: FunctionNode, report: Report, ctx: UnitContext
) -> Iterator[Finding]:
    if len(node.generators) == 1 and not node.generators[0].ifs:
        row = node.generators[0].iter
        rows = side_by_side(node, report)
        if rows is not None:
            mended = rows is row and sides(rows, node.generators[0].target, report, ctx) is not None
            yield _as_loop(node, SIDE_BY_SIDE, function, report, ctx, mended)
            return
        part = row.value if isinstance(row, ast.Subscript) and isinstance(row.slice, ast.Slice) else None
        if part is not None and report.type(part).kind == "module":
            yield _as_loop(node, PART_OF_MODULES, function, report, ctx)
            return
        kind = report.type(row).kind
        if isinstance(node, ast.ListComp) or kind in ("list", "tuple", "dict", "iter", "tensor", "str"):
            return
    message = "TorchScript takes comprehensions with one loop and no condition, and those of dicts over values only"
    yield _as_loop(node, message, function, report, ctx)


def _as_loop(
    node: ast.ListComp | ast.DictComp, message: str, function: FunctionNode, report: Report, ctx: UnitContext,
    mended: bool = True,
) -> Finding:  # fmt: skip
    edits = _loop(node, function, report, ctx) if mended else ()
    return Finding(node, message, help="write a loop with `append`", fix=Fix(edits) if edits else None)


def _loop(
    node: ast.ListComp | ast.DictComp, function: FunctionNode, report: Report, ctx: UnitContext
) -> tuple[Edit, ...]:
    """Write the comprehension as a loop in front of the statement that begins with it."""
    statement = ctx.module.statement_of(node)
    source, newline = ctx.source, ctx.source.newline
    if not begins(node, statement, report, ctx):
        return ()
    whole = isinstance(statement, ast.Assign) and statement.value is node
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    target = targets[0] if whole and len(targets) == 1 else None
    name = target.id if isinstance(target, ast.Name) else free_name("found", function)
    own = {n.id for g in node.generators for n in walk(g.target) if isinstance(n, ast.Name)}
    inside = {id(n) for n in walk(node)}
    for other in walk(function):  # names of other comprehensions are their own
        if isinstance(other, ast.ListComp | ast.DictComp | ast.GeneratorExp | ast.SetComp):
            bound = {n.id for g in other.generators for n in walk(g.target) if isinstance(n, ast.Name)}
            inside |= {id(n) for n in walk(other) if isinstance(n, ast.Name) and n.id in bound}
    names = [n for n in walk(function) if isinstance(n, ast.Name) and id(n) not in inside]
    arguments = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    used = any(isinstance(n, ast.Name) and n.id == name for n in walk(node))
    if own & (arguments | {n.id for n in names}) or used or node.lineno != node.end_lineno:
        return ()
    annotation, imports = _annotated(node, function, report, ctx)
    if annotation is None or any(g.is_async for g in node.generators):
        return ()
    indent = source.indent_of(statement)
    empty = "[]" if isinstance(node, ast.ListComp) else "{}"
    lines = [f"{name}{annotation} = {empty}"]
    for generator in node.generators:
        lines.append(f"{indent}for {source.segment(generator.target)} in {source.segment(generator.iter)}:")
        indent += "    "
        for test in generator.ifs:
            lines.append(f"{indent}if {source.segment(test)}:")
            indent += "    "
    if isinstance(node, ast.ListComp):
        lines.append(f"{indent}{name}.append({source.segment(node.elt)})")
    else:
        lines.append(f"{indent}{name}[{source.segment(node.key)}] = {source.segment(node.value)}")
    if isinstance(target, ast.Name):
        return (replace(source, statement, newline.join(lines)), *imports)
    above = newline.join([*lines, source.indent_of(statement)])
    return (insert(source.span(statement).start, above), replace(source, node, name), *imports)


def _annotated(
    node: ast.ListComp | ast.DictComp, function: FunctionNode, report: Report, ctx: UnitContext
) -> tuple[str | None, tuple[Edit, ...]]:
    """Return the annotation that the empty start needs: none for a list of tensors and a dict of them by name."""
    if isinstance(node, ast.DictComp):
        plain = report.type(node.key).kind in ("str", "?") and report.type(node.value).kind in ("tensor", "?")
        return ("" if plain else None), ()
    kind = report.type(node.elt)
    if kind.bare == TENSOR or not kind.known:
        return "", ()
    text = writable(T("list", (kind.bare,)), ctx, function)
    return (f": {text[0]}", text[1]) if text is not None else (None, ())
