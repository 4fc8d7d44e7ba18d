"""A decision that construction settles, asked in a way that TorchScript can't settle.

What it does
    Finds conditions like ``self.kind == "lstm"``, ``self.depth > 1`` or a truthy ``self.option`` whose attributes only
    the constructor writes, where their branches don't agree for TorchScript (other result types, an attribute that only
    some instances have, a variable of one branch), or where TorchScript can't ask it of every instance: an attribute
    that is ``None``, a tuple, a module or a function (which isn't compared with ``None`` either) in some of them.

Why is this bad
    TorchScript drops the branch that an instance never takes where the condition is a ``bool`` constant of the class.
    A comparison or a number is worked out when it runs: both branches are compiled, and must fit together.  And it
    makes a bool of no ``None``, and compares it with nothing: "Could not cast value of type NoneType to bool".

Fix safety
    Safe: the decision is made once, at the end of what the constructor does with the attributes, as a ``bool``, and
    declared in ``__constants__``; the attribute itself stays.  It isn't made where anything else in the repository
    writes the attribute.

References
    https://docs.pytorch.org/docs/stable/jit.html#attributes
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.classes import ClassInfo
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Fix, insert_line_after, replace
from ..rule import Example, Finding, UnitContext, rule
from ._classes import class_model, declared_constants, self_name
from ._common import SCRIPT, is_condition, problems
from ._flags import KINDS, atoms, conditions_of, declare, plain_flags, written_once
from ._reports import Report
from ._truth import SIZED, always_true
from ._typer import Problem, attribute_type
from ._types import T
from .tht301_undefined_branch import mended
from .tht510_maybe_missing import guard

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Encode(nn.Module):
    def __init__(self, kind, dim):
        super().__init__()
        self.kind = kind
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        y = self.fc(x)
        if self.kind == "pair":
            return x, y
        return y
""",
        after="""
from torch import nn


class Encode(nn.Module):
    __constants__ = ["_kind_is_pair"]

    def __init__(self, kind, dim):
        super().__init__()
        self.kind = kind
        self._kind_is_pair = bool(self.kind == "pair")
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        y = self.fc(x)
        if self._kind_is_pair:
            return x, y
        return y
""",
    ),
    Example(
        title="a condition that is None in some instances",
        before="""
from torch import nn


class Dense(nn.Module):
    def __init__(self, dim=3, activation=None):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.activation = activation

    def forward(self, x):
        x = self.fc(x)
        if self.activation:
            x = self.activation(x)
        return x
""",
        after="""
from torch import nn


class Dense(nn.Module):
    __constants__ = ["_with_activation"]

    def __init__(self, dim=3, activation=None):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.activation = activation
        self._with_activation = bool(self.activation)

    def forward(self, x):
        x = self.fc(x)
        if self._with_activation:
            x = self.activation(x)
        return x
""",
    ),
    Example(
        title="a function, or none",
        before="""
import torch
from torch import nn


class Layer(nn.Module):
    def __init__(self, activation=torch.tanh):
        super().__init__()
        self.activation = activation

    def forward(self, x):
        if self.activation is not None:
            x = self.activation(x)
        return x
""",
        after="""
import torch
from torch import nn


class Layer(nn.Module):
    __constants__ = ["_with_activation"]

    def __init__(self, activation=torch.tanh):
        super().__init__()
        self.activation = activation
        self._with_activation = bool(self.activation is not None)

    def forward(self, x):
        if self._with_activation:
            x = self.activation(x)
        return x
""",
    ),
]

VALID = [
    """
from torch import nn


class Encode(nn.Module):
    def __init__(self, kind, dim):
        super().__init__()
        self.kind = kind
        self.fc = nn.Linear(dim, dim)

    def forward(self, x):
        if self.kind == "double":
            x = x * 2
        return self.fc(x)
""",
]

_QUESTIONS = ("no-bool", "module-truth", "attribute-compare", "function-none")
_PLAIN = ("bool", "int", "str", "float", "none", "?")


@rule("THT513", "construction-decision", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None or unit.init is None or plain_flags(unit, ctx):
        return
    found: dict[str, list[ast.expr]] = {}
    questions: set[str] = set()
    for problem, report in problems(unit, ctx, *KINDS, *_QUESTIONS):
        if problem.kind in _QUESTIONS:
            asked = [problem.node] if decided_at_construction(problem, report, unit, ctx) else []
        elif _mended(problem, report, unit.cls, ctx):
            continue
        else:
            first = self_name(report.function)
            every = [one for test in conditions_of(problem, report, ctx) for one in atoms(test)]
            asked = [one for one in every if _settled(one, first, unit.cls, unit, ctx)]
        for one in asked:
            assert isinstance(one, ast.expr)
            text = ast.unparse(one)
            same = found.setdefault(text, [])
            if one not in same:
                same.append(one)
            if problem.kind in _QUESTIONS:
                questions.add(text)
    names: dict[str, str] = {}
    for text, tests in found.items():
        names[text] = _name(tests[0], text, {*names.values(), *_taken(unit.cls, ctx)})
    declared = declare(list(names.values()), unit.cls, ctx) if names else None
    for text, tests in found.items():
        made = _decide(text, tests[0], names[text], unit, ctx)
        for index, test in enumerate(tests):
            edits: tuple[Edit, ...] = ()
            if declared is not None and made is not None:
                edits = (replace(ctx.source, test, f"{unit.self_name}.{names[text]}"), made, declared)
            wrong = (
                "TorchScript can't ask it of every instance" if text in questions else "TorchScript reads both branches"
            )
            yield Finding(
                test,
                f"`{text}` is settled at construction, and {wrong}",
                help=f"keep it as a `bool` of its own in `__constants__`: `self.{names[text]} = {text}`",
                fix=Fix(edits, group=f"decisions:{unit.name}") if edits and index < 20 else None,
            )


def decided_at_construction(problem: Problem, report: Report, unit: Unit, ctx: UnitContext) -> bool:
    """Whether a condition that TorchScript refuses is one that the constructor can answer."""
    node = problem.node
    if unit.cls is None or unit.init is None or problem.kind not in _QUESTIONS or not isinstance(node, ast.expr):
        return False
    if not is_condition(node, ctx):
        return False
    kind = report.type(node.left if isinstance(node, ast.Compare) else node)
    kinds = {one.kind for one in kind.alternatives}
    if isinstance(node, ast.Compare) and problem.kind != "function-none":
        if not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            return False  # it may raise, and it may be that nothing asks
        right = report.type(node.comparators[0])
        if right.kind in ("int", "float", "bool") and not kinds & {"str", "tuple"}:
            return False  # THT516: a rate may be set later
    if problem.kind == "module-truth" and any(isinstance(t, T) and always_true(t, ctx) for t in problem.detail):
        return False
    return _settled(node, self_name(report.function), unit.cls, unit, ctx, question=True)


def _mended(problem: Problem, report: Report, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether another rule has a smaller remedy."""
    if problem.kind == "maybe-missing" and isinstance(problem.node, ast.Attribute):
        return guard(problem.node, info, ctx) is not None
    return problem.kind == "undefined" and mended(problem, report, ctx) is not None


def _settled(test: ast.expr, first: str, info: ClassInfo, unit: Unit, ctx: UnitContext, question: bool = False) -> bool:
    """Whether ``test`` has attributes of plain values and literals only, which the constructor alone writes."""
    attributes: list[str] = []
    if isinstance(test, ast.Compare):
        for one in walk(test):
            if isinstance(one, ast.Attribute):
                if not (isinstance(one.value, ast.Name) and one.value.id == first):
                    return False
                attributes.append(one.attr)
            elif isinstance(one, ast.Name):
                if one.id != first:
                    return False
            elif not isinstance(
                one, ast.Compare | ast.Constant | ast.List | ast.Tuple | ast.BinOp | ast.expr_context | ast.operator
                | ast.cmpop | ast.UnaryOp | ast.unaryop
            ):  # fmt: skip
                return False
    elif isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name) and test.value.id == first:
        if not question and _is_called(test, info):
            return False  # a module or a function
        attributes.append(test.attr)
    if not attributes or first != unit.self_name:
        return False
    none_test = isinstance(test, ast.Compare) and isinstance(test.comparators[0], ast.Constant)
    if not question and none_test and isinstance(test, ast.Compare) and test.comparators[0].value is None:  # type: ignore[attr-defined]
        return False  # TorchScript settles those itself
    if isinstance(test, ast.Attribute) and (
        test.attr in declared_constants(info, ctx.project) or _is_decision(test.attr, info, ctx)
    ):
        return False
    called = question and isinstance(test, ast.Attribute) and _is_called(test, info)
    return all(_constructed(name, info, unit, ctx, question, called) for name in attributes)


def _is_called(test: ast.expr, info: ClassInfo) -> bool:
    text = ast.unparse(test)
    return any(isinstance(n, ast.Call) and ast.unparse(n.func) == text for n in walk(info.node))


def _is_decision(name: str, info: ClassInfo, ctx: UnitContext) -> bool:
    """Whether the attribute is a ``bool`` already, by how it is made."""
    writes = class_model(info, ctx.project).built.get(name, [])
    return bool(writes) and all(
        isinstance(write.value, ast.Call) and ctx.qualified(write.value.func) == "builtins.bool" for write in writes
    )


def _constructed(
    name: str, info: ClassInfo, unit: Unit, ctx: UnitContext, question: bool = False, called: bool = False
) -> bool:
    model = class_model(info, ctx.project)
    writes = model.built.get(name, [])
    if name == "training" or name in model.later or name in model.registered or model.hides(name) or not writes:
        return False
    if any(write.owner is not info or write.function is not unit.init for write in writes):
        return False
    held = attribute_type(info, name, ctx.project)
    for one in held.alternatives:
        if one.kind not in _PLAIN and not (question and (one.kind in ("tuple", "function") or _lasting(one, ctx))):
            return False
    unsure = any(one.kind == "?" for one in held.alternatives) if question else held.kind == "?"
    for write in writes:
        plain = (ast.Name, ast.Attribute, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp)
        worked_out = (called or not unsure) and isinstance(write.value, ast.BinOp | ast.Call | ast.IfExp)
        if not isinstance(write.value, plain) and not worked_out:
            return False
    return written_once(name, unit, ctx)


def _lasting(kind: T, ctx: UnitContext) -> bool:
    """Whether a module is true, or not, for as long as it lives."""
    return kind.kind == "module" and kind.name not in SIZED and (kind.name == "?" or always_true(kind, ctx))


def _name(test: ast.expr, text: str, taken: set[str]) -> str:
    """Return a name that says what is decided: ``_kind_is_pair``, ``_with_option``."""
    words = re.findall(r"[A-Za-z_0-9]+", text.replace("self.", ""))
    if isinstance(test, ast.Attribute):
        name = f"_with_{test.attr}"
    elif (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Attribute)
        and isinstance(test.ops[0], ast.Is | ast.IsNot)
    ):
        attr = test.left.attr.strip("_")
        name = f"_with_{attr}" if isinstance(test.ops[0], ast.IsNot) else f"_without_{attr}"
    elif isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq) and len(words) == 2:
        name = f"_{words[0].strip('_')}_is_{words[1].lower()}"
    else:
        names = [one.attr for one in walk(test) if isinstance(one, ast.Attribute)]
        name = "_decided_by_" + "_and_".join(dict.fromkeys(one.strip("_") for one in names))
    count, result = 2, name
    while result in taken:
        result, count = f"{name}_{count}", count + 1
    return result


def _taken(info: ClassInfo, ctx: UnitContext) -> set[str]:
    return {one.attr for owner in ctx.project.mro(info) for one in walk(owner.node) if isinstance(one, ast.Attribute)}


def _decide(text: str, test: ast.expr, name: str, unit: Unit, ctx: UnitContext) -> Edit | None:
    """Write ``self.name = bool(test)`` below the last statement of the constructor that has to do with it."""
    init = unit.init
    if init is None or self_name(init) != unit.self_name or any(isinstance(n, ast.Return) for n in walk(init)):
        return None
    attributes = {one.attr for one in walk(test) if isinstance(one, ast.Attribute)}
    last: ast.stmt | None = None
    for statement in init.body:
        for node in walk(statement):
            if isinstance(node, ast.Attribute) and node.attr in attributes and isinstance(node.ctx, ast.Store):
                last = statement
    if last is None:
        return None
    source = ctx.source.segment(test)
    if "\n" in source or "\r" in source:
        source = text
    return insert_line_after(ctx.source, last, f"{unit.self_name}.{name} = bool({source})")
