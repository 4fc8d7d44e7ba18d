"""Functions of a Lambda that a HybridLambda can be given: those that plainly compute with operators."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ...rewrite.edit import Edit, insert, replace
from ._names import operator_of
from ._optables import SEVERAL, UNSURE
from ._tables import BINARY_OPERATORS, missing
from ._words import names

_APIS = {"nd": "F", "np": "F.np", "npx": "F.npx"}
# Methods that arrays and Symbols have alike, with constants for arguments.
_METHODS = {
    "nd": names(
        "relu sigmoid tanh exp log sqrt square abs softmax log_softmax mean sum max min clip flatten expand_dims",
        "squeeze transpose reshape swapaxes norm",
    ),
    "np": names("mean sum transpose reshape squeeze"),
}
_LISTS = names("split SliceChannel split_v2 array_split topk")
_TUPLED = frozenset({"transpose", "reshape"})


def hybrid_function(node: ast.expr, module: Module) -> tuple[Edit, ...] | None:
    """Return the edits that give a Lambda's function an ``F``; ``None`` where it isn't plain enough."""
    source = module.source
    found = _operator(node, module)
    if found is not None:
        api, name = found
        if api == "nd":
            return (replace(source, node, f'"{name}"'),) if "." not in name else None
        return (replace(source, node, f"lambda F, x: {_APIS[api]}.{name}(x)"),)
    if not isinstance(node, ast.Lambda):
        return None
    given = node.args
    if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults or not given.args:
        return None
    parameters = {a.arg for a in given.args}
    if "F" in parameters:
        return None
    edits: list[Edit] = [insert(source.span(given.args[0]).start, "F, ")]
    apis: set[str] = set()
    if _read(node.body, parameters, module, edits, apis) != "tensor":
        return None
    if len(apis & {"nd"}) and apis & {"np", "npx"}:
        return None
    return tuple(edits)


def _operator(node: ast.expr, module: Module) -> tuple[str, str] | None:
    name = module.qualified(node) if isinstance(node, ast.Attribute | ast.Name) else None
    found = operator_of(name) if name and name.startswith(("mxnet.nd.", "mxnet.np.", "mxnet.npx.")) else None
    if found is None or missing(*found) or "array" in found[1] or "random" in found[1] or not found[1].islower():
        return None
    return found


def _read(node: ast.expr, parameters: set[str], module: Module, edits: list[Edit], apis: set[str]) -> str:
    """Return ``tensor`` or ``number`` for an expression that is plain, else nothing; edits are added on the way."""
    if isinstance(node, ast.Name):
        return "tensor" if node.id in parameters else ""
    if _constant(node):
        return "number"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _read(node.operand, parameters, module, edits, apis)
    if isinstance(node, ast.BinOp):
        kinds = [_read(side, parameters, module, edits, apis) for side in (node.left, node.right)]
        name = type(node.op).__name__
        if "" in kinds or name not in BINARY_OPERATORS:
            return ""
        if kinds == ["tensor", "tensor"] and not apis & {"np", "npx"}:
            if "nd" not in apis:
                return ""  # which API these are of isn't known here
            edits.append(replace(module.source, node, f"F.{BINARY_OPERATORS[name]}(", node.left, ", ", node.right, ")"))
        return "tensor" if "tensor" in kinds else "number"
    if not isinstance(node, ast.Call):
        return ""
    values = [*node.args, *(k.value for k in node.keywords)]
    if any(k.arg is None for k in node.keywords):
        return ""
    found = _operator(node.func, module)
    if found is not None:
        apis.add(found[0])
        short = found[1].rsplit(".", 1)[-1]
        if short in _LISTS or short in SEVERAL or short in UNSURE:
            return ""
        plain = all(_constant(v) or _read(v, parameters, module, edits, apis) == "tensor" for v in values)
        if not plain or not any(not _constant(v) for v in values):
            return ""
        edits.append(replace(module.source, node.func, f"{_APIS[found[0]]}.{found[1]}"))
        return "tensor"
    if isinstance(node.func, ast.Attribute):
        owner = _read(node.func.value, parameters, module, edits, apis)
        allowed = _METHODS["np"] if apis & {"np", "npx"} or "nd" not in apis else _METHODS["nd"]
        tupled = node.func.attr not in _TUPLED or len(node.args) == 1 and isinstance(node.args[0], ast.Tuple)
        plain = owner == "tensor" and node.func.attr in allowed and tupled and not node.keywords
        return "tensor" if plain and all(_constant(v) for v in values) else ""
    return ""


def _constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    if isinstance(node, ast.Tuple):
        return all(_constant(e) for e in node.elts)
    return isinstance(node, ast.Constant)
