"""Where TorchScript is saved, and with which example inputs the same module can be exported."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TypeGuard

from ...meaning.classes import Project
from ...meaning.module import Module
from ...meaning.nodes import walk
from ._same import is_script_module, may_be_built
from ._scripted import Point, outermost, points

# functions of torch that make a tensor, whatever they are given
_TENSORS = frozenset(
    ("rand", "randn", "zeros", "ones", "empty", "full", "arange", "linspace", "tensor", "eye", "randint", "from_numpy")
    + ("rand_like", "randn_like", "zeros_like", "ones_like", "FloatTensor", "Tensor", "as_tensor", "stack", "cat")
)
_STILL_TENSORS = frozenset(
    ("to", "cuda", "cpu", "float", "half", "double", "long", "int", "unsqueeze", "requires_grad_", "view", "reshape")
    + ("permute", "contiguous", "detach", "clone", "squeeze", "type", "repeat", "expand", "uniform_", "normal_")
)


@dataclass(eq=False)
class Saving:
    """A point whose result is saved: the calls that do (``saves``), what they save, and to where.

    ``called`` are the names whose calls run the scripted module.  ``fits`` says whether it can be exported instead.
    """

    point: Point
    saves: list[ast.Call] = field(default_factory=list)
    saved: list[ast.expr] = field(default_factory=list)
    files: list[ast.expr] = field(default_factory=list)
    called: list[ast.expr] = field(default_factory=list)
    example: ast.expr | None = None
    tupled: bool = False  # whether the example is a tuple already
    fits: bool = False


def savings(module: Module, project: Project) -> list[Saving]:
    """Return what ``module`` makes TorchScript of and saves."""
    found = []
    for point in points(module, project):
        saving = _saving(point, module)
        if saving.saves:
            _find_example(saving, module)
            built = may_be_built(point.inner, module, project)
            saving.fits = saving.fits and not any(is_script_module(info, project) for info in built)
            found.append(saving)
    return found


def example_text(saving: Saving) -> tuple[str, str]:
    """Return what stands before and behind the example in the call of ``torch.export.export``."""
    return ("", "") if saving.tupled else ("(", ",)")


def _saving(point: Point, module: Module) -> Saving:
    """Sort the uses of the result; ``fits`` is true where there are none but saving and calls."""
    saving = Saving(point)
    saving.fits = point.plain or point.example is not None
    saving.fits = saving.fits and not point.chain and all(len(one.args) == 1 for one in point.later)
    for use in point.uses:
        whole, chain = outermost(use, module) if isinstance(use, ast.Call) else (use, [])
        parent = module.parent(whole)
        around = module.parent(parent) if isinstance(parent, ast.Attribute) else None
        if isinstance(parent, ast.Attribute) and isinstance(around, ast.Call) and around.func is parent:
            if parent.attr == "save" and around.args:
                _add(saving, around, use, around.args[0], len(around.args) == 1 and not chain)
                continue
        elif isinstance(parent, ast.Call) and parent.func is whole and not chain:
            saving.called.append(use)
            continue
        elif _is_save(parent, module) and len(parent.args) > 1 and parent.args[0] is whole:
            _add(saving, parent, use, parent.args[1], len(parent.args) == 2 and not chain)
            continue
        saving.fits = False
    return saving


def _is_save(node: ast.AST, module: Module) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and module.qualified(node.func) == "torch.jit.save"


def _add(saving: Saving, call: ast.Call, what: ast.expr, file: ast.expr, plain: bool) -> None:
    saving.saves.append(call)
    saving.saved.append(what)
    saving.files.append(file)
    saving.fits = saving.fits and plain and not call.keywords


def _find_example(saving: Saving, module: Module) -> None:
    """Set the example inputs of ``saving``: those of the trace, or of a call of the module that stands above."""
    point = saving.point
    if point.example is not None:
        tuple_ = _as_tuple(point.example, module)
        if tuple_ is not None:
            saving.example, saving.tupled = point.example, tuple_
    elif isinstance(point.inner, ast.Name):
        saving.example = _called_with(point.inner, point.call, module)
    saving.fits = saving.fits and saving.example is not None


def _as_tuple(node: ast.expr, module: Module) -> bool | None:
    """Whether an example is a tuple of inputs or one tensor; ``None`` where that isn't known."""
    if isinstance(node, ast.Tuple):
        return not any(isinstance(one, ast.Starred) for one in node.elts)
    if is_tensor(node, module):
        return False
    if isinstance(node, ast.Name):
        found = module.scope_at(node).lookup(node.id)
        values = [one.value for one in found[1]] if found is not None else []
        if values and all(isinstance(value, ast.Tuple) for value in values):
            return True
    return None


def is_tensor(node: ast.expr, module: Module, depth: int = 0) -> bool:
    """Whether ``node`` is sure to be a tensor."""
    if isinstance(node, ast.Call):
        name = module.qualified(node.func) or "" if isinstance(node.func, ast.Name | ast.Attribute) else ""
        if name.startswith("torch.") and name.rpartition(".")[2] in _TENSORS:
            return True
        if isinstance(node.func, ast.Attribute) and node.func.attr in _STILL_TENSORS:
            return is_tensor(node.func.value, module, depth)
        return False
    if not isinstance(node, ast.Name) or depth > 4:
        return False
    found = module.scope_at(node).lookup(node.id)
    if found is None:
        return False
    for one in found[1]:
        annotation = one.node.annotation if one.kind == "param" and isinstance(one.node, ast.arg) else None
        if annotation is not None and module.qualified(annotation) == "torch.Tensor":
            continue
        value = one.value
        if one.kind != "assign" or value is None:
            return False
        root = value
        while isinstance(root, ast.Call) and isinstance(root.func, ast.Attribute) and root.func.attr in _STILL_TENSORS:
            root = root.func.value
        if isinstance(root, ast.Name) and root.id == node.id and len(found[1]) > 1:
            continue  # the same tensor elsewhere: its other binding decides
        if not is_tensor(value, module, depth + 1):
            return False
    return True


def _called_with(net: ast.Name, at: ast.Call, module: Module) -> ast.expr | None:
    """Return the only argument, a variable, of a call of ``net`` that stands above ``at`` in the same scope."""
    scope = module.scope_at(at)
    for node in walk(scope.node if not scope.is_module else module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == net.id
            and module.scope_at(node) is scope
            and node.lineno < at.lineno
            and len(node.args) == 1
            and not node.keywords
            and isinstance(node.args[0], ast.Name)
            and is_tensor(node.args[0], module)
            and isinstance(module.parent(module.statement_of(node)), ast.Module | ast.FunctionDef | ast.With)
        ):
            return node.args[0]
    return None
