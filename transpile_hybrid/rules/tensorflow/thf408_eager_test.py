"""A branch asks whether the code runs eagerly.

What it does
    Finds ``tf.executing_eagerly()``, ``hasattr(t, "numpy")``, ``isinstance(t, EagerTensor)``, ``t.device`` and, of an
    argument that isn't known to be a tensor, ``isinstance(k, float)`` in functions that are, or should become, a
    tf.function.

Why is this bad
    The answer is another one while the function is traced: the compiled function takes the other branch, and computes
    something else without an error.  Of Python numbers only the value counts for a trace: after ``f(k=1)`` the call
    ``f(k=1.0)`` runs the same graph.

Fix safety
    None is made.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._compiled import compiled_nodes
from ._program import program_of
from ._report import TARGETS, imports_tensorflow, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    if tf.executing_eagerly():
        return tf.nn.relu(x) * 2.0
    return tf.nn.relu(x)
""",
    ),
    Example(
        before="""
import tensorflow as tf


def scaled(x):
    factor = 2.0 if "GPU" in x.device else 1.0
    return tf.nn.relu(x) * factor


print(scaled(tf.ones((3, 2))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def largest(x):
    said = "nothing in %s" % (x if tf.executing_eagerly() else x.name)
    tf.debugging.assert_positive(tf.size(x), message=said)
    return tf.reduce_max(tf.nn.relu(x))
""",
    """
import tensorflow as tf


def scaled(x):
    if tf.is_tensor(x):
        return tf.nn.relu(x) * 2.0
    return tf.nn.relu(x)
""",
    """
import tensorflow as tf


def summed(x, y):
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    kinds = {getattr(x, "dtype", type(x)), getattr(y, "dtype", type(y))}
    return tf.nn.relu(x) + tf.cast(y, kinds.pop())
""",
    """
import tensorflow as tf


def resized(images, size=None):
    if size is None:
        size = tf.shape(images)[1:3]
        if not tf.executing_eagerly():
            known = tf.get_static_value(size)
            if known is not None:
                size = known
    out = tf.nn.relu(tf.image.resize(images, size))
    if not tf.executing_eagerly():
        out.set_shape(out.get_shape())
    return out
""",
    """
import tensorflow as tf


def largest(x):
    if tf.executing_eagerly():
        count = tf.size(x)
        tf.debugging.assert_greater(count, 0, message="no largest of nothing")
    return tf.reduce_max(tf.nn.relu(x))
""",
    """
import keras
import tensorflow as tf


def scaled(x, y):
    x = tf.nn.relu(x)
    if keras.backend.backend() == "torch":
        y = y.to(x.device)
    return x * y
""",
]


_TESTS = frozenset(
    {"tensorflow.executing_eagerly", "tensorflow.inside_function", "tensorflow.compat.v1.executing_eagerly",
     "tensorflow.is_symbolic_tensor", "tensorflow.compat.v1.get_default_graph",
     "tensorflow.executing_eagerly_outside_functions", "tensorflow.compat.v1.executing_eagerly_outside_functions"}
)  # fmt: skip


@rule("THF408", "eager-test", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call, ast.Attribute):
        if isinstance(node, ast.Attribute):
            owner = program.kinds.value(node.value)
            tensor = (
                owner.is_tensor and (not owner.assumed or imports_tensorflow(ctx)) and "variable" not in owner.kinds
            )  # variables are placed
            if node.attr == "device" and tensor and not _placed(ctx, node):
                yield Finding(
                    node,
                    f"`{ast.unparse(node)}` is empty while the function is traced: placement comes later",
                    help="let the caller decide, by an argument",
                    unit=unit_name(program, function),
                )
            continue
        assert isinstance(node, ast.Call)
        name = ctx.qualified(node.func) or ""
        text = ast.unparse(node)
        asks = name in _TESTS and not _in_text(ctx, node)
        asks = asks and not _reads_static_value(ctx, node) and not _only_checks(ctx, node)
        if name == "builtins.hasattr" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            asks = node.args[1].value in ("numpy", "_numpy")
        if name == "builtins.isinstance" and "EagerTensor" in text:
            asks = True
        number = _tells_numbers_apart(ctx, node) if name == "builtins.isinstance" else ""
        if number:
            value = program.kinds.value(node.args[0])
            if not value.is_tensor and not value.is_("none") and _is_number_parameter(ctx, function, node.args[0]):
                yield Finding(
                    node,
                    f"`{text}` is answered once: `1`, `1.0` and `True` share one trace",
                    help="let the caller decide, or declare an `input_signature`",
                    unit=unit_name(program, function),
                )
        if name == "builtins.type" and node.args and program.kinds.value(node.args[0]).is_tensor:
            asks = not _instead_of_attribute(ctx, node)
        if asks:
            yield Finding(
                node,
                f"`{text}` has another answer while the function is traced",
                help="let the caller decide, by an argument",
                unit=unit_name(program, function),
            )


def _in_text(ctx: ModuleContext, node: ast.Call) -> bool:
    """Whether the answer only picks what a text shows: ``"... %s" % (t if tf.executing_eagerly() else t.name)``."""
    parent = ctx.module.parent(node)
    while isinstance(parent, ast.IfExp | ast.Tuple | ast.FormattedValue):
        parent = ctx.module.parent(parent)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod):
        return isinstance(parent.left, ast.Constant) and isinstance(parent.left.value, str)
    return isinstance(parent, ast.JoinedStr)


def _reads_static_value(ctx: ModuleContext, node: ast.Call) -> bool:
    """Whether ``if not tf.executing_eagerly()`` only puts ``tf.get_static_value(x)`` for ``x``, or sets shapes."""
    negated = ctx.module.parent(node)
    branch = ctx.module.parent(negated) if isinstance(negated, ast.UnaryOp) else None
    if not isinstance(branch, ast.If) or branch.test is not negated or branch.orelse:
        return False
    of: dict[str, str] = {}
    for statement in branch.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            read = ctx.qualified(statement.value.func) == "tensorflow.get_static_value"
            target, args = statement.targets[0], statement.value.args
            if not read or not isinstance(target, ast.Name) or not args or not isinstance(args[0], ast.Name):
                return False
            of[target.id] = args[0].id
        elif isinstance(statement, ast.If) and not statement.orelse:
            if not all(_puts(inner, of) for inner in statement.body):
                return False
        elif not _sets_shape(statement):
            return False
    return True


def _sets_shape(statement: ast.stmt) -> bool:
    """Whether ``statement`` tells a tensor its shape (``t.set_shape(...)``), which eagerly it knows."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "set_shape"


_CHECKS = ("tensorflow.debugging.assert", "tensorflow.debugging.check", "tensorflow.debugging.Assert",
           "tensorflow.assert", "tensorflow.Assert")  # fmt: skip


def _only_checks(ctx: ModuleContext, node: ast.Call) -> bool:
    """Whether ``if tf.executing_eagerly()`` does no more than check its arguments: there is no other branch to take."""
    branch = ctx.module.parent(node)
    if not isinstance(branch, ast.If) or branch.test is not node or branch.orelse:
        return False
    made: set[str] = set()
    work = list(branch.body)
    while work:
        statement = work.pop()
        if isinstance(statement, ast.If):
            work += [*statement.body, *statement.orelse]
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            made.add(statement.targets[0].id)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            if not (ctx.qualified(statement.value.func) or "").startswith(_CHECKS):
                return False
        elif not isinstance(statement, ast.Raise | ast.Assert):
            return False
    function = ctx.module.enclosing_function(branch)
    inside = {id(inner) for inner in ast.walk(branch)}
    return function is not None and not any(
        isinstance(other, ast.Name) and other.id in made and id(other) not in inside for other in ast.walk(function)
    )


def _puts(statement: ast.stmt, of: dict[str, str]) -> bool:
    """Whether ``statement`` is ``x = value``, of which ``value`` is the static value of ``x``."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Name):
        return False
    target = statement.targets[0]
    return isinstance(target, ast.Name) and of.get(statement.value.id) == target.id


def _instead_of_attribute(ctx: ModuleContext, node: ast.Call) -> bool:
    """Whether ``node`` is what ``getattr(t, "dtype", type(t))`` gives of an object that lacks what tensors have."""
    parent = ctx.module.parent(node)
    if not isinstance(parent, ast.Call) or ctx.qualified(parent.func) != "builtins.getattr" or len(parent.args) != 3:
        return False
    asked = parent.args[1]
    has = isinstance(asked, ast.Constant) and asked.value in ("dtype", "shape", "ndim")
    return has and parent.args[2] is node and ast.dump(parent.args[0]) == ast.dump(node.args[0])


def _placed(ctx: ModuleContext, node: ast.Attribute) -> bool:
    """Whether a device is only given to ``tf.device``: an empty one leaves the placement as it is."""
    parent = ctx.module.parent(node)
    return isinstance(parent, ast.Call) and ctx.qualified(parent.func) == "tensorflow.device"


def _tells_numbers_apart(ctx: ModuleContext, node: ast.Call) -> str:
    """Return the type of number that ``isinstance`` asks for where the answer differs among numbers, or ''."""
    if len(node.args) != 2 or not isinstance(node.args[0], ast.Name):
        return ""
    asked = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
    names = {(ctx.qualified(item) or "").removeprefix("builtins.") for item in asked}
    if "int" in names and "float" in names:
        return ""
    # `int` tells a dimension that is known from a tensor: it is asked of nearly every `batch_size`
    return next(iter(sorted(names & {"float", "bool"})), "")


def _is_number_parameter(ctx: ModuleContext, function: ast.AST, node: ast.expr) -> bool:
    """Whether ``node`` is a parameter of ``function``, with a number as its default or without a default."""
    found = ctx.module.scope_at(node).lookup(node.id) if isinstance(node, ast.Name) else None
    if found is None or found[0].node is not function or not any(b.kind == "param" for b in found[1]):
        return False
    if not isinstance(node, ast.Name) or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip([one.arg for one in plain[::-1]], arguments.defaults[::-1], strict=False))
    defaults.update(
        (one.arg, value) for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
    )
    default = defaults.get(node.id)
    return default is None or (isinstance(default, ast.Constant) and isinstance(default.value, int | float))
