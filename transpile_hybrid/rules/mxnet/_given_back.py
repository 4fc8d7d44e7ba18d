"""What a forward gives back as it came: an argument or a parameter that no operator stands between.

Followed are names, lists that are filled, choices, moves between devices (a graph is without them) and helpers of the
class.  What any other call or operator gives is new.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._calls import GROWING
from ._interp import is_static
from ._names import operator_name
from ._plan import Reader
from .thm606_captured_array import constant

_MOVES = ("as_in_context", "as_in_ctx")
_CONTAINERS = ("list", "tuple", "reversed")


@dataclass(frozen=True)
class _Place:
    """A function that is read, and which of its parameters may be something that came in."""

    function: FunctionNode
    inputs: frozenset[str]


@dataclass
class _Value:
    """One value that a name may have: an expression, or an element of what one gives."""

    node: ast.expr
    element: bool = False


@dataclass
class GivenBack:
    """Collects the expressions of a forward that may be something that came in, where they are put into the result."""

    r: Reader
    found: dict[int, ast.expr] = field(default_factory=dict)
    running: list[FunctionNode] = field(default_factory=list)

    def of(self, entry: FunctionNode) -> list[ast.expr]:
        """Return the expressions for a forward."""
        arguments = [*entry.args.posonlyargs, *entry.args.args, *([entry.args.vararg] if entry.args.vararg else [])]
        self.returned(_Place(entry, frozenset(a.arg for a in arguments[1:])))
        return list(self.found.values())

    def returned(self, place: _Place) -> None:
        if place.function in self.running:
            return
        self.running.append(place.function)
        for value in _returns(place.function, self.r):
            self.visit(value, place)
        self.running.pop()

    def visit(self, node: ast.expr, place: _Place) -> None:
        """Note the parts of a result that may have come in."""
        if isinstance(node, ast.Starred):
            self.visit(node.value, place)
        elif isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self.visit(element, place)
        elif isinstance(node, ast.IfExp):
            self.visit(node.body, place)
            self.visit(node.orelse, place)
        elif isinstance(node, ast.Call) and (inner := self.helper(node, place)) is not None:
            self.returned(inner)
        elif self.r.value(node).kind != "seq":
            if self.came(node, place):
                self.found[id(node)] = node
        elif isinstance(node, ast.Name):
            values, first = self.values(node, place)
            if first and node.id in place.inputs:
                self.found[id(node)] = node
            for value in values:
                if not value.element:
                    self.visit(value.node, place)
            for added in self.grown(node.id, place):
                self.visit(added, place)
        elif isinstance(node, ast.Call) and self.r.qualified(node.func).removeprefix("builtins.") in _CONTAINERS:
            for arg in node.args:
                self.visit(arg, place)
        elif isinstance(node, ast.ListComp):
            if self.came(node.elt, place):
                self.found[id(node.elt)] = node.elt
        elif self.holds(node, place):
            self.found[id(node)] = node

    def came(self, node: ast.expr, place: _Place) -> bool:
        """Whether an expression may be an array that came in."""
        if isinstance(node, ast.Name):
            values, first = self.values(node, place)
            if first and (node.id in place.inputs or self.r.value(node).cls == "captured"):
                return True
            return any(self.holds(v.node, place) if v.element else self.came(v.node, place) for v in values)
        if isinstance(node, ast.IfExp):
            return self.came(node.body, place) or self.came(node.orelse, place)
        if isinstance(node, ast.BoolOp):
            return any(self.came(value, place) for value in node.values)
        if isinstance(node, ast.NamedExpr):
            return self.came(node.value, place)
        if isinstance(node, ast.Subscript):
            return self.r.value(node.value).kind == "seq" and self.holds(node.value, place)
        if isinstance(node, ast.Attribute):
            return self.r.value(node).cls == "attribute"  # becomes a constant
        if not isinstance(node, ast.Call):
            return False
        owner = self.r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        op = operator_name(node.func, self.r, owner)
        if op is not None:
            return op[1] == "array" and constant(node, self.r)  # which becomes a constant of the block
        if isinstance(node.func, ast.Attribute) and owner is not None:
            if owner.kind == "param" and node.func.attr == "data":
                return True
            if node.func.attr in _MOVES:
                return self.came(node.func.value, place)
        layer = self.r.value(node.func)
        if layer.kind == "module" and layer.cls.startswith("mxnet.") and layer.cls.endswith(".Identity"):
            return any(self.came(arg, place) for arg in node.args)
        return self.through_helper(node, place, self.came)

    def holds(self, node: ast.expr, place: _Place) -> bool:
        """Whether a list may hold an array that came in."""
        if isinstance(node, ast.Tuple | ast.List):
            return any(self.holds(e, place) or self.came(e, place) for e in node.elts)
        if isinstance(node, ast.Starred):
            return self.holds(node.value, place)
        if isinstance(node, ast.Name):
            values, first = self.values(node, place)
            if first and node.id in place.inputs and not self.r.value(node).is_tensor:
                return True
            known = any(not v.element and self.holds(v.node, place) for v in values)
            return known or any(self.came(a, place) or self.holds(a, place) for a in self.grown(node.id, place))
        if isinstance(node, ast.IfExp):
            return self.holds(node.body, place) or self.holds(node.orelse, place)
        if isinstance(node, ast.ListComp):
            return self.came(node.elt, place)
        if isinstance(node, ast.Call) and self.r.qualified(node.func).removeprefix("builtins.") in _CONTAINERS:
            return any(self.holds(arg, place) for arg in node.args)
        if isinstance(node, ast.Call):
            return self.through_helper(node, place, self.holds)
        return False

    def through_helper(self, node: ast.Call, place: _Place, ask: Callable[[ast.expr, _Place], bool]) -> bool:
        """Whether ``ask`` says so of something that the helper which a call runs returns."""
        inner = self.helper(node, place)
        if inner is None or inner.function in self.running:
            return False
        self.running.append(inner.function)
        found = any(ask(value, inner) for value in _returns(inner.function, self.r))
        self.running.pop()
        return found

    def helper(self, node: ast.Call, place: _Place) -> _Place | None:
        """Return the helper of the class that a call runs, with the parameters that may have come in."""
        name = self.r.self_attribute(node.func)
        found = [f for f in self.r.unit.region if f.name == name and f is not self.r.unit.entry]
        if name is None or len(found) != 1 or name in self.r.interp.attrs:
            return None
        function = found[0]
        skipped = 0 if is_static(function) else 1
        names = [a.arg for a in [*function.args.posonlyargs, *function.args.args]][skipped:]
        given = dict(zip(names, node.args, strict=False)) | {k.arg: k.value for k in node.keywords if k.arg}
        loose = any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords)
        inputs = {n for n, a in given.items() if self.came(a, place) or self.holds(a, place)}
        return _Place(function, frozenset(names if loose else inputs))

    def values(self, use: ast.Name, place: _Place) -> tuple[list[_Value], bool]:
        """Return the values that a name may have where it is used, and whether what it is as a parameter is one."""
        out: list[_Value] = []
        statement: ast.AST = use
        while not isinstance(statement, ast.stmt):
            parent = self.r.parent(statement)
            if isinstance(parent, ast.ListComp | ast.GeneratorExp | ast.SetComp):
                bound = [g for g in parent.generators if _named(g.target, use.id)]
                if bound:
                    return [_Value(g.iter, element=True) for g in bound], False
            statement = parent
        while statement is not place.function:
            parent = self.r.parent(statement)
            for block in _blocks(parent):
                if statement not in block:
                    continue
                for before in reversed(block[: block.index(statement)]):
                    out += _given(before, use.id)
                    if self.ends(before, use.id):
                        return out, False
            if isinstance(parent, ast.For | ast.While):
                out += _given(parent, use.id)
            if isinstance(parent, ast.Module):
                break
            statement = parent
        return out, True

    def ends(self, statement: ast.stmt, name: str) -> bool:
        """Whether behind a statement a name has a value of its."""
        if isinstance(statement, ast.AugAssign):
            return _named(statement.target, name) and self.r.value(statement.value).kind != "seq"
        if isinstance(statement, ast.Assign):
            return any(_named(target, name) for target in statement.targets)
        if isinstance(statement, ast.AnnAssign):
            return statement.value is not None and _named(statement.target, name)
        if isinstance(statement, ast.With | ast.For):  # a loop is taken to have a round
            return any(self.ends(inner, name) for inner in statement.body)
        if isinstance(statement, ast.If) and statement.orelse:
            return all(self._left(b) or any(self.ends(s, name) for s in b) for b in (statement.body, statement.orelse))
        return False

    def _left(self, block: list[ast.stmt]) -> bool:
        return isinstance(block[-1], ast.Return | ast.Raise)

    def grown(self, name: str, place: _Place) -> Iterator[ast.expr]:
        """Yield what is put into a list of that name."""
        for node in walk(place.function):
            method = node.func if isinstance(node, ast.Call) else None
            if isinstance(method, ast.Attribute) and method.attr in GROWING and _named(method.value, name):
                assert isinstance(node, ast.Call)
                yield from node.args[-1:]
            elif isinstance(node, ast.AugAssign) and _named(node.target, name):  # `outs += [x]`
                yield from [node.value] if self.r.value(node.value).kind == "seq" else []
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                holder = node.targets[0].value
                if _named(holder, name) and self.r.value(holder).kind == "seq":
                    yield node.value


def _returns(function: FunctionNode, r: Reader) -> list[ast.expr]:
    nodes = [n for n in walk(function) if isinstance(n, ast.Return) and r.module.enclosing_function(n) is function]
    return [n.value for n in nodes if n.value is not None]


def _named(node: ast.AST, name: str) -> bool:
    """Whether a target is, or has in it, the name."""
    if isinstance(node, ast.Tuple | ast.List):
        return any(_named(element, name) for element in node.elts)
    if isinstance(node, ast.Starred):
        return _named(node.value, name)
    return isinstance(node, ast.Name) and node.id == name


def _blocks(parent: ast.AST) -> list[list[ast.stmt]]:
    parts = [getattr(parent, part, []) for part in ("body", "orelse", "finalbody")]
    return [part for part in parts if isinstance(part, list)]


def _given(statement: ast.AST, name: str) -> list[_Value]:
    """Return what a statement, at any depth, gives to a name."""
    out: list[_Value] = []
    for node in walk(statement):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                out += _paired(target, node.value, name)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None and _named(node.target, name):
            out.append(_Value(node.value))
        elif isinstance(node, ast.For) and _named(node.target, name):
            out.append(_Value(node.iter, element=True))
    return out


def _paired(target: ast.expr, value: ast.expr, name: str) -> list[_Value]:
    if isinstance(target, ast.Name):
        return [_Value(value)] if target.id == name else []
    if not isinstance(target, ast.Tuple | ast.List) or not _named(target, name):
        return []
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        pairs = zip(target.elts, value.elts, strict=True)
        return [found for one, given in pairs for found in _paired(one, given, name)]
    return [_Value(value, element=True)]
