"""Lengths that a trace knows: where ``tf.unstack(t)`` gives what a Python loop over ``t`` gives eagerly."""

from __future__ import annotations

import ast
import dataclasses

from ...rewrite.edit import Edit, Fix, replace
from ..rule import ModuleContext
from ._flow import on_tensor, own_nodes
from ._program import AnyFunction, Program, Unit, program_of, walk
from ._report import tensorflow_name, with_import
from ._tables import short

# Ops whose result has a shape that follows from the shapes of what they are given (not from its numbers).
_FOLLOWS = frozenset(
    {"abs", "add", "add_n", "argmax", "argsort", "cast", "concat", "convert_to_tensor", "cos", "cumsum", "divide",
     "einsum", "exp", "expand_dims", "floor", "identity", "linalg.matvec", "linalg.normalize", "math.add",
     "math.cumsum", "math.divide", "math.exp", "math.l2_normalize", "math.log", "math.multiply", "math.pow",
     "math.sigmoid", "math.softplus", "math.sqrt", "math.square", "math.subtract", "math.tanh", "matmul", "maximum",
     "minimum", "multiply", "negative", "nn.elu", "nn.gelu", "nn.l2_normalize", "nn.leaky_relu", "nn.log_softmax",
     "nn.relu", "nn.sigmoid", "nn.silu", "nn.softmax", "nn.softplus", "nn.tanh", "ones_like", "pow", "reduce_all",
     "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum",
     "reverse", "round", "sigmoid", "sign", "sin", "sort", "sqrt", "square", "squeeze", "stack", "stop_gradient",
     "subtract", "tanh", "tensordot", "transpose", "zeros_like"}
)  # fmt: skip
_DEPTH = 8
_MENDED = frozenset({"THF101", "THF102", "THF104", "THF301", "THF302", "THF304", "THF305", "THF308"})
"""Codes whose fixes are made only where together they let a function be compiled."""


def mended_by_fixes(ctx: ModuleContext, function: AnyFunction) -> bool:
    """Whether nothing but findings that these rules mend keeps a compiled or wanted function from being traced.

    Asked at a late stage, when the other rules have run.
    """
    from ._plan import compilable_but_for_findings

    program = program_of(ctx)
    return any(
        (unit.wanted or unit.hybrid is not None)
        and any(function is other for other in program.reach(unit.function))
        and compilable_but_for_findings(ctx, program, unit, _MENDED)
        for unit in program.units.values()
    )


def unstacked(ctx: ModuleContext, function: AnyFunction, nodes: list[ast.expr]) -> Fix | None:
    """Return the fix that makes each of ``nodes``, tensors that Python iterates over, ``tf.unstack(node)``.

    None where a length isn't known to the trace, or where something else would keep the function from being compiled.
    What may as well be a list (that it is a tensor is only gathered from how its elements are used) is asked for what
    it is: of a list of numbers and tensors, ``tf.unstack`` would make tensors.
    """
    program = program_of(ctx)
    if not all(static_length(program, function, node, _DEPTH) for node in nodes):
        return None
    if not mended_by_fixes(ctx, function):
        return None
    tf, add = tensorflow_name(ctx)
    edits: list[Edit] = []
    unsafe = False
    for node in nodes:
        if not program.kinds.value(node).assumed or no_list(program, function, node):
            edits.append(replace(ctx.source, node, f"{tf}.unstack(", node, ")"))
        elif isinstance(node, ast.Name):
            choice = f"{tf}.unstack({node.id}) if {tf}.is_tensor({node.id}) else {node.id}"
            inner = isinstance(program.module.parent(node), ast.comprehension)
            edits.append(replace(ctx.source, node, f"({choice})" if inner else choice))
        else:
            edits.append(replace(ctx.source, node, f"{tf}.unstack(", node, ")"))
            unsafe = True
    fix = with_import(ctx, edits, add)
    return dataclasses.replace(fix, safety="unsafe") if unsafe else fix


_NO_LIST = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult)


def no_list(program: Program, function: AnyFunction, node: ast.expr) -> bool:
    """Whether ``node`` can't be a list: an operator that lists don't have is applied to it on every way."""
    if isinstance(node, ast.BinOp):
        return _not_of_lists(node)
    if not isinstance(node, ast.Name) or isinstance(function, ast.Lambda):
        return False
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1 or found[0].node is not function:
        return False
    for other in own_nodes(function.body):
        if isinstance(other, ast.Name) and other.id == node.id and isinstance(other.ctx, ast.Load):
            parent = program.module.parent(other)
            shaped = isinstance(parent, ast.Attribute) and parent.attr in ("shape", "dtype")
            if (shaped or (isinstance(parent, ast.BinOp) and _not_of_lists(parent))) and _always(program, other):
                return True
    return False


def _not_of_lists(node: ast.BinOp) -> bool:
    numbers = [side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)]
    return isinstance(node.op, _NO_LIST) or any(isinstance(number, float) for number in numbers)


def _always(program: Program, node: ast.AST) -> bool:
    """Whether ``node`` is evaluated by every call of its function that returns."""
    choices = (ast.If, ast.IfExp, ast.BoolOp, ast.For, ast.While, ast.Try, ast.ListComp, ast.GeneratorExp, ast.Lambda)
    for parent in program.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
        if isinstance(parent, choices):
            return False
    return False


def left_on_tensor(program: Program, loop: ast.For) -> bool:
    """Whether a condition on a tensor ends ``loop``: no Python loop can do that in a graph."""
    tests = [node for node in own_nodes(loop.body) if isinstance(node, ast.If | ast.While)]
    exits = (ast.Break, ast.Continue, ast.Return)
    return bool(loop.orelse) or any(
        on_tensor(program.kinds, node.test) and any(isinstance(inner, exits) for inner in own_nodes([node]))
        for node in tests
    )


def unstacks(program: Program, unit: Unit) -> bool:
    """Whether what ``unit`` runs goes by the static length of a tensor, which a relaxed signature would take away."""
    for function in program.reach(unit.function):
        for node in walk(function):
            if isinstance(node, ast.Attribute) and node.attr in ("shape", "get_shape"):
                parent = program.module.parent(node)
                ranks = isinstance(parent, ast.Call) and program.module.qualified(parent.func) == "builtins.len"
                if not ranks and not program.kinds.value(node.value).is_("array"):
                    return True
        for call in program.calls_in(function):
            name = program.module.qualified(call.func) or ""
            counted = len(call.args) > 1 or any(keyword.arg == "num" for keyword in call.keywords)
            if name == "keras.ops.shape" or (name == "tensorflow.unstack" and not counted):
                return True
    return False


def static_length(program: Program, function: AnyFunction, node: ast.expr, depth: int) -> bool:
    """Whether the shape of ``node`` is known in a trace of a function that gets tensors from eager code."""
    if depth == 0:
        return False
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return static_length(program, function, node.operand, depth - 1)
    if isinstance(node, ast.BinOp):
        return all(static_length(program, function, side, depth - 1) for side in (node.left, node.right))
    if isinstance(node, ast.List | ast.Tuple):
        return all(static_length(program, function, item, depth - 1) for item in node.elts)
    if isinstance(node, ast.Subscript):
        return _constant_index(node.slice) and static_length(program, function, node.value, depth - 1)
    if isinstance(node, ast.Attribute) and node.attr == "shape":
        return static_length(program, function, node.value, depth - 1)
    if isinstance(node, ast.Name):
        return _name(program, function, node, depth)
    return isinstance(node, ast.Call) and _call(program, function, node, depth)


def _call(program: Program, function: AnyFunction, node: ast.Call, depth: int) -> bool:
    name = program.module.qualified(node.func) or ""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if any(isinstance(value, ast.Starred) for value in given):
        return False
    if name in ("builtins.len", "tensorflow.shape", "tensorflow.range"):
        return all(static_length(program, function, value, depth - 1) for value in given)
    return (
        name.startswith("tensorflow.")
        and short(name) in _FOLLOWS
        and all(
            static_length(program, function, value, depth - 1)
            for value in given
            if program.kinds.value(value).has_tensor or not program.kinds.value(value).known
        )
    )


def _name(program: Program, function: AnyFunction, node: ast.Name, depth: int) -> bool:
    found = program.module.scope_at(node).lookup(node.id)
    if found is None or len(found[1]) != 1:
        return False
    scope, (binding,) = found
    if binding.kind == "param":
        if scope.node is not function:
            return False
        return _given(program, function, node.id, depth)
    if binding.value is None or not isinstance(program.module.parent(binding.value), ast.Assign | ast.AnnAssign):
        return False
    target = program.module.parent(binding.value)
    plain = not isinstance(target, ast.Assign) or all(isinstance(one, ast.Name) for one in target.targets)
    return plain and static_length(program, function, binding.value, depth - 1)


def _given(program: Program, function: AnyFunction, name: str, depth: int) -> bool:
    """Whether each call gives the parameter ``name`` a shape that is known; eager code always does."""
    if isinstance(function, ast.Lambda):
        return False
    traced = {id(other) for other in program.compiled}
    for call, _ in program.kinds.sites(function):
        around = program.module.enclosing_function(call)
        if around is None or id(around) not in traced:
            continue
        if call.keywords or any(isinstance(arg, ast.Starred) for arg in call.args):
            return False
        arguments = [arg.arg for arg in function.args.posonlyargs + function.args.args]
        arguments = arguments[1:] if program.kinds.owner.get(id(function)) is not None else arguments
        index = arguments.index(name) if name in arguments else -1
        if not 0 <= index < len(call.args) or not static_length(program, around, call.args[index], depth - 1):
            return False
    return True


def _constant_index(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(_constant_index(item) for item in node.elts)
    if isinstance(node, ast.Slice):
        return all(part is None or _constant_index(part) for part in (node.lower, node.upper, node.step))
    if isinstance(node, ast.UnaryOp):
        return _constant_index(node.operand)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Attribute) and node.attr == "newaxis")
