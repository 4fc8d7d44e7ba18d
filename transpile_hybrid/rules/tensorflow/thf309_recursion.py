"""A function that is compiled calls itself.

What it does
    Finds functions on tensors that call themselves, at any distance.

Why is this bad
    A condition on a tensor doesn't stop the recursion while the function is traced: both sides are traced, for ever
    (``RecursionError``).  Recursion on a Python number ends, with a trace for each number.

Fix safety
    None is made: write a loop.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.names import FunctionNode
from ..rule import Example, Finding, ModuleContext, rule
from ._flow import ends
from ._program import AnyFunction, Program, program_of
from ._report import TARGETS

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def halve(x):
    if tf.reduce_max(x) > 1.0:
        return halve(x / 2.0)
    return x
""",
    ),
]

VALID = [
    """
import math

import tensorflow as tf


class Slopes(tf.keras.layers.Layer):
    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def call(self, x):
        return tf.nn.relu(x) * tf.reduce_sum(self._slopes(self.heads))

    def _slopes(self, heads):
        if math.log2(heads).is_integer():
            return [2.0 ** -(8.0 * (i + 1) / heads) for i in range(heads)]
        low = 2 ** math.floor(math.log2(heads))
        return self._slopes(low) + self._slopes(2 * low)[0::2][: heads - low]
""",
    """
import tensorflow as tf


def halve(x):
    while tf.reduce_max(x) > 1.0:
        x = x / 2.0
    return x
""",
    """
import tensorflow as tf


@tf.function
def power(x, depth=3):
    if depth == 0:
        return x
    return power(tf.nn.relu(x) * 2.0, depth - 1)


print(power(tf.ones((2, 3))))
""",
    """
import tensorflow as tf


@tf.function
def doubled(x):
    if isinstance(x, dict):
        return {name: doubled(part) for name, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [doubled(part) for part in x]
    return tf.nn.relu(x) * 2.0


print(doubled({"a": tf.ones((2, 3)), "b": [tf.zeros(2)]}))
""",
]


@rule("THF309", "recursion", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function in program.compiled:
        if isinstance(function, ast.Lambda):
            continue
        if not any(
            value.has_tensor or not value.known for value in program.parameters(program.units[id(function)]).values()
        ):
            continue  # on Python numbers it ends
        if any(o is function for o in _below(program, function)) and not _ends(program, function):
            yield Finding(
                function.args.args[0] if function.args.args else function.body[0],
                f"`{function.name}` calls itself: while it is traced, a condition on a tensor doesn't stop that",
                help="write a loop (`while` on a tensor is understood)",
                unit=program.units[id(function)].name,
            )


def _below(program: Program, function: AnyFunction) -> list[AnyFunction]:
    """Return what ``function`` calls, at any distance."""
    seen: list[AnyFunction] = []
    work = list(program.direct(function))
    for call in program.calls_in(function):
        work += program.kinds.callees(call)
    while work:
        other = work.pop()
        if any(other is known for known in seen):
            continue
        seen.append(other)
        work += program.direct(other)
    return seen


def _ends(program: Program, function: FunctionNode) -> bool:
    """Whether every call of ``function`` by itself hangs on a condition that the trace knows.

    It counts down, or goes down into lists and dicts; or Python alone decides, and then it ends as it does eagerly.
    """
    calls = [call for call in program.calls_in(function) if any(f is function for f in program.kinds.callees(call))]
    for call in calls:
        tests = list(_conditions(program, function, call))
        python = bool(tests) and all(_of_python(program, test) for test in tests)
        known = any(_known(program, test) for test in tests)
        if not python and not known and not _goes_down(program, function, call):
            return False
    return bool(calls)


_ASKED = frozenset(f"builtins.{name}" for name in ("isinstance", "issubclass", "hasattr", "callable", "len"))


_CONTAINERS = frozenset({"builtins.list", "builtins.tuple", "builtins.dict"})


def _goes_down(program: Program, function: FunctionNode, call: ast.Call) -> bool:
    """Whether ``call`` stands where something is a list, tuple or dict: it goes down into the parts."""
    inner: ast.AST = call
    for parent in program.module.ancestors(call):
        body = parent.body if isinstance(parent, ast.If) else [parent.body] if isinstance(parent, ast.IfExp) else []
        if any(part is inner for part in body) and _into_parts(program, parent.test):  # type: ignore[attr-defined]
            return True
        if parent is function:
            break
        inner = parent
    return False


def _into_parts(program: Program, test: ast.expr) -> bool:
    """Whether ``test`` asks for a list, tuple or dict."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(_into_parts(program, value) for value in test.values)
    if not isinstance(test, ast.Call) or program.module.qualified(test.func) != "builtins.isinstance":
        return False
    asked = test.args[-1].elts if isinstance(test.args[-1], ast.Tuple) else [test.args[-1]]
    return bool(asked) and all(program.module.qualified(one) in _CONTAINERS for one in asked)


def _of_python(program: Program, test: ast.expr) -> bool:
    """Whether a trace surely answers ``test`` as Python does."""
    if isinstance(test, ast.UnaryOp):
        return _of_python(program, test.operand)
    if isinstance(test, ast.BoolOp):
        return all(_of_python(program, value) for value in test.values)
    if isinstance(test, ast.Compare):
        if all(isinstance(op, ast.Is | ast.IsNot) for op in test.ops):
            return True
        return all(_of_python(program, side) for side in [test.left, *test.comparators])
    if isinstance(test, ast.Call) and program.module.qualified(test.func) in _ASKED:
        return (
            program.module.qualified(test.func) != "builtins.len" or not program.kinds.value(test.args[0]).may_be_tensor
        )
    value = program.kinds.value(test)
    return value.known and not value.has_tensor


def _conditions(program: Program, function: FunctionNode, call: ast.Call) -> Iterator[ast.expr]:
    """Yield the tests of the branches around ``call``, and of those before it that return."""
    yield from _around(program, function, call)
    inner: ast.AST = call
    for parent in program.module.ancestors(call):
        if parent is function:
            break
        inner = parent
    for statement in function.body:
        if statement is inner:
            return
        if isinstance(statement, ast.If) and ends(statement.body):
            yield statement.test


def _around(program: Program, function: FunctionNode, call: ast.Call) -> Iterator[ast.expr]:
    """Yield the tests of the branches around ``call`` that hold there."""
    inner: ast.AST = call
    for parent in program.module.ancestors(call):
        if isinstance(parent, ast.If | ast.IfExp | ast.While) and inner is not parent.test:
            yield parent.test
        if parent is function:
            return
        inner = parent


def _known(program: Program, test: ast.expr) -> bool:
    """Whether ``test`` compares Python numbers only."""
    if not isinstance(test, ast.Compare):
        return False
    return all(program.kinds.value(side).is_("int", "float") for side in [test.left, *test.comparators])
