"""What is computed under ``autograd.pause()``: ``BlockGrad`` stops the same gradients."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, Part
from ._names import operator_name
from ._plan import Reader
from ._words import names

# Operators that follow the mode, which a pause makes that of prediction.
_MODAL = names("Dropout dropout BatchNorm batch_norm RNN rnn InstanceNorm SyncBatchNorm Custom")


def stopped(node: ast.With, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits for ``with autograd.pause():`` around assignments of what operators compute."""
    if not r.converting or len(node.items) != 1 or node.items[0].optional_vars is not None:
        return None
    call = node.items[0].context_expr
    if not isinstance(call, ast.Call) or call.args or call.keywords:
        return None
    start, end = r.source.span(node).start, r.source.span(node).end
    lines = (node.end_lineno or node.lineno) - node.lineno
    if "#" in r.source.text[start:end] or lines != len(node.body) or not all(_plain(s, r) for s in node.body):
        return None
    pad, newline = r.source.indent_of(node), r.source.newline
    parts: list[Part] = []
    for statement in node.body:
        assert isinstance(statement, ast.Assign)
        name = statement.targets[0]
        assert isinstance(name, ast.Name)
        parts += [f"{newline}{pad}"] if parts else []
        inner: list[Part] = ["(", statement.value, ").as_nd_ndarray()"] if r.is_np else [statement.value]
        parts += [f"{name.id} = F.BlockGrad(", *inner, ").as_np_ndarray()" if r.is_np else ")"]
    return (Edit(start, end, tuple(parts)),)


def _plain(statement: ast.stmt, r: Reader) -> bool:
    """Whether a statement gives what operators compute of tensors, whatever the mode, to a variable."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1 or statement.lineno != statement.end_lineno:
        return False
    if not isinstance(statement.targets[0], ast.Name) or not r.value(statement.value).is_tensor:
        return False
    if isinstance(statement.value, ast.Name | ast.Subscript | ast.Attribute):
        return False  # another name of what is there
    for node in walk(statement.value):
        if isinstance(node, ast.Call):
            owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
            op = operator_name(node.func, r, owner)
            member = owner is not None and owner.is_tensor
            if op is None and not member or op is not None and op[1].rsplit(".", 1)[-1] in _MODAL:
                return False
        elif isinstance(node, ast.Lambda | ast.IfExp | ast.NamedExpr | ast.ListComp | ast.GeneratorExp):
            return False
    return True
