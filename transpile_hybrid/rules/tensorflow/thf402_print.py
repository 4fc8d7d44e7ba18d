"""``print`` inside a function that is compiled runs once, while it is traced.

What it does
    Finds ``print(...)`` in functions that are, or should become, a tf.function, and makes ``tf.print`` of it where
    the text is the same.

Why is this bad
    Python's ``print`` runs while the graph is traced and never again: a line per step becomes one line.  What it
    prints of a tensor is the symbol, not the numbers.

Fix safety
    Safe where everything printed is a constant known from the text, in a function that runs eagerly so far:
    ``tf.print`` then writes the same line, to the same stream, at each call.  Of a tensor ``tf.print`` shows other
    text than ``print``, so that is an unsafe fix.  XLA has no ``tf.print``: nothing is changed for ``tf.xla``.

References
    https://www.tensorflow.org/api_docs/python/tf/print
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...rewrite.edit import Edit, Fix, Part
from ..rule import Example, Finding, ModuleContext, rule
from ._plan import compilable_but_for
from ._program import AnyFunction, program_of
from ._report import TARGETS, compiled_effects, import_edit, imports_tensorflow, tensorflow_name, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def whiten(x):
    print("whitening a batch")
    return x - tf.reduce_mean(x)


whiten(tf.ones(3))
""",
        after="""
import sys

import tensorflow as tf


@tf.function
def whiten(x):
    tf.print("whitening a batch", output_stream=sys.stdout)
    return x - tf.reduce_mean(x)


whiten(tf.ones(3))
""",
    ),
    Example(
        before="""
import tensorflow as tf


def whiten(x):
    print("input:", x)
    return x - tf.reduce_mean(x)
""",
    ),
]

VALID = [
    """
import tensorflow as tf


@tf.function(experimental_autograph_options=(tf.autograph.experimental.Feature.BUILTIN_FUNCTIONS,))
def doubled(x):
    print("doubled", x)
    return x * 2


print(doubled(tf.constant(2.0)))
""",
    """
import tensorflow as tf


def whiten(x):
    tf.print(x)
    return x - tf.reduce_mean(x)


print(whiten(tf.ones(3)))
""",
]


@rule("THF402", "print-in-graph", targets=TARGETS, consequence=Consequence.SILENT, fix="sometimes", scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, effect in compiled_effects(ctx, "print"):
        node = effect.node
        assert isinstance(node, ast.Call)
        if program.converts(function, "BUILTIN_FUNCTIONS"):
            continue
        hybrid = id(function) in program.hybrid_reach
        yield Finding(
            node,
            "`print` runs once, while the graph is traced",
            help="`tf.print(..., output_stream=sys.stdout)` runs at each call (of a tensor it shows other text)",
            fix=_fix(ctx, node, hybrid) if "tf.xla" not in ctx.targets and (hybrid or _pays(ctx, function)) else None,
            unit=unit_name(program, function),
        )


def _pays(ctx: ModuleContext, function: AnyFunction) -> bool:
    """Whether ``function`` will be compiled once its prints are no obstacle any more."""
    program = program_of(ctx)
    return any(
        unit.wanted
        and any(function is other for other in program.reach(unit.function))
        and compilable_but_for(ctx, program, unit, "print")
        for unit in program.units.values()
    )


def _fix(ctx: ModuleContext, node: ast.Call, hybrid: bool) -> Fix | None:
    program = program_of(ctx)
    if any(isinstance(arg, ast.Starred) for arg in node.args) or not isinstance(ctx.module.parent(node), ast.Expr):
        return None
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    if set(named) - {"sep", "end", "flush"} or not all(isinstance(v, ast.Constant) for v in named.values()):
        return None
    tf, add_tf = tensorflow_name(ctx)
    sys, add_sys = import_edit(ctx, "sys")
    if "sys" in ctx.module.scopes.top.bindings and add_sys is not None:
        return None
    span = ctx.source.span(node)
    parts: list[Part] = [f"{tf}.print("]
    separator = ""
    if not node.args:
        parts.append('""')
        separator = ", "
    for arg in node.args:
        parts += [separator, arg]
        separator = ", "
    for key in ("sep", "end"):
        value = named.get(key)
        if value is not None:
            parts += [separator, f"{key}=", value]
    parts += [f"{separator}output_stream={sys}.stdout)"]
    edits = [Edit(span.start, span.end, tuple(parts))]
    edits += [edit for edit in (add_tf, add_sys) if edit is not None]
    same = all(_same_text(arg) for arg in node.args)
    known = all(_same_text(arg) or program.kinds.value(arg).known for arg in node.args)
    if (
        same and not hybrid and (add_tf is None or imports_tensorflow(ctx))
    ):  # in what is a graph already, more would be printed than before
        return Fix(tuple(edits))
    return Fix(tuple(edits), safety="unsafe") if known else None


def _same_text(node: ast.expr) -> bool:
    """Whether ``print`` and ``tf.print`` show the same text of ``node``, at each call."""
    if isinstance(node, ast.JoinedStr):
        return all(isinstance(part, ast.Constant) for part in node.values)
    if not isinstance(node, ast.Constant):
        return False
    if isinstance(node.value, str):
        return "{" not in node.value and "}" not in node.value
    return isinstance(node.value, int) and not isinstance(node.value, bool)
