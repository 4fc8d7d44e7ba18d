"""Values in the code that builds nets outside of classes: functions such as ``get_net`` and the module's own body."""

from __future__ import annotations

import ast
from weakref import WeakKeyDictionary

from ...meaning.classes import Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ._added import is_added
from ._interp import Interp
from ._values import CONFIG, Env, Val


class Builder:
    """The analysis of all code of a module that stands outside of classes, for what it builds."""

    def __init__(self, module: Module, project: Project) -> None:
        from ._plan import uses_np

        self.module, self.project = module, project
        unit = Unit("", "mxnet", "function", module.tree, module, None)  # type: ignore[arg-type]
        self.interp = Interp(unit, module, project, is_np=uses_np(module))
        self.interp.recording = True
        self.interp.method_name = "__init__"
        env = Env()
        # Functions are read below, as what they are: names of the module, and no locals of it.
        defined = ast.FunctionDef | ast.AsyncFunctionDef
        self.interp.block([s for s in module.tree.body if not isinstance(s, defined)], env)
        for function in module.scopes.functions:
            self._function(function)

    def _function(self, function: FunctionNode) -> None:
        scope = self.module.scopes.of(function)
        if scope.parent is not None and scope.parent.is_class or is_added(function, self.module, self.project):
            return
        names = [a for a in walk(function.args) if isinstance(a, ast.arg)]
        self.interp.depth = 0
        self.interp.call_function(function, {a.arg: CONFIG for a in names}, record=True, name="__init__")

    def value(self, node: ast.expr) -> Val | None:
        """Return what is known of ``node``."""
        return self.interp.values.get(id(node))

    def reader_for(self, reader: object) -> object:
        """Return something with ``interp`` and ``project``, as :func:`child_state` wants it."""
        return self


_BUILDERS: WeakKeyDictionary[Module, Builder] = WeakKeyDictionary()


def builders(module: Module, project: Project) -> Builder:
    """Return (and keep) the analysis of a module's building code."""
    found = _BUILDERS.get(module)
    if found is None or found.project is not project:
        found = _BUILDERS[module] = Builder(module, project)
    return found
