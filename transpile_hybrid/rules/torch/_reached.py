"""What a traced call gets to: the instances that are made, called as they are called, or with the defaults.

A compiler that traces sees what runs, and refuses nothing in a branch that isn't taken.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ..rule import Finding, UnitContext
from ._callsites import CallSite, call_table
from ._classes import bind, is_static, self_name
from ._common import TRACED, is_method
from ._copies import parameter_names
from ._instances import calls_of_instances
from ._parameters import parameters_with_defaults
from ._settings import Unknown, attribute_of, settings_of, value_of

_Check = Callable[..., Iterator[Finding]]
_Attributes = Callable[[str], object]  # the values of an instance's attributes, by their names
_DEEPEST = 4  # calls between the entry and what is asked about


def where_reached(targets: tuple[str, ...], said: Consequence = Consequence.ERROR) -> Callable[[_Check], _Check]:
    """Decorate a rule of these targets and consequence: errors that some instances never come to are ``SETTINGS``.

    That holds for compilers that trace; TorchScript reads all branches, so where it is asked for, errors stay errors.
    """

    def decorate(check: _Check) -> _Check:
        @functools.wraps(check)
        def checked(at: Any, ctx: UnitContext) -> Iterator[Finding]:
            for found in check(at, ctx):
                asked = set(found.targets or targets) & set(ctx.targets)
                error = (found.consequence or said) is Consequence.ERROR
                if error and asked <= set(TRACED) and isinstance(found.at, ast.AST) and _is_passed_by(found.at, ctx):
                    found = replace(found, consequence=Consequence.SETTINGS)
                yield found

        return checked

    return decorate


@dataclass
class _Frame:
    """A function of the unit as one instance runs it: what is known of its parameters and of the attributes."""

    given: dict[str, object]
    attributes: _Attributes
    me: str

    def read(self, node: ast.Name | ast.Attribute) -> object:
        if isinstance(node, ast.Name) and node.id in self.given:
            return self.given[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == self.me:
            return self.attributes(node.attr)
        raise Unknown

    def truth(self, test: ast.expr) -> bool | None:
        """Return whether a condition holds; ``None`` where nothing tells."""
        if isinstance(test, ast.BoolOp):
            decides = isinstance(test.op, ast.Or)
            found = [self.truth(one) for one in test.values]
            return decides if decides in found else None if None in found else not decides
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.truth(test.operand)
            return None if inner is None else not inner
        try:
            return bool(value_of(test, self.read))
        except (Unknown, TypeError, ValueError):
            return None


def _is_passed_by(node: ast.AST, ctx: UnitContext) -> bool:
    """Whether an instance that the defaults or the repository make never comes to ``node``, when it is called so."""
    function = ctx.module.enclosing_function(node)
    if function is None or ctx.unit.entry is None:
        return False
    return any(not _is_reached(node, function, attributes, ctx, 0) for attributes in _instances(ctx))


def _instances(ctx: UnitContext) -> Iterator[_Attributes]:
    """Yield, for each way in which instances are made, what tells the values of their attributes."""
    info = ctx.unit.cls
    init = info.methods.get("__init__") if info is not None else None
    settings = settings_of(init, info, ctx) if init is not None and info is not None else None
    if init is None or settings is None:
        yield _nothing_known
        return
    later = {
        node.attr
        for function in ctx.unit.region
        for node in walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }

    def attributes(settings: dict[str, object], name: str) -> object:
        if name in later or name == "training":
            raise Unknown
        return attribute_of(name, init, settings)

    for one in settings:
        yield functools.partial(attributes, one)


def _nothing_known(what: object) -> object:
    raise Unknown


def _is_reached(node: ast.AST, function: FunctionNode, attributes: _Attributes, ctx: UnitContext, depth: int) -> bool:
    """Whether ``node`` may be reached: nothing that is known keeps a call from it."""
    frame = _frame(function, attributes, ctx, depth)
    if isinstance(node, ast.BoolOp) and frame.truth(node) is not None:
        return False  # `mask is not None and mask.any()`: what asks a tensor isn't come to
    inner = node
    for parent in ctx.module.ancestors(node):
        if parent is function:
            break
        if _is_ruled_out(inner, parent, frame):
            return False
        inner = parent
    if _is_left_before(inner, function.body, frame):
        return False
    sites = _calls_within(function, ctx)
    if function is ctx.unit.entry or not sites or depth == _DEEPEST:
        return True
    return any(_is_reached(call, caller, attributes, ctx, depth + 1) for call, caller in sites)


def _is_ruled_out(inner: ast.AST, parent: ast.AST, frame: _Frame) -> bool:
    if isinstance(parent, ast.If | ast.IfExp):
        truth = frame.truth(parent.test) if inner is not parent.test else None
        no = parent.orelse if isinstance(parent.orelse, list) else [parent.orelse]
        if truth is not None and truth is (inner in no):
            return True
    if isinstance(parent, ast.BoolOp) and isinstance(inner, ast.expr):
        ends = isinstance(parent.op, ast.Or)
        if any(frame.truth(one) is ends for one in parent.values[: parent.values.index(inner)]):
            return True
    blocks = [getattr(parent, name, None) for name in ("body", "orelse", "finalbody")]
    return any(_is_left_before(inner, block, frame) for block in blocks if isinstance(block, list))


def _is_left_before(inner: ast.AST, block: list[ast.stmt], frame: _Frame) -> bool:
    """Whether a statement of a block that stands before ``inner`` leaves it."""
    if inner not in block:
        return False
    for statement in block[: block.index(inner)]:
        if isinstance(statement, ast.If):
            truth = frame.truth(statement.test)
            taken = statement.body if truth else statement.orelse if truth is False else []
            if taken and isinstance(taken[-1], ast.Return | ast.Raise | ast.Continue | ast.Break):
                return True
    return False


def _frame(function: FunctionNode, attributes: _Attributes, ctx: UnitContext, depth: int) -> _Frame:
    method = is_method(function, ctx)
    names = parameter_names(function)
    skip_self = method and not is_static(function)
    frame = _Frame({}, attributes, names[0] if skip_self and names else "")
    changed = {n.id for n in walk(function) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    defaults = {arg.arg: default for arg, default in parameters_with_defaults(function.args)}
    calls: list[tuple[ast.Call, FunctionNode | None]] = []
    if function is ctx.unit.entry:
        calls += [(call, None) for call in _calls_of_entry(function, ctx)]
    else:
        calls += _calls_within(function, ctx) if depth < _DEEPEST else []
        if not calls:
            return frame
    bounds = [(bind(call, function, skip_self), caller) for call, caller in calls]
    callers = {id(caller): _frame(caller, attributes, ctx, depth + 1) for _, caller in calls if caller is not None}
    for name in names[skip_self:]:
        if name in changed or any(bound is None for bound, _ in bounds):
            continue
        values: list[object] = []
        try:
            for bound, caller in bounds or [({}, None)]:
                assert bound is not None
                if name not in bound:
                    values.append(value_of(defaults[name], _nothing_known))
                elif caller is not None:
                    values.append(value_of(bound[name], callers[id(caller)].read))
                else:
                    raise Unknown
        except (KeyError, Unknown, TypeError, ValueError):
            continue
        if all(type(one) is type(values[0]) and one == values[0] for one in values):
            frame.given[name] = values[0]
    return frame


def _calls_within(function: FunctionNode, ctx: UnitContext) -> list[tuple[ast.Call, FunctionNode]]:
    """Return the calls of a function in the unit, and the functions that they stand in."""
    method = is_method(function, ctx)
    found: list[tuple[ast.Call, FunctionNode]] = []
    for caller in ctx.unit.region:
        me = self_name(caller) if method and is_method(caller, ctx) else ""
        for node in walk(caller):
            if not isinstance(node, ast.Call) or caller is function:
                continue
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                same = bool(me) and node.func.value.id == me and node.func.attr == function.name
            else:
                same = not method and isinstance(node.func, ast.Name) and node.func.id == function.name
            if same:
                found.append((node, caller))
    return found


def _calls_of_entry(function: FunctionNode, ctx: UnitContext) -> list[ast.Call]:
    """Return the calls of instances, or of the function, that the repository has, as far as they are found."""
    table = call_table(ctx.project)
    if not is_method(function, ctx):
        return [site.node for site in table.of(ctx.module.scopes.of(function).path)]
    found = [site.node for site in calls_of_instances(function, ctx)]
    owner = ctx.module.scopes.of(function).parent
    for made in table.of(owner.path) if owner is not None else ():
        found += _calls_of_name(made)
    return found


def _calls_of_name(made: CallSite) -> Iterator[ast.Call]:
    """Yield the calls of the name that an instance is given: ``net = Net()``, ``net(x)``."""
    parent = made.module.parent(made.node)
    names = {one.id for one in parent.targets if isinstance(one, ast.Name)} if isinstance(parent, ast.Assign) else set()
    for node in walk(made.module.tree) if names else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node
