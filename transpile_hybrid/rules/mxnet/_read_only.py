"""Whether an array stays what it is: nothing writes into it, and nothing trains it."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._calls import VIEWS
from ._plan import Reader

# Methods that change the array, or prepare that a trainer does.
_CHANGING = frozenset({"attach_grad", "__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__"})
_READING = ("mxnet.nd.", "mxnet.np.", "mxnet.npx.", "numpy.", "builtins.", "math.")


def trained(name: str, init: FunctionNode, r: Reader) -> bool:
    """Whether the constructor attaches a gradient to what may be the array of ``self.name``: then it will change."""
    for node in walk(init):
        if isinstance(node, ast.Attribute) and node.attr == "attach_grad":
            owner = node.value
            if not (isinstance(owner, ast.Attribute) and owner.attr != name and r.value(owner.value).kind == "self"):
                return True
    return False


def array_is_read(name: str, r: Reader) -> bool:
    """Whether an array that a module holds in a global is only read, as far as the files that name it are known."""
    modules = r.project.mentioning(name)
    if modules is None:
        return False
    for module in modules:
        top = module.scopes.top
        for node in walk(module.tree):
            if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
                return False
            if isinstance(node, ast.Name) and node.id == name and module is r.module:
                found = module.scope_at(node).lookup(name)
                mine = found is not None and found[0] is top
                if mine and isinstance(node.ctx, ast.Load) and not only_read(node, module):
                    return False
            elif isinstance(node, ast.Attribute) and node.attr == name and module.qualified(node) is not None:
                return False
    return True


def only_read(node: ast.Attribute | ast.Name, module: Module, of: str = "") -> bool:
    """Whether a use of an array reads it: neither it nor a local that is a part of it is written into.

    ``of`` names its attribute in a constructor, where it may be written, and given another form, before it is kept.
    """
    if not isinstance(node.ctx, ast.Load):
        return False
    inner: ast.AST = node
    for parent in module.ancestors(node):
        if isinstance(parent, ast.Subscript) and parent.value is inner and not isinstance(parent.ctx, ast.Load):
            return bool(of)
        if isinstance(parent, ast.AugAssign):
            return parent.value is inner or bool(of)
        if isinstance(parent, ast.Attribute) and parent.attr in _CHANGING:
            return False
        if isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Compare):
            return True  # what is computed of it is another array
        if isinstance(parent, ast.Call):
            member = inner.attr if inner is parent.func and isinstance(inner, ast.Attribute) else ""
            if member in VIEWS:
                inner = parent
                continue
            return bool(member) or _call_reads(parent, module)
        if isinstance(parent, ast.Assign):
            names = {n.id for t in parent.targets for n in walk(t) if isinstance(n, ast.Name)}
            if of and all(isinstance(t, ast.Attribute) and t.attr == of for t in parent.targets):
                return True
            return all(isinstance(t, ast.Name | ast.Tuple) for t in parent.targets) and not _written(names, module)
        if not isinstance(parent, ast.expr):
            return not isinstance(parent, ast.Return | ast.AnnAssign)
        inner = parent
    return False


def _call_reads(call: ast.Call, module: Module) -> bool:
    """Whether what is called is known to leave its arguments as they are."""
    if any(k.arg == "out" for k in call.keywords) or not isinstance(call.func, ast.Name | ast.Attribute):
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr == "get_constant":
        return True
    return (module.qualified(call.func) or "").startswith(_READING)


def _written(names: set[str], module: Module) -> bool:
    """Whether a file writes into something that is called by one of ``names``, or trains it."""
    for node in walk(module.tree):
        target = node.target if isinstance(node, ast.AugAssign) else node
        writes = (
            isinstance(node, ast.AugAssign)
            or isinstance(node, ast.Subscript)
            and not isinstance(node.ctx, ast.Load)
            or isinstance(node, ast.Attribute)
            and node.attr in _CHANGING
        )
        if writes and any(isinstance(n, ast.Name) and n.id in names for n in walk(target)):
            return True
    return False
