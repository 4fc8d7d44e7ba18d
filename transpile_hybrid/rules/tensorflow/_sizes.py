"""Sizes that hang on values: the dimensions of which a trace knows nothing, whatever it is given."""

from __future__ import annotations

import ast

from ._captured import arguments_of
from ._flow import bound_whole, own_nodes
from ._program import AnyFunction, Program
from ._tables import leaf, short

NONE: frozenset[int] = frozenset()
FIRST = frozenset({0})
_DEPTH = 8

# Ops whose results are as long as the values that they find (a plain ``where`` apart).
_FINDS = frozenset(
    {"boolean_mask", "unique", "unique_with_counts", "image.non_max_suppression", "sets.difference",
     "dynamic_partition", "image.non_max_suppression_with_scores", "ragged.boolean_mask"}
)  # fmt: skip
_SAME = frozenset(
    {"abs", "argsort", "cast", "clip_by_value", "convert_to_tensor", "cos", "cumsum", "exp", "floor", "identity",
     "math.exp", "math.log", "math.sigmoid", "math.sqrt", "math.square", "math.tanh", "negative", "nn.relu",
     "nn.sigmoid", "nn.softmax", "nn.tanh", "ones_like", "reverse", "round", "sigmoid", "sign", "sin", "sort", "sqrt",
     "square", "stop_gradient", "tanh", "zeros_like", "random.shuffle", "boolean_mask"}
)  # fmt: skip
_SHAPED = frozenset({"zeros", "ones", "fill", "reshape", "broadcast_to", "eye", "random.normal", "random.uniform"})
"""Ops that are told the shape of what they make, with where it stands."""
_NUMBERS = frozenset(
    {"argmax", "argmin", "reduce_max", "reduce_min", "reduce_sum", "reduce_mean", "reduce_prod", "math.count_nonzero",
     "math.reduce_max", "math.reduce_min", "math.reduce_sum"}
)  # fmt: skip
"""Ops whose results are values, and no sizes that follow from shapes."""
_KEPT = frozenset({"cast", "maximum", "minimum", "add", "subtract", "multiply", "abs", "floor", "round", "squeeze",
                   "math.ceil", "math.floor", "convert_to_tensor", "identity"})  # fmt: skip


def unknown_sizes(program: Program, node: ast.expr, depth: int = _DEPTH) -> frozenset[int]:
    """Return the dimensions of the tensor ``node`` whose sizes hang on the values of some tensor."""
    if depth <= 0:
        return NONE
    if isinstance(node, ast.Name):
        return _name(program, node, depth)
    if isinstance(node, ast.UnaryOp):
        return unknown_sizes(program, node.operand, depth - 1)
    if isinstance(node, ast.BinOp):
        return unknown_sizes(program, node.left, depth - 1) | unknown_sizes(program, node.right, depth - 1)
    if isinstance(node, ast.Subscript):
        return _part(program, node, depth)
    return _call(program, node, depth) if isinstance(node, ast.Call) else NONE


def _name(program: Program, node: ast.Name, depth: int) -> frozenset[int]:
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1:
        return NONE
    (binding,) = found[1]
    if binding.kind == "param":
        given = arguments_of(program, found[0].node, node.id)
        return frozenset(size for value in given for size in unknown_sizes(program, value, depth - 3))
    if binding.value is not None:
        plain = bound_whole(program.module, binding.value)
        return unknown_sizes(program, binding.value, depth - 1) if plain else NONE
    around = program.module.parent(binding.node)
    statement = program.module.parent(around) if isinstance(around, ast.Tuple) else None
    if not isinstance(around, ast.Tuple) or not isinstance(statement, ast.Assign):
        return NONE
    if not isinstance(statement.value, ast.Call) or statement.targets[0] is not around:
        return NONE
    name = short(program.module.qualified(statement.value.func) or "")
    index = next((place for place, one in enumerate(around.elts) if one is binding.node), -1)
    if name in ("unique", "unique_with_counts"):  # of the values and counts; each element has an index
        return FIRST if index in (0, 2) else NONE
    return FIRST if name in _FINDS else NONE


def _part(program: Program, node: ast.Subscript, depth: int) -> frozenset[int]:
    """Of ``t[...]``: what a mask picks, what a slice with a bound out of a tensor cuts, what is left of ``t``'s."""
    value = program.kinds.value(node.value)
    if isinstance(node.value, ast.Call) and isinstance(node.slice, ast.Constant):
        name = short(program.module.qualified(node.value.func) or "")
        if name in ("unique", "unique_with_counts"):
            return FIRST if node.slice.value in (0, 2) else NONE
    if not value.is_tensor:
        return NONE
    if isinstance(node.slice, ast.Compare) and program.kinds.value(node.slice).is_tensor:
        return FIRST
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if any(isinstance(part, ast.Constant) and part.value in (None, ...) for part in parts):
        return NONE
    before = unknown_sizes(program, node.value, depth - 1)
    out: set[int] = set()
    place = 0  # of the dimension in what comes out
    for index, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            continue
        bounds = [bound for bound in (part.lower, part.upper) if bound is not None]
        if (index in before and not bounds) or any(by_value(program, bound, depth - 1) for bound in bounds):
            out.add(place)
        place += 1
    out |= {place + dimension - len(parts) for dimension in before if dimension >= len(parts)}
    return frozenset(out)


def _call(program: Program, node: ast.Call, depth: int) -> frozenset[int]:
    qualified = program.module.qualified(node.func) or ""
    if not qualified.startswith("tensorflow."):
        given_back = [one for callee in program.kinds.callees(node) if (one := _gives(callee)) is not None]
        return frozenset(size for one in given_back for size in unknown_sizes(program, one, depth - 2))
    if not node.args:
        return NONE
    name = short(qualified)
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if name == "where":
        return FIRST if len(node.args) == 1 and not given else NONE
    if name in ("boolean_mask", "ragged.boolean_mask"):
        return FIRST if "axis" not in given and len(node.args) < 3 else NONE
    if name in ("image.non_max_suppression", "image.non_max_suppression_padded"):
        return FIRST if name.endswith("suppression") else NONE
    if name == "range":
        return FIRST if any(by_value(program, arg, depth - 1) for arg in node.args) else NONE
    if name == "linspace":
        return FIRST if len(node.args) > 2 and by_value(program, node.args[2], depth - 1) else NONE
    if name == "repeat":
        counts = node.args[1] if len(node.args) > 1 else given.get("repeats")
        axis = given.get("axis")
        first = axis is None or (isinstance(axis, ast.Constant) and axis.value in (0, None))
        if not first or counts is None:
            return NONE
        drawn = program.kinds.value(counts).is_tensor and not _of_shape(program, counts, depth - 1)
        return FIRST if drawn or by_value(program, counts, depth - 1) else NONE
    if name == "gather" and len(node.args) == 2 and not given:
        return FIRST & unknown_sizes(program, node.args[1], depth - 1)
    if name in _SHAPED or name == "tile":
        told = node.args[0] if name in ("zeros", "ones", "fill", "random.normal", "random.uniform") else None
        told = node.args[1] if told is None and len(node.args) > 1 else told
        sizes: list[ast.expr] = told.elts if isinstance(told, ast.List | ast.Tuple) else []
        return frozenset(index for index, size in enumerate(sizes) if by_value(program, size, depth - 1))
    return unknown_sizes(program, node.args[0], depth - 1) if name in _SAME else NONE


def _gives(function: AnyFunction) -> ast.expr | None:
    """Return the one expression that ``function`` returns; ``None`` if there are more, or none."""
    if isinstance(function, ast.Lambda):
        return function.body
    found = [one.value for one in own_nodes(function.body) if isinstance(one, ast.Return)]
    return found[0] if len(found) == 1 else None


def by_value(program: Program, node: ast.expr, depth: int = _DEPTH) -> bool:
    """Whether the number ``node`` is computed from what a tensor holds, and not from its shape."""
    if depth <= 0:
        return False
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        if found is None or len(found[1]) != 1 or found[1][0].value is None:
            return False
        value = found[1][0].value
        return bound_whole(program.module, value) and by_value(program, value, depth - 1)
    if isinstance(node, ast.BinOp):
        return by_value(program, node.left, depth - 1) or by_value(program, node.right, depth - 1)
    if isinstance(node, ast.UnaryOp):
        return by_value(program, node.operand, depth - 1)
    if isinstance(node, ast.Subscript):
        return by_value(program, node.value, depth - 1)
    if not isinstance(node, ast.Call) or not node.args:
        return False
    name = program.module.qualified(node.func) or ""
    if name in ("builtins.int", "builtins.abs", "builtins.min", "builtins.max"):
        return any(by_value(program, arg, depth - 1) for arg in node.args)
    if not name.startswith("tensorflow."):
        return False
    if short(name) in _NUMBERS or leaf(name) in ("argmax", "argmin"):
        return not _of_shape(program, node.args[0], depth - 1)
    if short(name) == "size" or short(name) == "shape":
        return bool(unknown_sizes(program, node.args[0], depth - 1))
    return short(name) in _KEPT and any(by_value(program, arg, depth - 1) for arg in node.args)


def _of_shape(program: Program, node: ast.expr, depth: int) -> bool:
    """Whether ``node`` may be made of sizes alone, or of constants: ``tf.reduce_max(tf.shape(x))``."""
    if depth <= 0 or isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.List | ast.Tuple):
        return all(_of_shape(program, item, depth - 1) for item in node.elts)
    if isinstance(node, ast.Name):
        found = program.module.scope_at(node).lookup(node.id)
        if found is None or len(found[1]) != 1 or found[1][0].kind == "param":
            return found is None or not program.kinds.value(node).is_tensor
        value = found[1][0].value
        return value is None or _of_shape(program, value, depth - 1)
    if isinstance(node, ast.BinOp):
        return _of_shape(program, node.left, depth - 1) and _of_shape(program, node.right, depth - 1)
    if isinstance(node, ast.Subscript | ast.Attribute):
        return not program.kinds.value(node).is_tensor or _of_shape(program, node.value, depth - 1)
    if isinstance(node, ast.Call):
        name = program.module.qualified(node.func) or ""
        if short(name) in ("shape", "size", "rank"):
            return True
        if not program.kinds.value(node).is_tensor:
            return True
        return all(_of_shape(program, arg, depth - 1) for arg in node.args)
    return True
