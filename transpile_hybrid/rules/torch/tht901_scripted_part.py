"""A part of a module that is TorchScript already, which neither ``torch.compile`` nor ``torch.export`` looks into.

What it does
    Finds ``self.part = torch.jit.script(...)`` and ``torch.jit.trace(...)`` in the methods of modules, and classes
    derived from ``torch.jit.ScriptModule``.  It is told where TorchScript is no target: for code on its way to the
    others.

Why is this bad
    A scripted module has no Python left for Dynamo to read: "torch.jit.script/freeze modules unsupported", and
    ``torch.export`` fails on its ``forward``.  Scripted *functions*, ``torch.jit.annotate``, ``Final``,
    ``is_scripting()``, ``@torch.jit.ignore`` and ``@torch.jit.export`` are followed, and may stay.

Fix safety
    Safe where the plain module computes what the scripted one did: its sources are known and nothing in them is read
    otherwise by TorchScript (``is_scripting()``, decorators, lists of the caller that are changed, ``or`` for a value,
    ``None`` for a tensor), and no code that knows the class walks over modules or asks for what a ``ScriptModule``
    alone has.  Parameters, the keys of the ``state_dict`` and random numbers stay as they are; what ``print`` shows
    of the module doesn't.  Unsafe otherwise, and for ``torch.jit.trace``, which keeps one branch, and
    ``torch.jit.freeze``, which lets go of gradients.  Not rewritten: what needs TorchScript itself (``.graph``,
    ``define``, ``torch.jit.Attribute``, a base class or a subclass in another file).

References
    https://docs.pytorch.org/docs/stable/jit.html
    ``torch/_dynamo/variables/user_defined.py`` of PyTorch 2.13
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Fix, operand, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._classes import family_of
from ._common import TRACED, name_for
from ._same import can_be_told, construction, is_script_module, may_be_built, same_class, same_when_built
from ._scripted import (
    CHAINED,
    SCRIPT_MODULE,
    SCRIPT_MODULES,
    SCRIPT_ONLY,
    Point,
    is_part,
    is_read_as_script,
    migrates,
    points,
)

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.head = torch.jit.script(nn.Sequential(nn.ReLU(), nn.Linear(8, 2)))

    def forward(self, x):
        return self.head(self.body(x))
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.head(self.body(x))
""",
    ),
    Example(
        title="a ScriptModule",
        before="""
import torch
from torch import nn


class Scale(torch.jit.ScriptModule):
    __constants__ = ["factor"]

    def __init__(self, factor: float = 2.0):
        super().__init__()
        self.factor = factor
        self.linear = nn.Linear(4, 4)

    @torch.jit.script_method
    def forward(self, x):
        return self.linear(x) * self.factor
""",
        after="""
import torch
from torch import nn


class Scale(nn.Module):
    __constants__ = ["factor"]

    def __init__(self, factor: float = 2.0):
        super().__init__()
        self.factor = factor
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x) * self.factor
""",
    ),
    Example(
        title="a trace, which may have kept one of several branches",
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = torch.jit.trace(backbone, torch.zeros(1, 3, 8, 8))

    def forward(self, x):
        return self.backbone(x).flatten(1)
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone

    def forward(self, x):
        return self.backbone(x).flatten(1)
""",
        unsafe=True,
    ),
]

VALID = [
    """
from typing import List

import torch
from torch import nn


@torch.jit.script
def gelu(x):
    return x * torch.sigmoid(1.702 * x)


class Net(nn.Module):
    size: torch.jit.Final[int]

    def __init__(self):
        super().__init__()
        self.size = 2
        self.act = torch.jit.script(gelu)

    @torch.jit.export
    def half(self, x):
        return x / self.size

    @torch.jit.unused
    def shown(self, x):
        return x

    def forward(self, x):
        rows = torch.jit.annotate(List[torch.Tensor], [])
        if not torch.jit.is_scripting():
            x = self.shown(x)
        rows.append(gelu(self.act(x)))
        return self.half(rows[0])
""",
]


@rule("THT901", "scripted-part", targets=TRACED, consequence=Consequence.ERROR, fix="sometimes", scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    if not migrates(ctx):
        return
    for point in points(ctx.module, ctx.project):
        if is_part(point, ctx):
            yield _part(point, ctx)
    classes = [one for one in ctx.project.classes_of(ctx.module) if is_script_module(one, ctx.project)]
    for info in classes:
        yield _class(info, classes, ctx)


def _part(point: Point, ctx: ModuleContext) -> Finding:
    made = point.makers[-1].rpartition(".")[2]
    around = next(one for one in ctx.module.ancestors(point.call) if isinstance(one, ast.ClassDef))
    fix = None
    if not any(is_read_as_script(use, ctx.module) for use in point.uses):
        built = construction(point.inner, ctx.module)
        same = point.only_scripts and _is_own(point.inner) and not can_be_told(around.name, ctx.project)
        safe = same and same_when_built(built, ctx.module, ctx.project, set())
        edits = [replace(ctx.source, call, operand(call.args[0])) for call in point.later if call.args]
        fix = Fix((_plain(point.call, point.inner, ctx), *edits), "safe" if safe else "unsafe")
    return Finding(
        point.call,
        f"compilers don't look into a module that `torch.jit.{made}` made",
        help=f"leave it a module: `{_short(point.inner)}`",
        fix=fix,
        unit=around.name,
    )


def _is_own(node: ast.expr) -> bool:
    """Whether a module is made where it is scripted: nobody else holds it."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHAINED:
        node = node.func.value
    return isinstance(node, ast.Call)


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."


def _plain(call: ast.Call, inner: ast.expr, ctx: ModuleContext) -> Edit:
    """Put what is scripted in the place of the call; in brackets where it goes on over lines outside of its own."""
    text = ctx.source.segment(inner)
    depth, open_lines = 0, False
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        open_lines = open_lines or (letter == "\n" and depth == 0)
    if open_lines:
        return replace(ctx.source, call, "(", inner, ")")
    return replace(ctx.source, call, operand(inner))


def _class(info: ClassInfo, classes: list[ClassInfo], ctx: ModuleContext) -> Finding:
    family = _family(info, classes, ctx)
    if family is not None and any(_is_used_as_script(member, ctx) for member in family):
        family = None
    edits = [one for member in (family or []) if (one := _edits(member, ctx)) is not None]
    fix = None
    if family is not None and len(edits) == len(family):
        mine = edits[family.index(info)]
        safe = all(
            same_class(member, ctx.project, set()) and not can_be_told(member.name, ctx.project) for member in family
        )
        group = "THT901:" + min(member.qualified for member in family)
        fix = Fix(tuple(mine), "safe" if safe else "unsafe", group)
    return Finding(
        info.node.bases[0] if info.node.bases else info.node,
        f"compilers don't look into `{info.node.name}`, a `ScriptModule`",
        help="derive it from `nn.Module`, and leave out `@torch.jit.script_method`",
        fix=fix,
        unit=info.node.name,
    )


def _family(info: ClassInfo, classes: list[ClassInfo], ctx: ModuleContext) -> list[ClassInfo] | None:
    """Return the classes that go together with ``info``; ``None`` where one of them stands in another file."""
    found = [info]
    for member in found:
        near = family_of(member, ctx.project)
        if any(one not in classes and is_script_module(one, ctx.project) for one in near):
            return None
        found += [one for one in classes if one in near and one not in found]
    return found


def _is_used_as_script(info: ClassInfo, ctx: ModuleContext) -> bool:
    """Whether an instance is saved, or asked for its graph or code."""
    for module in ctx.project.mentioning(info.name) or [ctx.module]:
        for node in walk(module.tree):
            held: ast.expr | None = None
            if isinstance(node, ast.Attribute) and node.attr in SCRIPT_ONLY:
                held = node.value
            elif isinstance(node, ast.Call) and node.args and module.qualified(node.func) == "torch.jit.save":
                held = node.args[0]
            if held is not None and info in may_be_built(held, module, ctx.project):
                return True
    return False


def _edits(info: ClassInfo, ctx: ModuleContext) -> list[Edit] | None:
    """Return what makes a plain module of a class; ``None`` where it needs what only a ``ScriptModule`` has."""
    module, source = ctx.module, ctx.source
    edits: list[Edit] = []
    for base in info.node.bases:
        if module.qualified(base) == SCRIPT_MODULE:
            text = name_for("torch.nn.Module", ctx, info.node)
            if text is None:
                return None
            edits += [replace(source, base, text[0]), *text[1]]
    taken: set[int] = set()
    for method in info.methods.values():
        for decorator in method.decorator_list:
            if module.qualified(decorator) == "torch.jit.script_method":
                start = source.line_starts[decorator.lineno - 1]
                end = source.line_starts[decorator.lineno]
                if len(method.decorator_list) > 1 or decorator.lineno == method.lineno:
                    return None  # what stands around it was dropped by TorchScript
                if source.text[start:end].split("#")[0].strip() != "@" + source.segment(decorator):
                    return None
                edits.append(Edit(start, end, ()))
                taken |= {id(one) for one in walk(decorator)}
    bases = {id(one) for base in info.node.bases for one in walk(base)}
    for node in walk(info.node):
        if id(node) in taken or id(node) in bases:
            continue
        if isinstance(node, ast.Name | ast.Attribute):
            name = module.qualified(node)
            if name in SCRIPT_MODULES or name in ("torch.jit.Attribute", "torch.jit.script_method"):
                return None
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("define", *SCRIPT_ONLY)
            and isinstance(node.value, ast.Name)
        ):
            return None
        if SCRIPT_MODULE in info.bases and _is_constructor_call(node) and (node.args or node.keywords):
            return None
    return edits


def _is_constructor_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "super"
    )
