"""Children of a module that are looked up by a computed name and called: the method that TorchScript can compile.

TorchScript looks attributes up while it compiles, but writes a loop over ``self.named_children()`` out.  Python goes on
looking the name up.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part, insert_line_before, replace
from ..rule import UnitContext
from ._classes import class_model, self_name
from ._common import block_of, name_for
from ._reports import Report
from ._types import TENSOR, UNKNOWN
from ._writing import writable

_REGISTERING = ("add_module", "register_module")


@dataclass(frozen=True)
class _Call:
    """A call of what ``lookup`` gives; ``name`` is the variable that holds the name by then, or '' for no variable."""

    node: ast.Call
    lookup: ast.Call
    name: str


def through_children(lookup: ast.Call, function: FunctionNode, report: Report, ctx: UnitContext) -> tuple[Edit, ...]:
    """Return the edits that call the child that ``getattr(self, ...)`` names by a method; none where it isn't one."""
    me = self_name(function)
    owner, name = lookup.args[0], lookup.args[1]
    if not (isinstance(owner, ast.Name) and owner.id == me and me) or len(lookup.args) != 2 or lookup.keywords:
        return ()
    head = _literal_head(name)
    scripting = name_for("torch.jit.is_scripting", ctx, lookup)
    if not head or not _names_modules(head, report, ctx) or scripting is None or scripting[1]:
        return ()
    calls = _calls(lookup, function, ctx)
    method = _free_method(head, report, ctx)
    if not calls or function.decorator_list:
        return ()
    parameters = _parameters(calls, report, ctx, function)
    if parameters is None:
        return ()
    annotated, imports = parameters
    edits = [_method(method, annotated, scripting[0], me, function, ctx), *imports]
    for call in calls:
        parts: list[Part] = [f"{me}.{method}(", call.name or name]
        for one in call.node.args:
            parts += [", ", one]
        edits.append(replace(ctx.source, call.node, *parts, ")"))
        if call.name:
            edits.append(replace(ctx.source, lookup, name))
    return tuple(dict.fromkeys(edits))


def _free_method(head: str, report: Report, ctx: UnitContext) -> str:
    """Return a name for the method that no class of the family has."""
    assert report.info is not None
    family = list(ctx.project.mro(report.info))
    word = head.strip("_")
    wanted = f"_call_{word}" if word.isidentifier() else "_call_child"
    if len(family) > 1:  # a base class may get one of its own at the same time
        wanted += f"_of_{report.info.name.lower()}"
    taken = {name for owner in family for name in owner.methods}
    taken |= {node.attr for owner in family for node in walk(owner.node) if isinstance(node, ast.Attribute)}
    name, count = wanted, 2
    while name in taken:
        name, count = f"{wanted}_{count}", count + 1
    return name


def _literal_head(name: ast.expr) -> str:
    """Return the literal text that a computed name begins with."""
    if isinstance(name, ast.JoinedStr) and name.values and isinstance(name.values[0], ast.Constant):
        return str(name.values[0].value)
    if isinstance(name, ast.BinOp) and isinstance(name.op, ast.Add):
        return _literal_head(name.left)
    if isinstance(name, ast.BinOp) and isinstance(name.op, ast.Mod):
        return _literal_head(name.left).partition("%")[0]
    if isinstance(name, ast.Call) and isinstance(name.func, ast.Attribute) and name.func.attr == "format":
        return _literal_head(name.func.value).partition("{")[0]
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""


def _names_modules(head: str, report: Report, ctx: UnitContext) -> bool:
    """Whether the class registers modules under computed names that begin like this, and nothing else under such."""
    if report.info is None:
        return False
    model = class_model(report.info, ctx.project)
    others = {name for name in (*model.built, *model.later) if re.fullmatch(re.escape(head) + r"\d+", name)}
    found = False
    for owner in ctx.project.mro(report.info):
        if any(re.fullmatch(re.escape(head) + r"\w*", name) for name in owner.methods):
            return False
        for node in walk(owner.node):
            if not isinstance(node, ast.Call):
                continue
            added = isinstance(node.func, ast.Attribute) and node.func.attr in _REGISTERING and len(node.args) == 2
            if added and _literal_head(node.args[0]) == head:
                found = True
            elif ctx.qualified(node.func) == "builtins.setattr" and len(node.args) == 3:
                found = found or _literal_head(node.args[1]) == head
    modules = all(_is_module(name, report, ctx) for name in others)
    return modules and (found or bool(others))


def _is_module(name: str, report: Report, ctx: UnitContext) -> bool:
    assert report.info is not None
    writes = class_model(report.info, ctx.project).constructed(name)
    return bool(writes) and all(isinstance(write.value, ast.Call) for write in writes)


def _calls(lookup: ast.Call, function: FunctionNode, ctx: UnitContext) -> list[_Call]:
    """Return the calls of what is looked up; none where it is used otherwise."""
    parent = ctx.module.parent(lookup)
    if isinstance(parent, ast.Call) and parent.func is lookup:
        return [_Call(parent, lookup, "")] if _plain(parent) else []
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    if not isinstance(target, ast.Name) or not isinstance(parent, ast.Assign):
        return []
    block = block_of(parent, ctx.module)
    following = {id(n) for one in block[block.index(parent) + 1 :] for n in walk(one)} if block else set()
    found: list[_Call] = []
    for node in walk(function):
        if not (isinstance(node, ast.Name) and node.id == target.id) or node is target:
            continue
        call = ctx.module.parent(node)
        if id(node) not in following or not (isinstance(call, ast.Call) and call.func is node and _plain(call)):
            return []
        found.append(_Call(call, lookup, target.id))
    sure = any(isinstance(ctx.module.parent(ctx.module.statement_of(one.node)), type(ctx.module.parent(parent)))
               and ctx.module.statement_of(one.node) in block for one in found)  # fmt: skip
    return found if sure else []


def _plain(call: ast.Call) -> bool:
    return not call.keywords and not any(isinstance(one, ast.Starred) for one in call.args)


def _parameters(
    calls: list[_Call], report: Report, ctx: UnitContext, function: FunctionNode
) -> tuple[list[tuple[str, str]], tuple[Edit, ...]] | None:
    """Return the names and annotations of what the calls give, which has to be the same for all."""
    kinds = {tuple(report.type(one).bare for one in call.node.args) for call in calls}
    if len(kinds) != 1:
        return None
    (only,) = kinds
    found: list[tuple[str, str]] = []
    imports: tuple[Edit, ...] = ()
    for index, kind in enumerate(only):
        name = "x" if len(only) == 1 else f"x{index + 1}"
        if kind in (TENSOR, UNKNOWN):
            found.append((name, ""))
            continue
        text = writable(kind, ctx, function) if kind.known else None
        if text is None:
            return None
        found.append((name, f": {text[0]}"))
        imports += text[1]
    return found, imports


def _method(
    method: str, parameters: list[tuple[str, str]], scripting: str, me: str, function: FunctionNode, ctx: UnitContext
) -> Edit:
    given = ", ".join(name for name, _ in parameters)
    indent, newline = ctx.source.indent_of(function), ctx.source.newline
    return insert_line_before(
        ctx.source, function, (newline + indent).join(_lines(method, parameters, scripting, me, given)) + newline
    )


def _lines(method: str, parameters: list[tuple[str, str]], scripting: str, me: str, given: str) -> Iterator[str]:
    declared = "".join(f", {name}{annotation}" for name, annotation in parameters)
    yield f"def {method}({me}, name: str{declared}):"
    yield f"    if not {scripting}():"
    yield f"        return getattr({me}, name)({given})"
    yield f"    for key, child in {me}.named_children():"
    yield "        if key == name:"
    yield f"            return child({given})"
    yield "    raise AttributeError(name)"
