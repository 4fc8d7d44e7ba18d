"""Layers are frozen or unfrozen between the calls of a compiled training step.

What it does
    Finds reads of ``trainable_variables`` (``trainable_weights``) in functions that are or should become a tf.function,
    where the file sets ``trainable`` of something after the function was called, or where that isn't known.

Why is this bad
    The list of variables is made once, while the function is traced: the graph goes on training what was frozen later,
    and never trains what was unfrozen.  Nothing tells.

Fix safety
    None is made.  Set ``trainable`` before the first call, or make a new step after each change
    (``step = tf.function(train_step)``).

References
    https://keras.io/guides/transfer_learning/#freezing-layers-understanding-the-trainable-attribute
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._captured import constructs
from ._program import AnyFunction, Program, program_of, walk
from ._report import TARGETS, unit_name

_LISTS = frozenset({"trainable_variables", "trainable_weights"})

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

base = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4)])
model = tf.keras.Sequential([base, tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(0.1)
base.trainable = False


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


for _ in range(10):
    train_step(tf.ones((2, 3)), tf.ones((2, 1)))
base.trainable = True
for _ in range(10):
    train_step(tf.ones((2, 3)), tf.ones((2, 1)))
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def build():
    base = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4)])
    base.trainable = False
    return tf.keras.Sequential([base, tf.keras.layers.Dense(1)])


model = build()
optimizer = tf.keras.optimizers.SGD(0.1)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


def fit(steps):
    model.layers[-1].trainable = True
    for _ in range(steps):
        train_step(tf.ones((2, 3)), tf.ones((2, 1)))


fit(10)
""",
]


@rule("THF210", "frozen-layers", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    writes = [
        node
        for node in program.nodes
        if isinstance(node, ast.Attribute)
        and node.attr == "trainable"
        and isinstance(node.ctx, ast.Store)
        and not _sets_up(program, node)
    ]
    for function in program.compiled if writes else ():
        unit = program.units.get(id(function))
        if unit is not None and program.run_by_fit(unit):
            continue  # Keras makes its step again when it compiles the model
        node = next((n for n in walk(function) if isinstance(n, ast.Attribute) and n.attr in _LISTS), None)
        change = next((w for w in writes if _between_calls(program, function, w)), None)
        if node is not None and change is not None:
            yield Finding(
                node,
                f"`{ast.unparse(node)}` is read when the graph is traced and never again, and line {change.lineno} "
                f"changes what is in it",
                help="set `trainable` before the first call, or make a new tf.function after each change",
                unit=unit_name(program, function),
            )


def _sets_up(program: Program, write: ast.Attribute) -> bool:
    """Whether ``trainable`` is set while an object is made: in its construction, or where the name is bound."""
    around = program.module.enclosing_function(write)
    if around is None:
        return False
    if constructs(program, around):
        return True
    root = write.value
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    found = program.module.scope_at(root).lookup(root.id)
    made = found is not None and all(isinstance(binding.value, ast.Call) for binding in found[1])
    return found is not None and found[0].node is around and made


def _between_calls(program: Program, function: AnyFunction, write: ast.Attribute) -> bool:
    """Whether ``write`` may run after a call of ``function``: below one, in one loop with it, or who knows when."""
    around = program.module.enclosing_function(write)
    if around is function:
        return False  # its own write: said by another rule
    calls = [call for call in _calls(program, function) if program.module.enclosing_function(call) is around]
    if not calls:
        return around is not None
    for call in calls:
        loops = _loops(program, call)
        if call.lineno < write.lineno or any(loop in loops for loop in _loops(program, write)):
            return True
        if around is not None and not loops and around.name != "main":
            return True  # a function that does one step is called for each
    return False


def _loops(program: Program, node: ast.AST) -> list[ast.AST]:
    return [parent for parent in program.module.ancestors(node) if isinstance(parent, ast.For | ast.While)]


def _calls(program: Program, function: AnyFunction) -> list[ast.Call]:
    """Return the calls in the file that run ``function``, at any distance."""
    found: list[ast.Call] = []
    work: list[ast.AST] = [function]
    seen: set[int] = set()
    while work:
        current = work.pop()
        if id(current) in seen or not isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        seen.add(id(current))
        for call, caller in program.kinds.sites(current):
            found.append(call)
            if caller is not None:
                work.append(caller)
    return found
