"""Which calls and decorators make a tf.function."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ...meaning.names import FunctionNode
from . import _tables as tables


def gives_function(module: Module, node: ast.expr) -> bool:
    """Whether ``node`` is ``tf.function``, or a call that gives its decorator."""
    if isinstance(node, ast.Call):
        name = module.qualified(node.func)
        if name == "functools.partial" and node.args:
            return module.qualified(node.args[0]) in tables.FUNCTION_NAMES
        return name in tables.FUNCTION_NAMES
    return module.qualified(node) in tables.FUNCTION_NAMES


def is_decorated(module: Module, function: FunctionNode) -> bool:
    """Whether a decorator makes ``function`` a tf.function."""
    return any(gives_function(module, decorator) for decorator in function.decorator_list)


def asks_autograph_for(hybrid: ast.expr | None, feature: str) -> bool:
    """Whether a decorator or wrapping call asks AutoGraph to convert something that it leaves alone otherwise.

    ``feature`` is a member of ``tf.autograph.experimental.Feature``, such as ``ASSERT_STATEMENTS``.  What isn't written
    out where the tf.function is made may hold any of them.
    """
    for keyword in hybrid.keywords if isinstance(hybrid, ast.Call) else ():
        if keyword.arg == "experimental_autograph_options":
            value = keyword.value
            members = value.elts if isinstance(value, ast.Tuple | ast.List | ast.Set) else [value]
            if any(isinstance(one, ast.Attribute) and one.attr in (feature, "ALL") for one in members):
                return True
            return any(not isinstance(one, ast.Attribute | ast.Constant) for one in members)
    return False
