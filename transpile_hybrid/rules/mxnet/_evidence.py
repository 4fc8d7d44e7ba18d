"""Which parameters of a forward are tensors, judged by what the function does with them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._words import names

if TYPE_CHECKING:
    from ._state import State

# Members that arrays have and lists, numbers and blocks do not.
ARRAY_MEMBERS = names(
    "shape dtype context ctx ndim size T reshape transpose swapaxes expand_dims astype asnumpy asscalar mean",
    "sum max min argmax softmax log_softmax sigmoid relu tanh exp log sqrt square flatten squeeze broadcast_to",
    "broadcast_like slice_axis take clip norm detach as_in_context as_in_ctx copyto wait_to_read zeros_like",
    "ones_like split tile item std var prod attach_grad abs flip slice one_hot pick topk argsort dot",
    "as_nd_ndarray as_np_ndarray copy",
)
_DEPTH = 3
_INPUTS = ("example_inputs", "inputs")
_SEQUENCE_MEMBERS = frozenset({"append", "extend", "index", "insert", "pop"})


def tensor_parameters(function: FunctionNode, interp: State, seen: tuple[FunctionNode, ...] = ()) -> dict[str, str]:
    """Return ``{parameter: "tensor" | "seq"}`` for the parameters whose use tells what they are."""
    names = {a.arg for a in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]}
    if interp.self_of(function) is not None:
        names.discard(function.args.args[0].arg)
    found: dict[str, str] = {}

    def note(node: ast.expr | None, kind: str) -> None:
        if isinstance(node, ast.Name) and node.id in names and found.get(node.id) != "tensor":
            found[node.id] = kind

    for node in walk(function):
        if isinstance(node, ast.Attribute):
            if node.attr in ARRAY_MEMBERS:
                note(node.value, "tensor")
            elif node.attr in _SEQUENCE_MEMBERS:
                note(node.value, "seq")
        elif isinstance(node, ast.BinOp):
            if (
                not isinstance(node.op, ast.Add)
                or not isinstance(node.left, ast.List)
                and not isinstance(node.right, ast.List)
            ):
                note(node.left, "tensor")
                note(node.right, "tensor")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            note(node.operand, "tensor")
        elif isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
            note(node.left, "tensor")
            note(node.comparators[0], "tensor")
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            note(node.value, "tensor")
        elif isinstance(node, ast.Call):
            name = interp.qualified(node.func) or ""
            from_f = isinstance(node.func, ast.Attribute) and _root(node.func) == "F"
            if (name.startswith(("mxnet.nd.", "mxnet.np.", "mxnet.npx.", "mxnet.sym.")) or from_f) and node.args:
                short = name.rsplit(".", 1)[-1] or getattr(node.func, "attr", "")
                if short in ("foreach", "while_loop", "cond"):
                    continue  # their states may be arrays or lists of arrays
                if short in ("stack", "concatenate", "vstack", "hstack") and not name.startswith("mxnet.nd.stack"):
                    continue  # a list of arrays, or the rows of one
                for arg in node.args:
                    note(arg, "tensor")
                for keyword in node.keywords:
                    if keyword.arg in ("data", "lhs", "rhs", "a", "x", "indices", "mask"):
                        note(keyword.value, "tensor")
            else:
                _layer_call(node, interp, note)
                if len(seen) < _DEPTH:
                    _helper_call(node, interp, note, (*seen, function))
    if function is interp.unit.entry:
        _declared(function, interp, found)
    return found


def _declared(function: FunctionNode, interp: State, found: dict[str, str]) -> None:
    """A file may declare its example inputs; they are those of the one net that no other class holds."""
    from ._build import builders

    info = interp.info
    declared = [f for f in interp.module.scopes.functions if f.name in _INPUTS and not _nested(f, interp)]
    if info is None or not declared or info.module is not interp.module:
        return
    blocks = [c for c in interp.project.classes_of(interp.module) if interp.project.framework_base(c) is not None]
    used = {n.id for c in blocks if c is not info for n in walk(c.node) if isinstance(n, ast.Name)}
    tops = [
        c
        for c in blocks
        if c.name not in {n.id for o in blocks if o is not c for n in walk(o.node) if isinstance(n, ast.Name)}
    ]
    if info.name in used or tops != [info]:
        return
    returned = [n.value for n in walk(declared[0]) if isinstance(n, ast.Return) and n.value is not None]
    built = builders(interp.module, interp.project)
    if len(returned) != 1 or (value := built.value(returned[0])) is None or value.items is None:
        return
    names = [a.arg for a in function.args.args][2 if function.name == "hybrid_forward" else 1 :]
    for name, given in zip(names, value.items, strict=False):
        if given.is_tensor and name not in found:
            found[name] = "tensor"
        elif given.kind == "seq" and name not in found:
            found[name] = "seq"


def _nested(function: FunctionNode, interp: State) -> bool:
    scope = interp.module.scopes.of(function)
    return scope.parent is None or not scope.parent.is_module


def _helper_call(node: ast.Call, interp: State, note: object, seen: tuple[FunctionNode, ...]) -> None:
    """An argument of a helper is what the helper's own use shows."""
    callee = node.func
    name = (
        callee.attr
        if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name)
        else getattr(callee, "id", "")
    )
    target = next((f for f in interp.unit.region if f.name == name and f not in seen), None)
    if target is None:
        return
    assert callable(note)
    shown = tensor_parameters(target, interp, seen)
    positional = [a.arg for a in [*target.args.posonlyargs, *target.args.args]]
    if interp.self_of(target) is not None and isinstance(callee, ast.Attribute):
        positional = positional[1:]
    for parameter, arg in zip(positional, node.args, strict=False):
        if parameter in shown:
            note(arg, shown[parameter])
    for keyword in node.keywords:
        if keyword.arg in shown:
            note(keyword.value, shown[keyword.arg])


def _layer_call(node: ast.Call, interp: State, note: object) -> None:
    """The first argument of a framework's layer is a tensor; ``states`` of a recurrent one a list."""
    callee = node.func
    if not (isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Name) and node.args):
        return
    attribute = interp.attrs.get(callee.attr)
    if attribute is None or attribute.value.kind != "module" or not attribute.value.cls.startswith("mxnet."):
        return
    assert callable(note)
    note(node.args[0], "tensor")
    if len(node.args) > 1 and ".rnn." in attribute.value.cls:
        note(node.args[1], "seq")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
