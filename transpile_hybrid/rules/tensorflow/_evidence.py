"""Which parameters are tensors by what the function does with them, where no call in the file tells.

*Strong* evidence is a place that accepts nothing else in practice: the tensor argument of an op, a layer's input, an
operand of ``@``, ``.numpy()``.  *Weak* evidence is arithmetic inside such a place (``tf.square(a - b)``): it counts
only where no other operand of that arithmetic is known to be a tensor, for then the name may be a number.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...meaning.names import FunctionNode
from . import _tables as tables

if TYPE_CHECKING:
    from ._kinds import Kinds

_METHODS = frozenset({"numpy", "assign", "assign_add", "assign_sub", "get_shape", "set_shape"})


def tensor_parameters(kinds: Kinds, function: FunctionNode) -> frozenset[str]:
    """Return the names of the parameters of ``function`` that are tensors by use."""
    names = {arg.arg for arg in function.args.posonlyargs + function.args.args + function.args.kwonlyargs}
    parameters = frozenset(names)
    for loop in ast.walk(function):
        if isinstance(loop, ast.For | ast.comprehension):
            names |= {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
        elif isinstance(loop, ast.Assign):
            names |= {target.id for target in loop.targets if isinstance(target, ast.Name)}
    strong: set[str] = set()
    arithmetic: list[ast.expr] = []
    shaped: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            for place in tensor_places(kinds, node):
                _collect(place, names, strong, arithmetic)
            func = node.func
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.attr in _METHODS:
                strong |= {func.value.id} & names
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            for side in (node.left, node.right):
                _collect(side, names, strong, arithmetic)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in ("shape", "dtype"):
            shaped |= {node.value.id} & names
    _rows(function, names, strong, arithmetic)
    for _ in range(3):  # what a local is used for, its own operands are used for
        size = len(strong), len(arithmetic)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in strong:
                if not any(place is node.value for place in arithmetic) and node.targets[0].id not in _names(node.value):
                    _collect(node.value, names, strong, arithmetic)
        if size == (len(strong), len(arithmetic)):
            break
    tensors = strong | shaped
    for expression in arithmetic:
        operands = list(_operands(expression))
        if any(_is_tensor(kinds, operand, tensors) for operand in operands):
            continue
        tensors = tensors | {operand.id for operand in operands if isinstance(operand, ast.Name) and operand.id in names}
    return parameters & tensors


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _rows(function: FunctionNode, names: set[str], strong: set[str], arithmetic: list[ast.expr]) -> None:
    """A parameter whose elements are tensors is one (or a list of them, which is traced as well)."""
    loops: list[tuple[ast.expr, ast.expr, ast.AST]] = []
    for node in ast.walk(function):
        if isinstance(node, ast.For):
            loops.append((node.target, node.iter, node))
        elif isinstance(node, ast.ListComp | ast.GeneratorExp):
            loops += [(generator.target, generator.iter, node) for generator in node.generators]
    for target, source, _ in loops:
        while isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.args:
            if source.func.id == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
                target = target.elts[1]
            elif source.func.id != "reversed":
                break
            source = source.args[0]
        if isinstance(source, ast.Name) and source.id in names and isinstance(target, ast.Name):
            inner: set[str] = set()
            for place in list(arithmetic):
                if any(isinstance(n, ast.Name) and n.id == target.id for n in ast.walk(place)):
                    inner.add(target.id)
            if target.id in inner or target.id in strong:
                strong.add(source.id)


def _is_tensor(kinds: Kinds, node: ast.expr, tensors: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in tensors or (kinds.value(node).is_tensor and not kinds.value(node).assumed)
    return kinds.value(node).is_tensor and isinstance(node, ast.Call | ast.Attribute | ast.Subscript)


def _collect(place: ast.expr, names: set[str], strong: set[str], arithmetic: list[ast.expr]) -> None:
    if isinstance(place, ast.Name):
        strong |= {place.id} & names
    elif isinstance(place, ast.List | ast.Tuple):
        for item in place.elts:
            _collect(item, names, strong, arithmetic)
    elif isinstance(place, ast.BinOp | ast.UnaryOp):
        arithmetic.append(place)
    elif isinstance(place, ast.Subscript):
        _collect(place.value, names, strong, arithmetic)


def _operands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return _operands(node.left) + _operands(node.right)
    if isinstance(node, ast.UnaryOp):
        return _operands(node.operand)
    return [node]


def tensor_places(kinds: Kinds, node: ast.Call) -> list[ast.expr]:
    """Return the arguments of ``node`` that can only be tensors."""
    qualified = kinds.module.qualified(node.func) or ""
    args = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
    if qualified.startswith("tensorflow."):
        name = tables.short(qualified)
        if name in tables.NO_EVIDENCE or any(name.startswith(prefix) for prefix, _ in tables.NOT_TENSOR_PREFIXES):
            return []
        if name.rsplit(".", 1)[-1][:1].isupper():
            return []
        binary = name in tables.BINARY or tables.leaf(qualified) in tables.BINARY
        places = args[: 2 if binary else 1]
        return places + [k.value for k in node.keywords if k.arg in tables.TENSOR_KEYWORDS]
    if qualified.startswith(("keras.ops.", "keras.activations.", "keras.losses.")) and args:
        return args[:1]
    func = kinds.value(node.func)
    if func.is_("module") and func.cls:
        if func.cls in ("keras.layer", "keras.metric") or func.cls.startswith(("keras.losses", "keras.metrics")):
            return args[:2]
        return args[:1]
    if func.cls == "tensor.gradient":
        return args
    places = []
    for callee in kinds.callees(node):
        names = [arg.arg for arg in callee.args.posonlyargs + callee.args.args]
        if names[:1] == ["self"] and isinstance(node.func, ast.Attribute):
            names = names[1:]
        proven = kinds.evidence.get(id(callee), frozenset())
        places += [arg for name, arg in zip(names, args, strict=False) if name in proven]
    return places
