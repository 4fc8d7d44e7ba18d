"""An attribute that holds one of several methods.

What it does
    Finds calls of ``self.similarity(x, y)`` where the constructor keeps a method of the object under that name:
    ``self.similarity = self._cosine if cosine else self._dot``.

Why is this bad
    TorchScript has no type for a method as a value: "failed to convert Python type: 'method' to a TorchScript type".

Fix safety
    Safe: the class gets a method that calls the one that was chosen.  For TorchScript that is settled at construction,
    by ``bool`` constants; Python goes on calling what the attribute holds.  It is made where only the constructor (and
    what it calls) writes the attribute, in subclasses too, and all that it can hold are methods of the class.

References
    https://docs.pytorch.org/docs/stable/jit.html#attributes
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo, Project
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert, insert_line_after, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, self_name, subclasses_of
from ._common import SCRIPT, is_method, reports
from ._flags import declare
from ._reports import Report
from ._types import TENSOR
from ._writing import of_torch, writable

EXAMPLES = [
    Example(
        before="""
import torch
from torch import nn


class Loss(nn.Module):
    def __init__(self, cosine=True):
        super().__init__()
        self.similarity = self._choose(cosine)

    def _choose(self, cosine):
        if cosine:
            self.measure = nn.CosineSimilarity(dim=-1)
            return self._cosine
        return self._dot

    def _cosine(self, x, y):
        return self.measure(x, y)

    @staticmethod
    def _dot(x, y):
        return torch.mm(x, y.t())

    def forward(self, x, y):
        return self.similarity(x, y)
""",
        after="""
import torch
from torch import nn


class Loss(nn.Module):
    __constants__ = ["_similarity_is_cosine"]

    def __init__(self, cosine=True):
        super().__init__()
        self.similarity = self._choose(cosine)
        self._similarity_is_cosine = self.similarity == self._cosine

    def _choose(self, cosine):
        if cosine:
            self.measure = nn.CosineSimilarity(dim=-1)
            return self._cosine
        return self._dot

    def _cosine(self, x, y):
        return self.measure(x, y)

    @staticmethod
    def _dot(x, y):
        return torch.mm(x, y.t())

    def _call_similarity(self, x, y):
        if not torch.jit.is_scripting():
            return self.similarity(x, y)
        elif self._similarity_is_cosine:
            return self._cosine(x, y)
        else:
            return self._dot(x, y)

    def forward(self, x, y):
        return self._call_similarity(x, y)
""",
    ),
    Example(
        title="set again later",
        before="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.step = self._plain

    def slow(self):
        self.step = self._twice

    def _plain(self, x):
        return self.fc(x)

    def _twice(self, x):
        return self.fc(self.fc(x))

    def forward(self, x):
        return self.step(x)
""",
    ),
]

VALID = [
    """
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, smooth=False):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.act = F.gelu if smooth else F.relu

    def forward(self, x):
        return self.act(self.fc(x))
""",
]


@rule("THT618", "method-attribute", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None:
        return
    made: dict[str, str] = {}
    for function, report in reports(unit, ctx):
        me = self_name(function) if is_method(function, ctx) else ""
        for node in walk(function):
            if not isinstance(node, ast.Call) or id(node) not in report.types or not me:
                continue
            func = node.func
            if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == me):
                continue
            held = _held(func.attr, unit.cls, ctx.project)
            if not held:
                continue
            edits = _chosen(node, func.attr, held, function, report, made, unit, ctx)
            shown = " or ".join(f"`{name}`" for name in held)
            yield Finding(
                node,
                f"`self.{func.attr}` holds a method, {shown}, which TorchScript has no type for",
                help="call the method by its own name, under an `if` on what decides which it is",
                fix=Fix(edits) if edits else None,
            )


def _held(name: str, info: ClassInfo, project: Project) -> list[str]:
    """Return the methods one of which construction puts into ``self.name``; none where it is anything else."""
    model = class_model(info, project)
    if name not in model.built or name in model.registered or project.method(info, name) is not None:
        return []
    found: list[str] = []
    for write in model.built[name]:
        names = _methods(write.value, self_name(write.function), info, project) if write.value is not None else None
        if names is None:
            return []
        found += names
    return list(dict.fromkeys(found))


def _methods(value: ast.expr, me: str, info: ClassInfo, project: Project, depth: int = 0) -> list[str] | None:
    """Return the methods that an expression of the constructor may give; ``None`` where it may give anything else."""
    if isinstance(value, ast.IfExp):
        both = [_methods(one, me, info, project, depth) for one in (value.body, value.orelse)]
        return None if None in both else [name for names in both if names for name in names]
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Dict):
        every = [_methods(one, me, info, project, depth) for one in value.value.values]
        return None if None in every else [name for names in every if names for name in names]
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == me:
        found = project.method(info, value.attr)
        plain = found is not None and all(_is_static(d) for d in found[1].decorator_list)
        return [value.attr] if plain else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and depth < 3:
        func = value.func
        made = project.method(info, func.attr) if isinstance(func.value, ast.Name) and func.value.id == me else None
        if made is None or made[1].decorator_list or not _ends(made[1].body):
            return None
        names: list[str] = []
        for node in walk(made[1]):
            if isinstance(node, ast.Return):
                given = node.value
                inner = _methods(given, self_name(made[1]), info, project, depth + 1) if given is not None else None
                if inner is None:
                    return None
                names += inner
            elif isinstance(node, ast.Lambda | ast.FunctionDef | ast.Yield | ast.YieldFrom) and node is not made[1]:
                return None
        return names or None
    return None


def _is_static(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "staticmethod"


def _ends(body: list[ast.stmt]) -> bool:
    """Whether a block never runs off its end."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    return isinstance(last, ast.Return | ast.Raise)


def _chosen(
    call: ast.Call, name: str, held: list[str], function: FunctionNode, report: Report, made: dict[str, str],
    unit: Unit, ctx: UnitContext,
) -> tuple[Edit, ...]:  # fmt: skip
    """Return the edits that write the method which calls the chosen one, and call it."""
    info, entry, me = unit.cls, unit.entry, self_name(function)
    assert info is not None
    after = _settled(name, info, unit, ctx)
    if entry is None or after is None or function not in info.methods.values() or function.decorator_list:
        return ()
    if any(isinstance(one, ast.Starred) for one in call.args) or any(k.arg is None for k in call.keywords):
        return ()
    parameters = _parameters(call, held, info, ctx)
    asked = of_torch("torch.jit.is_scripting", ctx, entry)
    if parameters is None or asked is None:
        return ()
    imports = [*asked[1]]
    shown = [me]
    for parameter, value in zip(parameters, [*call.args, *(k.value for k in call.keywords)], strict=True):
        kind = report.type(value)
        text = writable(kind, ctx, entry) if kind.known and kind.bare != TENSOR else None
        shown.append(f"{parameter}: {text[0]}" if text is not None else parameter)
        imports += text[1] if text is not None else ()
    given = [*parameters[: len(call.args)], *(f"{k.arg}={k.arg}" for k in call.keywords)]
    arguments = ", ".join(given)
    flags = {one: f"_{name.strip('_')}_is_{one.strip('_')}" for one in held[:-1]}
    method = f"_call_{name.strip('_')}"
    if any(word in ctx.source.text for word in (*flags.values(), method)) or me in parameters:
        return ()
    same = ", ".join([*shown, arguments])
    method = next(
        one for n in range(1, 99) if made.setdefault(one := f"{method}_{n}" if n > 1 else method, same) == same
    )
    step = "    "
    lines = [f"if not {asked[0]}():", f"{step}return {me}.{name}({arguments})"]
    for one, flag in flags.items():
        lines += [f"elif {me}.{flag}:", f"{step}return {me}.{one}({arguments})"]
    lines += ["else:", f"{step}return {me}.{held[-1]}({arguments})"]
    source, newline, indent = ctx.source, ctx.source.newline, ctx.source.indent_of(entry)
    text_lines = [f"{indent}def {method}({', '.join(shown)}):", *(f"{indent}{step}{line}" for line in lines)]
    start = source.line_starts[min([entry.lineno, *(d.lineno for d in entry.decorator_list)]) - 1]
    edits = [
        insert(start, newline.join(text_lines) + newline * 2),
        replace(source, call.func, f"{me}.{method}"),
        *imports,
    ]
    if flags:
        declared = declare(list(flags.values()), info, ctx)
        if declared is None or unit.init is None:
            return ()
        first = self_name(unit.init)
        rows = [f"{first}.{flag} = {first}.{name} == {first}.{one}" for one, flag in flags.items()]
        edits += [declared, insert_line_after(source, after, (newline + source.indent_of(after)).join(rows))]
    return tuple(edits)


def _settled(name: str, info: ClassInfo, unit: Unit, ctx: UnitContext) -> ast.stmt | None:
    """Return the statement of the constructor after which the attribute holds what it will hold."""
    model = class_model(info, ctx.project)
    if name in model.later or model.hides(name) or unit.init is None or info.methods.get("__init__") is not unit.init:
        return None
    if any(write.owner is not info or write.function is not unit.init for write in model.built[name]):
        return None
    for other in subclasses_of(info, ctx.project):
        own = class_model(other, ctx.project)
        if name in own.later or any(write.owner is not info for write in own.built.get(name, [])):
            return None
    last: ast.stmt | None = None
    for statement in unit.init.body:
        inside = {id(node) for node in walk(statement)}
        if any(id(write.statement) in inside for write in model.built[name]):
            if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.If):
                return None
            last = statement
    if isinstance(last, ast.If) and not _always(last, name):
        return None
    return last


def _always(statement: ast.If, name: str) -> bool:
    """Whether every branch sets the attribute, or raises."""
    for body in (statement.body, statement.orelse):
        if not body:
            return False
        sets = any(isinstance(one, ast.Assign) and any(isinstance(t, ast.Attribute) and t.attr == name
                   for t in one.targets) for one in body)  # fmt: skip
        nested = len(body) == 1 and isinstance(body[0], ast.If) and _always(body[0], name)
        if not (sets or nested or isinstance(body[-1], ast.Raise)):
            return False
    return True


def _parameters(call: ast.Call, held: list[str], info: ClassInfo, ctx: UnitContext) -> list[str] | None:
    """Return names for what the call gives: those of the first method's parameters."""
    found: list[str] | None = None
    for name in held:
        method = ctx.project.method(info, name)
        assert method is not None
        arguments = method[1].args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        names = names if method[1].decorator_list else names[1:]
        if len(call.args) > len(names):
            return None
        if any(k.arg not in names[len(call.args) :] for k in call.keywords):
            return None
        found = found or [*names[: len(call.args)], *(k.arg or "" for k in call.keywords)]
    return found if found is None or len(set(found)) == len(found) else None
