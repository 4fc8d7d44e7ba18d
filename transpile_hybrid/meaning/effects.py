"""Effects: what a function reads and writes beyond its locals."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .classes import Project
from .module import Module
from .names import FunctionNode


@dataclass(frozen=True)
class Effect:
    """One thing that a function does beyond computing its result.

    ``kind`` is one of ``print``, ``log``, ``io``, ``global-write``, ``nonlocal-write``, ``attribute-write``,
    ``container-mutation``, ``python-random``, ``numpy-random``, ``time``, ``global-read``, ``iterator-next``, ``env``.
    ``node`` is where it happens, in ``function`` of ``module``; ``call`` is the call in the function that was asked
    about through which it is reached (``node`` itself when it happens there).
    """

    kind: str
    node: ast.AST
    name: str
    reason: str
    function: FunctionNode
    module: Module
    call: ast.AST


def effects(function: FunctionNode, module: Module, project: Project) -> tuple[Effect, ...]:
    """Return the effects of ``function`` in the order of the file, those of repository functions it calls included."""
    return ()
