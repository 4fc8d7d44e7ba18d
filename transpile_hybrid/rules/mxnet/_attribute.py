"""Records of the analysis: an attribute of ``self``, an in-place write."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ._values import Val


@dataclass
class Attribute:
    """An attribute of ``self``: its value after construction, the methods and statements that assign it."""

    value: Val
    setters: set[str] = field(default_factory=set)
    nodes: list[ast.AST] = field(default_factory=list)


@dataclass
class Inplace:
    """An in-place write: the storage written to and the other names that share it."""

    outside: bool
    others: list[str]
