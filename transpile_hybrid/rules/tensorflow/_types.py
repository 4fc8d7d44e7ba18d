"""Python numbers among the arguments: each new one is a new trace."""

from __future__ import annotations

from ...meaning.values import Value
from ._program import Program, Unit


def varying_numbers(program: Program, unit: Unit) -> list[str]:
    """Return the parameters of ``unit`` that get Python numbers which may differ from call to call."""
    names = []
    for name, value in program.parameters(unit).items():
        if not program.supplied(unit, name):
            continue
        if value.assumed and value.is_tensor:
            continue
        if _varies(value):
            names.append(name)
    return names


def _varies(value: Value) -> bool:
    """Whether a Python number, other than one and the same constant or a flag, is or is in ``value``."""
    parts = [*(value.elements or ()), *(v for _, v in value.keys or ())]
    if value.element is not None:
        parts.append(value.element)
    if value.kinds & {"int", "float", "complex"}:
        return not (value.has_const and value.kinds <= {"int", "float"})
    return value.is_("tuple", "list", "dict") and any(part.kinds & {"int", "float"} for part in parts)
