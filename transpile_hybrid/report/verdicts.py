"""Machine-readable output of ``verify``: a documented, versioned format (docs/formats.md)."""

from __future__ import annotations

import json
from typing import Any

from .. import __version__
from ..verify.auto import advice
from ..verify.verdict import VERDICT_SCHEMA, Verdict, by_unit


def verify_document(verdicts: list[Verdict], auto: bool = False) -> dict[str, Any]:
    """Return the result of ``verify`` as JSON-ready data; with ``auto`` also what is best for each unit.

    With exactly one unit, ``equivalent``, ``speed``, ``ratio``, ``interval`` and ``reason`` stand at the top level too.
    """
    document: dict[str, Any] = {
        "version": VERDICT_SCHEMA,
        "tool": f"transpile-hybrid {__version__}",
        "units": [verdict.to_json() for verdict in verdicts],
    }
    if auto:
        document["advice"] = [_advice(path, unit, mine) for (path, unit), mine in by_unit(verdicts).items()]
    if len(verdicts) == 1:
        only = verdicts[0].to_json()
        top = ("unit", "target", "equivalent", "speed", "ratio", "interval", "reason")
        document.update({key: only[key] for key in top})
    return document


def _advice(path: str, unit: str, verdicts: list[Verdict]) -> dict[str, Any]:
    best = next((verdict for verdict in verdicts if verdict.chosen), None)
    speed = best.speed if best else None
    return {
        "path": path, "unit": unit, "target": best.target if best else None, "setting": best.setting if best else "",
        "ratio": speed.ratio if speed else None, "interval": [speed.low, speed.high] if speed else None,
        "text": advice(verdicts),
    }  # fmt: skip


def verify_json(verdicts: list[Verdict], auto: bool = False) -> str:
    """Return the result of ``verify`` as a JSON document."""
    return json.dumps(verify_document(verdicts, auto), indent=1, ensure_ascii=False)
