"""Parameters, their defaults, and switches that a call turns on."""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode


def default_of(function: FunctionNode | ast.Lambda, name: str) -> ast.expr | None:
    """Return the default of the parameter ``name``, or ``None``."""
    arguments = function.args
    positional = arguments.posonlyargs + arguments.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += list(arguments.defaults)
    for arg, default in zip(positional + arguments.kwonlyargs, defaults + list(arguments.kw_defaults), strict=True):
        if arg.arg == name:
            return default
    return None


def has_parameter(function: FunctionNode | ast.Lambda, name: str) -> bool:
    """Return whether callers know a parameter by ``name``."""
    arguments = function.args
    return any(arg.arg == name for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def switched_on(call: ast.Call, *names: str) -> bool:
    """Return whether ``call`` gives one of the keywords ``names``, and no constant that is false."""
    return any(
        keyword.arg in names and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for keyword in call.keywords
    )
