"""What the text tells of a tensor's dtype: enough to see that the sides of a branch can't be one variable."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ._program import Program
from ._tables import leaf, short

FLOATING = frozenset(
    {"acos", "asin", "atan", "cos", "cosh", "digamma", "elu", "erf", "exp", "expm1", "gelu", "l2_normalize",
     "leaky_relu", "lgamma", "linalg.inv", "linalg.norm", "log", "log1p", "log_softmax", "norm",
     "reduce_logsumexp", "reduce_std", "reduce_variance", "rsqrt", "selu", "sigmoid", "silu", "sin", "sinh", "softmax",
     "softplus", "softsign", "sqrt", "tan", "tanh"}
)  # fmt: skip
"""Ops that take floating point only, and give it."""
_TRUTH = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or",
                    "logical_not", "reduce_any", "reduce_all", "is_nan", "is_inf", "is_finite"})  # fmt: skip
_SAME_AS_FIRST = frozenset({"abs", "square", "reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "maximum",
                            "minimum", "add", "subtract", "multiply", "reshape", "transpose", "identity", "matmul",
                            "expand_dims", "squeeze", "negative", "zeros_like", "ones_like", "stop_gradient", "tile",
                            "gather", "sort", "reverse", "pad", "cumsum"})  # fmt: skip
_NUMBERS = frozenset({"argmax", "argmin", "count_nonzero", "rank", "reduce_mean", "reduce_prod", "reduce_sum", "size"})
"""Ops that give numbers of whatever they are given."""
_LIKE_FIRST = _SAME_AS_FIRST | {"relu", "relu6", "sign", "round", "floor", "ceil", "clip_by_value"}
_DEPTH = 6


def cast_away(program: Program, node: ast.expr) -> str:
    """Return the name whose dtype ``node`` would have but for the ``tf.cast`` that it is, or ''.

    Who casts to another type than ``tf.float32`` has none of that: beside ``tf.cast(tf.square(x), tf.int32)``, ``x`` is
    of floating point.  (To ``tf.float32`` is often cast what may be one already.)
    """
    if not isinstance(node, ast.Call) or (program.module.qualified(node.func) or "") != "tensorflow.cast":
        return ""
    away = len(node.args) == 2 and _named(program, node.args[1]) and _dtype_name(program, node.args[1]) != "float32"
    return dtype_source(program, node.args[0]) if away else ""


def is_number_tensor(program: Program, node: ast.expr) -> bool:
    """Whether ``node`` gives a tensor that surely holds numbers, and no truth values."""
    if not program.kinds.value(node).is_tensor:
        return False
    if isinstance(node, ast.BinOp):
        return not isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor)
    if isinstance(node, ast.Call) and leaf(program.module.qualified(node.func) or "") in _NUMBERS:
        return True
    return dtype_family(program, node) in ("float", "int")


def dtype_source(program: Program, node: ast.expr, depth: int = _DEPTH) -> str:
    """Return the name whose dtype the tensor that ``node`` gives has, or ''."""
    if depth and isinstance(node, ast.Name):
        return node.id if program.kinds.value(node).is_tensor else ""
    if depth and isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div):
        sides = {dtype_source(program, side, depth - 1) for side in (node.left, node.right)} - {""}
        return sides.pop() if len(sides) == 1 else ""
    if depth and isinstance(node, ast.Subscript | ast.UnaryOp):
        return dtype_source(program, node.value if isinstance(node, ast.Subscript) else node.operand, depth - 1)
    if depth and isinstance(node, ast.Call) and node.args and not node.keywords:
        qualified = program.module.qualified(node.func) or ""
        if qualified.startswith("tensorflow.") and leaf(qualified) in _LIKE_FIRST:
            return dtype_source(program, node.args[0], depth - 1)
    return ""


def dtype_family(program: Program, node: ast.expr, depth: int = _DEPTH) -> str:
    """Return ``float``, ``int``, ``bool`` or ``''`` (not told by the text) for the tensor that ``node`` gives."""
    if depth == 0:
        return ""
    if isinstance(node, ast.BinOp):
        return _arithmetic(program, node, depth)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return dtype_family(program, node.operand, depth - 1)
    if isinstance(node, ast.Compare) and program.kinds.value(node).is_tensor:
        return "bool"
    if isinstance(node, ast.Subscript) and program.kinds.value(node.value).is_tensor:
        return dtype_family(program, node.value, depth - 1)
    if isinstance(node, ast.Name):
        return _name(program, node, depth)
    return _call(program, node, depth) if isinstance(node, ast.Call) else ""


def _arithmetic(program: Program, node: ast.BinOp, depth: int) -> str:
    if not program.kinds.value(node).is_tensor:
        return ""
    if isinstance(node.op, ast.Div):
        return "float"  # of integers it gives float64
    for side in (node.left, node.right):
        if isinstance(side, ast.Constant) and isinstance(side.value, float):
            return "float"
        if program.kinds.value(side).is_tensor and (found := dtype_family(program, side, depth - 1)):
            return found
    return ""


def _name(program: Program, node: ast.Name, depth: int) -> str:
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or not program.kinds.value(node).is_tensor:
        return ""
    scope, bindings = found
    if len(bindings) == 1 and bindings[0].kind != "param":
        value = bindings[0].value
        parent = program.module.parent(value) if value is not None else None
        plain = isinstance(parent, ast.Assign) and all(isinstance(target, ast.Name) for target in parent.targets)
        return dtype_family(program, value, depth - 1) if value is not None and plain else ""
    if len(bindings) == 1 and isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return "float" if node.id in _floats(program, scope.node) else _given(program, scope.node, node.id, depth)
    return ""


def _given(program: Program, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str, depth: int) -> str:
    """Return the one dtype family of what the calls in the file give the parameter ``name``, or ''."""
    names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
    if id(function) in program.kinds.owner:
        names = names[1:]
    families = set()
    for call, _ in program.kinds.sites(function):
        given = [keyword.value for keyword in call.keywords if keyword.arg == name]
        plain = not any(isinstance(arg, ast.Starred) for arg in call.args)
        if plain and name in names and names.index(name) < len(call.args):
            given.append(call.args[names.index(name)])
        families.add(dtype_family(program, given[0], depth - 1) if given else "")
    return families.pop() if len(families) == 1 else ""


def _floats(program: Program, function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names that ``function`` gives to ops of floating point, or combines with a float literal."""
    kept: set[str] | None = function.__dict__.get("_float_names")
    if kept is not None:
        return kept
    found: set[str] = set()
    for node in walk(function):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
            if leaf(program.module.qualified(node.func) or "") in FLOATING:
                found.add(node.args[0].id)
        elif isinstance(node, ast.BinOp):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(one, ast.Name) and isinstance(other, ast.Constant) and isinstance(other.value, float):
                    found.add(one.id)
    function.__dict__["_float_names"] = found
    return found


def _call(program: Program, node: ast.Call, depth: int) -> str:
    qualified = program.module.qualified(node.func) or ""
    if not qualified.startswith("tensorflow."):
        return ""
    for keyword in node.keywords:
        if keyword.arg in ("dtype", "out_type", "output_type"):
            return _named(program, keyword.value)
    name, last = short(qualified), leaf(qualified)
    if name in ("cast", "constant", "convert_to_tensor", "zeros", "ones") and len(node.args) > 1:
        return _named(program, node.args[1])
    if name in ("zeros", "ones", "eye", "random.normal", "random.uniform"):
        return "float"
    if name in ("shape", "size", "rank", "argmax", "argmin", "argsort"):
        return "int"
    if name == "constant" and node.args:
        value = node.args[0]
        return type(value.value).__name__ if isinstance(value, ast.Constant) else ""
    if last in FLOATING:
        return "float"
    if last in _TRUTH:
        return "bool"
    return dtype_family(program, node.args[0], depth - 1) if last in _SAME_AS_FIRST and node.args else ""


def _dtype_name(program: Program, node: ast.expr) -> str:
    """Return ``float32`` for ``tf.float32`` and ``"float32"``, '' for what is no name."""
    text = node.value if isinstance(node, ast.Constant) else (program.module.qualified(node) or "").rsplit(".", 1)[-1]
    return text if isinstance(text, str) else ""


def _named(program: Program, node: ast.expr) -> str:
    text = _dtype_name(program, node)
    for family, prefixes in (("float", ("float", "bfloat", "half", "double")), ("int", ("int", "uint"))):
        if text.startswith(prefixes):
            return family
    return "bool" if text == "bool" else ""
