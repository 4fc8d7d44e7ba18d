"""Blocks that are handed to a constructor: are they hybrid wherever the class is built?"""

from __future__ import annotations

import ast

from ._plan import Plan
from ._values import Val


def constructions(plan: Plan, name: str, unsafe: bool) -> str:
    """Return why ``self.name``, given from outside, may be no HybridBlock; empty when every construction gives one."""
    from ._build import builders
    from ._structure import child_state

    reader = plan.reader
    info = reader.unit.cls
    assert info is not None
    parameter = _parameter(plan, name)
    if parameter is None:
        return f"what its child `{name}` is can't be told"
    position, arg = parameter
    seen = 0
    for module in reader.project.modules:
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or module.qualified(node.func) != info.qualified:
                continue
            seen += 1
            given = _argument(node, position, arg)
            if given is None:
                continue
            built = builders(module, reader.project)
            value: Val | None = built.value(given)
            if value is None or value.kind in ("config", "unknown"):
                if isinstance(given, ast.Constant):
                    continue
                return f"its child `{name}` is given from outside, at line {node.lineno} by `{ast.unparse(given)[:40]}`"
            state = child_state(value, built.reader_for(reader), name, unsafe)  # type: ignore[arg-type]
            if state.state != "hybrid":
                return f"its child `{name}`: {state.reason}"
    if not seen:
        return f"its child `{name}` is given from outside, and may be no HybridBlock"
    return ""


def _parameter(plan: Plan, name: str) -> tuple[int, str] | None:
    """Return the constructor parameter that ``self.name`` is set from."""
    info = plan.reader.unit.cls
    assert info is not None
    found = plan.reader.project.method(info, "__init__")
    if found is None:
        return None
    init = found[1]
    names = [a.arg for a in [*init.args.posonlyargs, *init.args.args]]
    for node in ast.walk(init):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    return names.index(node.value.id) - 1, node.value.id
    return None


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None
