"""A function on tensors that nothing compiles.

What it does
    Finds a module-level function that computes with tensors, all of whose calls in the repository pass tensors, and
    that the target compiles as it is.

Why is this bad
    It is run operation by operation by Python.

Fix safety
    Safe: the decorator of the target is put on the outermost such function: what it calls is compiled with it.  It is
    not made for functions that are mentioned without being called (they may be replaced, pickled, or given other
    things), nor for those that a module's ``forward`` calls, which are compiled with the module.

References
    https://docs.pytorch.org/docs/stable/generated/torch.jit.script.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...rewrite.edit import Fix, insert_line_before
from ..rule import Example, Finding, ModuleContext, rule
from ._annotations import annotation_type
from ._callsites import CallSite, call_table
from ._common import decorators, name_for
from ._parameters import type_at
from ._proof import proven_report
from ._reports import Report, report_of
from ._types import TENSOR

EXAMPLES = [
    Example(
        before="""
import torch


def add(a, b):
    return a + b


def twice(a, b):
    return add(a, b) + add(b, a)


print(twice(torch.rand(2), torch.rand(2)))
""",
        after="""
import torch


def add(a, b):
    return a + b


@torch.jit.script
def twice(a, b):
    return add(a, b) + add(b, a)


print(twice(torch.rand(2), torch.rand(2)))
""",
    ),
    Example(
        before="""
import torch


def twice(a, b):
    return a + b * 2


print(twice(torch.rand(2), torch.rand(2)))
""",
        after="""
import torch


@torch.compile(fullgraph=True)
def twice(a, b):
    return a + b * 2


print(twice(torch.rand(2), torch.rand(2)))
""",
        targets=("torch.compile",),
    ),
]

VALID = [
    """
import torch


def add(a, b):
    return a + b


print(add(torch.rand(2), 1), add("a", "b"))
""",
    """
import torch


def load(x):
    return x + 1


table = {"load": load}
print(load(torch.rand(2)))
""",
]

_COMPILED = ("torch.jit.script", "torch.compile")
_DECORATORS = {"torch.script": ("torch.jit.script", ""), "torch.compile": ("torch.compile", "(fullgraph=True)")}


@rule(
    "THT702",
    "plain-function",
    targets=("torch.script", "torch.compile"),
    consequence=Consequence.SPEED,
    fix="always",
    scope="module",
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    target = next((name for name in _DECORATORS if name in ctx.targets), None)
    if target is None:
        return
    found = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and _candidate(statement, ctx):
            found[statement.name] = statement
    for function in found.values():
        if not any(_outside(site, found, ctx) for site in _sites(function, ctx)):
            continue
        name, arguments = _DECORATORS[target]
        text = name_for(name, ctx, function)
        if text is None or text[1]:
            continue
        line = f"@{text[0]}{arguments}"
        yield Finding(
            function,
            f"`{function.name}` computes with tensors and nothing compiles it",
            help=f"decorate it with `{line}`",
            targets=(target,),
            fix=Fix((insert_line_before(ctx.source, function, line),)),
        )


def _sites(function: ast.FunctionDef, ctx: ModuleContext) -> list[CallSite]:
    return call_table(ctx.project).of(ctx.module.scopes.of(function).path)


def _candidate(function: ast.FunctionDef, ctx: ModuleContext) -> bool:
    if function.decorator_list or len(ctx.module.scopes.top.bindings.get(function.name, [])) != 1:
        return False
    spec = function.args
    annotations = [arg.annotation for arg in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    if not annotations or any(a is not None and annotation_type(a, ctx.module) != TENSOR for a in annotations):
        return False
    if "__all__" in ctx.module.scopes.top.bindings:
        return False
    report = report_of(function, ctx.module, ctx.project, None)
    if report is None or not report.parameters or any(t != TENSOR for t in report.parameters.values()):
        return False
    if not _computes(report) or not proven_report(report, ctx.project):
        return False  # what follows looks through other files
    if call_table(ctx.project).mentions(ctx.module.scopes.of(function).path):
        return False
    sites = _sites(function, ctx)
    return bool(sites) and all(_tensors(site, ctx) for site in sites)


def _computes(report: Report) -> bool:
    """Whether there is an operation on tensors in it, not only a call of something else."""
    return report.returns.bare == TENSOR and any(
        isinstance(node, ast.BinOp | ast.Call) for node in walk(report.function)
    )


def _tensors(site: CallSite, ctx: ModuleContext) -> bool:
    for argument in [*site.node.args, *(keyword.value for keyword in site.node.keywords)]:
        if isinstance(argument, ast.Starred):
            held = type_at(argument.value, site.module, ctx)
            if held.kind not in ("list", "tuple") or not held.args or any(one.bare != TENSOR for one in held.args):
                return False
        elif type_at(argument, site.module, ctx).bare != TENSOR or not _certain(argument, site, ctx):
            return False
    return all(keyword.arg is not None for keyword in site.node.keywords)


def _certain(node: ast.expr, site: CallSite, ctx: ModuleContext, depth: int = 0) -> bool:
    """Whether a value is a tensor for sure, and not only because TorchScript takes every parameter for one.

    Python code that nothing compiles may give a function numbers or arrays.
    """
    if depth > 6:
        return False
    if isinstance(node, ast.Call):
        name = site.module.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
        if name is not None and name.startswith("torch."):
            return True
        if isinstance(node.func, ast.Attribute):
            held = type_at(node.func, site.module, ctx)
            return held.kind == "module" or _certain(node.func.value, site, ctx, depth + 1)
        return type_at(node.func, site.module, ctx).kind == "module"
    if isinstance(node, ast.BinOp):
        return any(_certain(side, site, ctx, depth + 1) for side in (node.left, node.right))
    if isinstance(node, ast.Subscript | ast.Attribute | ast.UnaryOp):
        inner = node.operand if isinstance(node, ast.UnaryOp) else node.value
        return _certain(inner, site, ctx, depth + 1)
    if not isinstance(node, ast.Name):
        return False
    function = site.module.enclosing_function(node)
    if function is not None:
        arguments = function.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        given = next((one for one in every if one.arg == node.id), None)
        if given is not None:
            return given.annotation is not None and site.module.qualified(given.annotation) == "torch.Tensor"
    values = [
        one.value
        for one in walk(function if function is not None else site.module.tree)
        if isinstance(one, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets)
        and site.module.enclosing_function(one) is function
    ]
    return bool(values) and all(_certain(value, site, ctx, depth + 1) for value in values)


def _outside(site: CallSite, found: dict[str, ast.FunctionDef], ctx: ModuleContext) -> bool:
    """Whether a call stands in code that nothing compiles."""
    function = site.module.enclosing_function(site.node)
    if function is None:
        return True
    if function in found.values() or any(name in _COMPILED for name in decorators(function, ctx)):
        return False
    parent = site.module.scopes.of(function).parent
    return parent is None or not parent.is_class
