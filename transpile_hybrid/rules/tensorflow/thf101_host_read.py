"""A tensor's numbers are read on the host inside a function that is compiled.

What it does
    Finds ``.numpy()``, ``.item()``, ``.tolist()``, ``bool(t)``, ``complex(t)``, ``str(t)`` and f-strings of a tensor
    in functions that are, or should become, a tf.function.

Why is this bad
    While a tf.function is traced its tensors are symbolic: they have no numbers yet.  ``.numpy()`` then raises
    ``AttributeError: 'SymbolicTensor' object has no attribute 'numpy'`` and ``bool(t)`` an
    ``OperatorNotAllowedInGraphError``.  Text made of a tensor is worse: it holds the symbol's name, without an error.

Fix safety
    Safe where the tensor itself serves: ``float(t)`` and ``int(t)`` are understood by AutoGraph and are left alone.
    Everything else is only reported.

References
    https://www.tensorflow.org/guide/function
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ..rule import Example, Finding, ModuleContext, rule
from ._program import compiled_nodes, program_of
from ._report import TARGETS, unit_name

EXAMPLES = [
    Example(
        before="""
import tensorflow as tf


def normalize(x):
    scale = tf.reduce_max(tf.abs(x)).numpy()
    return x / scale
""",
    ),
]

VALID = [
    """
import tensorflow as tf


def normalize(x):
    return x / tf.reduce_max(tf.abs(x))


print(normalize(tf.ones((2, 2))).numpy())
""",
]

_READS = frozenset({"numpy", "item", "tolist", "__array__"})
_BUILTINS = frozenset({"builtins.bool", "builtins.complex", "builtins.str", "builtins.repr", "builtins.format"})


@rule("THF101", "host-read", targets=TARGETS, consequence=Consequence.ERROR, scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    program = program_of(ctx)
    for function, node in compiled_nodes(ctx, ast.Call, ast.JoinedStr):
        name = unit_name(program, function)
        if isinstance(node, ast.JoinedStr):
            shown = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
            if any(program.kinds.value(part).is_tensor for part in shown) and not _inside_print(ctx, node):
                yield Finding(
                    node,
                    "a tensor in an f-string: in a graph the text holds the symbol, not the numbers",
                    help="make the text outside of the tf.function, or use `tf.strings.format`",
                    consequence=Consequence.SILENT,
                    unit=name,
                )
            continue
        assert isinstance(node, ast.Call)
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in _READS and not node.args:
            value = program.kinds.value(func.value)
            if value.is_tensor or (func.attr == "numpy" and value.may_be_tensor):
                yield Finding(
                    node,
                    f"`.{func.attr}()` reads the tensor's numbers, which a graph doesn't have while it is traced",
                    help="compute with the tensor itself (`tf.*`), and read the numbers outside of the tf.function",
                    unit=name,
                )
        elif ctx.qualified(func) in _BUILTINS and len(node.args) == 1 and program.kinds.value(node.args[0]).is_tensor:
            text = isinstance(func, ast.Name) and func.id in ("str", "repr", "format")
            yield Finding(
                node,
                f"`{ast.unparse(func)}` of a tensor has no value while the graph is traced",
                help="use `tf.cast(t, tf.bool)` or a comparison; text is made outside of the tf.function",
                consequence=Consequence.SILENT if text else Consequence.ERROR,
                unit=name,
            )


def _inside_print(ctx: ModuleContext, node: ast.AST) -> bool:
    parent = ctx.module.parent(node)
    return isinstance(parent, ast.Call) and ctx.qualified(parent.func) == "builtins.print"
