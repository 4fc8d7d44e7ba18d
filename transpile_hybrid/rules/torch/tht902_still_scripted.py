"""A network that is scripted where it is used, in code on its way to ``torch.compile``.

What it does
    Finds ``net = torch.jit.script(net)``, also with ``trace``, ``freeze`` and ``optimize_for_inference``, outside of
    modules.  It is told where TorchScript is no target of the run.

Why is this bad
    TorchScript is deprecated since PyTorch 2.11, and what it made can't be compiled by anything else.

Fix safety
    Safe where the network is known to compile and computes as Python what it did as TorchScript, and where the program
    does nothing with the result but call it with tensors and use methods that a compiled module has too.  Unsafe
    otherwise: a trace keeps one branch, ``freeze`` lets go of gradients, the keys of a compiled module's ``state_dict``
    begin with ``_orig_mod.``, and with ``fullgraph=True`` what Dynamo doesn't take is an error.  Not rewritten where
    the result is saved, or asked for its graph or code: that is what ``torch.export`` is for.

References
    https://docs.pytorch.org/docs/stable/generated/torch.compile.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Fix, delete_statement, operand, replace
from ..rule import Example, Finding, ModuleContext, rule
from ._common import block_of, name_for
from ._proof import refused_classes
from ._reports import program_types
from ._same import construction, is_script_module, looks_at_kinds, may_be_built, same_when_built
from ._scripted import CHAINED, Point, is_part, is_read_as_script, migrates, points, reads, target_of
from ._types import TENSOR, UNKNOWN, T

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return torch.relu(self.fc(x))


net = torch.jit.script(Net())
net.eval()
y = net(torch.rand(2, 4))
""",
        after="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return torch.relu(self.fc(x))


net = torch.compile(Net(), fullgraph=True)
net.eval()
y = net(torch.rand(2, 4))
""",
    ),
    Example(
        title="frozen",
        before="""
import torch


def optimized(model, x):
    model.eval()
    traced = torch.jit.trace(model, x)
    traced = torch.jit.freeze(traced)
    return traced(x)
""",
        after="""
import torch


def optimized(model, x):
    model.eval()
    traced = torch.compile(model, fullgraph=True)
    return traced(x)
""",
        unsafe=True,
    ),
    Example(
        title="saved",
        before="""
import torch
from torch import nn

net = torch.jit.script(nn.Linear(4, 2))
net.save("net.pt")
""",
    ),
]

VALID = [
    """
import torch
from torch import nn


def scale(x):
    return x * 2


scaled = torch.jit.script(scale)
net = torch.compile(nn.Linear(4, 2))
y = scaled(net(torch.rand(2, 4)))
""",
]

# what a compiled module does as the scripted one did
_METHODS = frozenset(
    ("eval", "train", "parameters", "zero_grad", "requires_grad_", "to", "cuda", "cpu", "float", "double", "half")
)


_READING = frozenset(
    ("item", "tolist", "nonzero", "argwhere", "unique", "unique_consecutive", "masked_select", "combinations")
    + ("bincount", "repeat_interleave", "numpy")
)


@rule(
    "THT902",
    "still-scripted",
    targets=("torch.compile",),
    consequence=Consequence.SPEED,
    fix="sometimes",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    if not migrates(ctx):
        return
    for point in points(ctx.module, ctx.project):
        if is_part(point, ctx):
            continue
        made = point.makers[-1].rpartition(".")[2]
        if any(is_read_as_script(use, ctx.module) for use in point.uses):
            message = f"what `torch.jit.{made}` makes here is saved, or read as TorchScript"
            yield Finding(point.call, message, help="`torch.export` makes a graph that can be saved")
            continue
        edits = _edits(point, ctx)
        yield Finding(
            point.call,
            f"`torch.jit.{made}` is deprecated, and nothing else compiles what it makes",
            help=f"use `torch.compile({_short(point.inner)}, fullgraph=True)`",
            fix=Fix(edits, "safe" if _is_same(point, ctx) else "unsafe") if edits else None,
        )


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else "..."


def _edits(point: Point, ctx: ModuleContext) -> tuple[Edit, ...]:
    text = name_for("torch.compile", ctx, point.call)
    built = may_be_built(point.inner, ctx.module, ctx.project)
    if text is None or text[1] or any(is_script_module(info, ctx.project) for info in built):
        return ()
    edits = [replace(ctx.source, point.call, f"{text[0]}(", point.inner, ", fullgraph=True)")]
    for call in point.later:
        if not call.args:
            return ()
        target = target_of(call, ctx.module)
        statement = ctx.module.statement_of(call)
        kept = call.args[0]
        if isinstance(target, ast.Name) and isinstance(kept, ast.Name) and target.id == kept.id:
            edits.append(delete_statement(ctx.source, statement, block_of(statement, ctx.module) or [statement]))
        else:
            edits.append(replace(ctx.source, call, operand(kept)))
    return tuple(edits)


def _is_same(point: Point, ctx: ModuleContext) -> bool:
    """Whether the compiled network is sure to do in this program what the scripted one did."""
    if not point.only_scripts or not point.names or looks_at_kinds(ctx.module) or _is_shared(point, ctx):
        return False
    seen: set[ClassInfo] = set()
    if not same_when_built(construction(point.inner, ctx.module), ctx.module, ctx.project, seen):
        return False
    if any(info.module is not ctx.module for info in seen) or refused_classes(seen, ctx, "torch.compile"):
        return False
    if any(_reads_numbers(function, ctx) for unit in ctx.units if unit.cls in seen for function in unit.region):
        return False
    types = program_types(ctx.module.enclosing_function(point.call), ctx.module, ctx.project)
    called = False
    for use in point.uses:
        parent = ctx.module.parent(use)
        if isinstance(parent, ast.Call) and parent.func is use:
            if not _tensors_only(parent, types):
                return False
            called = True
        elif not (isinstance(parent, ast.Attribute) and parent.attr in _METHODS and _is_called(parent, ctx)):
            return False
    return called and all(method in _METHODS for method in point.chain) and not _is_bound_again(point, ctx)


def _is_shared(point: Point, ctx: ModuleContext) -> bool:
    """Whether the plain network is used on: it had a mode (``eval``) of its own, which it now shares."""
    root = point.inner
    while isinstance(root, ast.Call) and isinstance(root.func, ast.Attribute) and root.func.attr in CHAINED:
        root = root.func.value
    if not isinstance(root, ast.Name):
        return False
    inside = {id(one) for one in walk(point.call)}
    if any(_is_handed_on(one, root.id, ctx) for one in walk(ctx.module.tree) if id(one) not in inside):
        return True
    others = [one for one in reads(root.id, point.call, ctx.module) if id(one) not in inside]
    if root.id in point.names or not others:
        return False
    switched = {"eval", "train"} & {*point.chain, *(_method_of(use, ctx) for use in point.uses)}
    called = all(isinstance(up := ctx.module.parent(one), ast.Call) and up.func is one for one in others)
    return bool(switched) or not called


def _is_handed_on(node: ast.AST, name: str, ctx: ModuleContext) -> bool:
    """Whether ``node`` is the variable of that name, and given to something that may keep it."""
    if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
        return False
    parent = ctx.module.parent(node)
    return not isinstance(parent, ast.Attribute) and not (isinstance(parent, ast.Call) and parent.func is node)


def _method_of(use: ast.expr, ctx: ModuleContext) -> str:
    parent = ctx.module.parent(use)
    return parent.attr if isinstance(parent, ast.Attribute) else ""


def _reads_numbers(function: FunctionNode, ctx: ModuleContext) -> bool:
    """Whether Python gets numbers of tensors, or sizes that they decide: Dynamo takes some of that, in some places."""
    for node in walk(function):
        if not isinstance(node, ast.Call):
            continue
        name = ctx.qualified(node.func) or ""
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
        if last in _READING or name == "torch.where" and len(node.args) == 1:
            return True
        if name in ("builtins.int", "builtins.float", "builtins.bool") and not all(map(_is_size, node.args)):
            return True
    return False


def _is_size(node: ast.expr) -> bool:
    """Whether a number is made of sizes and literals alone."""
    named = {one.attr for one in walk(node) if isinstance(one, ast.Attribute)}
    return bool(named & {"shape", "size"}) or isinstance(node, ast.Constant)


def _is_called(node: ast.expr, ctx: ModuleContext) -> bool:
    parent = ctx.module.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node


def _tensors_only(call: ast.Call, types: dict[int, T]) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return all(types.get(id(one), UNKNOWN).bare == TENSOR for one in given) and all(k.arg for k in call.keywords)


def _is_bound_again(point: Point, ctx: ModuleContext) -> bool:
    """Whether another value than the network itself, before it is scripted, can come to stand under the name."""
    scope = point.scope
    bindings = scope.bindings.get(point.names[0], []) if scope is not None else []
    mentioned = [one for one in bindings if one.value is not None and _names(one.value, point.names[0])]
    return len(bindings) > 2 or len(bindings) == 2 and len(mentioned) != 1


def _names(value: ast.expr, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in walk(value))
