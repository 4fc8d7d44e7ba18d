"""What a list of modules holds once the constructor has filled it: ``layers.append(...)``, ``layers += [...]``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._types import UNKNOWN, T, vary

if TYPE_CHECKING:
    from ._typer import Typer

_ONE = {"append": 0, "insert": 1, "add_module": 1, "register_module": 1}
"""Methods that add one item, and which of their arguments it is."""
_LOOKS = ("builtins.len", "builtins.enumerate", "builtins.range", "builtins.zip", "builtins.reversed", "builtins.list",
          "builtins.print", "builtins.isinstance")  # fmt: skip


def items_of(node: ast.expr, typer: Typer) -> tuple[T, ...]:
    """Return the kinds of modules that the list ``node`` holds (a variable of the function that is being typed).

    Nothing where something else may come to it, or where one of them is not known.
    """
    function = typer.module.enclosing_function(node)
    if function is None or not isinstance(node, ast.Name):
        return ()
    return told_of(filled_by(function, node.id, typer.module), typer.types)


def filled_by(function: FunctionNode, text: str, module: Module) -> list[ast.expr] | None:
    """Return the items that ``function`` puts into the list ``text``; ``None`` where it may get others."""
    found: list[ast.expr] = []
    for node in walk(function):
        if not isinstance(node, ast.Name | ast.Attribute) or _text(node) != text:
            continue
        added = _added(node, text, module)
        if added is None:
            return None
        found += added
    return found


def _text(node: ast.expr) -> str:
    """Return the text of a name, or of an attribute of one."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _added(node: ast.Name | ast.Attribute, text: str, module: Module) -> list[ast.expr] | None:
    """Return the items that one mention of a list adds to it; ``None`` where that can't be told."""
    parent = module.parent(node)
    if not isinstance(node.ctx, ast.Load):
        if isinstance(parent, ast.Assign) and parent.targets == [node] or isinstance(parent, ast.AugAssign):
            return _items(parent.value, text, module)
        return None
    if isinstance(parent, ast.Attribute):
        call = module.parent(parent)
        if not (isinstance(call, ast.Call) and call.func is parent) or call.keywords:
            return None
        place = _ONE.get(parent.attr)
        if place is not None:
            return [call.args[place]] if len(call.args) == place + 1 else None
        return _items(call.args[0], text, module) if parent.attr == "extend" and len(call.args) == 1 else None
    return [] if _only_looks(node, parent, module) else None


def _only_looks(node: ast.expr, parent: ast.AST | None, module: Module) -> bool:
    """Whether a mention leaves the list as it is."""
    if isinstance(parent, ast.Starred):
        parent = module.parent(parent)
    if isinstance(parent, ast.Call):
        name = module.qualified(parent.func) or ""
        return name in _LOOKS or name.startswith("torch.nn.")
    if isinstance(parent, ast.Subscript):
        return parent.value is node and isinstance(parent.ctx, ast.Load)
    return isinstance(parent, ast.For | ast.comprehension | ast.BinOp | ast.Compare | ast.If | ast.List)


def _items(value: ast.expr, text: str, module: Module) -> list[ast.expr] | None:
    """Return the expressions of the items of a list display and the like."""
    if _text(value) == text:
        return []
    if isinstance(value, ast.List | ast.Tuple):
        return None if any(isinstance(one, ast.Starred) for one in value.elts) else list(value.elts)
    if isinstance(value, ast.ListComp | ast.GeneratorExp):
        return [value.elt]
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _items(value.left, text, module), _items(value.right, text, module)
        return [*left, *right] if left is not None and right is not None else None
    if isinstance(value, ast.Call) and not value.keywords and len(value.args) <= 1:
        name = module.qualified(value.func)
        if name in ("builtins.list", "torch.nn.ModuleList"):
            return _items(value.args[0], text, module) if value.args else []
    return None


def told_of(items: list[ast.expr] | None, types: dict[int, T]) -> tuple[T, ...]:
    """Return what each of ``items`` is, one kind for all (not which stands where); nothing if one is unknown."""
    kinds = [kind for one in items or [] for kind in types.get(id(one), UNKNOWN).alternatives]
    known = all(kind.kind == "module" and kind.name != "?" for kind in kinds)
    return (vary(kinds),) if kinds and known else ()
