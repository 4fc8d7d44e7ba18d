"""``getattr`` with a name that is put together while it runs.

What it does
    Finds ``getattr(self, f"stage{i}")`` in what TorchScript compiles.  Where it stands in a short loop over numbers
    or names that are written out, the loop is written out too.  A module that is called is found by a method that goes
    over the children in TorchScript; Python goes on looking the name up.

Why is this bad
    TorchScript looks attributes up while it compiles, so the name must be a literal: "getattr's second argument must
    be a string literal".  A ``ModuleList`` is what it can go through.

Fix safety
    Safe: the same statements run in the same order.  Loops with ``break``, ``continue`` or ``return``, and those whose
    variable is changed or used afterwards, are left alone, as are those of more than 8 rounds or 40 lines in all.  The
    method is made where the class registers modules under computed names that begin alike.  ``self.__getattr__(...)``
    becomes ``getattr`` where no class has an attribute whose name could be meant.

References
    ``emitApplySpecialForm`` in ``torch/csrc/jit/frontend/ir_emitter.cpp``
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._children import through_children
from ._classes import self_name, subclasses_of
from ._common import SCRIPT, reports
from ._computed_names import name_pattern

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage0 = nn.Linear(4, 4)
        self.stage1 = nn.Linear(4, 4)

    def forward(self, x):
        for i in range(2):
            # one after the other
            stage = getattr(self, f"stage{i}")
            x = stage(x) * (i + 1)
        return x
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage0 = nn.Linear(4, 4)
        self.stage1 = nn.Linear(4, 4)

    def forward(self, x):
        # one after the other
        stage = self.stage0
        x = stage(x) * (0 + 1)
        # one after the other
        stage = self.stage1
        x = stage(x) * (1 + 1)
        return x
""",
    ),
    Example(
        title="names that are listed",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(4, 4)
        self.right = nn.Linear(4, 4)

    def forward(self, x):
        found = []
        for side in ("left", "right"):
            found.append(getattr(self, side)(x))
        return found[0] + found[1]
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(4, 4)
        self.right = nn.Linear(4, 4)

    def forward(self, x):
        found = []
        found.append(self.left(x))
        found.append(self.right(x))
        return found[0] + found[1]
""",
    ),
    Example(
        title="how many there are is known when it runs: told, and left to you",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self, count=2):
        super().__init__()
        self.count = count
        for i in range(count):
            setattr(self, f"stage{i}", nn.Linear(4, 4))

    def forward(self, x):
        for i in range(self.count):
            x = getattr(self, f"stage{i}")(x)
        return x
""",
        after=None,
    ),
    Example(
        title="as many as construction says",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.depth = depth
        for i in range(1, depth + 1):
            setattr(self, "conv%d" % i, nn.Linear(3, 3))

    def forward(self, x):
        for i in range(1, self.depth + 1):
            conv = getattr(self, "conv%d" % i)
            x = conv(x)
        return x
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.depth = depth
        for i in range(1, depth + 1):
            setattr(self, "conv%d" % i, nn.Linear(3, 3))

    def _call_conv(self, name: str, x):
        if not torch.jit.is_scripting():
            return getattr(self, name)(x)
        for key, child in self.named_children():
            if key == name:
                return child(x)
        raise AttributeError(name)

    def forward(self, x):
        for i in range(1, self.depth + 1):
            conv = "conv%d" % i
            x = self._call_conv(conv, x)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage0 = nn.Linear(4, 4)

    def forward(self, x):
        return getattr(self, "stage0")(x)
""",
]

_ROUNDS, _LINES = 8, 40


@rule("THT612", "computed-attribute", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    called: tuple[Edit, ...] = ()  # one method a round: the next call may want another
    for function, report in reports(unit, ctx):
        written: dict[int, Edit | None] = {}  # by loop: it is written out once, whatever it looks up
        for node in walk(function):
            if (asked := _asks_itself(node, function)) is not None and id(asked) in report.types:
                yield Finding(
                    asked,
                    "TorchScript compiles no `__getattr__`",
                    help=f"write `getattr({self_name(function)}, ...)`",
                    fix=_by_getattr(asked, function, unit, ctx),
                )
            if not _is_computed(node, ctx) or id(node) not in report.types:
                continue
            assert isinstance(node, ast.Call)
            loop = _loop_around(node, function, ctx)
            edits: tuple[Edit, ...] = ()
            if loop is not None and id(loop) not in written:
                written[id(loop)] = edit = _written_out(loop, function, ctx)
                edits = (edit,) if edit is not None else ()
            if not called and (loop is None or written[id(loop)] is None):
                edits = called = through_children(node, function, report, ctx)
            yield Finding(
                node,
                "TorchScript looks attributes up while it compiles: `getattr` needs a literal name",
                help="go through a `ModuleList`, or name each attribute",
                fix=Fix(edits) if edits else None,
            )


def _asks_itself(node: ast.AST, function: FunctionNode) -> ast.Call | None:
    """Return ``self.__getattr__(name)``, if it is one."""
    called = node.func if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords else None
    if not (isinstance(called, ast.Attribute) and called.attr == "__getattr__" and isinstance(node, ast.Call)):
        return None
    first = self_name(function)
    return node if isinstance(called.value, ast.Name) and called.value.id == first and first else None


def _by_getattr(node: ast.Call, function: FunctionNode, unit: Unit, ctx: UnitContext) -> Fix | None:
    """``getattr`` gives the same module, parameter or buffer where no class has an attribute of such a name."""
    pattern = name_pattern(node.args[0], function)
    if unit.cls is None or pattern is None or ".*" in pattern or ctx.project.unresolved_bases(unit.cls):
        return None
    family = [*ctx.project.mro(unit.cls), *subclasses_of(unit.cls, ctx.project)]
    names = {name for one in family for name in (*one.methods, *_class_names(one.node))}
    if "__getattr__" in names or "__getattribute__" in names or any(re.fullmatch(pattern, name) for name in names):
        return None
    if ctx.project.framework_base(unit.cls) is None or ctx.module.scope_at(node).lookup("getattr") is not None:
        return None
    name = insert(ctx.source.span(node.args[0]).start, f"{self_name(function)}, ")
    return Fix((replace(ctx.source, node.func, "getattr"), name))


def _class_names(node: ast.ClassDef) -> set[str]:
    return {n.id for one in node.body if not isinstance(one, ast.FunctionDef) for n in walk(one)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip


def _is_computed(node: ast.AST, ctx: UnitContext) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and ctx.qualified(node.func) == "builtins.getattr"
        and len(node.args) in (2, 3)
        and not (isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str))
    )


def _loop_around(node: ast.AST, function: FunctionNode, ctx: UnitContext) -> ast.For | None:
    """Return the innermost loop around ``node`` whose values are written out."""
    for parent in ctx.module.ancestors(node):
        if parent is function:
            return None
        if isinstance(parent, ast.For) and _values(parent, ctx) is not None:
            return parent
    return None


def _values(loop: ast.For, ctx: UnitContext) -> Sequence[int | str] | None:
    """Return what the loop goes over: the numbers of a ``range`` of literals, or listed numbers and texts."""
    over = loop.iter
    parts = over.args if isinstance(over, ast.Call) else over.elts if isinstance(over, ast.Tuple | ast.List) else []
    held = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    if not held or any(type(one) not in (int, str) for one in held):
        return None
    if not isinstance(over, ast.Call):
        return [one for one in held if isinstance(one, int | str)]
    if not isinstance(over.func, ast.Name) or ctx.qualified(over.func) != "builtins.range" or over.keywords:
        return None
    numbers = [one for one in held if isinstance(one, int)]
    return range(*numbers) if len(numbers) == len(held) <= 3 and 0 not in numbers[2:] else None


@dataclass(frozen=True)
class _Swap:
    """A node whose text becomes another."""

    start: int
    end: int
    text: str


def _written_out(loop: ast.For, function: FunctionNode, ctx: UnitContext) -> Edit | None:
    values = _values(loop, ctx)
    if values is None or not isinstance(loop.target, ast.Name) or loop.orelse or not _plain(loop, function, ctx):
        return None
    source = ctx.source
    first, last = loop.body[0], loop.body[-1]
    head = loop.iter.end_lineno or loop.lineno
    if first.lineno <= head:
        return None
    # comments between the head and the body go along
    start, end = source.line_starts[head], source.span(last).end
    height = (last.end_lineno or last.lineno) - head
    if not values or values[_ROUNDS:] or height * len(values) > _LINES:
        return None
    if ":" not in source.text[source.span(loop.iter).end : start]:
        return None  # the head goes on below
    copies: list[str] = []
    for value in values:
        swaps = _swaps(loop, value, ctx)
        if swaps is None:
            return None
        text, at = "", start
        for swap in sorted(swaps, key=lambda one: one.start):
            text += source.text[at : swap.start] + swap.text
            at = swap.end
        copies.append(text + source.text[at:end])
    indent, inner = source.indent_of(loop), source.indent_of(first)
    lines = [_moved(line, inner, indent) for copy in copies for line in copy.split(source.newline)]
    return Edit(source.span(loop).start, end, (source.newline.join(lines).removeprefix(indent),))


def _moved(line: str, inner: str, indent: str) -> str:
    """Return a line of the body with the loop's indentation; a comment may stand further left than the body."""
    rest = line.removeprefix(inner) if line.startswith(inner) else line.lstrip(" \t")
    return indent + rest if rest else ""


def _plain(loop: ast.For, function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether the loop runs all of its rounds, and nothing but its rounds sees its variable."""
    assert isinstance(loop.target, ast.Name)
    name = loop.target.id
    if len({ctx.source.indent_of(statement) for statement in loop.body}) > 1:
        return False
    inside = [node for statement in loop.body for node in walk(statement)]
    for node in inside:
        if isinstance(node, ast.Break | ast.Continue | ast.Return | ast.Lambda | ast.FunctionDef | ast.Yield):
            return False
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno:
            return False  # a text of several lines would be indented otherwise
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return False
    apart: set[int] = set()  # what another loop with a variable of that name sees is its own, unless it is around this
    around = {id(parent) for parent in ctx.module.ancestors(loop)}
    for other in walk(function):
        if not isinstance(other, ast.For) or id(other) in around:
            continue
        if isinstance(other.target, ast.Name) and other.target.id == name:
            apart |= {id(node) for part in (other.target, *other.body) for node in walk(part)}
    return not any(isinstance(n, ast.Name) and n.id == name and id(n) not in apart for n in walk(function))


def _swaps(loop: ast.For, value: int | str, ctx: UnitContext) -> list[_Swap] | None:
    """Return what changes in one round; ``None`` where a name can't be told."""
    assert isinstance(loop.target, ast.Name)
    name, source = loop.target.id, ctx.source
    found: list[_Swap] = []
    done: set[int] = set()
    for node in (n for statement in loop.body for n in walk(statement)):
        if id(node) in done:
            continue
        if _is_computed(node, ctx):
            assert isinstance(node, ast.Call)
            attribute = _text(node.args[1], name, value)
            if attribute is None or not attribute.isidentifier() or attribute.startswith("__") or len(node.args) > 2:
                return None
            if not _is_path(node.args[0]):
                return None
            span = source.span(node)
            found.append(_Swap(span.start, span.end, f"{source.segment(node.args[0])}.{attribute}"))
            done |= {id(inner) for inner in walk(node)}
        elif isinstance(node, ast.JoinedStr):
            text = _text(node, name, value)
            if any(isinstance(n, ast.Name) and n.id == name for n in walk(node)):
                if text is None:
                    return None
                span = source.span(node)
                found.append(_Swap(span.start, span.end, repr(text)))
            done |= {id(inner) for inner in walk(node)}
        elif isinstance(node, ast.Name) and node.id == name:
            span = source.span(node)
            found.append(_Swap(span.start, span.end, repr(value) if repr(value)[0] != "-" else f"({value!r})"))
    return found


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _text(node: ast.expr, name: str, value: int | str) -> str | None:
    """Return the text that an expression gives where the variable ``name`` holds ``value``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return value if node.id == name and isinstance(value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [_formatted(part, name, value) for part in node.values]
        return None if None in parts else "".join(part for part in parts if part is not None)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, name, value), _text(node.right, name, value)
        return left + right if left is not None and right is not None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        given = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        held = [_value(one, name, value) for one in given]
        if isinstance(node.left.value, str) and None not in held:
            try:
                return node.left.value % tuple(held)
            except (TypeError, ValueError):
                return None
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        held_one = _value(node.args[0], name, value)
        if isinstance(node.func, ast.Name) and node.func.id == "str" and held_one is not None:
            return str(held_one)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format" and held_one is not None:
            text = _text(node.func.value, name, value)
            return text.replace("{}", str(held_one)) if text is not None and text.count("{") == 1 else None
    return None


def _formatted(part: ast.expr, name: str, value: int | str) -> str | None:
    if isinstance(part, ast.FormattedValue):
        held = _value(part.value, name, value)
        plain = part.format_spec is None and part.conversion == -1
        return str(held) if plain and held is not None else None
    return _text(part, name, value)


def _value(node: ast.expr, name: str, value: int | str) -> int | str | None:
    """Return ``i``, ``i + 1`` and literals."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, str):
        return node.value if isinstance(node.value, int | str) else None
    if isinstance(node, ast.Name):
        return value if node.id == name else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        left, right = _value(node.left, name, value), _value(node.right, name, value)
        if isinstance(left, int) and isinstance(right, int):
            return left + right if isinstance(node.op, ast.Add) else left - right
    return None
