"""Defaults of parameters."""

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
