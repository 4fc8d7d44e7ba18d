"""``nd.array(t)`` of an array is a copy of it, or a cast: gradients flow, and the dtype is that of ``t`` or as said.

Only for what MXNet surely computed: an argument that is handed to ``nd.array`` may be NumPy's, or a list.
"""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, operand, replace
from ._names import is_layer, operator_name
from ._plan import Reader
from ._sizes import repeated
from ._values import Val

_MOVES = ("as_in_context", "as_in_ctx", "as_nd_ndarray", "as_np_ndarray")  # arrays of NumPy have none of these


def copied(node: ast.Call, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edit for ``nd.array(t, dtype="int32")`` of an array: ``F.cast(t, dtype="int32")``."""
    keywords = {k.arg: k.value for k in node.keywords}
    if len(node.args) != 1 or isinstance(node.args[0], ast.Starred) or set(keywords) - {"ctx", "dtype"}:
        return None
    context, dtype = keywords.get("ctx"), keywords.get("dtype")
    if context is not None and (r.value(context).kind != "context" or r.value(context).free):
        return None
    what = node.args[0]
    if not is_array(what, r, set()):
        return None
    if dtype is None or isinstance(dtype, ast.Constant) and dtype.value is None:
        edit = replace(r.source, node, "F.np.copy(" if r.is_np else "F.identity(", what, ")")
    elif isinstance(dtype, ast.Constant) and isinstance(dtype.value, str) or r.qualified(dtype).startswith("numpy."):
        if r.is_np:
            edit = replace(r.source, node, operand(what), ".astype(", dtype, ")")
        else:
            edit = replace(r.source, node, "F.cast(", what, ", dtype=", dtype, ")")
    else:
        return None
    r.consume(*node.keywords)
    r.consumed -= {id(n) for n in walk(dtype)} if dtype is not None else set()
    return (edit,)


def is_array(node: ast.expr, r: Reader, seen: set[str]) -> bool:
    """Whether an expression surely gives an array of MXNet, whatever the forward is given."""
    if not r.value(node).is_tensor or r.value(node).none:
        return False
    if isinstance(node, ast.Call):
        owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if operator_name(node.func, r, owner) is not None:
            return True
        if _gives_arrays(r.value(node.func), r):
            return True
        return isinstance(node.func, ast.Attribute) and (node.func.attr in _MOVES or is_array(node.func.value, r, seen))
    if isinstance(node, ast.BinOp):
        return is_array(node.left, r, seen) or is_array(node.right, r, seen)
    if isinstance(node, ast.UnaryOp):
        return is_array(node.operand, r, seen)
    if isinstance(node, ast.Subscript):
        return is_array(node.value, r, seen)
    return isinstance(node, ast.Name) and _always_array(node, r, seen)


def _gives_arrays(block: Val, r: Reader) -> bool:
    """Whether a block is a layer of MXNet, or a row of them."""
    if block.kind != "module":
        return False
    inside = [layer for key in sorted(block.bases) for layer in r.interp.added.get(key, [])]
    row = block.cls in ("mxnet.gluon.nn.Sequential", "mxnet.gluon.nn.HybridSequential") and bool(inside)
    return is_layer(block.cls) or row and all(_gives_arrays(layer, r) for layer in inside)


def _always_array(use: ast.Name, r: Reader, seen: set[str]) -> bool:
    """Whether each value that a local may have where it is used is an array of MXNet."""
    name = use.id
    if name in seen:
        return True  # by what it had before
    seen.add(name)
    found = False
    statement = next(p for p in r.module.ancestors(use) if isinstance(p, ast.stmt))
    behind = 1 << 30 if repeated(use, r) else statement.lineno
    for node in walk(r.function):
        if isinstance(node, ast.arg) and node.arg == name:
            return False
        if not (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)):
            continue
        if node.lineno >= behind:
            continue
        parent = r.parent(node)
        if isinstance(parent, ast.Assign):
            given = is_array(parent.value, r, seen)
        else:
            given = isinstance(parent, ast.Tuple) and _unpacked(parent, r)
        if not given:
            return False
        found = True
    return found


def _unpacked(targets: ast.Tuple, r: Reader) -> bool:
    """Whether ``a, b = nd.split(...)`` gives the names what an operator gives."""
    statement = r.parent(targets)
    value = statement.value if isinstance(statement, ast.Assign) and statement.targets == [targets] else None
    if not isinstance(value, ast.Call):
        return False
    owner = r.value(value.func.value) if isinstance(value.func, ast.Attribute) else None
    return operator_name(value.func, r, owner) is not None
