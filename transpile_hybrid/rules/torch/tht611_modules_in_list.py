"""Modules are kept in a Python list, tuple or dict.

What it does
    Finds reads, in what is compiled, of an attribute that construction gives a list, tuple or dict of modules.

Why is this bad
    TorchScript has no such list: "failed to convert Python type: 'list' to a TorchScript type".  Modules that are kept
    nowhere else aren't registered either: their parameters are neither trained by ``model.parameters()``, nor saved
    with the ``state_dict``, nor moved by ``model.to(...)``.

Fix safety
    Safe: a loop over a list of children that the class names one by one (``[self.a, self.b]``) is written out, where
    nothing that can be found replaces one of them.  No other fix is made: ``nn.ModuleList`` and ``nn.ModuleDict``
    register what they hold, which adds keys to the ``state_dict`` (and gives those that were registered under another
    name a second one).

References
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...meaning.values import Value
from ...rewrite.edit import Edit, Fix
from ..rule import Example, Finding, UnitContext, rule
from ._classes import ClassModel, Write, class_model, declared_constants, self_name
from ._common import SCRIPT, reports
from ._flags import written_once
from ._parameters import parameters_with_defaults
from ._reports import Report
from ._types import PLAIN, T
from ._unrolled import loops_written_out, named_modules

EXAMPLES = [
    Example(
        before="""
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.layers = []
        for index in range(depth):
            layer = nn.Linear(3, 3)
            self.add_module(f"layer{index}", layer)
            self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""
    ),
    Example(
        title="children that have names",
        before="""
from torch import nn


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.layers = [self.first, self.second]

    def forward(self, x):
        for index, layer in enumerate(self.layers):
            # the rows add up
            x = layer(x) + index
        return x
""",
        after="""
from torch import nn


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.layers = [self.first, self.second]

    def forward(self, x):
        # the rows add up
        x = self.first(x) + 0
        # the rows add up
        x = self.second(x) + 1
        return x
""",
    ),
    Example(
        title="by name",
        before="""
from torch import nn


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = {"mean": nn.Linear(3, 1), "spread": nn.Linear(3, 1)}

    def forward(self, x):
        return self.heads["mean"](x), self.heads["spread"](x)
""",
    ),
]

VALID = [
    """
from torch import nn


class Stack(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        layers = [nn.Linear(3, 3) for _ in range(depth)]
        self.layers = nn.ModuleList(layers)
        self.sizes = [3, 3]
        self.kept = [nn.Linear(3, 3)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x * self.sizes[0]

    def report(self):
        return len(self.kept)
""",
]

_INSTEAD = {"list": "nn.ModuleList", "tuple": "nn.ModuleList", "dict": "nn.ModuleDict"}


@rule("THT611", "modules-in-list", targets=SCRIPT, consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    if unit.cls is None:
        return
    read = list(reports(unit, ctx))
    if not read:
        return
    model = class_model(unit.cls, ctx.project)
    names = {name for name in model.built if _display(model, name, ctx)}
    names -= declared_constants(unit.cls, ctx.project)
    reads: dict[str, list[ast.Attribute]] = {}
    uses: dict[str, set[str]] = {}
    for function, report in read if names else ():
        for node in walk(function):
            if not (isinstance(node, ast.Attribute) and node.attr in names and id(node) in report.types):
                continue
            if isinstance(node.value, ast.Name) and node.value.id == unit.self_name:
                asked = reads.setdefault(node.attr, [])
                if not _holds_none(report.type(node)):  # else it is told already, without the dear question
                    asked.append(node)
                uses.setdefault(node.attr, set()).add(_use(node, ctx.module, report))
    for name, nodes in reads.items():
        row = "row" in uses[name] and "other" not in uses[name]
        held = ((node, _holds_modules(ctx.value(node))) for node in nodes) if row else ()
        found = next(((node, kind) for node, kind in held if kind), None)
        if found is not None:
            yield Finding(
                found[0],
                f"`{ast.unparse(found[0])}` is a Python {found[1]} of modules, which TorchScript has not",
                help=f"keep them in an `{_INSTEAD[found[1]]}` (its children get keys in the `state_dict`)",
                fix=_written_out(name, model, [report for _, report in read], ctx),
            )


def _written_out(name: str, model: ClassModel, read: list[Report], ctx: UnitContext) -> Fix | None:
    """Write out the loops over a list of children that the class names one by one, in all that is compiled."""
    writes = model.built.get(name, [])
    if len(writes) != 1 or name in model.later or model.hides(name):
        return None
    items = named_modules(writes[0].value, self_name(writes[0].function))
    if items is None or any(not _stays(one.attr, model, ctx) for one in items if isinstance(one, ast.Attribute)):
        return None
    edits: list[Edit] = []
    for report in read:
        reads: list[ast.expr] = [
            node
            for node in walk(report.function)
            if isinstance(node, ast.Attribute) and node.attr == name and id(node) in report.types
        ]
        same = report.module is ctx.module and self_name(report.function) == self_name(writes[0].function)
        mine = loops_written_out(reads, items, report.function, ctx) if same or not reads else None
        if mine is None:
            return None
        edits += mine
    return Fix(tuple(edits)) if edits else None


def _stays(name: str, model: ClassModel, ctx: UnitContext) -> bool:
    """Whether a child is set once, by the constructor, and nothing replaces it."""
    once = len(model.built.get(name, [])) == 1 and name not in model.later and not model.hides(name)
    return once and written_once(name, ctx.unit, ctx)


def _display(model: ClassModel, name: str, ctx: UnitContext) -> bool:
    """Whether each construction may leave a list, tuple or dict of modules there: asked before the dear question."""
    writes = model.constructed(name)
    return (
        bool(writes)
        and all(isinstance(write.value, _DISPLAYS) or _by_own_method(write) for write in writes)
        and any(_may_hold_modules(write, ctx) for write in writes)
    )


_DISPLAYS = (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp, ast.Name)
_NO_MODULE = (ast.Constant, ast.JoinedStr, ast.Compare, ast.UnaryOp, ast.Lambda, ast.List, ast.Tuple, ast.Dict)


def _by_own_method(write: Write) -> bool:
    """Whether this is ``self.layers = self.make_layers()``."""
    made = write.value.func if isinstance(write.value, ast.Call) else None
    owner = made.value if isinstance(made, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id == self_name(write.function)


def _may_hold_modules(write: Write, ctx: UnitContext) -> bool:
    """Whether the value may hold modules and nothing else, by its looks."""
    value = write.value
    if isinstance(value, ast.Name):
        return not _is_single(value.id, write, ctx)
    items: list[ast.expr] = []
    if isinstance(value, ast.List | ast.Tuple):
        items = value.elts
    elif isinstance(value, ast.Dict):
        items = value.values
    elif isinstance(value, ast.ListComp):
        items = [value.elt]
    return not any(isinstance(one, _NO_MODULE) or _is_number(one) for one in items)


def _is_number(node: ast.expr) -> bool:
    """Whether ``node`` is arithmetic that there is none of for modules (``nn.Sequential`` has a ``+`` and a ``*``)."""
    return isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Mult)


def _is_single(name: str, write: Write, ctx: UnitContext) -> bool:
    """Whether ``name`` is a parameter that nothing else is put in, with a default or annotation of a single thing."""
    spec = write.function.args
    annotated = {arg.arg: arg.annotation for arg in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]}
    if name not in annotated or any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in walk(write.function)
    ):
        return False
    if (annotation := annotated[name]) is not None:
        names = [node for node in walk(annotation) if isinstance(node, ast.Name)]
        return bool(names) and all(one.id in _SINGLE or _is_class(one, write, ctx) for one in names)
    if write.owner is not ctx.unit.cls:  # a constructor further down may hand anything to this one
        return False
    defaults = [default for arg, default in parameters_with_defaults(spec) if arg.arg == name]
    return any(isinstance(one, ast.Constant) and one.value is not None for one in defaults)


_SINGLE = frozenset({"int", "float", "bool", "str", "Optional", "Union"})


def _is_class(node: ast.Name, write: Write, ctx: UnitContext) -> bool:
    """Whether a name is one of a class of the repository, whose instances are told by the class."""
    name = write.owner.module.qualified(node)
    return name is not None and ctx.project.kind_named(ctx.project.resolve(name)) == "class"


_ROWS = frozenset({*dir(list), *dir(tuple), *dir(dict)})
_IDENTITY = (ast.Is, ast.IsNot, ast.In, ast.NotIn)


def _use(node: ast.expr, module: Module, report: Report) -> str:
    """Return whether what is done with a value can be done with a ``row`` of modules, only with ``other`` things.

    Or nothing, where it tells neither: a question for its truth, its identity, its text.
    """
    user = module.parent(node)
    item = isinstance(node, ast.Subscript)  # then it is a module that is asked for
    if isinstance(user, ast.Attribute):
        return "row" if item or user.attr in _ROWS else "other"
    if isinstance(user, ast.BinOp):
        return "row" if not item and isinstance(user.op, ast.Add | ast.Mult) else "other"
    if isinstance(user, ast.Compare):
        if all(isinstance(one, _IDENTITY) for one in user.ops):
            return "row" if node in user.comparators and not isinstance(user.ops[0], ast.Is | ast.IsNot) else ""
        sides = (user.left, *user.comparators)
        constant = any(isinstance(one, ast.Constant) and one.value is not None for one in sides)
        ordered = any(isinstance(one, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for one in user.ops)
        return "other" if item or constant or ordered else ""
    if isinstance(user, ast.If | ast.IfExp | ast.While | ast.Assert) and user.test is node:
        return ""
    if isinstance(user, ast.UnaryOp | ast.FormattedValue):
        return "other" if isinstance(user, ast.UnaryOp) and not isinstance(user.op, ast.Not) else ""
    if isinstance(user, ast.Call) and user.func is node:
        return "row" if item else "other"
    if isinstance(user, ast.Call) and isinstance(user.func, ast.Attribute):  # no method of tensors takes modules
        return "other" if report.type(user.func.value).kind == "tensor" else "row"
    if isinstance(user, ast.Subscript) and user.value is node and not item and isinstance(user.ctx, ast.Load):
        return _use(user, module, report)
    return "row"


def _holds_none(held: T) -> bool:
    """Whether a type is known to be one of tensors, numbers and texts, or of rows of them."""
    if held.kind in ("list", "tuple", "optional", "union"):
        return bool(held.args) and all(_holds_none(one) for one in held.args)
    return held.kind in PLAIN or held.kind == "tensor"


def _holds_modules(value: Value) -> str:
    """Return ``list``, ``tuple`` or ``dict`` for one that holds modules and nothing else, ``""`` otherwise."""
    kind = next((kind for kind in _INSTEAD if value.is_(kind)), "")
    return kind if value.parts and all(part.is_("module") for part in value.parts) else ""
