"""A list of modules that a loop goes through by number, in part, or side by side with tensors.

What it does
    Finds loops ``for i in range(n)`` that call ``self.layers[i]``, ``for layer in self.layers[1:]``, backwards
    (``self.layers[::-1]``), and ``for x, layer in zip(xs, self.layers)``, and the same with a tuple in place of the
    modules.

Why is this bad
    TorchScript writes a loop over modules out, turn by turn: which module it is must be plain when it compiles.
    "Expected integer literal for index"; "Can not iterate over a module list or tuple with a value that does not have a
    statically determinable length".

Fix safety
    Safe: the loop goes over the modules themselves (``enumerate(self.layers)``, ``zip``) and takes the numbers along.
    Where the number of turns is not known to be the number of modules, the body is put under a condition that says
    which turns there are.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#iterating-over-modules
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert, insert_line_before, replace
from ..rule import Example, Finding, UnitContext, rule
from ._common import SCRIPT, reports
from ._loops import (
    LISTS,
    PART_OF_MODULES,
    SIDE_BY_SIDE,
    free_name,
    indent_body,
    item_name,
    range_stop,
    same_length,
    side_by_side,
    sides,
)  # fmt: skip
from ._reports import Report
from ._types import CONTAINERS

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.depth = depth
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(depth)])
        self.norms = nn.ModuleList([nn.LayerNorm(3) for _ in range(depth)])

    def forward(self, x):
        for i in range(self.depth):
            x = self.norms[i](self.layers[i](x)) * i
        for i in range(len(self.layers)):
            x = self.layers[i](x)
        for layer in self.layers[1:]:
            x = layer(x)
        return x
""",
        after="""
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.depth = depth
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(depth)])
        self.norms = nn.ModuleList([nn.LayerNorm(3) for _ in range(depth)])

    def forward(self, x):
        for i, (norm, layer_2) in enumerate(zip(self.norms, self.layers)):
            x = norm(layer_2(x)) * i
        for layer_2 in self.layers:
            x = layer_2(x)
        for index, layer in enumerate(self.layers):
            if index >= 1:
                x = layer(x)
        return x
""",
    ),
    Example(
        title="tensors side by side with modules",
        before="""
from torch import nn


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 2)])

    def forward(self, x):
        found = []
        sources = [x, x * 2]
        for source, head in zip(sources, self.heads):
            found.append(head(source))
        return found
""",
        after="""
from torch import nn


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 2)])

    def forward(self, x):
        found = []
        sources = [x, x * 2]
        for index, head in enumerate(self.heads):
            if index < len(sources):
                source = sources[index]
                found.append(head(source))
        return found
""",
    ),
]

EXAMPLES += [
    Example(
        title="from the last to the first",
        before="""
from torch import nn


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Tanh()])

    def forward(self, x):
        for layer in self.layers[::-1]:
            x = layer(x)
        return x
""",
        after="""
from torch import nn
import torch


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Tanh()])

    def forward(self, x):
        for index in range(len(self.layers) - 1, -1, -1):
            x = self._call_layers_at(index, x)
        return x

    def _call_layers_at(self, index: int, x) -> torch.Tensor:
        \"\"\"Call `self.layers[index]`: TorchScript goes over modules, and indexes them by literals only.\"\"\"
        if not torch.jit.is_scripting():
            return self.layers[index](x)
        for number, layer in enumerate(self.layers):
            if number == index or number - len(self.layers) == index:
                return layer(x)
        raise IndexError(f"index {index} is out of range")
""",
    ),
]

VALID = [
    """
from torch import nn


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x) * i
        for a, b in zip(self.layers, self.layers):
            x = a(b(x))
        return self.layers[0](self.layers[-1](x))
""",
]


@rule("THT607", "module-list-loop", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, report in reports(unit, ctx):
        for loop in walk(function):
            if isinstance(loop, ast.For):
                found = _found(loop, function, report, unit, ctx)
                if found is None and side_by_side(loop, report) is not None:
                    found = SIDE_BY_SIDE, ()
                if found is not None:
                    message, edits = found
                    yield Finding(
                        loop.iter,
                        message,
                        help="go over the modules themselves: `for i, layer in enumerate(self.layers):`",
                        fix=Fix(edits) if edits else None,
                    )


def _modules(node: ast.expr, report: Report, ctx: UnitContext) -> str | None:
    """Return ``layers`` for ``self.layers`` that is a list of modules."""
    name = ctx.self_attribute(node) if isinstance(node, ast.Attribute) else None
    if name is None and isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        name = node.attr if node.value.id == "self" else None
    held = report.type(node)
    return name if name is not None and held.kind == "module" and held.name in LISTS else None


_Found = tuple[str, tuple[Edit, ...]] | None


def _found(loop: ast.For, function: FunctionNode, report: Report, unit: Unit, ctx: UnitContext) -> _Found:
    found = _numbered(loop, function, report, unit, ctx) or _backwards(loop, function, report, ctx)
    found = found or _part(loop, function, report, ctx)
    found = found or _shifted(loop, function, report, ctx)
    return found or _beside(loop, function, report, ctx) or _registered(loop, report, unit, ctx)


def mended(node: ast.expr, loop: ast.For, function: FunctionNode, report: Report, unit: Unit, ctx: UnitContext) -> bool:
    """Whether this rule writes something else in the place of ``node`` when it mends ``loop``."""
    found, span = _found(loop, function, report, unit, ctx), ctx.source.span(node)
    return found is not None and any(one.start <= span.start and span.end <= one.end for one in found[1])


def _numbered(loop: ast.For, function: FunctionNode, report: Report, unit: Unit, ctx: UnitContext) -> _Found:
    """``for i in range(n)`` with ``self.layers[i]`` in it."""
    stop = range_stop(loop.iter)
    if stop is None or not isinstance(loop.target, ast.Name):
        return None
    index = loop.target.id
    uses: dict[str, list[ast.Subscript]] = {}
    inside: set[int] = set()
    for node in (n for s in loop.body for n in walk(s)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and node.slice.id == index:
            name = _modules(node.value, report, ctx)
            if name is not None:
                uses.setdefault(name, []).append(node)
                inside.add(id(node.slice))
    if not uses or unit.cls is None:
        return None
    message = "TorchScript indexes modules by literals only: a loop can't count them"
    others = [n for s in loop.body for n in walk(s) if isinstance(n, ast.Name) and n.id == index]
    if any(not isinstance(n.ctx, ast.Load) for n in others) or loop.orelse:
        return message, ()
    counted = any(id(n) not in inside for n in others) or _used_after(index, loop, function)
    exact = all(_is_length(stop, name) or same_length(name, stop, unit.cls, ctx) for name in uses)
    if not exact and len(uses) > 1:
        return message, ()
    names = {name: item_name(name, function) for name in uses}
    owner = ast.unparse(next(iter(uses.values()))[0].value).rpartition(".")[0]
    lists = [f"{owner}.{name}" for name in names]
    target, over = ", ".join(names.values()), lists[0] if len(lists) == 1 else f"zip({', '.join(lists)})"
    edits = [replace(ctx.source, node, names[name]) for name, nodes in uses.items() for node in nodes]
    if counted or not exact:
        target = f"{index}, {target if len(names) == 1 else f'({target})'}"
        over = f"enumerate({over})"
    edits += [replace(ctx.source, loop.target, target), replace(ctx.source, loop.iter, over)]
    if not exact:
        text = ctx.source.segment(stop)
        guard = _guarded(loop, f"{index} < {text}", "", ctx)
        if guard is None or _changes(stop, loop):
            return message, ()
        edits += [*guard, insert_line_before(ctx.source, loop, f"assert {text} <= len({lists[0]})")]
    return message, tuple(edits)


def _shifted(loop: ast.For, function: FunctionNode, report: Report, ctx: UnitContext) -> _Found:
    """``for i in range(len(self.layers) - 1)`` with ``self.layers[i + 1]`` in it: the loop over ``self.layers[1:]``."""
    stop = range_stop(loop.iter)
    if not isinstance(stop, ast.BinOp) or not isinstance(stop.op, ast.Sub) or not isinstance(loop.target, ast.Name):
        return None
    shift, index = _number(stop.right), loop.target.id
    if shift is None or shift < 1 or loop.orelse or _used_after(index, loop, function):
        return None
    named = [n for s in loop.body for n in walk(s) if isinstance(n, ast.Name) and n.id == index]
    uses: list[ast.Subscript] = []
    for name in named:
        number = ctx.module.parent(name)
        use = ctx.module.parent(number)
        if not isinstance(use, ast.Subscript) or ast.unparse(number) not in (
            f"{index} + {shift}",
            f"{shift} + {index}",
        ):
            return None
        uses.append(use)
    lists = {_modules(use.value, report, ctx) for use in uses}
    owner = lists.pop() if len(lists) == 1 else None
    if owner is None or not _is_length(stop.left, owner):
        return None
    message = "TorchScript indexes modules by literals only: a loop can't count them"
    if report.type(uses[0].value).name != "torch.nn.ModuleList" or _guarded(loop, "", "", ctx) is None:
        return message, ()
    item = item_name(owner, function)
    return message, (
        replace(ctx.source, loop.target, item),
        replace(ctx.source, loop.iter, uses[0].value, f"[{shift}:]"),
        *(replace(ctx.source, use, item) for use in uses),
    )


def _is_length(stop: ast.expr, name: str) -> bool:
    return ast.unparse(stop) == f"len(self.{name})"


def _used_after(name: str, loop: ast.For, function: FunctionNode) -> bool:
    last = loop.end_lineno or loop.lineno
    return any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) and n.lineno > last
        for n in walk(function)
    )


def _changes(node: ast.expr, loop: ast.For) -> bool:
    """Whether the loop may change what ``node`` says."""
    names = {n.id for n in walk(node) if isinstance(n, ast.Name)} - {"self"}
    attributes = {n.attr for n in walk(node) if isinstance(n, ast.Attribute)}
    for one in (n for s in loop.body for n in walk(s)):
        if isinstance(one, ast.Name) and one.id in names and not isinstance(one.ctx, ast.Load):
            return True
        if isinstance(one, ast.Attribute) and one.attr in attributes and not isinstance(one.ctx, ast.Load):
            return True
    return any(isinstance(n, ast.Call) and ast.unparse(n.func) != "len" for n in walk(node))


def _guarded(loop: ast.For, condition: str, line: str, ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Put the body under ``if condition:``, with ``line`` as its first statement."""
    indented = indent_body(loop, ctx)
    if indented is None or any(isinstance(n, ast.Break | ast.Continue) for n in walk(loop)):
        return None
    source = ctx.source
    first = loop.body[0]
    start, indent = source.line_starts[first.lineno - 1], source.indent_of(first)
    text = f"{indent}if {condition}:{source.newline}"
    if line:
        text += f"{indent}    {line}{source.newline}"
    return (insert(start, text), *indented)


def _part(loop: ast.For, function: FunctionNode, report: Report, ctx: UnitContext) -> _Found:
    """``for layer in self.layers[1:]``."""
    node = loop.iter
    if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)):
        return None
    name = _modules(node.value, report, ctx)
    if name is None or report.type(node.value).name == "torch.nn.Sequential":
        return None
    message = PART_OF_MODULES
    lower, upper = node.slice.lower, node.slice.upper
    if (
        node.slice.step is not None
        or loop.orelse
        or not all(b is None or _number(b) is not None for b in (lower, upper))
    ):
        return message, ()
    text = ctx.source.segment(node.value)
    index = free_name("index", function)
    bounds = [f"{index} {word} {_bound(b, text)}" for word, b in ((">=", lower), ("<", upper)) if b is not None]
    guard = _guarded(loop, " and ".join(bounds), "", ctx) if bounds else None
    if guard is None:
        return message, ()
    target = ctx.source.segment(loop.target)
    return message, (
        replace(ctx.source, loop.target, f"{index}, {target}"),
        replace(ctx.source, node, "enumerate(", node.value, ")"),
        *guard,
    )


def _backwards(loop: ast.For, function: FunctionNode, report: Report, ctx: UnitContext) -> _Found:
    """``for layer in self.layers[::-1]``: modules by a number, which THT615 has a method for."""
    node, target = loop.iter, loop.target
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        step, row = node.slice, node.value
        if step.lower is not None or step.upper is not None or step.step is None or _number(step.step) != -1:
            return None
    elif isinstance(node, ast.Call) and _is(node, "reversed", ctx) and len(node.args) == 1:
        row = node.args[0]
    else:
        return None
    if _modules(row, report, ctx) is None:
        return None
    message = "TorchScript goes through modules from the first to the last"
    if not isinstance(target, ast.Name) or loop.orelse or _used_after(target.id, loop, function):
        return message, ()
    uses = [n for s in loop.body for n in walk(s) if isinstance(n, ast.Name) and n.id == target.id]
    if not all(isinstance(use.ctx, ast.Load) and _is_asked(use, ctx) for use in uses):
        return message, ()
    index, text = free_name("index", function), ctx.source.segment(row)
    return message, (
        replace(ctx.source, target, index),
        replace(ctx.source, node, f"range(len({text}) - 1, -1, -1)"),
        *(replace(ctx.source, use, f"{text}[{index}]") for use in uses),
    )


def _is_asked(node: ast.expr, ctx: UnitContext) -> bool:
    """Whether a module is called, or an attribute of it read."""
    outer = ctx.module.parent(node)
    return isinstance(outer, ast.Attribute) or isinstance(outer, ast.Call) and outer.func is node


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value if isinstance(node.operand.value, int) else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def _bound(node: ast.expr, text: str) -> str:
    value = _number(node)
    assert value is not None
    return str(value) if value >= 0 else f"len({text}) - {-value}"


def _beside(loop: ast.For, function: FunctionNode, report: Report, ctx: UnitContext) -> _Found:
    """``for x, layer in zip(xs, self.layers)``."""
    node, target, index = loop.iter, loop.target, ""
    if _is(node, "enumerate", ctx) and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        assert isinstance(node, ast.Call)
        if not isinstance(target.elts[0], ast.Name) or len(node.args) != 1:
            return None
        index, target, node = target.elts[0].id, target.elts[1], node.args[0]
    parts = sides(node, target, report, ctx) if _is(node, "zip", ctx) else None
    if parts is None:
        return None
    modules, lists = parts
    message, source = SIDE_BY_SIDE, ctx.source
    lines: list[str] = []
    conditions: list[str] = []
    before: list[Edit] = []
    index = index or free_name("index", function)
    for item, given in lists:
        name = source.segment(given)
        if not isinstance(given, ast.Name) or _changes(given, loop):
            name = free_name("given" if len(lists) == 1 else f"given_{len(before) + 1}", function)
            before.append(insert_line_before(source, loop, f"{name} = {source.segment(given)}"))
        lines.append(f"{source.segment(item)} = {name}[{index}]")
        conditions.append(f"{index} < len({name})")
    joint = f"{source.newline}{source.indent_of(loop.body[0])}    "
    guard = _guarded(loop, " and ".join(conditions), joint.join(lines), ctx)
    if guard is None or loop.orelse:
        return message, ()
    over = ", ".join(source.segment(given) for _, given in modules)
    items = ", ".join(source.segment(item) for item, _ in modules)
    if len(modules) > 1:
        over, items = f"zip({over})", f"({items})"
    return message, (
        *before,
        replace(source, loop.target, f"{index}, {items}"),
        replace(source, loop.iter, f"enumerate({over})"),
        *guard,
    )


def _registered(loop: ast.For, report: Report, unit: Unit, ctx: UnitContext) -> _Found:
    """``for module in self._modules.values()`` of a list of modules, which is what a loop over the list does."""
    node = loop.iter
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"):
        return None
    inner = node.func.value
    if node.args or not (isinstance(inner, ast.Attribute) and inner.attr == "_modules") or unit.cls is None:
        return None
    base = ctx.project.framework_base(unit.cls) if isinstance(inner.value, ast.Name) else None
    own = base is not None and base.name in CONTAINERS and not ctx.project.method(unit.cls, "__iter__")
    if not (own and isinstance(inner.value, ast.Name) and inner.value.id == unit.self_name):
        return None  # THT629 looks at other modules
    return "TorchScript has no `_modules`", (replace(ctx.source, node, inner.value),)


def _is(node: ast.expr, name: str, ctx: UnitContext) -> bool:
    return isinstance(node, ast.Call) and ctx.qualified(node.func) == f"builtins.{name}"
