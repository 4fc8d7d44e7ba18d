"""What settings say that units are to be fed."""

from __future__ import annotations

import json
from typing import Any

from ..config import Config, ConfigError, ConfigFinder
from .options import VerifyError, check_shapes


def settings_of(path: str) -> Config:
    """Return the settings that govern the source at ``path``.  Raises :class:`VerifyError`."""
    try:
        return ConfigFinder().of_file(path)
    except ConfigError as exc:
        raise VerifyError(str(exc)) from exc


def configured_inputs(settings: Config, unit: str, path: str) -> list[Any] | None:
    """Return the inputs for a unit from ``[tool.transpile-hybrid.verify]``, ``None`` if there are none.

    Raises :class:`VerifyError` for what are no shapes.
    """
    text = settings.inputs_for(unit, path)
    if text is None:
        return None
    inputs: list[Any] = json.loads(text)
    check_shapes(inputs, f"{settings.origin}: verify.inputs.{unit}")
    return inputs
