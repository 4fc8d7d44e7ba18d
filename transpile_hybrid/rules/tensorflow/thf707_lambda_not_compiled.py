"""A lambda with a name that computes on tensors is run op by op.

What it does
    Finds ``f = lambda x: ...`` that takes tensors and computes on them, and compiles it:
    ``f = tf.function(lambda x: ...)``.

Why is this bad
    Run eagerly, each op is a Python call of its own; a graph runs them all in one.

Fix safety
    Safe under the conditions of THF701, where the name is bound once, and the function is only called or returned: who
    is handed it may give it something else than tensors.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import replace
from ..rule import Example, Finding, ModuleContext, rule
from ._plan import findings_forbid
from ._program import NamedLambda, Program, program_of
from ._report import TARGETS, tensorflow_name, with_import
from ._worth import is_small

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf

huber = lambda e: tf.reduce_mean(tf.where(tf.abs(e) < 1.0, 0.5 * tf.square(e), tf.abs(e) - 0.5))

print(huber(tf.ones((2, 3))))
""",
        after="""
import tensorflow as tf

huber = tf.function(lambda e: tf.reduce_mean(tf.where(tf.abs(e) < 1.0, 0.5 * tf.square(e), tf.abs(e) - 0.5)))

print(huber(tf.ones((2, 3))))
""",
    ),
]

VALID = [
    """
import tensorflow as tf

double = lambda x: tf.nn.relu(x) * 2.0
widths = lambda sizes: [size * 2 for size in sizes]
act = lambda x: tf.nn.relu(x) + tf.tanh(x) - tf.sin(x) * tf.cos(x)
layer = tf.keras.layers.Lambda(act)
""",
]

_WORTH = 4  # a call of a graph costs as much as six to eight eager ops, and operators aren't counted


@rule(
    "THF707",
    "lambda-not-compiled",
    targets=TARGETS,
    consequence=Consequence.SPEED,
    fix="always",
    scope="module",
    stage=3,
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for named in program.lambdas:
        if not _serves(program, named) or findings_forbid(ctx, program, named.unit):
            continue
        tf, add = tensorflow_name(ctx)
        option = ", jit_compile=True" if "tf.xla" in ctx.targets else ""
        yield Finding(
            named.node,
            f"`{named.name}` computes on tensors and runs op by op",
            help=f"compile it: `{named.name} = {tf}.function(lambda ...)`",
            fix=with_import(ctx, [replace(ctx.source, named.node, f"{tf}.function(", named.node, f"{option})")], add),
            unit=named.name,
        )


def _serves(program: Program, named: NamedLambda) -> bool:
    """Whether the lambda is worth it, and is only called from eager code, or returned."""
    function = named.node
    beside = sum(isinstance(node, ast.Lambda) and node.lineno == function.lineno for node in program.nodes)
    if beside > 1:
        return False  # AutoGraph can't tell which of them it is given
    if program.module.source.is_of_cells and is_small(program, function):
        return False
    if program.computes(function) < _WORTH or program.makes_symbolic or function.args.vararg or function.args.kwarg:
        return False
    if program.module.scope_at(function).is_class:
        return False  # a method, of which TensorFlow keeps no object alive
    outer = program.module.enclosing_function(function)
    traced = {id(other) for other in program.traced if other is not function}
    if outer is not None and id(outer) in traced:
        return False
    uses = [use for use in _loads(program, named) if not _is_called(program, use)]
    if not all(isinstance(program.module.parent(use), ast.Return) for use in uses):
        return False
    sites = program.kinds.sites(function)
    if outer is not None and not uses:
        return False  # made anew at each call of the function around it
    for call, _ in sites:
        if any(isinstance(arg, ast.Starred) for arg in call.args) or call.keywords:
            return False
    return not sites or bool(uses) or any(caller is None or id(caller) not in traced for _, caller in sites)


def _loads(program: Program, named: NamedLambda) -> list[ast.Name]:
    """Return the places where the name of the lambda is read."""
    owner = program.module.scope_at(named.node).lookup(named.name)
    return [
        node
        for node in program.nodes
        if isinstance(node, ast.Name) and node.id == named.name and isinstance(node.ctx, ast.Load)
        and (found := program.module.scope_at(node).lookup(node.id)) is not None
        and owner is not None and found[0] is owner[0]
    ]  # fmt: skip


def _is_called(program: Program, node: ast.Name) -> bool:
    parent = program.module.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node
