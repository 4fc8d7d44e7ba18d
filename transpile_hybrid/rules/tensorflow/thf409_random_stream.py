"""TensorFlow's global random numbers come in another order out of a graph.

What it does
    Finds ``tf.random.normal``, ``tf.random.uniform``, ``tf.nn.dropout``, ``tf.image.random_*``,
    ``keras.backend.random_*`` and the like in functions that would become a tf.function, called or handed on (to
    ``functools.partial``, to ``tf.map_fn``), and seeds that are set there.

Why is this bad
    These ops draw by the global seed and a counter of ops, and a graph counts on its own: under the same seed the
    compiled function draws other numbers.  They are as random as before, but a seeded program doesn't repeat its
    results.

Fix safety
    None is made.  A ``tf.random.Generator`` and ``tf.random.stateless_*`` draw the same numbers in both (not under
    XLA), and so do Keras's ``Dropout`` and ``SeedGenerator``.

References
    https://www.tensorflow.org/guide/random_numbers
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from . import _tables as tables
from ._compiled import compiled_nodes
from ._program import program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def dropped(x):
    return tf.nn.relu(x) * tf.keras.backend.random_bernoulli([3], p=0.5)
""",
    ),
    Example(
        before="""
import tensorflow as tf


def noisy(x):
    return tf.nn.relu(x) + tf.random.normal(x.shape)
""",
    ),
    Example(
        before="""
import functools

import tensorflow as tf


def noisy(x):
    draw = functools.partial(tf.random.uniform, minval=-1.0, maxval=1.0)
    return tf.nn.relu(x) + draw([3])
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def noisy(x):
    return tf.nn.relu(x) + tf.random.stateless_normal(x.shape, seed=(1, 2))
""",
    """
import tensorflow as tf

generator = tf.random.Generator.from_seed(1)


def noisy(x):
    return tf.nn.relu(x) + generator.normal(x.shape)
""",
    """
import tensorflow as tf


@tf.function
def noisy(x):
    return tf.nn.relu(x) + tf.random.normal(x.shape)
""",
]


_DRAWS = frozenset(
    {
        "random.normal", "random.uniform", "random.truncated_normal", "random.shuffle", "random.gamma",
        "random.poisson", "random.categorical", "random.log_uniform_candidate_sampler", "nn.dropout",
        "nn.experimental.general_dropout", "random_normal", "random_uniform", "random_shuffle", "truncated_normal",
        "random.fixed_unigram_candidate_sampler", "random.uniform_candidate_sampler",
    }
)  # fmt: skip


_SEEDS = frozenset(
    {"tensorflow.random.set_seed", "tensorflow.compat.v1.set_random_seed", "keras.utils.set_random_seed"}
)


@rule("THF409", "random-stream", targets=TARGETS, consequence=Consequence.SILENT, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Attribute, ast.Name):
        assert isinstance(node, ast.Attribute | ast.Name)
        name = ctx.qualified(node) if isinstance(node.ctx, ast.Load) else None
        if name is None or not name.startswith(("tensorflow.", "keras.backend.", "keras.utils.")):
            continue
        if name in _SEEDS and isinstance(ctx.module.parent(node), ast.Call):
            yield Finding(
                node,
                f"`{ast.unparse(node)}` is called once, while the graph is traced",
                help="set the seed outside of the tf.function, or draw with `tf.random.stateless_*` and a seed",
                unit=unit_name(program, function),
            )
            continue
        if id(function) in program.hybrid_reach and id(function) not in program.eager_reach:
            continue  # it draws out of a graph as it is
        small = tables.short(name)
        if small in _DRAWS or small.startswith(("image.random_", "image.sample_distorted", "keras.backend.random_")):
            parent = ctx.module.parent(node)
            called = isinstance(parent, ast.Call) and parent.func is node
            yield Finding(
                parent if called and parent is not None else node,
                f"`{ast.unparse(node)}` draws other numbers in a graph, under the same global seed",
                help="draw from a `tf.random.Generator`, or accept other numbers and decorate by hand",
                unit=unit_name(program, function),
            )
