"""``*args`` and ``**kwargs`` in what TorchScript compiles.

What it does
    Finds functions that take a variable number of arguments.

Why is this bad
    ``torch.jit.script`` refuses them: "Compiled functions can't take variable number of arguments or use keyword-only
    arguments with defaults".

Fix safety
    A star parameter that the function doesn't use, or only hands on, and that no call in the repository fills, is
    dropped.  That changes the signature, so it is unsafe for what others may call (``forward``, public names) and safe
    for a private function all of whose calls are known.

References
    https://docs.pytorch.org/docs/stable/jit_language_reference.html#functions
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._callsites import call_table
from ._classes import bind
from ._common import SCRIPT, is_method, reports

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x, **kwargs):
        return self.fc(x)
""",
        after="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)
""",
        unsafe=True,
    ),
    Example(
        before="""
from torch import nn


class Sum(nn.Module):
    def forward(self, *args):
        total = args[0]
        for extra in args[1:]:
            total = total + extra
        return total
""",
    ),
]

VALID = [
    """
from torch import nn


class Sum(nn.Module):
    def __init__(self, *layers, **options):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
""",
]


@rule("THT501", "star-parameters", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    for function, _ in reports(unit, ctx):
        for star, mark in ((function.args.vararg, "*"), (function.args.kwarg, "**")):
            if star is None:
                continue
            edits: tuple[Edit, ...] = ()
            handed = _handed_on(function, star.arg, ctx)
            if handed is not None and _never_filled(function, ctx):
                edit = _drop(function, star, mark, ctx)
                edits = (edit, *handed) if edit is not None else ()
            private = function.name.startswith("_") and not function.name.startswith("__")
            yield Finding(
                star,
                f"TorchScript takes no `{mark}{star.arg}` in `{function.name}`",
                help="name the parameters that callers give",
                fix=Fix(edits, "safe" if private else "unsafe") if edits else None,
            )


def _handed_on(function: FunctionNode, name: str, ctx: UnitContext) -> tuple[Edit, ...] | None:
    """Return the edits that take ``*args`` and ``**kwargs`` out of the calls that they are handed on to.

    ``None`` where the function does more with them: then they can't be dropped.
    """
    words = {"locals", "vars", "eval", "exec"}
    edits: list[Edit] = []
    for statement in function.body:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Name) or node.id not in {name, *words}:
                continue
            parent = ctx.module.parent(node)
            call = ctx.module.parent(parent) if isinstance(parent, ast.Starred | ast.keyword) else None
            if node.id != name or not isinstance(call, ast.Call):
                return None
            if isinstance(parent, ast.keyword) and parent.arg is not None:
                return None
            edits.append(_without(parent, ctx))
    return tuple(edits)


def _without(argument: ast.AST, ctx: UnitContext) -> Edit:
    """Take an argument out of a call, with a comma."""
    span, text = ctx.source.span(argument), ctx.source.text
    before = text[: span.start].rstrip()
    if before.endswith(","):
        return Edit(len(before) - 1, span.end, ())
    after = text[span.end :]
    if after.lstrip().startswith(","):
        rest = after.lstrip()[1:]
        return Edit(span.start, span.end + len(after) - len(rest.lstrip()), ())
    return Edit(span.start, span.end, ())


def _never_filled(function: FunctionNode, ctx: UnitContext) -> bool:
    """Whether no call in the repository relies on the star parameters."""
    method = is_method(function, ctx)
    table = call_table(ctx.project)
    sites = table.by_attribute.get(function.name, []) if method else table.ending(function.name)
    names = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    for site in sites:
        bound = bind(site.node, function, method)
        if bound is None or len(bound) < len(site.node.args) or any(k.arg not in names for k in site.node.keywords):
            return False
    return True


def _drop(function: FunctionNode, star: ast.arg, mark: str, ctx: UnitContext) -> Edit | None:
    if mark == "*" and function.args.kwonlyargs:
        return None
    span = ctx.source.span(star)
    text = ctx.source.text
    start = text.rindex(mark, 0, span.start)
    before = text[:start].rstrip()
    if before.endswith(","):
        return Edit(len(before) - 1, span.end, ())
    after = text[span.end :]
    if after.lstrip().startswith(","):
        rest = after.lstrip()[1:]
        return Edit(start, span.end + len(after) - len(rest.lstrip()), ())
    return Edit(start, span.end, ())
