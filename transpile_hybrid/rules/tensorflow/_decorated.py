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
